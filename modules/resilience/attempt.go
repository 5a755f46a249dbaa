package resilience

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Attempt is one call, as a [Pipeline] makes it.
//
// Do makes the call. It may be called again after it has failed, and with a
// [Hard] deadline or a [Hedge] while another Do of it still runs. Fallback gives
// a substitute for the answer, with the reason; it is called only where the
// policy has EnableFallback and no FallbackResponse. Its context is not cancelled
// with the call but has a time of its own.
//
// An Attempt may have more methods. The first two are asked after a failed Do:
//
//	Repeatable() bool // false: this one must not be repeated (an unsafe method, a body too large)
//	Committed() bool  // true: the answer has begun; neither retry nor fallback
//	Hedgeable() bool  // false: this one must not be made twice at once; asked before the first Do
//	Discard(any)      // takes a value that nobody gets: of a late Do, an abandoned one, a lost hedge
//
// Discard may be called on a goroutine of its own, after the call has ended.
type Attempt interface {
	Do(ctx context.Context) (any, error)
	Fallback(ctx context.Context, cause error) (any, error)
}

// errGoexit is the error of a call that ended its goroutine.
var errGoexit = errors.New("the call ended its goroutine")

func committed(a Attempt) bool {
	c, ok := a.(interface{ Committed() bool })
	return ok && c.Committed()
}

func repeatable(a Attempt) bool {
	r, ok := a.(interface{ Repeatable() bool })
	return !ok || r.Repeatable()
}

func hedgeable(a Attempt) bool {
	h, ok := a.(interface{ Hedgeable() bool })
	return !ok || h.Hedgeable()
}

// discard drops a value. No caller is left to be told of a panic.
func (p *Pipeline) discard(ctx context.Context, a Attempt, value any) {
	d, ok := a.(interface{ Discard(value any) })
	if !ok || value == nil {
		return
	}
	var broken answer
	defer func() { p.notePanic(ctx, broken.err) }()
	defer caught(&broken)
	d.Discard(value)
}

// caught makes a panic an error. It must be deferred itself.
func caught(got *answer) {
	if r := recover(); r != nil {
		*got = answer{err: &circuitbreaker.PanicError{Value: r, Stack: debug.Stack()}}
	}
}

// notePanic logs a panic that no caller is told of, because the call was
// repeated, replaced or abandoned. Those that are returned, the caller logs.
func (p *Pipeline) notePanic(ctx context.Context, err error) {
	if caught, ok := errors.AsType[*circuitbreaker.PanicError](err); ok {
		p.runner.log.ErrorContext(ctx, "call panicked", slog.String("route", p.name),
			slog.Any("panic", caught.Value), slog.String("stack", string(caught.Stack)))
	}
}

// answer is what a call gave.
type answer struct {
	value any
	err   error
}

// errand is a call, or a fallback, in a goroutine of its own. It is settled by
// whoever comes first: its end, or the end of the wait for it.
type errand struct {
	pipeline *Pipeline
	plan     *plan
	attempt  Attempt
	cause    error // of a fallback, nil of a call
	settled  atomic.Bool
	answers  chan answer
}

// detach makes the call in a goroutine of its own and waits for it no longer
// than ctx lasts. Where answer and end of ctx are both there, the answer wins.
func (a *Admission) detach(ctx context.Context, at Attempt) (any, error) {
	return a.send(ctx, &errand{attempt: at})
}

func (a *Admission) send(ctx context.Context, e *errand) (any, error) {
	e.pipeline, e.plan, e.answers = a.pipeline, a.plan, make(chan answer, 1)
	e.pipeline.runner.begin()
	go e.run(ctx)
	select {
	case got := <-e.answers:
		return got.value, got.err
	case <-ctx.Done():
	}
	e.plan.bulkhead.Abandon()
	if !e.settled.CompareAndSwap(false, true) { // it returned at the same moment
		e.plan.bulkhead.Returned()
		got := <-e.answers
		return got.value, got.err
	}
	return nil, ctx.Err()
}

// run makes the call. What it returns once nobody waits is dropped.
func (e *errand) run(ctx context.Context) {
	got := answer{err: errGoexit}
	defer e.pipeline.runner.end()
	defer func() {
		e.answers <- got
		if !e.settled.CompareAndSwap(false, true) {
			e.drop(ctx, got)
		}
	}()
	got = e.call(ctx)
}

func (e *errand) call(ctx context.Context) (got answer) {
	got.err = errGoexit
	defer caught(&got)
	if e.cause != nil {
		got.value, got.err = e.attempt.Fallback(ctx, e.cause)
	} else {
		got.value, got.err = e.plan.call(ctx, e.attempt)
	}
	return got
}

// drop ends an abandoned call.
func (e *errand) drop(ctx context.Context, got answer) {
	defer e.plan.bulkhead.Returned()
	e.pipeline.notePanic(ctx, got.err)
	e.pipeline.discard(ctx, e.attempt, got.value)
}
