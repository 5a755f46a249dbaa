// Package client makes outgoing HTTP calls resilient: an [http.RoundTripper]
// that runs each request through the same [resilience.Policy] as a route, one
// pipeline and one breaker for each host.
//
// The order is that of package resilience, outermost first:
//
//	http.Client, follows redirects by Config.Redirects
//	  └ Transport.RoundTrip
//	      redirect check · total deadline · bulkhead · body kept for replay ·
//	      fallback · retry · breaker · attempt timeout · inner transport
//	                                                          │
//	      the body of the answer: size limit, total deadline <┘
//
// The total deadline and the slot of the bulkhead are held until the body of
// the answer is read to its end or closed: close every body. The attempt timeout
// ends with the header of the answer. Redirects of one call share its deadline.
//
// The hosts of a client are one group of that name: RESILIENCE_BILLING_TIMEOUT
// holds for each of them. With Policy.Hedge, calls that may be repeated have
// further attempts beside the first; the answers that come too late are closed.
// [Config.SendDeadline] tells the server how long the caller waits.
//
// # What an answer means
//
// An answer of 400 and above is an error inside the pipeline, a [*StatusError]:
// the breaker counts 500 and above as failures save 501, leaves 408 and 429 out,
// and takes everything else as a success; retry repeats 408, 425, 429, 502, 503
// and 504, or Policy.RetryOnStatus. Outside it stays what it is: once no attempt
// is left, RoundTrip returns the last answer, whole and without an error. What
// has no answer is a [*SendError], a [*resilience.TimeoutError], a
// [*circuitbreaker.OpenError] or a [*resilience.OverloadedError], which
// errors.As finds behind the [*url.Error] of an http.Client. [Check] makes an
// error of an answer.
//
// Retry-After, in seconds or as a date, is a floor for the wait before the next
// attempt; where it does not fit the deadline, the answer is returned at once.
// The breaker counts when the header has come: a body that breaks off later is
// the caller's error alone.
//
// # What is repeated
//
//	method                      repeated
//	GET HEAD OPTIONS TRACE      yes
//	PUT DELETE                  with Policy.Idempotent
//	POST PATCH and the rest     with Policy.Idempotent or an Idempotency-Key header
//	any                         where no connection was made: nothing was sent
//
// A body is repeated through Request.GetBody, which [http.NewRequest] sets for
// the readers of package bytes and strings. Another body is kept in memory up to
// Policy.MaxRequestBuffer, if the request may be repeated; a larger one is sent
// once. Attempts beyond the first carry X-Retry-Attempt: 1, 2, …
//
// # Redirects
//
// net/http takes Authorization and Cookie off a request that is redirected to
// another host, but no header it does not know: an API key in a header of its
// own goes along. Here a redirect to another host is an error, a
// [*RedirectError], and no request is made at all ([SameHost], the default). With
// [AnyHost] only what names no caller goes along, and never a body. The
// transport checks this itself, whatever CheckRedirect says: a redirected
// request knows the answer that caused it. A step from https down to http is
// refused in any case.
package client
