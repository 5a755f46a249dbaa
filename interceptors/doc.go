// Package interceptors is the way of a request through the framework, as echo
// middleware. The order, outermost first, is fixed:
//
//	Recover       a panic becomes an error
//	RequestID     who is this
//	Observer      access log and metrics; renders errors
//	Drain         refuses once the process drains, counts what is in flight, ends
//	              connections
//	Throttle      so many requests for each key; one that is retried uses one unit
//	EndEvents     of raw routes: an event stream ends when the process drains
//	Typed or UseResilience, one per route:
//	  total deadline                 the earlier of the route's and the caller's
//	    shedding, bulkhead
//	      guards, bind, validate     once; their errors are the answer
//	        fallback
//	          retry
//	            breaker
//	              attempt timeout
//	                handler
//
// Errors travel outwards as errors. Only Observer hands them to echo's
// HTTPErrorHandler, once, and reads the status that came of it.
//
// # Two kinds of route
//
// Typed runs a Call: it prepares an attempt, the pipeline repeats, abandons or
// replaces it, and the result is written once at the end.
//
// UseResilience wraps a raw echo handler, which writes as it goes. Each attempt
// gets its own request, its own store of the echo.Context and its own buffered
// response; only the last one reaches the client:
//
//	           +--> fails -------> buffer dropped, next attempt
//	BUFFERING -+--> returns -----> buffer sent once
//	           +--> Flush, Hijack, 1xx, or more bytes than fit
//	                  |
//	                  v
//	              COMMITTED        written through; no retry, no fallback,
//	                               no other status; an error aborts the connection
//
// Requests that ask for an upgrade or an event stream, and routes marked
// Streaming, start as COMMITTED would: the breaker alone stays around them. They
// have no deadline, neither the route's nor the server's; a single write may
// take a minute.
//
// A request body that does not fit the buffer is handed on as it comes, and the
// request is not repeated.
//
// # Deadlines of callers
//
// A caller says in a header how long it still waits, see ParseDeadline:
//
//	none, or garbage                the route's own timeout holds
//	X-Request-Deadline: 250         the earlier of the two holds
//	X-Request-Deadline: 0           504 at once: no guard, no handler, no fallback
package interceptors
