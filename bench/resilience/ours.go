package main

import (
	"context"
	"errors"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// What all libraries are set to.
const (
	deadline      = 10 * time.Second
	maxConcurrent = 1_000
	openFor       = time.Hour // an open breaker stays open while it is measured
)

var errBroken = errors.New("broken")

// holdfast is one of its own, so that rows do not disturb each other.
type holdfast struct {
	breakers *circuitbreaker.Service
	retries  *retry.Service
	runner   *resilience.Runner
}

func newHoldfast() (holdfast, error) {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{ResetTimeout: openFor}, nil)
	if err != nil {
		return holdfast{}, err
	}
	retries := retry.NewService(retry.DefaultConfig(), nil)
	return holdfast{breakers, retries, resilience.NewRunner(breakers, retries, resilience.Config{}, nil, nil)}, nil
}

// compile returns a pipeline that is alone in its Holdfast.
func compile(p resilience.Policy) (*resilience.Pipeline, holdfast, error) {
	h, err := newHoldfast()
	if err != nil {
		return nil, holdfast{}, err
	}
	pipeline, err := h.runner.Compile("bench", p)
	return pipeline, h, err
}

// whole is bulkhead, retry, breaker and timeout.
func whole() resilience.Policy {
	return resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, Safe: true, MaxConcurrent: maxConcurrent, Timeout: deadline,
	}
}

// run is the loop of a pipeline around an attempt that was made beforehand.
func run(p *resilience.Pipeline, ctx context.Context, a resilience.Attempt) func(int) error { //nolint:revive // the context belongs to the measured call
	return func(n int) error {
		for range n {
			if result := p.Run(ctx, a); result.Err != nil {
				return result.Err
			}
		}
		return nil
	}
}

// call is a call that does nothing; both its methods are never slower than a function.
type call struct{}

func (call) Do(context.Context) (any, error) { return nil, nil }

func (call) Fallback(context.Context, error) (any, error) { return nil, nil }

// waiting is a call that asks whether its context is over, as database/sql and net/http do.
type waiting struct{ call }

func (waiting) Do(ctx context.Context) (any, error) { return nil, ask(ctx) }

// ask looks at the channel of ctx.
func ask(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}
