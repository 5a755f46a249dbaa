// Package health answers probes: is the process alive, has it started, should
// it get requests, and how is everything it depends on.
//
//	               asks                      200 while
//	/livez         the process alone         not stopped: an outage of something
//	                                         else must not restart it
//	/startupz      the process alone         the start is over
//	/readyz        checks, not optional      ready, and all of them up
//	/health        every check               as /readyz; optional ones are told
//
// Everything else is 503. The same questions are answered under /health/live,
// /health/startup, /health/ready and /health/status.
//
//	state       STARTING  READY  GRACE  DRAINING  CLEANUP  STOPPED
//	/livez         200     200    200     200       200      503
//	/startupz      503     200    200     200       200      200
//	/readyz        503    checks  503     503       503      503
//
// # What a probe costs
//
// A check runs when it is asked for and not more than once in CacheFor, however
// many probes ask: those that come while it runs wait for the same run, those
// that come after get its result. Checks run side by side, each with its
// timeout, so that an answer takes no longer than the longest of those. A check
// that does not answer in time is down with the message "timeout"; one that
// does not even return is not started again before it does.
//
// # What a probe tells
//
// Handler tells names and up or down. DetailedHandler, for the admin listener,
// tells error texts too, from which passwords are taken out.
package health
