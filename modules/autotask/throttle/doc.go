// Package throttle keeps a process within the two limits of an Autotask tenant: three requests at once for each entity, and
// 10,000 requests in any hour.
//
//	Acquire(key, priority) ─▶ slot free, unit left, nobody waiting? ─ yes ─▶ Lease
//	                               │ no
//	                               ▼
//	      one queue per key, best priority first, first come first served within one
//	                               ▲
//	      woken by: a lease released (its key) · a bucket expired (all keys) · a unit refunded (all keys)
//
// A waiter is granted slot and unit together, by whoever frees them: nothing polls, and a blocked entity never holds up
// another. While somebody waits for the budget one timer runs, set to the exact moment at which the oldest bucket expires.
// A waiter whose deadline lies before that moment is refused at once, with [BudgetError].
//
// # Counting an hour
//
// Autotask counts a request when it arrives, which a client cannot see. It does see the answer, and that is later: so a unit
// is counted from its grant until one whole window after its answer was read. Units in flight are a number; answered ones
// lie in a ring of 3,600 buckets, each a 3,600th of the window wide, whose sum is kept. A bucket counts until one window
// after its own end. The count is therefore never below the server's, and at most one bucket's width of it too high.
//
// Sources: Autotask developer help, "API Calls: Thread Limiting" and "API Thresholds and Limits".
package throttle
