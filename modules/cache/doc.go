// Package cache keeps the answers of slow or frail reads: one load at a time
// for each key, fresh for a while, and after that still there for when the
// source is down.
//
//	Get(key)
//	   |
//	   +- fresh ------------------------------------------------> value
//	   |
//	   +- being loaded --> wait --+
//	   |                          |
//	   +- else: load -------------+- loaded -------------------> value, kept
//	                              |
//	                              +- failed -- stale is allowed
//	                              |            and there is one -> stale value
//	                              |
//	                              +- failed ------------------> error, not kept
//
//	age of a value   0 ........... TTL ........... TTL + StaleIfError
//	                 |    fresh     |  stale: loaded  |  gone
//	                                |  anew, a failure|
//	                                |  is covered up  |
//
// Coalescing: however many ask for a key at once, it is loaded once. A caller
// that gives up leaves, and the load goes on for the others; its context ends
// when the last of them has left, or at Config.LoadTimeout. It carries the
// values of the context of the caller that began it. A panic in it is an error
// for all of them. A value that was loaded before a Put or Delete of its key is
// given to those who waited for it and not kept.
//
// Stale-if-error (RFC 5861, 4): a stale value covers up the errors that
// [circuitbreaker.Replaceable] accepts, which are those that a route's fallback
// replaces. 404 and 410 are news of their own and remove it. [Cache.Fetch] tells
// the age of what it returns.
//
// Keys must hold everything the value depends on, the rights of the user
// included: who asks for a key gets what another one loaded.
//
// Entries are kept by otter, which bounds their number and keeps those that are
// used often. What is too old is removed when it is asked for or displaced, not
// by a clock, so that nothing runs while nobody calls. Loads, and the short
// upkeep of the entries, run in goroutines of their own; [Cache.Close] waits for
// them.
package cache
