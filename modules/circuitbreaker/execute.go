package circuitbreaker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// Execute makes a call through the breaker name, which is created if it is new.
//
// The call gets [Config.Timeout] and must honour its context: Execute waits for
// it to return. Where the breaker is open, or the call failed in a way that
// [Replaceable] accepts, fallback is asked for a substitute, with the reason; if
// that fails too, the error is a [*FallbackError]. A fallback that is nil, a
// client error and a caller that has gone leave the error of the call as it is.
func (s *Service) Execute(
	ctx context.Context, name string,
	call func(context.Context) error, fallback func(context.Context, error) error,
) error {
	var substitute func(context.Context, error) (struct{}, error)
	if fallback != nil {
		substitute = func(ctx context.Context, cause error) (struct{}, error) { return struct{}{}, fallback(ctx, cause) }
	}
	_, err := Do(ctx, s, name, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) }, substitute)
	return err
}

// Allow asks the breaker name, which is created if it is new, for leave to make
// one call, for callers that cannot hand over a function. The error is an
// [*OpenError], or that of ctx if it is over. Else done must be called with the
// error of the call, once, whatever becomes of it: defer it. It counts as in
// [Breaker.Do]; calls after the first do nothing. A half-open trial whose done
// is not called within [Config.Timeout] and a second counts as failed.
//
// [Breaker.Acquire] is the same without an allocation.
func (s *Service) Allow(ctx context.Context, name string) (done func(error), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := s.Get(name)
	hurried := b.hurried(ctx)
	permit, err := b.Acquire()
	if err != nil {
		return nil, err
	}
	var called atomic.Bool
	return func(err error) {
		if !called.Swap(true) {
			permit.Done(b.Outcome(ctx, err, hurried), err)
		}
	}, nil
}

// Do is [Service.Execute] for a call that returns a value. With an error that
// is not nil the value is the zero value.
func Do[T any](
	ctx context.Context, s *Service, name string,
	call func(context.Context) (T, error), fallback func(context.Context, error) (T, error),
) (T, error) {
	var value, zero T
	b := s.Get(name)
	err := b.Do(ctx, func(ctx context.Context) error {
		var err error
		value, err = timed(ctx, b, call)
		return err
	})
	if err == nil {
		return value, nil
	}
	if fallback == nil || ctx.Err() != nil || !Replaceable(err) {
		return zero, err
	}
	value, failed := fallback(ctx, err)
	switch {
	case failed == nil:
		return value, nil
	case errors.Is(failed, err):
		return zero, failed // it handed the reason on
	default:
		return zero, &FallbackError{Cause: err, Err: failed}
	}
}

// timed makes the call within the timeout of b.
func timed[T any](parent context.Context, b *Breaker, call func(context.Context) (T, error)) (T, error) {
	timeout := b.Config().Timeout
	ctx, cancel := context.WithTimeout(parent, timeout)
	defer cancel()
	value, err := call(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil && parent.Err() == nil {
		err = fmt.Errorf("%s: no answer within %s: %w", b.name, timeout, err)
	}
	return value, err
}
