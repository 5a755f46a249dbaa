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
// [Hard] deadline even while an abandoned Do still runs. Fallback gives a
// substitute for the answer, with the reason; it is called only where the policy
// has EnableFallback and no FallbackResponse. Its context is not cancelled with
// the call but has a time of its own.
//
// An Attempt may have two methods more, asked after a failed Do:
//
//	Repeatable() bool // false: this one must not be repeated (an unsafe method, a body too large)
//	Committed() bool  // true: the answer has begun; neither retry nor fallback
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

// protect makes the call and turns a panic into an error.
func protect(ctx context.Context, call func(context.Context) (any, error)) (value any, err error) {
	defer catch(&value, &err)
	return call(ctx)
}

// do is protect for Attempt.Do, without a closure.
func do(ctx context.Context, a Attempt) (value any, err error) {
	defer catch(&value, &err)
	return a.Do(ctx)
}

func catch(value *any, err *error) {
	if r := recover(); r != nil {
		*value, *err = nil, &circuitbreaker.PanicError{Value: r, Stack: debug.Stack()}
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

// answer is what a call in a goroutine of its own gave.
type answer struct {
	value any
	err   error
}

// detach makes the call in a goroutine of its own and waits for it no longer
// than ctx lasts. Where answer and end of ctx are both there, the answer wins.
func (p *Pipeline) detach(ctx context.Context, call func(context.Context) (any, error)) (any, error) {
	answers := make(chan answer, 1)
	var settled atomic.Bool // by whoever comes first: the end of the call, or of the wait
	p.runner.begin()
	go func() {
		got := answer{err: errGoexit}
		defer func() {
			answers <- got
			if !settled.CompareAndSwap(false, true) {
				p.notePanic(ctx, got.err)
				p.bulkhead.returned()
			}
			p.runner.end()
		}()
		got.value, got.err = protect(ctx, call)
	}()
	select {
	case got := <-answers:
		return got.value, got.err
	case <-ctx.Done():
	}
	p.bulkhead.abandon()
	if !settled.CompareAndSwap(false, true) { // it returned at the same moment
		p.bulkhead.returned()
		got := <-answers
		return got.value, got.err
	}
	return nil, ctx.Err()
}
