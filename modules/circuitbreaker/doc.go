// Package circuitbreaker stops calling what is broken, and finds out by itself
// when it works again.
//
//	         failure rate ≥ threshold, with enough calls in the window
//	CLOSED ------------------------------------------------------------> OPEN
//	  ^                                                                  | ^
//	  | HalfOpenMaxCalls trials in a row succeed      ResetTimeout over, | | any trial fails,
//	  |                                               and a call comes   v | or never ends
//	  +--------------------------------------------------------------- HALF-OPEN
//
// A [Service] holds named breakers. [Service.Execute] and [Do] are the whole
// contract: call, timeout, fallback. [Breaker.Do] is the breaker alone;
// [Breaker.Acquire] and [Permit.Done] are its two halves, for a caller that
// learns the outcome by other means.
//
// # How it is built
//
// gobreaker is the state machine: it moves between the three states, counts the
// trials it lets through and the successes in a row. It is asked only outside
// CLOSED, and to trip. Everything that a call in CLOSED touches is ours:
//
//   - An epoch is one stay in one state, reached through an atomic pointer. Its
//     address is the generation: an outcome that belongs to another epoch than
//     the present one is dropped, or lands in a window nobody reads any more.
//   - The window of an epoch is a ring of one-second buckets, filled by the time
//     at which a call ends. A call that outlasts the whole window counts like
//     any other; in gobreaker's own window it would never count. A bucket is
//     replaced when its second comes round again, never cleared, so that two
//     goroutines cannot count into different seconds of one bucket.
//   - A success is one addition to a bucket and one load. The load is
//     epoch.check, the second from which a success must look at the sums, too:
//     always while the minimum of calls is not reached (a success may complete
//     it, and trip), once a second while there are failures in the window (old
//     successes leave it), never without failures.
//   - One mutex of the breaker lies outside gobreaker's. It is taken for
//     failures, for trials and by hand, never for a success in CLOSED and never
//     for a refusal while open.
//   - The time spent open is kept by the epoch, for the sake of [Service.ForceOpen];
//     gobreaker's own timeout is one nanosecond.
//
// Panics and runtime.Goexit count as failures and travel on. A trial holds a
// lease: if it has not ended one second after its longest time, it counts as
// failed, so that calls which hang cannot keep a breaker half-open for ever.
//
// Log lines are written by whoever caused a change, after the locks are
// released and in the order of the changes; a log handler may use the breaker.
package circuitbreaker
