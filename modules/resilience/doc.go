// Package resilience keeps a route, or any named call, working while what it
// depends on does not. A [Policy] says how; [Runner.Compile] turns it into a
// [Pipeline] once, at start; the pipeline runs each call.
//
// The order is fixed, outermost first:
//
//	total deadline · shedder · bulkhead · (guards, binding) · fallback · retry · hedge · breaker · attempt timeout · chaos · call
//	\____________ Pipeline.Enter _____________/             \________________________ Admission.Run ________________________/
//
// Why this order:
//
//   - The total deadline holds everything: queueing, all attempts, all waits.
//   - The shedder asks whether the process has room at all, before anything is
//     taken.
//   - The bulkhead gives one slot to a request, not to an attempt, and refuses
//     before any work is done.
//   - The fallback lies outside retry, so that it replaces the final failure
//     only, and outside the breaker, so that an open one is a reason for it. It
//     lies inside the bulkhead, so that it never turns an overload into a 200.
//   - Retry lies outside the breaker: each attempt is one sample, and a breaker
//     that opens ends the repetitions.
//   - Hedging lies outside the breaker, too, and inside retry: what all attempts
//     of a race have failed at is one failure to be repeated.
//   - The attempt timeout lies inside the breaker: it counts as a failure.
//   - Chaos lies innermost: every strategy sees what it injects.
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
// Whichever deadline is earliest holds: that of the policy, of the caller's
// context, or the one the caller sent along ([Pipeline.EnterWithin]).
//
// # Hedging
//
// Hedging is against slowness. An attempt that fails before another has joined it
// is a failure, left to retry. Once others run, a failure waits for them, a client
// error (4xx) is an answer, and if all fail the failure of the first is that of
// the call. Attempts that join draw from the retry budget.
//
// # Settings
//
// Every number and switch of a policy can be laid over without touching code:
//
//	service default < group < route in code < RESILIENCE_<GROUP>_<SETTING> < RESILIENCE_<ROUTE>_<SETTING> < run time
//
// [Settings] is the table of them, [Runner.Settings] says what holds for a route
// and where it was written, [Runner.Set] changes it at run time:
//
//	COMPILED --- Set --> checked as a whole --- sound --> COMPILED anew: calls in flight end under the old one
//	                          |                           slots, breaker and its window stay
//	                          +--- faults --> the old one stays
//
// A setting of the breaker answers to the breaker's name as well, between group
// and route, so that those who share one agree. RESILIENCE=off leaves deadlines
// and fallbacks of every policy; chaos has a switch of its own.
//
// # Cost
//
// A call that succeeds allocates its [Admission] and nothing else; the clock is
// read twice. What a policy does not use costs a branch. Counters of success are
// striped, so that processors do not wait for one another.
//
// # Errors
//
// What an error means is asked of the error: StatusCode() int, RetryAfter()
// time.Duration, Transient() bool, Excluded() bool, each found with errors.As.
// See [circuitbreaker.Classify], [circuitbreaker.Replaceable] and
// [retry.Transient].
package resilience
