// Package autotasktest gives a test an Autotask tenant of its own, with nothing to configure and nothing to close:
//
//	sim := autotasktest.New(t)
//	client := …                              // sim.Option(), WithTransport(sim.Transport()), or sim.ZoneURL() over a socket
//	sim.Outage(true)                         // from now on every connection is reset
//	require.Zero(t, sim.Stats().ThreadViolations)
//
// [Sim] has every method of simulator.Simulator. Transport works inside testing/synctest bubbles: make the Sim inside
// the bubble too, so that its clock and its waits are virtual.
package autotasktest
