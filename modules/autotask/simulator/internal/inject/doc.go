// Package inject does to requests what a plan of package fault says.
//
//	request ──▶ every rule that it fits counts it: the n-th of that rule
//	                │
//	                ▼ the first rule that n hits
//	            reset_before  html  empty_500       ──▶ an answer of its own; nothing is done
//	            lock_contention  expired_token
//	            unauthorized
//	            latency ········· Duration ·········──▶ next's answer
//	            execution_timeout ·· five minutes ··──▶ 500; nothing is done
//	            reset_after ──▶ next ───────────────▶ a broken connection
//	            half_body ────▶ next ───────────────▶ next's answer, cut at its middle
//	            slow_body ────▶ next ───────────────▶ next's answer, in pieces
//
// # Determinism
//
// Whether the n-th request of a rule is hit depends on the seed of the plan, the number of the rule and n alone: no
// random source is drawn from, so that neither other rules nor other requests matter. A request that several rules fit
// is counted by each of them, also by those behind the one that decides.
//
// # Waits
//
// latency waits for real time, as a network does. execution_timeout waits for the simulation's, which runs as real time
// does and jumps when somebody moves the clock ([Injector.Moved]). Both end with the context of the request and when the
// room of the simulation is closed, as a broken connection. A request that waits is not touched by a new plan: its [Fate]
// was decided when it came.
//
// # Cause
//
// Answers that the plan has made or damaged have the cause [wire.Faulty]. Those that only took longer keep their own,
// as all keep the rule of the protocol that the caller broke.
package inject
