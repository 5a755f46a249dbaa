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
//	T0        GRACE     everything is still served; readiness says no; workers are told
//	T0+10s    DRAINING  new work is refused, work in flight goes on; streams are told
//	T0+40s              Service.Context is cancelled with cause ErrShutdown
//	T0+42s    CLEANUP   streams that are left are closed; hooks, then tasks
//	T0+59s              contexts of the tasks end, no further task begins
//	T0+60s    FORCED    unless Finish was called; the process has to go
//
// GRACE lasts its full time, because it waits for what cannot be seen from
// inside: load balancers that learn about the stop. It is skipped where the
// service never was READY, but lasts until nobody holds the stop any more: who
// starts the process keeps the cleanup from running beside the start with Hold.
// DRAINING and CLEANUP end as soon as nothing is left
// to wait for. STOPPED is reached by Finish, after whatever the owner of the
// process stops last, each with Step. Without Config.EnableGraceful everything
// is told and cancelled at T0.
//
// # Work in flight
//
// Track counts one piece of work. The check of the gate and the count are one
// step under one lock, so work is either refused or waited for; it cannot slip
// between. The count is striped: Track and Done touch one of 16 locks and
// allocate nothing.
//
// # Streams and workers
//
// A connection that has no end of its own, and a loop that takes jobs, are not
// only waited for but told. Each has a context for that:
//
//	          told to end      may join until   where it stays
//	Worker    at GRACE         GRACE            named
//	Stream    at DRAINING      DRAINING         named; closed at the end of the cancel grace
//
// The drain waits for both. A Close that hangs holds up nothing. They are kept
// under one lock for each kind: to join and leave costs about half a microsecond,
// which a connection does once.
//
// # Hooks
//
// OnPhase hooks run when GRACE, DRAINING or CLEANUP begins, side by side. A
// server closes its listener in one. A drain is over when no work is in flight,
// nothing is attached, and the hooks of GRACE and DRAINING have returned; the
// tasks begin when those of CLEANUP have.
//
// # Tasks
//
// Tasks run in CLEANUP, those of one priority side by side and each band after
// the one above it:
//
//	100 intake -> 80 flush -> 60 caches -> 40 outbound -> 20 telemetry -> 10 database -> 1 last
//
// A task runs after those in its DependsOn, and in the lowest of their bands
// where that is below its own:
//
//	band 80   [ outbox ]---------------------+
//	band 10   [ audit ]-->[ report, of 80 ]  +-->[ pool ]
//	           the report depends on audit, the pool on outbox and audit
//
// What a dependency came to decides about who depends on it:
//
//	ok                         runs
//	failed or timed out        runs, and finds the error with DependencyError
//	the same, and is Critical  is skipped
//	was skipped                is skipped: what held the one back holds the other back
//
// Names that nobody has, and cycles, are refused: by NewService for its own
// tasks, by Check for all, and by Register from READY on.
//
// # What is guaranteed
//
//   - Nobody is lost on the way in. What Track, Stream and Worker accept is
//     waited for; what Register and OnPhase accept runs, or is in the report as
//     skipped, with the reason. What comes too late gets ErrShuttingDown.
//   - Nobody is harmed by others. A hook, task or step that panics has failed,
//     and that is all. One that does not return when its time is over is
//     abandoned 50 ms later: its goroutine is left behind, and what comes next
//     begins. One that obeys its context is waited for.
//   - Nothing waits for ever. The plan of the tasks has no cycle whatever was
//     registered, and no log line is waited for longer than 100 ms.
//   - The end is certain. A timer of its own, which waits for nobody, closes
//     Forced at the force timeout, after one log line that names what hangs.
//   - Nothing is told at three levels. What fails is one warning when it does,
//     with its error and stack; the one error of a stop is the last line of the
//     log, which the owner of the process writes with Report.LogAttrs.
//   - Nothing hangs unnamed. Report.Unfinished is everything that has not ended
//     at that moment, what was abandoned included.
//
// The package does not listen for signals and does not exit. The owner of the
// process calls Request when asked to stop, Wait, Step for each of its own stop
// hooks, then Finish; and exits when Forced is closed.
package shutdown
