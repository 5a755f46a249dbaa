// Package shutdown stops a process in phases. Every clock counts from the one
// moment T0 at which the stop was asked for, so that no phase can steal the
// time of the next one.
//
//	STARTING -> READY -> GRACE -> DRAINING -> CLEANUP -> STOPPED
//	    |         |        |          |          |
//	    +---------+--------+----------+----------+-----> FORCED
//
// With the defaults:
//
//	T0        GRACE     everything is still served; readiness says no
//	T0+10s    DRAINING  new work is refused, work in flight goes on
//	T0+40s              Service.Context is cancelled with cause ErrShutdown
//	T0+42s    CLEANUP   tasks run in bands of falling priority
//	T0+59s              contexts of the tasks end, no further band begins
//	T0+60s    FORCED    unless Finish was called; the process has to go
//
// GRACE lasts its full time, because it waits for what cannot be seen from
// inside: load balancers that learn about the stop. It is skipped where the
// service never was READY. DRAINING and CLEANUP end as soon as nothing is left
// to wait for. STOPPED is reached by Finish, after whatever the owner of the
// process stops last.
//
// # Work in flight
//
// Track counts one piece of work. The check of the gate and the count are one
// step under one lock, so work is either refused or waited for; it cannot slip
// between. The count is striped: Track and Done touch one of 16 locks and
// allocate nothing.
//
// # Hooks and tasks
//
// OnPhase hooks run when GRACE or DRAINING begins; a server closes its listener
// there. A drain is over when no work is in flight and every hook has returned.
// Tasks run in CLEANUP, those of one priority side by side and each band after
// the one above it:
//
//	100 intake -> 80 flush -> 60 caches -> 40 outbound -> 20 telemetry -> 10 database -> 1 last
//
// A hook or task that panics has failed and harms nobody else. A task that does
// not return when its time is over is abandoned: its goroutine is left behind,
// the report names it, and the next band begins.
//
// Nobody is lost on the way in: what Register and OnPhase accept will run, and
// what comes too late gets ErrShuttingDown.
//
// The package does not listen for signals and does not exit. The owner of the
// process calls Request when asked to stop, Wait, its own stop hooks, then
// Finish; and exits when Forced is closed.
package shutdown
