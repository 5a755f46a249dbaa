package shutdown

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Service leads a process from start to exit. Its methods are safe for
// concurrent use.
type Service struct {
	cfg      Config
	log      *patientLog
	metrics  collector
	journal  journal
	registry registry
	present
	signals

	base       context.Context //nolint:containedctx // the context of the whole process is what this service hands out
	cancelBase context.CancelCauseFunc

	start    sync.Once // the sequence begins once, or never after Finish
	watchdog *time.Timer
	ends     atomic.Pointer[timeline] // nil before Request
}

// present is what a stop waits for.
type present struct {
	work         *inflight
	streams      group
	workers      group
	running      roster
	gate         gate // of DRAINING
	hooks        sync.WaitGroup
	pendingHooks atomic.Int32
}

// signals are the moments that others wait for.
type signals struct {
	requested chan struct{} // T0
	done      chan struct{} // the sequence has ended
	forced    chan struct{} // the force timeout
}

// NewService returns a service in state Starting that will run the tasks. It
// starts nothing before Request. The error names every wrong setting and task,
// and where tasks are given, what Check finds. A ForceTimeout that leaves less
// than 5 s for the cleanup is a warning in the log.
func NewService(cfg Config, log *slog.Logger, tasks ...Task) (*Service, error) {
	base, cancel := context.WithCancelCause(context.Background())
	work := newInflight()
	s := &Service{
		cfg:        cfg,
		log:        &patientLog{log: log.With(slog.String("module", "shutdown"))},
		metrics:    newCollector(),
		base:       base,
		cancelBase: cancel,
	}
	s.work, s.streams, s.workers = work, newGroup(kindStream, work.wake), newGroup(kindWorker, work.wake)
	s.requested, s.done, s.forced = make(chan struct{}), make(chan struct{}), make(chan struct{})
	if err := s.prepare(tasks); err != nil {
		cancel(err)
		return nil, err
	}
	return s, nil
}

func (s *Service) prepare(tasks []Task) error {
	faults := []error{s.cfg.Validate()}
	for _, t := range tasks {
		faults = append(faults, s.Register(t))
	}
	if len(tasks) > 0 {
		faults = append(faults, s.Check())
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if room := s.cfg.room(); room < littleRoom {
		s.log.write(s.base, slog.LevelWarn, "SHUTDOWN_FORCE_TIMEOUT leaves little room for the cleanup",
			slog.Duration("force_timeout", s.cfg.ForceTimeout), slog.Duration("room", room))
	}
	return nil
}

// State returns where the process stands now.
func (s *Service) State() State { return State(s.journal.state.Load()) }

// Draining reports whether new work is refused: from DRAINING on.
func (s *Service) Draining() bool { return s.State() >= Draining }

// Ready says that the process serves from now on. It has an effect in Starting only.
func (s *Service) Ready() { s.enter(Ready) }

// enter moves on to a later state, unless the end was reached.
func (s *Service) enter(next State) bool { return s.journal.enter(next) }

// Context is cancelled with cause ErrShutdown when the drain is over, and by
// Finish. It is the base context of servers and workers.
func (s *Service) Context() context.Context { return s.base }

// Track counts one piece of work in flight, which the drain waits for. The name
// appears in reports; it is a route or a job, never an id. ok is false from
// DRAINING on: the work must not begin. Otherwise call Done when it has ended:
//
//	work, ok := stop.Track("orders.import")
//	if !ok {
//		return shutdown.ErrShuttingDown
//	}
//	defer work.Done()
func (s *Service) Track(name string) (work Work, ok bool) { return s.work.track(name) }

// InFlight returns the number of pieces of work in flight.
func (s *Service) InFlight() int { return s.work.count() }

// Request starts the stop and returns at once. The first reason wins; later
// calls change nothing, and their callers may Wait for the same run.
func (s *Service) Request(reason string) {
	s.start.Do(func() {
		t0 := time.Now()
		ends := s.cfg.timeline(t0, s.State() == Ready)
		s.ends.Store(&ends)
		s.journal.begin(reason, t0, s.InFlight(), s.streams.count(), s.workers.count())
		s.enter(Grace)
		s.watchdog = time.AfterFunc(time.Until(ends.force), s.force)
		s.workers.tell()
		close(s.requested)
		go s.run(ends) // Finish waits for it
	})
}

// Requested is closed at T0.
func (s *Service) Requested() <-chan struct{} { return s.requested }

// Reason returns the reason of the first Request, or "".
func (s *Service) Reason() string { return s.journal.reason() }

// Wait blocks until CLEANUP has ended or the force timeout was reached. The
// error is nil or matches one or more of ErrDrain, ErrTask and ErrForced; it is
// the cause of ctx if that ends first.
func (s *Service) Wait(ctx context.Context) error {
	select {
	case <-s.done:
	case <-s.forced:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return s.journal.err()
}

// Forced is closed at the force timeout unless Finish was called before, 100 ms
// later where the log hangs: the process has to exit then, whatever hangs.
func (s *Service) Forced() <-chan struct{} { return s.forced }

// Finish says that everything has stopped: the state becomes Stopped and the
// force timeout is disarmed. It waits for the sequence if that still runs.
// Without a Request it only ends Context, and what is attached: no task or hook
// runs, and no work, task, hook or Request is accepted any more. Calling it
// again does nothing.
func (s *Service) Finish() {
	s.start.Do(func() { close(s.done) })
	<-s.done
	s.enter(Stopped)
	if s.watchdog != nil {
		s.watchdog.Stop()
	}
	s.cancelBase(ErrShutdown)
	s.letGo()
}

// Report tells what has happened so far.
func (s *Service) Report() Report {
	r := s.journal.snapshot(s.InFlight())
	r.Refused = s.work.refused()
	r.Unfinished = s.unfinished()
	return r
}
