// Package admin is the listener for operators: health, metrics, the routes,
// circuit breakers, retries, limits, and whatever modules add by value group
// "admin.endpoints". It knows net/http alone; app makes it and gives it what it
// shows.
//
// Who may do what:
//
//	                    health           read (GET, HEAD)   write
//	loopback address    with details     open               ADMIN_TOKEN, or APP_ENV=dev
//	any other address   names, up, down  ADMIN_TOKEN        ADMIN_TOKEN
//
// With the ADMIN_TOKEN health has its details everywhere.
//
// Open means to requests whose Host header is loopback or that of the address:
// others get 421, so that no page of another site can read by a name of its own
// that resolves to this machine. Health answers everybody, the same way.
//
// The pages, all JSON but for the first:
//
//	GET  /metrics                    Prometheus
//	GET  /breakers /breakers/{name}  the circuit breakers
//	POST /breakers/{name}/{verb}     reset, open, close, bypass, auto: {"for":"5m","reason":"…"}
//	GET  /retries                    retry budgets, and the last operations that were retried
//	GET  /limits                     bulkheads, rate limits, load shedding
//	GET  /shutdown                   how far the stop of the process is, and what it waits for
//	GET  /routes                     the routes, each setting with its value and its source
//	POST /routes/{name}/settings     {"setting":"timeout","value":"2s","reason":"…"}, or "unset":true
//
// What is written is JSON by its content type (else 415), of at most 4 KiB,
// without members that are not known (else 400). An unknown name is 404. Every
// write is one event in the log: who, what, for how long and why.
//
// The token is sent as "Authorization: Bearer <token>" and compared in constant
// time. Requests that a browser makes across sites are refused when they write,
// with or without a token.
package admin
