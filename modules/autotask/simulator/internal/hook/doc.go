// Package hook is the webhooks of the simulated tenant: what may be asked for, which changes they tell, and the signed
// calls to the receivers.
//
// # From a write to a call
//
//	Update of the store                           one goroutine for each webhook with something queued
//	───────────────────                           ─────────────────────────────────────────────────────
//	Check ── refused? texts
//	Complete (guid, ready)
//	the row is written
//	Changed ──▶ active, ready, subscribed?         ┌────────────── 2xx ──▶ next event, failures = 0
//	            resource excluded?                 │
//	            a subscribed field changed?        │
//	            payload, SequenceNumber ──▶ queue ─┴─ attempt 1 ─ 30 s ─ 2 ─ 30 s ─ 3 ─ 30 s ─ 4 ─ 30 s ─ 5
//	                                                 (10 s each)                                          │
//	                                                    failures + 1, WebhookEventErrorLogs ◀── dropped ──┘
//	                                                    the 25th in a row: isActive = false, deactivationUrl is called
//
// The queue of a webhook is in order: an event waits until the one before it was delivered or dropped. What a webhook
// is like (URL, secret) is read for each attempt, so a corrected URL serves what waits already. What does not fit into
// the queues goes to the error log at once.
//
// # Clocks
//
// An attempt is due by the clock of the simulation: 30 s after the one before it was due. Moving the clock by two
// minutes therefore makes all attempts that are left happen at once, as if the two minutes had gone by. The 10 s that
// an attempt may take are the receiver's time and not the simulation's, and moving the clock does not end them.
//
// # Locks
//
// The store's lock comes before the lock of [Hooks]. [Hooks.Check] and [Hooks.Changed] run under the store's, in the
// transaction of the caller, and wait for nothing. The goroutines ask the store without holding their own. The clock is
// asked without any lock.
//
// # Bounds
//
// All of them are of our own. They hold whatever is written, texts of megabytes in display-always fields included.
//
//	queue         10,000 events in each, 64 MiB in all together
//	error log     10,000 rows, 32 MiB of texts in all together: the oldest go; 64 KiB of each payload, which is no JSON
//	              any more when it is cut
//	deliveries    1,000, the first 16 KiB of each body
//
// Two things are not bounded here: the number of the last event, some 100 bytes, stays in the store for every webhook
// that ever told one; and while an attempt is made its body is in memory some times more, to be signed and sent.
//
// # What is known
//
// From the developer help: five entities have webhooks; a webhook becomes active with a subscribed field only; the same
// entity, URL and event type twice is refused; how many there may be is limited; display-always fields; excluded
// resources; 2xx, 10 s, 30 s, 5 attempts, the error log and its 30 days; 25 failing events in a row; the header
// X-Hook-Signature; that deactivationUrl is called when a webhook is deactivated or deleted.
//
// From other clients: the members of the payload; EntityType Account for a company and InstalledProduct for a
// configuration item, the registry's singular for the others; Action Deactivated in the call to deactivationUrl; that a
// create tells the subscribed fields that are set and an update those that changed; the escaped form that is signed, see
// [Escape].
//
// Guesses: the texts (package wire). The Id of the call to deactivationUrl is the webhook's, its Fields are empty; it is
// signed and retried as any other, and not counted among the failures. EventTime ends in Z. User-defined fields stand
// among the others by their name. A delete tells the display-always fields as they were. isReady is always true.
// Numbers of fields, see [FieldID]. An update of which no subscribed field is part is not told. What waits for a
// webhook that is deactivated or deleted is dropped without a row in the error log. A webhook without a secret is
// called without a signature. The last subscribed field of an active webhook cannot go. A field or resource twice in
// one webhook is refused.
//
// Of our own: http:// and any port are taken, where the real API wants https on port 443, so that a receiver on a
// developer's machine needs no certificate. In return, calls go to loopback and private addresses only, unless
// [Config.Public] is set: a tenant that was filled from real data must not call real receivers by accident.
package hook
