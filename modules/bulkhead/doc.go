// Package bulkhead bounds the calls that run at once, and those that wait.
//
//	Enter ──▶ a slot is free, and nobody waits? ── yes ─▶ running ── Leave ──▶ free slot
//	                    │ no                                 ▲                   │
//	                    ▼                                    │ highest priority, │
//	          a place in the queue is free?                  │ first come first  │
//	             │ yes          │ no                         │                   │
//	             │              ▼                            └────── waiting ◀───┘
//	             │    somebody of lower priority waits?                ▲
//	             │       │ yes: it is EVICTED     │ no                 │
//	             ▼       ▼                        ▼                    │
//	          waiting ◀──┘                      FULL                   │
//	             │                                                     │
//	             ├── QUEUE-TIMEOUT   waited for Config.QueueTimeout    │
//	             ├── CODEL           the queue stands                  │
//	             ├── the context ends                                  │
//	             └── a slot comes free ────────────────────────────────┘
//
// What stands in capitals is the reason of a [*FullError].
//
// # How it is built
//
// One word holds the number of running calls and that of waiting ones, so that a
// single compare-and-swap decides that a slot is free and nobody is before us,
// and takes it: the limit is exact, and no newcomer passes who waits. Giving a
// slot back is one addition, whose result tells whether anybody waits. The mutex
// is taken only while somebody does. A waiting call runs its own timer; there is
// no goroutine besides the callers'.
//
// Where there is no limit, running calls are counted in stripes, one for each of
// up to eight processors. A limit that is set at run time collects them.
//
// # A queue that stands
//
// A queue is there to take up bursts. One that never gets empty only makes
// everybody late. CoDel (RFC 8289) tells the two apart: a queue whose longest
// wait stays above a target of 5 ms for an interval of 100 ms stands. Then
// nobody waits for longer than the target whose turn does not come with the next
// round of slots, until the queue has been empty for as long as the target. For
// calls that take more than 10 ms the target is half of what they take, and the
// interval twenty times that.
//
//	200 calls in a second fit (5 ms × 1 slot), 800 come, as from independent clients
//	                             done of 200   p99 of those   refused after
//	no queue                     160           5 ms           0 ms
//	Queue 2                      200           15 ms          0 ms
//	Queue 1000                   200           15 ms          5 ms, 8 ms in 99 of 100
//
// Without a queue a slot that comes free stays so until the next call arrives.
//
// # An adaptive limit
//
// Config.Adaptive moves the limit by what it does to the time that calls take, as
// TCP Vegas does. A window is at least 48 calls and one second; its time is what
// nine in ten calls stayed within; the baseline is an average of windows that
// rises nine times slower than it falls, and 36 times slower while the limit is
// reached.
//
//	unseen queue = limit × (1 − baseline ÷ time)    step = log10(limit), at least 1
//
//	unseen queue < 3 steps  ─▶ one step up, not beyond running × (5 − log10(running))
//	3 to 6 steps            ─▶ stay
//	> 6 steps               ─▶ one step down
//
// The limit sets out from 20. A call that failed sooner than the baseline says
// nothing; one that failed later counts as slow.
//
// # Priorities
//
// A [Priority] decides who waits and who is evicted. It gives no slot away from
// who is running, and a full bulkhead without a queue refuses all alike.
package bulkhead
