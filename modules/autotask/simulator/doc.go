// Package simulator is an Autotask tenant for development, tests and demonstrations: the REST API of one customer
// with its data, its limits, its webhooks and its faults, in memory. It serves any client over HTTP
// ([Simulator.Handler], [Simulator.Start], [Module]) and tests without a socket and in virtual time
// ([Simulator.Transport]). Package autotasktest puts it into a test with one line, cmd/autotasksim makes a program of
// it.
//
// What it does is what the real API was seen to do. Texts that are known letter by letter and texts that are our own
// are kept apart in package wire; where two behaviours were seen, or nobody knows, [Config] has a switch.
//
// # The way of a request
//
// It is one function, and its order is this:
//
//	/__sim/… ──▶ control calls, counted nowhere
//	    │
//	body that breaks off ─▶ broken connection; nothing is done
//	    │
//	outage? ──────────────▶ reset · 503 page · hang
//	    │
//	zone lookup, versions ▶ answered in every zone, without credentials, counted against no limit
//	    │
//	zone ─────────────────▶ 401 without a body where the tenant does not live
//	    │
//	credentials ──────────▶ 401 without a body · 500 "IntegrationCode is invalid."
//	    │
//	rolling window ───────▶ 429 for every caller of the tenant; not counted
//	    │  counted from here on
//	thread per code+entity▶ 429
//	    │  taken from here on
//	latency: what was ordered, and that of the used up limits
//	    │
//	faults ───────────────▶ what the plan says, before or after
//	    │
//	the tenant, or the state of the threshold
//	    │  thread free (ReleaseLag later)
//	    ▼
//	journal and strictness: exact counters, the last 1,000 requests and violations
//	    │
//	the first byte of the answer; half a body and slow ones
//
// An answer is complete before its first byte is sent, and the thread is free by then: a client that asks again the
// moment it has its answer is never refused. What the journal keeps of a request is copied into buffers that are used
// again, so that it holds no memory of it.
//
// # Resets
//
// Each look at data and limits, together with its look at the clock, is one moment, and a reset falls between two of
// them, never into one. No request waits in such a moment, though a long query lasts one. A request that has waited and
// finds the data replaced does not go on in the new ones: its connection breaks. After [Simulator.Restore] it is
// recorded so, after [Simulator.Reset] it is not, because the counts are those of another time.
//
// All waits, those of latency, hanging outages, faults and slow bodies, end with the request and with [Simulator.Stop].
//
// # The packages
//
// Arrows run down only.
//
//	simulator      zones, credentials, outage, journal, strictness, control calls, listeners, Transport
//	   │
//	   ├─ fault             plans of faults: data
//	   ├─ internal/object   JSON objects of people, and what is wrong with them
//	   ├─ internal/inject   plans applied to requests
//	   ├─ internal/pause    where requests wait
//	   ├─ internal/limit    rolling window, threads, latency by usage, mails
//	   └─ internal/tenant   which path is what; query, write, metadata, rights, impersonation
//	         ├─ rule              bodies of writes: required, read-only, references, picklists, user-defined fields
//	         ├─ hook              webhooks: events, signed deliveries, retries
//	         ├─ attachment        sizes, the volume of five minutes, the catalogue
//	         └─ seed              generated data
//	               └─ record      the database: tables, indexes, filters, snapshots
//	                     ├─ wire        requests taken apart, answers, texts
//	                     └─ registry    the table of all entities, which the client shares
//
// # Zones
//
// A tenant lives in one zone of several. With listeners each zone has a port, one above the other; by
// [Simulator.Handler] and [Simulator.Transport] the host names it: webservices14.autotask.net and zone14.<anything>
// are zone 14, any other host is the first zone. [Simulator.Move] moves the tenant. Whoever asks for the zone is
// answered a host of the kind that he has used himself.
//
// # Misuse
//
// A [Violation] is something that a careful client does not do: more threads than allowed, a field that does not
// exist, a call repeated after its credentials were refused, the same external id created twice. Each names its rule.
// What a client has to expect, a lost permission or a missing required field, is none, and neither is what the simulation
// does by itself.
//
//	bad_body, body_too_large, missing_content_type, unknown_property
//	bad_query, bad_value, unknown_field, too_many_or, include_without_id, bad_token, no_query_model
//	unknown_path, wrong_method, url_too_long, root_create_of_child, unsupported_impersonation
//	bad_credentials, unknown_user, repeated_after_401
//	hourly_limit, thread_limit
//	duplicate_create
//
// # Control calls
//
// All answer JSON. A POST wants one JSON object with known members and answers the state, or 400 and a sentence.
// [Help] shows each with an example.
//
//	GET  /__sim/                     the manual ([Help])
//	GET  /__sim/state                clock, zone, outage, latency, faults, rolling count
//	GET  /__sim/stats                [Stats]
//	GET  /__sim/requests             []Request, the last 1,000
//	GET  /__sim/violations           []Violation, the last 1,000
//	GET  /__sim/deliveries           []Delivery, the last 1,000
//	GET  /__sim/notices              []Notice, the last 100
//	GET  /__sim/faults               the plan, how many requests fitted each rule, how many it hit
//	POST /__sim/reset                everything as at the start
//	POST /__sim/snapshot             {"name":"clean"}; 10 at most; cheap until the data differ
//	POST /__sim/restore              {"name":"clean"}
//	POST /__sim/clock                {"advance":"61m"}; forward only
//	POST /__sim/outage               {"mode":"reset"}, or unavailable, hang, off
//	POST /__sim/latency              {"latency":"250ms"}
//	POST /__sim/threshold/external   {"requests":9000}
//	POST /__sim/threshold/foreign    {"perHour":4000}
//	POST /__sim/faults               {"seed":7,"rules":[…]}, package fault
//	POST /__sim/zone                 {"zone":14}
//	POST /__sim/rights               {"resource":0,"entity":"Tickets","create":"none"}
//	POST /__sim/webhooks             {"duplicate":0.1,"swap":0.1}
//	POST /__sim/webhooks/wait        {"timeout":"5s"}; 504 when it takes longer
package simulator
