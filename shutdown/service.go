package shutdown

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Service leads a process from start to exit. Its methods are safe for
// concurrent use.
type Service struct {
	cfg      Config
	log      *slog.Logger
	metrics  collector
	registry registry
	work     *inflight
	journal  journal

	state        atomic.Int32
	hooks        sync.WaitGroup
	pendingHooks atomic.Int32
	base         context.Context //nolint:containedctx // the context of the whole process is what this service hands out
	cancelBase   context.CancelCauseFunc

	start    sync.Once // the sequence begins once, or never after Finish
	watchdog *time.Timer
	signals
}

// signals are the moments that others wait for.
type signals struct {
	requested chan struct{} // T0
	done      chan struct{} // the sequence has ended
	forced    chan struct{} // the force timeout
}

// NewService returns a service in state Starting that will run the tasks. It
// starts nothing before Request. The error names every wrong setting and task.
func NewService(cfg Config, log *slog.Logger, tasks ...Task) (*Service, error) {
	base, cancel := context.WithCancelCause(context.Background())
	s := &Service{
		cfg:        cfg,
		log:        log.With(slog.String("module", "shutdown")),
		metrics:    newCollector(),
		work:       newInflight(),
		base:       base,
		cancelBase: cancel,
		signals: signals{
			requested: make(chan struct{}),
			done:      make(chan struct{}),
			forced:    make(chan struct{}),
		},
	}
	faults := []error{cfg.Validate()}
	for _, t := range tasks {
		faults = append(faults, s.Register(t))
	}
	if err := errors.Join(faults...); err != nil {
		cancel(err)
		return nil, err
	}
	return s, nil
}

// State returns where the process stands now.
func (s *Service) State() State { return State(s.state.Load()) }

// Draining reports whether new work is refused: from DRAINING on.
func (s *Service) Draining() bool { return s.State() >= Draining }

// Ready says that the process serves from now on. It has an effect in Starting only.
func (s *Service) Ready() {
	s.state.CompareAndSwap(int32(Starting), int32(Ready))
}

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

// Register adds a cleanup task. The error tells what is wrong with the task or
// that its name is taken, or matches ErrShuttingDown when CLEANUP has begun; a
// task that was accepted will run.
func (s *Service) Register(t Task) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if t.Priority == 0 {
		t.Priority = PriorityDefault
	}
	if t.Timeout == 0 {
		t.Timeout = s.cfg.TaskTimeout
	}
	return s.registry.addTask(t)
}

// RegisterCleanupTask is Register with default priority and timeout.
func (s *Service) RegisterCleanupTask(name string, fn func(context.Context) error) error {
	return s.Register(Task{Name: name, Run: fn})
}

// Unregister removes a cleanup task. It reports false when there is no such task
// or CLEANUP has begun.
func (s *Service) Unregister(name string) bool { return s.registry.removeTask(name) }

// OnPhase adds a function that runs when phase Grace or Draining begins, beside
// the others of that phase. Its context ends when the drain, including
// Config.CancelGrace, is over at the latest. The drain ends when all hooks have
// returned and no work is in flight. The error matches ErrShuttingDown when the
// phase has begun.
func (s *Service) OnPhase(name string, phase State, fn func(context.Context) error) error {
	if phase != Grace && phase != Draining {
		return fmt.Errorf("register hook %q: phase %s has no hooks, only grace and draining have", name, phase)
	}
	if name == "" || fn == nil {
		return fmt.Errorf("register hook %q for phase %s: name and function are required", name, phase)
	}
	return s.registry.addHook(hook{name: name, phase: phase, run: fn})
}

// Request starts the stop and returns at once. The first reason wins; later
// calls change nothing, and their callers may Wait for the same run.
func (s *Service) Request(reason string) {
	s.start.Do(func() {
		served := s.State() == Ready
		s.journal.begin(reason, s.InFlight())
		s.watchdog = time.AfterFunc(s.cfg.ForceTimeout, s.force)
		s.enter(Grace)
		close(s.requested)
		go s.run(time.Now(), served) // Finish waits for it
	})
}

// Requested is closed at T0.
func (s *Service) Requested() <-chan struct{} { return s.requested }

// Reason returns the reason of the first Request, or "".
func (s *Service) Reason() string { return s.Report().Reason }

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

// Forced is closed at the force timeout unless Finish was called before: the
// process has to exit then, whatever hangs.
func (s *Service) Forced() <-chan struct{} { return s.forced }

// Finish says that everything has stopped: the state becomes Stopped and the
// force timeout is disarmed. It waits for the sequence if that still runs.
// Without a Request it only ends Context: no task or hook runs, and no work,
// task, hook or Request is accepted any more. Calling it again does nothing.
func (s *Service) Finish() {
	s.start.Do(func() {
		s.work.close()
		s.registry.takeBands()
		close(s.done)
	})
	<-s.done
	s.enter(Stopped)
	if s.watchdog != nil {
		s.watchdog.Stop()
	}
	s.cancelBase(ErrShutdown)
}

// Report tells what has happened so far.
func (s *Service) Report() Report { return s.journal.snapshot(s.State()) }

// enter moves on to a later state, unless the end was reached.
func (s *Service) enter(next State) bool {
	for {
		now := s.State()
		if now >= next || now >= Stopped {
			return false
		}
		if s.state.CompareAndSwap(int32(now), int32(next)) {
			s.journal.enter(next)
			return true
		}
	}
}
