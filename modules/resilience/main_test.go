package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBoom = errors.New("boom")

// status is an error with a status.
type status int

func (s status) Error() string   { return fmt.Sprint("status ", int(s)) }
func (s status) StatusCode() int { return int(s) }

// attempt is an Attempt made of functions.
type attempt struct {
	do       func(context.Context) (any, error)
	fallback func(context.Context, error) (any, error)
}

func (a attempt) Do(ctx context.Context) (any, error) { return a.do(ctx) }

func (a attempt) Fallback(ctx context.Context, cause error) (any, error) {
	return a.fallback(ctx, cause)
}

// answers is an Attempt that gives its answers in turn, the last one for ever;
// each takes a while, unless the context ends first.
func answers(took time.Duration, calls *int, results ...error) attempt {
	return attempt{do: func(ctx context.Context) (any, error) {
		*calls++
		if err := wait(ctx, took); err != nil {
			return nil, err
		}
		if err := results[min(*calls, len(results))-1]; err != nil {
			return nil, err
		}
		return "answer", nil
	}}
}

// wait lasts d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type parts struct {
	runner   *resilience.Runner
	breakers *circuitbreaker.Service
}

func newParts(tb testing.TB, stopping func() bool) parts {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(tb, err)
	return parts{
		breakers: breakers,
		runner:   resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, stopping, nil),
	}
}

func compile(tb testing.TB, p resilience.Policy) *resilience.Pipeline {
	tb.Helper()
	pipeline, err := newParts(tb, nil).runner.Compile("orders.get", p)
	require.NoError(tb, err)
	return pipeline
}
