// Package circuitbreaker stops calling what is broken, and finds out by itself
// when it works again.
//
//	         too many calls of the window failed, or were slow,
//	         or too many failed in a row
//	CLOSED ------------------------------------------------------------> OPEN
//	  ^                                                                  | ^
//	  | HalfOpenMaxCalls trials in a row succeed      ResetTimeout over, | | any trial fails,
//	  |                                               and a call comes   v | or never ends
//	  +--------------------------------------------------------------- HALF-OPEN
//
// A [Service] holds named breakers. [Service.Execute] and [Do] are the whole
// contract: call, timeout, fallback. [Breaker.Do] is the breaker alone;
// [Breaker.Acquire] and [Permit.Done] are its two halves, for a caller that
// learns the outcome by other means, and [Service.Allow] is those by name.
//
// What counts as slow ([Config.SlowCallDuration]), failures in a row
// ([Config.ConsecutiveFailures]), a time open that grows and is spread
// ([Config.ResetGrowth], [Config.ResetJitter]) are off unless they are set. A
// slow trial is a success until the share of slow trials among all reaches
// [Config.SlowCallThreshold]; then the breaker opens again. [ModeAdaptive] is
// another policy altogether: it refuses a share of the calls and never opens.
//
// # By hand
//
//	verb                    calls                          afterwards
//	[Service.ForceOpen]     refused                        trials
//	[Service.ForceClose]    let through, counted           the window decides
//	[Service.Bypass]        let through, not recorded      closed, with an empty window
//	[Service.Auto]          ends the three above           as in their lines
//	[Service.Reset]         ends them, too                 closed, with an empty window
//	[Service.Configure]     go on                          go on, by the new numbers
//
// Each is a line in the log with its reason, and a [Change] for those who
// [Service.Subscribe]. In closed, calls in flight belong to the stay in which
// they began: what ends after the breaker has opened, was reset or was bypassed
// is counted for ever but decides nothing.
//
// # How it is built
//
// gobreaker is the state machine: it moves between the three states, counts the
// trials it lets through and the successes in a row. It is asked only outside
// CLOSED, and to trip. Everything that a call in CLOSED touches is ours:
//
//   - An epoch is one stay in one state, reached through an atomic pointer to a
//     view, which is all that a call must know and is replaced as a whole. The
//     address of the epoch is the generation: an outcome that belongs to another
//     epoch than the present one is dropped, or lands in a window nobody reads
//     any more.
//   - Calls are counted in stripes, one per processor as a rule, so that two
//     processors never write to one cache line. What a stripe holds only grows.
//   - The window of an epoch notes these totals at the first call of each
//     second; what it holds is the totals now less the oldest note. So calls
//     count by the time at which they end, to the second. A call that outlasts
//     the whole window counts like any other; in gobreaker's own window it would
//     never count. No count is ever reset, so none can be lost.
//   - A success is two additions and one load, and takes a lock only to note
//     the totals, once a second. The load is epoch.check, the second from which
//     a success must look at the sums, too: always while the minimum of calls is
//     not reached (a success may complete it, and trip), once a second while
//     there are failures in the window (old successes leave it), never without
//     failures.
//   - One mutex of the breaker lies outside gobreaker's. It is taken for
//     failures, for slow calls, for trials, by hand, and for a success that must
//     look at the sums, never for a refusal. That of a window lies inside it.
//   - The time spent open is kept by the view, for the sake of
//     [Service.ForceOpen] and [Service.Configure]; gobreaker's own timeout is one
//     nanosecond. That some time must pass between its opening and its trials is
//     why an open period lasts a millisecond at least.
//   - What is needed to count is made at the first call. An idle breaker has
//     neither goroutine nor timer.
//
// Panics and runtime.Goexit count as failures and travel on. A trial holds a
// lease: if it has not ended one second after its longest time, it counts as
// failed, so that calls which hang cannot keep a breaker half-open for ever.
//
// Log lines are written, and listeners called, by whoever caused a change, after
// the locks are released and in the order of the changes; both may use the
// breaker.
package circuitbreaker
