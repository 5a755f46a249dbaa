// Package prove shows that the promises about resilience hold, with real
// servers and real connections on 127.0.0.1. It holds what its tests need: a TCP
// proxy that spoils a connection, a load that does not wait for answers, and the
// times that calls took.
//
//	load ──> client (the code under proof) ──> Proxy ──> server
//	load ──────────────────────────────────────────────> application (the code under proof)
//
// Each bar is one test, which prints its figures (go test -v). It asserts what
// is promised: counts, and deadlines with room for a machine that is busy with
// other things. The tests take seconds and stand in for the full length, which
// PROVE=full runs:
//
//	cd bench && PROVE=full go test -count=1 -v ./prove
//
// A full run also asserts the times, so give it the machine for itself.
package prove
