// Package fault makes a simulated Autotask fail on cue: by a script, or by chance from a seed. The same plan gives the
// same run.
//
// A [Plan] is a list of rules, and a [Rule] says which requests fail and how. Each rule counts the requests that fit
// it, from 1; the number decides whether the rule hits:
//
//	fits                 entity, method and path are those of the rule
//	 1 … After           spared
//	 … After+Times       hit, or hit by Chance; with Times 0 there is no end
//	 from there on       spared
//
// Of the rules that a request fits, the first that hits does what its [Kind] says. All of them count it, so that what a
// rule does never depends on the others.
//
// # A worked script
//
// A client creates tickets. The second create is done, but its connection breaks before the answer: has the ticket been
// made? The client must look before it tries again, and its first look meets a proxy's page. Meanwhile a tenth of all
// reads of companies take a second longer, the same ones in each run:
//
//	{
//	  "seed": 7,
//	  "rules": [
//	    {"kind": "reset_after", "entity": "Tickets", "method": "POST", "path": "/Tickets$", "after": 1, "times": 1},
//	    {"kind": "html", "entity": "Tickets", "path": "/query", "times": 1, "status": 503},
//	    {"kind": "latency", "entity": "Companies", "method": "GET", "chance": 0.1, "duration": "1s"}
//	  ]
//	}
//
// The $ keeps queries out, which are sent by POST as well: their path goes on behind /Tickets.
//
// # What no plan meets
//
// The zone lookup and versioninformation know no faults, nor does what is refused before it is looked at: a wrong zone,
// wrong credentials, a limit. Outages meet the lookup, too; they are the simulator's.
//
// # Who counts
//
// A rule counts requests as they arrive, and a client may send more of them than its user asks for: the http.Client of
// Go repeats a GET by itself when a connection breaks that it has used before. One reset is then never seen, and a script
// of two is over after the first call. A client that opens a connection for each request shows every fault.
//
// # The kinds
//
//	kind               done?  what the client sees
//	latency            yes    the answer, Duration later
//	reset_before       no     the connection breaks
//	reset_after        yes    the connection breaks
//	half_body          yes    the answer until its middle, then the connection breaks
//	slow_body          yes    the answer, in pieces that take Duration
//	html               no     502, 503 or 504 with a page
//	empty_500          no     500 with nothing in it
//	lock_contention    no     500, the database chose this request as the victim of a deadlock
//	expired_token      no     500 to query/next; other requests do not fit
//	execution_timeout  no     nothing for five minutes of the simulation's clock, then 500
//	unauthorized       no     401 with nothing in it
//
// All of these are seen in Autotask or in front of it. The words of lock_contention, expired_token and
// execution_timeout are guesses, and so is that nothing was done when an execution timed out.
package fault
