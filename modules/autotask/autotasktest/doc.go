// Package autotasktest gives a test an Autotask tenant of its own, with nothing to configure and nothing to close:
//
//	sim := autotasktest.New(t, autotasktest.Strict())
//	client := …                              // sim.Option(), sim.Transport(), or sim.ZoneURL() over a socket
//	sim.Outage(true)                         // from now on every connection is reset
//	require.Zero(t, sim.Stats().ThreadViolations)
//
// [Sim] has every method of simulator.Simulator. Transport works inside testing/synctest bubbles: make the Sim inside
// the bubble too, so that its clock and its waits are virtual.
//
//	New(t)                  1,203 tickets, zone 5, the demo credentials
//	New(t, Strict())        and the test fails for each misuse of the protocol
//	sim.Allow("bad_query")  but for this rule, which the test breaks on purpose
//	New(t, Faults(plan))    requests that fail on cue, package fault
//	New(t, Zones(5, 14))    several zones: sim.Move(14) is a move of the tenant
//	New(t, Tickets(10))     less data, Seed(2) other data
//	sim.Client()            plain HTTP with the credentials of the tenant
//	sim.Receive(handler)    a webhookUrl, delivered in process
package autotasktest
