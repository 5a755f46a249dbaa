package resilience_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestCollector(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		_, err := p.runner.Compile("idle", resilience.Policy{})
		require.NoError(t, err)
		pipeline, err := p.runner.Compile("orders.get", resilience.Policy{
			EnableCircuitBreaker: true, EnableRetry: true, Safe: true, EnableFallback: true, FallbackResponse: 1,
			AttemptTimeout: time.Second, MaxConcurrent: 1,
		})
		require.NoError(t, err)
		calls := 0
		pipeline.Run(t.Context(), answers(instantly, &calls, nil))
		calls = 0
		pipeline.Run(t.Context(), answers(instantly, &calls, status(503), status(404)))
		pipeline.Run(t.Context(), answers(2*time.Second, &calls, nil))
		p.breakers.ForceOpen("orders.get", "test", 0)
		pipeline.Run(t.Context(), answers(instantly, &calls, nil))
		held, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		pipeline.Run(t.Context(), attempt{})
		held.Leave()
		registry := prometheus.NewPedanticRegistry()
		require.NoError(t, registry.Register(p.runner))
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP resilience_abandoned_handlers Calls that outlived a hard deadline and have not returned.
# TYPE resilience_abandoned_handlers gauge
resilience_abandoned_handlers 0
# HELP resilience_attempts_total Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead), shed.
# TYPE resilience_attempts_total counter
resilience_attempts_total{outcome="failure",route="orders.get"} 4
resilience_attempts_total{outcome="overloaded",route="orders.get"} 1
resilience_attempts_total{outcome="rejected",route="orders.get"} 1
resilience_attempts_total{outcome="success",route="orders.get"} 2
# HELP resilience_bulkhead_refused_total Calls that got no slot, by reason: full, queue-timeout, codel, evicted.
# TYPE resilience_bulkhead_refused_total counter
resilience_bulkhead_refused_total{reason="full",route="orders.get"} 1
# HELP resilience_fallback_total Answers given by a fallback, by reason: open, timeout, panic, status, error.
# TYPE resilience_fallback_total counter
resilience_fallback_total{reason="open",route="orders.get"} 1
resilience_fallback_total{reason="timeout",route="orders.get"} 1
# HELP resilience_retries_total Attempts beyond the first, by why the one before failed: timeout, panic, status, error.
# TYPE resilience_retries_total counter
resilience_retries_total{reason="status",route="orders.get"} 1
resilience_retries_total{reason="timeout",route="orders.get"} 2
# HELP resilience_timeouts_total Deadlines that cut a call, by kind: attempt, total.
# TYPE resilience_timeouts_total counter
resilience_timeouts_total{kind="attempt",route="orders.get"} 3
`)))
	})
}

func ExampleNewRunner() {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	runner := resilience.NewRunner(breakers, retry.NewService(retry.DefaultConfig(), nil), resilience.Config{}, nil, nil)
	pipeline, err := runner.Compile("prices.get", resilience.Policy{
		EnableCircuitBreaker: true, EnableFallback: true, FallbackResponse: "the price of yesterday", Timeout: time.Second,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	result := pipeline.Run(context.Background(), attempt{do: func(context.Context) (any, error) {
		return nil, errors.New("connection refused")
	}})
	fmt.Println(result.Value, result.Fallback, result.Err)
	// Output: the price of yesterday true <nil>
}
