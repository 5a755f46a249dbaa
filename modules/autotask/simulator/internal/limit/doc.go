// Package limit is the two limits of Autotask, requests in a rolling window and threads, and the latency that comes
// with using them up.
//
//	Enter
//	  │ the clock moves: foreign requests that have come since, what is as old as the window goes
//	  ▼
//	rolling count at the limit? ──▶ refused, for the whole tenant; not counted
//	  │ counted from here on; reaching the limit suspends the tenant and sends one mail
//	  ▼
//	threads of code and entity taken? ──▶ refused; counted
//	  │ thread taken from here on
//	  ▼
//	wait: by usage of the window, and by how many requests of the code are in flight
//	  ·
//	Leave ──▶ the thread is free, Lag later
//
// # The window
//
// Requests are counted by the millisecond they came in: those of one millisecond share a bucket, so that the count is
// exact to the millisecond at any rate, and what is kept is bounded by the milliseconds of the window. Ten thousand an
// hour take 160 kB; an hour with a request in each of its 3,600,000 milliseconds takes 58 MB. Windows longer than an
// hour have coarser buckets, as many as an hour has. Buckets stand in a queue of blocks: what has expired is taken from
// its front, so that a request costs the same whatever the count is.
//
//	first ─▶ [at n │ at n │ …] ─▶ [ … ] ─▶ [ … │ at n] ◀─ last
//	         └ expires next                     └ counts now
//
// # Other integrations
//
// The limit is the tenant's, and others use it up too. [Gate.AddForeign] counts a burst. A rate is spread evenly over
// the time of the simulation and worked out when somebody asks: no goroutine runs, and an hour by which the clock was
// moved has its share. Foreign requests of a rate that come while the tenant is suspended are refused like any other,
// so they are not counted; those of AddForeign always are.
//
// What has come since somebody asked is counted in 36,000 steps at most. Up to so many requests, and up to so many
// milliseconds, it is exact. Beyond that the requests of one step, which is a tenth of a second of an hour, count at
// its end: they go out of the window up to a step late, and room that is made is taken a step at a time.
//
// # Whose fault
//
// A refusal for threads is misuse of the protocol. One for the window is misuse only where the requests that went
// through this gate are enough to fill the window: a tenant that others have used up is no fault of the caller.
//
// # What is known, what is a guess
//
// Known from Autotask: the limit and its window, that the whole tenant is suspended until the count falls, who is
// mailed, the latency by usage, three threads per integration code and entity. Known from clients: the status and the
// text of refused threads, that a status other than 429 occurs, late release, that the latency by concurrency begins at
// three and ends at ten. Guesses: the status and the text of a suspended tenant, that what is refused by the window is
// not counted and what is refused by threads is, that the latency by concurrency rises evenly in between, that it
// counts the requests of one integration code to all entities, Retry-After altogether, and when exactly a mail is sent.
package limit
