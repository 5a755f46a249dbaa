package resiliencetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Kit is the resilience core of an application, without the application.
type Kit struct {
	Breakers *circuitbreaker.Service
	Retries  *retry.Service
	Runner   *resilience.Runner

	tb testing.TB
}

// patience bounds the wait for abandoned calls when the test ends.
const patience = 30 * time.Second

type settings struct {
	breaker circuitbreaker.Config
	retry   retry.Config
	runner  resilience.Config
	options []resilience.Option
}

// Option changes the settings of a [Kit].
type Option func(*settings)

// WithBreakers sets the defaults of all breakers; a field at zero is that of
// CIRCUIT_BREAKER_*.
func WithBreakers(cfg circuitbreaker.Config) Option { return func(s *settings) { s.breaker = cfg } }

// WithRetries sets the defaults of all retries, jitter included.
func WithRetries(cfg retry.Config) Option { return func(s *settings) { s.retry = cfg } }

// WithConfig sets the defaults of all policies; a field at zero is that of
// REQUEST_*.
func WithConfig(cfg resilience.Config) Option { return func(s *settings) { s.runner = cfg } }

// WithRunner adds options of the runner: a shedder, chaos, overrides.
func WithRunner(opts ...resilience.Option) Option {
	return func(s *settings) { s.options = append(s.options, opts...) }
}

// New returns a Kit with the default settings, save that retries have no jitter,
// so that their waits can be told exactly. The log goes to the output of the
// test. When the test ends it waits for abandoned calls, and fails the test if
// they do not return. Settings that are out of bounds fail it at once.
func New(tb testing.TB, opts ...Option) *Kit {
	tb.Helper()
	s := settings{retry: retry.DefaultConfig()}
	s.retry.UseJitter = false
	for _, opt := range opts {
		opt(&s)
	}
	log := slog.New(slog.NewTextHandler(tb.Output(), nil))
	breakers, err := circuitbreaker.NewService(s.breaker, log)
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.retry.Validate(); err != nil {
		tb.Fatal(err)
	}
	if err := s.runner.Validate(); err != nil {
		tb.Fatal(err)
	}
	retries := retry.NewService(s.retry, log)
	k := &Kit{
		Breakers: breakers, Retries: retries, tb: tb,
		Runner: resilience.NewRunner(breakers, retries, s.runner, nil, log, s.options...),
	}
	tb.Cleanup(k.stop)
	return k
}

func (k *Kit) stop() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(k.tb.Context()), patience)
	defer cancel()
	if err := k.Runner.Stop(ctx); err != nil {
		k.tb.Errorf("stop the kit: %v", err)
	}
}

// Pipeline compiles a policy, and fails the test with everything that is wrong
// with it. A name can be compiled once.
func (k *Kit) Pipeline(name string, policy resilience.Policy) *resilience.Pipeline {
	k.tb.Helper()
	p, err := k.Runner.Compile(name, policy)
	if err != nil {
		k.tb.Fatal(err)
	}
	return p
}
