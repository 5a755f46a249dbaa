// Package chaos injects what goes wrong in production, so that it has gone wrong
// before: latency, faults, other outcomes, and behaviours such as a hang or a
// panic.
//
//	… retry ─▶ breaker ─▶ attempt timeout ─▶ CHAOS ─▶ the call
//	                                           │
//	    each rule that matches route and key,  │
//	    at its rate, in the order of the rules ▼
//	                                  1 latency     wait, then go on
//	                                  2 behaviour   hang, panic, anything
//	                                  3 fault       an error in place of the call
//	                                  4 outcome     a value in place of the call
//
// It is the innermost of all strategies: what it does is met by timeout, breaker,
// retry and fallback as if the call itself had done it.
//
// # Where it is on
//
//	CHAOS       dev, test   prod, and where APP_ENV is not set
//	off         off         off
//	auto        on          off; CHAOS_RULES are refused at start
//	on          on          on
//
// Rules that are written in code are off in production, with a warning, unless
// CHAOS=on. Where chaos is off, [Injector.For] returns nil, and a call costs one
// comparison.
//
// # Rules as text
//
//	orders.create fault=503 rate=0.1; * latency=200ms rate=5% key=tenant-7
//
// A rule is a route and settings, separated by white space; rules are separated
// by semicolons. The route is a name in which * stands for any text. The settings:
//
//	rate=0.1 | 10%          share of the calls, must be given
//	latency=200 | 200ms     before the call; a bare number is milliseconds
//	fault=503 | error       an error with this status (400 to 599), or without one
//	behaviour=hang | panic  until the context ends, or at once
//	key=tenant-7            calls marked by WithKey alone
//
// At least one of latency, fault and behaviour must be there. Outcomes and other
// behaviours can be set in code alone.
package chaos
