// Package ratelimit admits so many units in so much time, for each key apart: a user, a tenant, an address, or "" for all.
//
//	Allow(ctx, key) ─▶ shard of the key ─▶ place of the key ─▶ units free, beside those somebody waits for?
//	                                                            │ yes              │ no
//	                                                            ▼                  ▼
//	                                                         Decision         *LimitedError (Allow)
//	                                                                          queue of the key (Wait)
//
// Ask once for each request, outside of any retry: then the attempts of one request use one unit. Make keys of what cannot be
// chosen at will (route pattern and principal, never a URL with its query).
//
// # The two algorithms
//
//	5 in 1 m, as much as there is     0 s   12 s   24 s   36 s   48 s   60 s     most in any rolling minute
//	SlidingWindow                     5     .      .      .      .      5        5: Requests
//	TokenBucket, Burst 5              5     1      1      1      1      1        9: Burst + Requests - 1
//	TokenBucket, Burst 1              1     1      1      1      1      1        5: Requests
//
// [SlidingWindow] keeps the moment of every unit. A unit counts from its own moment until exactly Per later, so no half-open
// window of length Per, wherever it begins, ever holds more than Requests. It is the one to use against a rule that somebody
// else counts. It costs 8 bytes for each unit in the window, of each key.
//
// [TokenBucket] keeps two numbers: units come back one by one, evenly, up to Burst. It holds the rate over a long time, but a
// window can see both a full bucket and what flows in. The arithmetic is in whole numbers and does not drift.
//
// # Bounded keys
//
// A limiter knows at most 10,000 keys ([WithKeys]) in memory, spread over shards by a seeded hash. A shard that has given
// away all its places does this with a key it does not know:
//
//	a known key is idle ── yes ─▶ the newcomer takes its place
//	        │ no
//	        ▼
//	the newcomer shares ONE place, and one limit, with all other newcomers of the shard
//
// A key is idle when nothing of what it used counts any more: forgetting it changes no decision. A key that is not idle is
// never forgotten, whatever floods in, so no flood can buy a key a second helping, nor take the limit of a known key away.
// What a newcomer used in the shared place goes with it to a place of its own. The price is paid by newcomers alone: while
// more keys are active than there are places they get less than their limit, never more. ratelimit_shared_total counts those
// decisions; where it moves without an attack, raise the number of keys.
//
// What is idle is found with a heap, by the moment at which a key falls idle. Use only ever moves that moment away, so the
// heap holds lower bounds, and is put right when somebody needs a place: a decision for a known key never touches it.
//
// Keys are kept as 64-bit hashes, not as text: two keys share a limit by accident once in some 10^11 limiters of 10,000 keys,
// nobody can bring it about without the seed, and no memory is held by long keys.
//
// # Waiting
//
// [Limiter.Wait] queues first come, first served. The first in the queue of a key runs a timer to the exact moment at which
// a unit comes free, takes it, and wakes the second; there is no goroutine besides the callers'. A caller whose deadline lies
// before its turn is refused at once. Allow is refused while the free units are spoken for by those who wait.
package ratelimit
