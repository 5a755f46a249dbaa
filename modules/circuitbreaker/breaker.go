package circuitbreaker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/holdfast-go/holdfast/modules/metrics"
)

// Breaker guards one dependency. It comes from a [Service]; all methods may be
// called concurrently.
type Breaker struct {
	name    string
	service *Service
	log     *slog.Logger
	striper *striper
	base    time.Time
	view    atomic.Pointer[view]
	tallies []tally // one per stripe; nil until the first call, set with the lock held and before a view that needs it

	_        [64]byte // what is written below is not read by calls in CLOSED
	rejected atomic.Uint64

	mu      sync.Mutex // outside gobreaker's own
	machine machine
	last    error          // the last failure
	streak  int            // open periods since it was last closed
	label   *metrics.Label // nil until it has series
	moves   [3][3]uint64   // by state before and after
	pending []event        // not told yet
	telling bool           // somebody is telling them

	declared   Config // complete; guarded by the lock of the Service
	registered bool   // guarded by the lock of the Service
}

// machine is gobreaker, and what it was made with.
type machine struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]

	trials int
	opened time.Duration // by hand or by Configure, since the base
}

// What gobreaker is told about a trial.
var (
	errTrialFailed   = errors.New("failed")
	errTrialExcluded = errors.New("excluded")
)

// scant is how much of an inherited deadline must be left for a call to say
// anything about its dependency.
const scant = 10 * time.Millisecond

func newBreaker(name string, cfg Config, s *Service) *Breaker {
	b := &Breaker{
		name: name, service: s, striper: s.striper, base: s.base, declared: cfg,
		log: s.log.With(slog.String("breaker", name)),
	}
	b.machine = b.newMachine(cfg.HalfOpenMaxCalls)
	b.view.Store(b.closed(&cfg, order{}))
	return b
}

// newMachine returns a gobreaker in CLOSED. It trips whenever it is told of a
// failure there, since it is told only when the window says so.
func (b *Breaker) newMachine(trials int) machine {
	m := machine{trials: trials}
	m.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        b.name,
		MaxRequests: uint32(trials),  //nolint:gosec // validated
		Timeout:     time.Nanosecond, // the view keeps the time
		ReadyToTrip: func(gobreaker.Counts) bool { return true },
		IsExcluded:  func(err error) bool { return errors.Is(err, errTrialExcluded) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if b.machine.TwoStepCircuitBreaker == m.TwoStepCircuitBreaker { // not one that is being prepared
				b.follow(to)
			}
		},
	})
	return m
}

// openMachine returns a gobreaker in OPEN, without a change being noticed.
func (b *Breaker) openMachine(trials int) machine {
	m := b.newMachine(trials)
	m.opened = b.elapsed()
	m.trip()
	return m
}

// trip moves the machine from CLOSED to OPEN.
func (m machine) trip() {
	if done, err := m.Allow(); err == nil {
		done(errTrialFailed)
	}
}

// Name returns the name under which the breaker is registered.
func (b *Breaker) Name() string { return b.name }

// Config returns the complete configuration of the breaker, as of now.
func (b *Breaker) Config() Config { return *b.view.Load().cfg }

// State returns the state as of now. An open breaker whose time is over is
// half-open, though nobody has called it yet. Asking moves nothing.
func (b *Breaker) State() State {
	v := b.view.Load()
	if v.state != Open {
		return v.state
	}
	return v.stateAt(b.elapsed())
}

// Peek returns the error that a call would get now, an [*OpenError], or nil if
// it would be let through. It moves nothing, counts nothing and promises
// nothing: use it before queueing for something else. In [ModeAdaptive], where
// chance decides, it returns nil.
func (b *Breaker) Peek() error {
	v := b.view.Load()
	if v.state != Closed && v.refuses(b.elapsed()) {
		return v.refusal
	}
	return nil
}

// Do runs fn unless the breaker refuses, and counts the outcome. It returns the
// error of fn unchanged, an [*OpenError] (errors.Is(err, [ErrOpen])) if fn did
// not run, or the error of ctx if that is over already.
//
// Errors count by [Config.Classify], except that nothing counts once the caller
// has cancelled ctx, or where a deadline cuts fn that had less than 10 ms left
// when it began. A panic, or the end of the goroutine, counts as a failure and
// travels on.
func (b *Breaker) Do(ctx context.Context, fn func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hurried := b.hurried(ctx)
	permit, err := b.Acquire()
	if err != nil {
		return err
	}
	outcome, err := Failure, errUnfinished
	defer func() { permit.Done(outcome, err) }()
	if err = fn(ctx); err == nil {
		outcome = Success
	} else {
		outcome = b.Outcome(ctx, err, hurried)
	}
	return err
}

// hurried reports whether ctx leaves a call next to no time.
func (b *Breaker) hurried(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && deadline.Sub(b.base)-b.elapsed() < scant
}

// Outcome says how err counts for a call that was made with ctx: excluded if
// ctx was cancelled, or if a deadline cut a call that was hurried, which is to
// say had next to no time left from the start; else by [Config.Classify].
func (b *Breaker) Outcome(ctx context.Context, err error, hurried bool) Outcome {
	if err == nil {
		return Success
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return Excluded
	}
	if hurried && errors.Is(err, context.DeadlineExceeded) {
		return Excluded
	}
	return b.view.Load().cfg.Classify(err)
}

// elapsed is the clock of the breaker, since the base of its Service: half the
// price of time.Now.
func (b *Breaker) elapsed() time.Duration { return time.Since(b.base) }

// at returns what the clock on the wall shows at now.
func (b *Breaker) at(now time.Duration) time.Time { return b.base.Add(now) }

// second returns the whole second that now lies in.
func second(now time.Duration) int64 { return int64(now / time.Second) }
