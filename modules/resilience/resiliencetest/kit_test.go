package resiliencetest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestKitRetriesExactly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kit := resiliencetest.New(t)
		pipeline := kit.Pipeline("stock", resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true, Idempotent: true})
		stock := resiliencetest.Script(
			resiliencetest.Status(http.StatusServiceUnavailable),
			resiliencetest.RetryAfter(http.StatusServiceUnavailable, 5*time.Second),
			resiliencetest.OK(12),
		)
		result := pipeline.Run(t.Context(), stock)
		require.NoError(t, result.Err)
		require.Equal(t, 12, result.Value)
		stock.WantAttempts(t, 3)
		stock.WantWaits(t, time.Second, 5*time.Second)
		resiliencetest.WantState(t, kit.Breakers, "stock", circuitbreaker.Closed)
	})
}

func TestForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kit := resiliencetest.New(t, resiliencetest.WithBreakers(circuitbreaker.Config{HalfOpenMaxCalls: 1}))
		pipeline := kit.Pipeline("stock", resilience.Policy{EnableCircuitBreaker: true})
		stock := resiliencetest.Script()
		run := func() error { return pipeline.Run(t.Context(), stock).Err }

		resiliencetest.Force(t, kit.Breakers, "stock", circuitbreaker.Open)
		require.ErrorIs(t, run(), circuitbreaker.ErrOpen)
		stock.WantAttempts(t, 0)

		resiliencetest.Force(t, kit.Breakers, "stock", circuitbreaker.HalfOpen)
		require.NoError(t, run(), "a trial")
		resiliencetest.WantState(t, kit.Breakers, "stock", circuitbreaker.Closed)

		resiliencetest.Force(t, kit.Breakers, "stock", circuitbreaker.Open)
		began := time.Now()
		resiliencetest.SkipOpen(t, kit.Breakers, "stock")
		require.Equal(t, 30*time.Second, time.Since(began))
		resiliencetest.SkipOpen(t, kit.Breakers, "stock")
		require.Equal(t, 30*time.Second, time.Since(began), "it is open no more")
		resiliencetest.WantState(t, kit.Breakers, "stock", circuitbreaker.HalfOpen)

		resiliencetest.Force(t, kit.Breakers, "stock", circuitbreaker.Open)
		resiliencetest.Force(t, kit.Breakers, "stock", circuitbreaker.Closed)
		require.NoError(t, run())
	})
}

func TestHelpersRefuse(t *testing.T) {
	t.Parallel()
	kit := resiliencetest.New(t)
	kit.Breakers.Get("stock")
	tests := map[string]struct {
		helper func(r *recorder)
		want   string
	}{
		"force an unknown breaker": {
			func(r *recorder) { resiliencetest.Force(r, kit.Breakers, "orders", circuitbreaker.Open) },
			`there is no breaker "orders", only ["stock"]`,
		},
		"the state of an unknown breaker": {
			func(r *recorder) { resiliencetest.WantState(r, kit.Breakers, "orders", circuitbreaker.Open) },
			`there is no breaker "orders"`,
		},
		"another state": {
			func(r *recorder) { resiliencetest.WantState(r, kit.Breakers, "stock", circuitbreaker.HalfOpen) },
			`breaker "stock" is closed, want half-open: 0 of 0 calls in the window failed`,
		},
		"breaker settings": {
			func(r *recorder) {
				resiliencetest.New(r, resiliencetest.WithBreakers(circuitbreaker.Config{MinThroughput: -1}))
			},
			"CIRCUIT_BREAKER_MIN_THROUGHPUT",
		},
		"retry settings": {
			func(r *recorder) { resiliencetest.New(r, resiliencetest.WithRetries(retry.Config{MaxAttempts: 11})) },
			"MaxAttempts",
		},
		"runner settings": {
			func(r *recorder) { resiliencetest.New(r, resiliencetest.WithConfig(resilience.Config{Timeout: -1})) },
			"REQUEST_TIMEOUT",
		},
		"a policy": {
			func(r *recorder) {
				resiliencetest.New(r).Pipeline("stock", resilience.Policy{EnableRetry: true})
			},
			"Idempotent: true",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, fails(t, tt.helper), tt.want)
		})
	}
}

func TestKitWithOptionsOfTheRunner(t *testing.T) {
	t.Parallel()
	kit := resiliencetest.New(t, resiliencetest.WithRunner(resilience.WithOverrides([]resilience.Override{
		{Name: "RESILIENCE_STOCK_TIMEOUT", Value: "7s", Source: "test"},
	})))
	require.Equal(t, 7*time.Second, kit.Pipeline("stock", resilience.Policy{}).Policy().Timeout)
}

func TestSkipOpenNeedsABubble(t *testing.T) {
	t.Parallel()
	kit := resiliencetest.New(t)
	kit.Breakers.Get("stock")
	kit.Breakers.ForceOpen("stock", "test", time.Hour)
	require.Contains(t, fails(t, func(r *recorder) { resiliencetest.SkipOpen(r, kit.Breakers, "stock") }), "inside synctest.Test")
}

func TestAbandonedCallsAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		t.Cleanup(func() { require.Equal(t, 10*time.Second, time.Since(began)) }) // runs after that of the kit
		kit := resiliencetest.New(t)
		pipeline := kit.Pipeline("stock", resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard})
		require.Error(t, pipeline.Run(t.Context(), resiliencetest.Script(resiliencetest.Deaf(10*time.Second, resiliencetest.OK(1)))).Err)
		require.Equal(t, time.Second, time.Since(began))
	})
}
