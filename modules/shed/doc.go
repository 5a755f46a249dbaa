// Package shed refuses calls while the whole process has too much to do: early,
// cheaply, and the least important first.
//
//	         cpu ─────────┐
//	                      │ severity of each, 0 to 3        0   1   2   3
//	         queue delay ─┤ low       refused at random     ───▟████████
//	Admit ─▶              │ normal                          ───────▟████
//	                      │ high                            ───────────▟
//	                      │ critical  never                 ────────────
//	         in flight ───┘ low 70 %, normal 85 %, high 95 %, critical 100 %
//	            │                     of Config.MaxInFlight
//	            ├─▶ the call, then Done
//	            └─▶ *OverloadedError
//
// Each sign is off until it is set, and with all of them off [Shedder.Admit] is
// one branch and nothing runs. What must be answered at all times, such as health
// checks and the admin listener, is exempt by not asking.
//
// # The signs
//
// In flight is counted exactly: of many calls that come at once as many get in as
// there is room for.
//
// CPU is the time of processors that the process has used (getrusage) as a part of
// GOMAXPROCS, which follows the limit of a container; an average of about one
// second.
//
// Queue delay is the wait of goroutines that are ready for a processor
// (/sched/latencies of runtime/metrics): nine in ten stay within it. By the rule
// of CoDel (RFC 8289) it must be above its target for an interval of 100 ms to be
// more than a burst.
//
// # Severity
//
// One goroutine, between Start and Stop, looks at both ten times in a second. With
// the sign the severity rises by 0.1, without it falls by 0.05: in the first
// second more and more of the calls of low priority are refused, in the next
// normal ones, then those of high priority. Since it falls more slowly than it
// rises, it settles at what the process can do instead of swinging between all
// and nothing. What was seen is forgotten at Stop.
package shed
