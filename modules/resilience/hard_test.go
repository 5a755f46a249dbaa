package resilience_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestPanics(t *testing.T) { // PX-01, PX-02, PX-03
	t.Parallel()
	for _, mode := range []resilience.Mode{resilience.Soft, resilience.Hard} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParts(t, nil)
				pipeline, err := p.runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true, MaxConcurrent: 1, TimeoutMode: mode})
				require.NoError(t, err)
				result := pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { panic(http.ErrAbortHandler) }})
				var caught *circuitbreaker.PanicError
				require.ErrorAs(t, result.Err, &caught)
				require.ErrorIs(t, result.Err, http.ErrAbortHandler)
				require.Contains(t, string(caught.Stack), "hard_test.go")
				require.NotContains(t, result.Err.Error(), "abort")

				var calls sync.WaitGroup
				calls.Go(func() {
					pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { runtime.Goexit(); return nil, nil }})
				})
				calls.Wait()
				m, _ := p.breakers.Metrics("a")
				require.EqualValues(t, 2, m.Failures)
				calls2 := 0
				require.NoError(t, pipeline.Run(t.Context(), answers(instantly, &calls2, nil)).Err, "the slot came back")
			})
		})
	}
}

// A panic that no caller is told of is in the log, with its stack.
func TestSwallowedPanicsAreLogged(t *testing.T) {
	t.Parallel()
	broken := func(context.Context) (any, error) { panic("ouch") }
	late := func(ctx context.Context) (any, error) { <-ctx.Done(); time.Sleep(ms); panic("ouch") }
	spare := func(context.Context, error) (any, error) { return "spare", nil }
	always := retry.Policy{MaxAttempts: 2, RetryIf: func(error) bool { return true }}
	tests := map[string]struct {
		policy   resilience.Policy
		do       func(context.Context) (any, error)
		fallback func(context.Context, error) (any, error)
		want     int
	}{
		"returned":        {do: broken},
		"replaced":        {policy: resilience.Policy{EnableFallback: true}, do: broken, fallback: spare, want: 1},
		"replaced, value": {policy: resilience.Policy{EnableFallback: true, FallbackResponse: "spare"}, do: broken, want: 1},
		"repeated":        {policy: resilience.Policy{EnableRetry: true, Safe: true, Retry: always}, do: broken, want: 1},
		"abandoned":       {policy: resilience.Policy{TimeoutMode: resilience.Hard}, do: late, want: 1},
		"in the fallback": {
			policy: resilience.Policy{EnableFallback: true}, want: 1,
			do:       func(context.Context) (any, error) { return nil, errBoom },
			fallback: func(context.Context, error) (any, error) { panic("ouch") },
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
				require.NoError(t, err)
				runner := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil,
					slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
				pipeline, err := runner.Compile("orders.get", tc.policy)
				require.NoError(t, err)
				pipeline.Run(t.Context(), attempt{do: tc.do, fallback: tc.fallback})
				require.NoError(t, runner.Stop(t.Context()))
				require.Equal(t, tc.want, strings.Count(log.String(), `msg="call panicked" module=resilience route=orders.get panic=ouch stack=`))
				require.Equal(t, tc.want, strings.Count(log.String(), "\n"))
			})
		})
	}
}

func TestBulkhead(t *testing.T) { // BH-01, CO-05
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{
			MaxConcurrent: 2, EnableFallback: true, FallbackResponse: "spare",
			EnableRetry: true, Safe: true, Timeout: time.Minute,
		})
		one, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		two, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		result := pipeline.Run(t.Context(), attempt{})
		var full *resilience.OverloadedError
		require.ErrorAs(t, result.Err, &full, "neither fallback nor retry")
		require.Equal(t, 2, full.Limit)
		require.Equal(t, http.StatusServiceUnavailable, full.StatusCode())
		require.GreaterOrEqual(t, full.RetryAfter(), time.Second)
		require.LessOrEqual(t, full.RetryAfter(), 3*time.Second)
		require.False(t, retry.Transient(full))
		require.Equal(t, circuitbreaker.Excluded, circuitbreaker.Classify(full))
		one.Leave()
		one.Leave()
		calls := 0
		require.NoError(t, pipeline.Run(t.Context(), answers(instantly, &calls, nil)).Err)
		require.ErrorIs(t, one.Context().Err(), context.Canceled)
		three, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		_, err = pipeline.Enter(t.Context())
		require.ErrorAs(t, err, &full, "leaving twice gives one slot back")
		two.Leave()
		three.Leave()
	})
}

func TestAbandonedCalls(t *testing.T) { // scenario 24, PX-10, PX-17
	t.Parallel()
	tests := map[string]struct{ limit, wantLimit int }{
		"with a limit":    {limit: 3, wantLimit: 3},
		"without a limit": {limit: 0, wantLimit: 100},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParts(t, nil)
				pipeline, err := p.runner.Compile("a", resilience.Policy{TimeoutMode: resilience.Hard, Timeout: 100 * ms, MaxConcurrent: tc.limit})
				require.NoError(t, err)
				release := make(chan struct{})
				deaf := attempt{do: func(context.Context) (any, error) { <-release; return "late", nil }}
				for range tc.wantLimit {
					start := time.Now()
					require.ErrorIs(t, pipeline.Run(t.Context(), deaf).Err, context.DeadlineExceeded)
					require.Equal(t, 100*ms, time.Since(start))
				}
				require.Equal(t, tc.wantLimit, abandoned(t, p.runner))
				var full *resilience.OverloadedError
				require.ErrorAs(t, pipeline.Run(t.Context(), deaf).Err, &full)
				require.Equal(t, tc.wantLimit, full.Limit)

				impatient, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				require.ErrorIs(t, p.runner.Stop(impatient), context.DeadlineExceeded)
				time.AfterFunc(time.Second, func() { close(release) })
				require.NoError(t, p.runner.Stop(t.Context()))
				require.Zero(t, abandoned(t, p.runner))
				calls := 0
				require.NoError(t, pipeline.Run(t.Context(), answers(instantly, &calls, nil)).Err)
				require.NoError(t, p.runner.Stop(t.Context()))
			})
		})
	}
}

func abandoned(t *testing.T, r *resilience.Runner) int {
	t.Helper()
	return int(sumOf(t, r, "resilience_abandoned_handlers"))
}

// sumOf adds the series of one metric.
func sumOf(t *testing.T, r *resilience.Runner, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(r))
	families, err := registry.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func TestResultWinsOverDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{TimeoutMode: resilience.Hard, Timeout: 100 * ms})
		for range 100 { // both are ready at the same instant
			result := pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) {
				time.Sleep(100*ms - 1)
				return "in time", nil
			}})
			require.Equal(t, "in time", result.Value)
		}
	})
}

func TestManyAtOnceWithAHardDeadline(t *testing.T) { // scenario 24, 400 in parallel, half of them slow
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{TimeoutMode: resilience.Hard, Timeout: 100 * ms, EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{FailureThreshold: 1}})
		var calls sync.WaitGroup
		for i := range 400 {
			calls.Go(func() {
				result := pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) {
					time.Sleep(time.Duration(i%2) * time.Second)
					return i, nil
				}})
				if i%2 == 0 {
					require.Equal(t, i, result.Value)
				} else {
					require.ErrorIs(t, result.Err, context.DeadlineExceeded)
				}
			})
		}
		calls.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
	})
}
