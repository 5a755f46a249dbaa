package retry

import (
	"context"
	"log/slog"
)

// Service repeats calls. All methods may be called concurrently.
type Service struct {
	defaults Policy // complete
	faults   error  // of the settings: every call returns them
	log      *slog.Logger
	counters counters
	descs    descs
}

// NewService returns a Service whose policies inherit from cfg. A log that is
// nil discards. Settings that are out of bounds make every call fail with what
// [Config.Validate] says; package config refuses them at start.
func NewService(cfg Config, log *slog.Logger) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	defaults := cfg.policy().Or(DefaultConfig().policy())
	if defaults.RetryIf == nil {
		defaults.RetryIf = Transient
	}
	return &Service{
		defaults: defaults,
		faults:   cfg.Validate(),
		log:      log.With(slog.String("module", "retry")),
		descs:    newDescs(),
	}
}

// Effective returns p with everything it inherits filled in.
func (s *Service) Effective(p Policy) Policy { return p.Or(s.defaults) }

// Do calls fn, and repeats it by p while it fails with an error that may pass
// and attempts and time are left. It returns nil as soon as fn does.
//
// An error that is not worth repeating is returned as it is. One that was
// repeated, or for which there was no time left, is an [*ExhaustedError] around
// the last error. A context that is over before the first call is returned by
// its cause, and fn is not called.
func (s *Service) Do(ctx context.Context, p Policy, fn func(context.Context) error) error {
	if err := s.ready(ctx, &p); err != nil {
		return err
	}
	err := fn(ctx)
	if err == nil {
		s.counters.first.Add(1)
		return nil
	}
	return s.Again(ctx, p, err, fn)
}

// Do is [Service.Do] for a call that returns a value. With an error that is not
// nil the value is the zero value.
func Do[T any](ctx context.Context, s *Service, p Policy, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := s.ready(ctx, &p); err != nil {
		return zero, err
	}
	value, err := fn(ctx)
	if err == nil {
		s.counters.first.Add(1)
		return value, nil
	}
	return again(ctx, s, p, err, fn)
}

// again is apart so that value escapes to the heap after a failure only.
func again[T any](ctx context.Context, s *Service, p Policy, first error, fn func(context.Context) (T, error)) (T, error) {
	var value, zero T
	err := s.Again(ctx, p, first, func(ctx context.Context) error {
		var err error
		value, err = fn(ctx)
		return err
	})
	if err != nil {
		return zero, err
	}
	return value, nil
}

// ready reports why no call may be made at all.
func (s *Service) ready(ctx context.Context, p *Policy) error {
	if s.faults != nil {
		return s.faults
	}
	if !sound(p) {
		return faults(p)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
