// Package retry repeats calls that failed for a reason that may pass.
//
//	call -> ok ------------------------------------------------> nil
//	  ^ |
//	  | +-> failed -> aborted? worth it? attempts left? time left? budget left? --no-> the error, marked
//	  |                       | yes
//	  +----- wait (backoff, jitter, Retry-After as a floor) <--+
//
// The first call is made in line and costs nothing beyond itself. Only after a
// failure does retry-go take over, as the loop that waits and repeats; what it
// is to do is decided here:
//
//   - Whether an error is worth a repetition is a positive list, [Transient], or
//     the policy's own RetryIf. Anything unknown is not repeated.
//   - Before each wait the deadline of the context is looked at: a wait that
//     leaves less than 10 ms for the next attempt is not begun, and neither is
//     one that a Retry-After makes longer than Policy.MaxDelay.
//   - Before each attempt the context is looked at: nothing runs after a cancel.
//   - Policy.MaxDelay is a hard cap; jitter is inside it.
//   - Last of all the [Budget] of the dependency is asked, so that an outage does
//     not multiply the load. Success pays nothing in by itself: first attempts are
//     counted, and what they earn is reckoned when a repetition is asked for.
//   - What is given up after repetitions comes back as an [*ExhaustedError], and
//     an outer Do that sees one stops at once: one layer repeats, layers do not
//     multiply.
//
// Repeating is only safe for calls that do no harm when made twice. That is the
// caller's to know.
package retry
