// Package apierror turns every answer of the Autotask REST API, and the lack of one, into one typed error.
//
// [Classify] is the only place that reads an answer's status and text. Autotask says most things with HTTP 500 and a list
// of texts, so the text decides before the status does:
//
//	no answer ──▶ caller gone? ── yes ─▶ CanceledError
//	                  └─ no ──────────▶ NetworkError
//	2xx ─▶ {"item":null} of a read ───▶ NotFoundError        anything else that is JSON: no error
//	text ─▶ thread threshold ─────────▶ ThreadLimitError     whatever the status
//	        request threshold ────────▶ RateLimitError       403, 429, 5xx
//	        zone, integration code,
//	        query model, permissions ─▶ UnknownUserError, AuthError, ProtocolError, PermissionError
//	        no matching records ──────▶ NotFoundError        of anything but a create; it goes on about permissions
//	status ▶ 500 with errors[] ───────▶ ValidationError      or BusyError for a lock, a deadlock, a timeout
//	         401, 403, 404, 429, 5xx … ▶ AuthError, PermissionError, NotFoundError, …, ServerError
//
// What follows from a kind stands in one table:
//
//	kind         try again?             breaker    caller of a service sees
//	not found    no                     success    404
//	validation   no                     success    422, Autotask's text verbatim
//	method       no                     success    500
//	usage        no                     success    500
//	protocol     no                     success    502
//	auth         no                     excluded   502
//	unknown user no                     excluded   502
//	permission   no                     success    502
//	thread limit yes                    excluded   503 with Retry-After
//	rate limit   yes, after Retry-After excluded   503 with Retry-After
//	busy         yes; create: if undone failure    503
//	server       yes; create: no        failure    502
//	network      yes; sent create: no   failure    502, 504 for a timeout
//
// A create is never sent again once its outcome is unknown ([Details].Ambiguous): Autotask knows no idempotency keys.
package apierror
