// Package health answers probes: is the process alive, has it started, should
// it get requests, and how is everything it depends on.
//
//	               asks                      200 while
//	/livez         the process alone         not stopped: an outage of something
//	                                         else must not restart it
//	/startupz      the process alone         the start is over
//	/readyz        every check               ready, and all checks up that are
//	                                         not optional
//	/health        every check, patiently    as /readyz
//
// Everything else is 503. The same questions are answered under /health/live,
// /health/startup, /health/ready and /health/status.
//
//	state       STARTING  READY  GRACE  DRAINING  CLEANUP  STOPPED
//	/livez         200     200    200     200       200      503
//	/startupz      503     200    200     200       200      200
//	/readyz        503    checks  503     503       503      503
//
// The state is looked at after the checks have answered, so that no answer says
// ready once the stop was requested; and a probe that waits for checks then
// does not wait any longer.
//
// # When a check turns
//
// One failed run says little. It takes several in a row, and several good ones
// to come back; until a check has answered well for the first time, one of
// either decides, so that a replica that starts without its database is not
// ready at once, and ready as soon as it comes:
//
//	                 2 failed                   3 failed
//	       ┌────────┐ in a row ┌──────────────┐ in a row ┌──────┐
//	       │   up   │─────────▶│   degraded   │─────────▶│ down │
//	good ─▶│        │◀─────────│ (still up)   │          │      │◀─ failed
//	       └────────┘   good   └──────────────┘          └──────┘
//	 first     ▲                                             │    first
//	  run      └──────────────────── 3 good in a row ────────┘     run
//
// The numbers are Config.DegradedAfter, DownAfter and UpAfter. A check that is
// Exact needs none of this. Every turn is one line in the log; a failed run
// that turns nothing is told by /health of the admin listener.
//
// Runs happen when somebody asks. A run that points elsewhere than those before
// is then followed up, every CacheFor, by runs that nobody asks for, until the
// check has turned or is as before: how fast a check turns does not depend on
// how often it is asked, and no streak is left half-finished for a question
// that comes an hour later. With the defaults, and a probe every 2 s, a thing
// that refuses is seen within 4 s, one that hangs within 5 s, and one that has
// come back within 4 s.
//
// A check that does not even return when its time is over is no chance: it is
// down at once, is not started again before it returns, and needs its good runs
// then.
//
// # What a probe costs
//
// A check runs not more than once in CacheFor, counted from the begin of the
// run, however many probes ask: those that come while it runs wait for the same
// run, those that come after get its result. Checks run side by side, each with
// its timeout, so that an answer takes no longer than the longest of those and
// 150 ms. Readiness waits 100 ms for a check that is optional, then tells what
// is known of it. A check that does not answer in time has failed with the
// message "timeout".
//
// An answer is put into bytes when a check has run, when the state has changed,
// or after 100 ms; in between the same bytes are sent again. Metrics are those
// of the last runs: a scrape runs nothing.
//
// # What a probe tells
//
//	                     Handler          DetailedHandler, for the admin listener
//	name, up or down     yes              yes
//	"timeout"            where down       yes
//	degraded, failures   no               yes
//	why                  no               without passwords and data source names,
//	                                      as far as they have a usual form
package health
