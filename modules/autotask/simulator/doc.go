// Package simulator is an Autotask tenant for development, tests and demonstrations: the REST API of one customer with
// its data, its limits and its faults, in memory. It serves any client over HTTP ([Simulator.Handler],
// [Simulator.Start], [Module]) and tests without a socket and in virtual time ([Simulator.Transport]). Package
// autotasktest puts it into a test with one line, cmd/autotasksim makes a program of it.
//
// What it does is what the real API was seen to do. Texts that are known letter by letter and texts that are our own are
// kept apart in texts.go; where two behaviours were seen, [Config] has a switch.
//
// # The way of a request
//
//	/__sim/… ──▶ control calls, counted nowhere
//	    │
//	outage? ──────────────▶ reset · 503 page · hang
//	    │
//	zone lookup, versions ▶ answered without credentials, counted against no limit
//	    │
//	credentials ──────────▶ 401 without a body · 500 "IntegrationCode is invalid."
//	    │
//	rolling window ───────▶ 429 for every caller of the tenant; not counted
//	    │  counted from here on
//	thread per code+entity▶ 429
//	    │  taken from here on
//	latency, the call itself
//	    │  thread free (ReleaseLag later), then the first byte of the answer
//	    ▼
//	journal: exact counters and the last 1,000 requests
//
// # Data
//
// A store holds one table per entity of the registry. Rows are sorted by id and never change: a write replaces the row,
// so answers are made outside the lock. A query takes the shortest list that an equality index offers (id, companyID,
// status, externalID, …) or a range of ids, and checks each row against the whole filter. Pages continue behind the last
// id, so that rows which are inserted meanwhile appear neither twice nor in place of others. Tokens are signed with the
// seed: one of another entity, filter or tenant is refused.
//
// References to entities that are not simulated (contracts, roles, …) are taken as they are.
//
// # Control calls
//
// All answer JSON. A POST wants one JSON object with known members and answers the state, or 400 and a sentence.
//
//	GET  /__sim/                     the manual ([Help])
//	GET  /__sim/state                clock, outage, latency, rolling count
//	GET  /__sim/stats                [Stats]
//	GET  /__sim/requests             []Request, the last 1,000
//	POST /__sim/reset                everything as at the start
//	POST /__sim/clock                {"advance":"61m"}; forward only
//	POST /__sim/outage               {"mode":"reset"}, or unavailable, hang, off
//	POST /__sim/latency              {"latency":"250ms"}
//	POST /__sim/threshold/external   {"requests":9000}
package simulator
