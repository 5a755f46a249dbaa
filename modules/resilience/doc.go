// Package resilience keeps a route, or any named call, working while what it
// depends on does not. A [Policy] says how; [Runner.Compile] turns it into a
// [Pipeline] once, at start; the pipeline runs each call.
//
// The order is fixed, outermost first:
//
//	total deadline · bulkhead · (guards, binding) · fallback · retry · breaker · attempt timeout · call
//	\________ Pipeline.Enter ________/             \_________________ Admission.Run ________________/
//
// Why this order:
//
//   - The total deadline holds everything: queueing, all attempts, all waits.
//   - The bulkhead gives one slot to a request, not to an attempt, and refuses
//     before any work is done.
//   - The fallback lies outside retry, so that it replaces the final failure
//     only, and outside the breaker, so that an open one is a reason for it. It
//     lies inside the bulkhead, so that it never turns an overload into a 200.
//   - Retry lies outside the breaker: each attempt is one sample, and a breaker
//     that opens ends the repetitions.
//   - The attempt timeout lies inside the breaker: it counts as a failure.
//
// # Deadlines
//
// A [Soft] deadline ends the context and waits for the call to return; what it
// returns too late is a [*TimeoutError]. A [Hard] one stops waiting:
//
//	           returns in time
//	RUNNING --------------------> its result, even if the deadline is reached as well
//	   |
//	   | deadline
//	   v
//	ABANDONED, answered with a TimeoutError; keeps its slot -- returns --> slot free, result dropped
//
// The context of a call computes Err from the clock and makes a channel and a
// timer only if Done is asked for: a call that never waits pays for neither.
//
// # Errors
//
// What an error means is asked of the error: StatusCode() int, RetryAfter()
// time.Duration, Transient() bool, Excluded() bool, each found with errors.As.
// See [circuitbreaker.Classify], [circuitbreaker.Replaceable] and
// [retry.Transient].
package resilience
