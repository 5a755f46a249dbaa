package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Service repeats calls. All methods may be called concurrently.
type Service struct {
	defaults Policy // complete
	faults   error  // of the settings: every call returns them
	log      *slog.Logger
	counters counters
	records  records
	budgets  *budgets
	descs    descs
}

// NewService returns a Service whose policies inherit from cfg. A log that is
// nil discards. Settings that are out of bounds make every call fail with what
// [Config.Validate] says; package config refuses them at start.
func NewService(cfg Config, log *slog.Logger) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = log.With(slog.String("module", "retry"))
	faults := cfg.Validate()
	if faults != nil {
		cfg = DefaultConfig()
	}
	defaults := cfg.policy().Or(DefaultConfig().policy())
	defaults.RetryIf = Transient
	return &Service{
		defaults: defaults,
		faults:   faults,
		log:      log,
		budgets:  newBudgets(cfg.limits(), log),
		descs:    newDescs(),
	}
}

// Effective returns p with everything it inherits filled in.
func (s *Service) Effective(p Policy) Policy { return p.Or(s.defaults) }

// Do calls fn, and repeats it by p while it fails with an error that may pass
// and attempts, time and budget are left. It returns nil as soon as fn does.
//
// An error that is not worth repeating is returned as it is. One that was
// repeated, or for which there was no time or budget left, is an
// [*ExhaustedError] around the last error. A context that is over before the
// first call is returned by its cause, and fn is not called.
func (s *Service) Do(ctx context.Context, p Policy, fn func(context.Context) error) error {
	if err := s.ready(ctx, &p); err != nil {
		return err
	}
	start := s.begin(&p)
	err := fn(ctx)
	if err == nil {
		s.counters.first.Add(1)
		return nil
	}
	return s.repeat(ctx, &p, start, err, fn)
}

// Do is [Service.Do] for a call that returns a value. With an error that is not
// nil the value is the zero value.
func Do[T any](ctx context.Context, s *Service, p Policy, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := s.ready(ctx, &p); err != nil {
		return zero, err
	}
	start := s.begin(&p)
	value, err := fn(ctx)
	if err == nil {
		s.counters.first.Add(1)
		return value, nil
	}
	return repeat(ctx, s, p, start, err, fn)
}

// repeat is apart so that value escapes to the heap after a failure only.
func repeat[T any](
	ctx context.Context, s *Service, p Policy, start time.Time, first error, fn func(context.Context) (T, error),
) (T, error) {
	var value, zero T
	err := s.repeat(ctx, &p, start, first, func(ctx context.Context) error {
		var err error
		value, err = fn(ctx)
		return err
	})
	if err != nil {
		return zero, err
	}
	return value, nil
}

// Again is [Service.Do] for a caller that has made the first attempt itself, in
// its own way: first is the error of that attempt, fn makes the next ones.
// The budget of Policy.Dependency is not asked, since the caller's first
// attempts are not counted here: see Policy.Allow.
func (s *Service) Again(ctx context.Context, p Policy, first error, fn func(context.Context) error) error {
	if first == nil {
		return nil
	}
	if s.faults != nil || !sound(&p) {
		return fmt.Errorf("%w (last error: %w)", errors.Join(s.faults, p.Validate()), first)
	}
	if p.Allow == nil {
		p.Allow = always
	}
	return s.repeat(ctx, &p, time.Time{}, first, fn)
}

func always() bool { return true }

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

// begin is what a policy with a budget or a MaxDuration needs before the first
// attempt. The others pay a comparison.
func (s *Service) begin(p *Policy) time.Time {
	if p.Dependency == "" && p.MaxDuration == 0 {
		return time.Time{}
	}
	return s.measure(p.Dependency)
}

// measure counts a first attempt with its dependency and reads the clock.
func (s *Service) measure(dependency string) time.Time {
	if d := s.budgets.get(dependency); d != nil {
		d.requests.Add(1)
	}
	return time.Now()
}
