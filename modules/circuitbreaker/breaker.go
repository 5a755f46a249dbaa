package circuitbreaker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Breaker guards one dependency. It comes from a [Service]; all methods may be
// called concurrently.
type Breaker struct {
	name string
	cfg  Config // complete
	log  *slog.Logger
	born time.Time

	epoch atomic.Pointer[epoch]

	succeeded, failed, excluded, rejected atomic.Uint64
	lastSuccess, lastFailure              atomic.Int64 // seconds since born, plus one; 0 is never

	mu      sync.Mutex // outside gobreaker's own
	machine *gobreaker.TwoStepCircuitBreaker[struct{}]
	last    error         // the last failure
	openFor time.Duration // of the next open period, if set by hand
	reason  string        // of a change by hand
	moves   [3][3]uint64  // by state before and after
	pending []move        // changes not logged yet
	telling bool          // somebody is logging them
}

// What gobreaker is told about a trial.
var (
	errTrialFailed   = errors.New("failed")
	errTrialExcluded = errors.New("excluded")
)

// scant is how much of an inherited deadline must be left for a call to say
// anything about its dependency.
const scant = 10 * time.Millisecond

func newBreaker(name string, cfg Config, log *slog.Logger) *Breaker {
	b := &Breaker{name: name, cfg: cfg, log: log.With(slog.String("breaker", name)), born: time.Now()}
	b.machine = b.newMachine()
	b.epoch.Store(b.newEpoch(Closed))
	return b
}

// newMachine returns a gobreaker in CLOSED. It trips whenever it is told of a
// failure there, since it is told only when the window says so.
func (b *Breaker) newMachine() *gobreaker.TwoStepCircuitBreaker[struct{}] {
	return gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:          b.name,
		MaxRequests:   uint32(b.cfg.HalfOpenMaxCalls), //nolint:gosec // validated
		Timeout:       time.Nanosecond,                // the epoch keeps the time
		ReadyToTrip:   func(gobreaker.Counts) bool { return true },
		IsExcluded:    func(err error) bool { return errors.Is(err, errTrialExcluded) },
		OnStateChange: func(_ string, _, to gobreaker.State) { b.changed(to) },
	})
}

// Name returns the name under which the breaker is registered.
func (b *Breaker) Name() string { return b.name }

// Config returns the complete configuration of the breaker.
func (b *Breaker) Config() Config { return b.cfg }

// State returns the state as of now. An open breaker whose time is over is
// half-open, though nobody has called it yet. Asking moves nothing.
func (b *Breaker) State() State { return b.stateIn(b.epoch.Load()) }

func (b *Breaker) stateIn(e *epoch) State {
	if e.state == Open && b.elapsed() >= e.due {
		return HalfOpen
	}
	return e.state
}

// Peek returns the error that a call would get now, an [*OpenError], or nil if
// it would be let through. It moves nothing, counts nothing and promises
// nothing: use it before queueing for something else.
func (b *Breaker) Peek() error {
	e := b.epoch.Load()
	switch {
	case e.state == Open && b.elapsed() < e.due,
		e.state == HalfOpen && e.trials.Load() >= int64(b.cfg.HalfOpenMaxCalls):
		return e.refusal
	default:
		return nil
	}
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
	hurried := false
	if deadline, ok := ctx.Deadline(); ok {
		hurried = time.Until(deadline) < scant
	}
	permit, err := b.Acquire()
	if err != nil {
		return err
	}
	returned := false
	defer func() {
		if !returned {
			permit.Done(Failure, errUnfinished)
		}
	}()
	err = fn(ctx)
	returned = true
	outcome := Success
	if err != nil {
		outcome = b.Outcome(ctx, err, hurried)
	}
	permit.Done(outcome, err)
	return err
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
	return b.cfg.Classify(err)
}

// elapsed is the clock of the breaker: half the price of time.Now.
func (b *Breaker) elapsed() time.Duration { return time.Since(b.born) }

func (b *Breaker) second() int64 { return int64(b.elapsed() / time.Second) }

// countSuccess counts a call that succeeded while e, CLOSED, was the epoch.
func (b *Breaker) countSuccess(e *epoch) {
	second := b.second()
	b.succeeded.Add(1)
	if b.lastSuccess.Load() != second+1 {
		b.lastSuccess.Store(second + 1)
	}
	e.window.add(second, oneSuccess)
	if second >= e.check.Load() {
		b.judge(e, nil)
	}
}

// countFailure counts a call that failed while e, CLOSED, was the epoch.
func (b *Breaker) countFailure(e *epoch, err error) {
	second := b.second()
	b.failed.Add(1)
	b.lastFailure.Store(second + 1)
	e.window.add(second, oneFailure)
	b.judge(e, err)
}

// judge trips the breaker if the window of e says so. err is the failure that
// was counted, nil after a success.
func (b *Breaker) judge(e *epoch, err error) {
	if b.epoch.Load() != e {
		return
	}
	b.mu.Lock()
	if b.epoch.Load() == e {
		if err != nil {
			b.last = err
		}
		if e.tripped(&b.cfg, b.second()) {
			b.trip()
		}
	}
	b.mu.Unlock()
	b.tell()
}

// trip moves the machine from CLOSED to OPEN. The lock is held.
func (b *Breaker) trip() {
	if done, err := b.machine.Allow(); err == nil {
		done(errTrialFailed)
	}
}
