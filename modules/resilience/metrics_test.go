package resilience_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// ending is an attempt that ends with an error, or with none.
type ending struct {
	nop

	err error
}

func (e ending) Do(context.Context) (any, error) { return nil, e.err }

// TestCollect checks names, labels and values, that routes come and go between
// scrapes, and that what has never happened has no series.
func TestCollect(t *testing.T) {
	t.Parallel()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	runner := resilience.NewRunner(breakers, retry.NewService(retry.DefaultConfig(), nil), resilience.Config{}, nil, nil)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(runner, breakers)
	compile := func(name string) *resilience.Pipeline {
		p, err := runner.Compile(name, resilience.Policy{Name: "dep", EnableCircuitBreaker: true})
		require.NoError(t, err)
		return p
	}
	odd, idle := compile("b \"odd\"\\\n日本"), "a idle"
	compile(idle)
	compare := func(want string) {
		t.Helper()
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(want),
			"resilience_attempts_total", "resilience_retries_total", "resilience_timeouts_total",
			"resilience_abandoned_handlers", "circuit_state", "circuit_calls_total", "circuit_transitions_total"))
	}
	const abandoned = `# HELP resilience_abandoned_handlers Calls that outlived a hard deadline and have not returned.
# TYPE resilience_abandoned_handlers gauge
resilience_abandoned_handlers 0
`
	compare(abandoned)
	odd.Run(t.Context(), ending{})
	odd.Run(t.Context(), ending{})
	odd.Run(t.Context(), ending{err: errors.New("broken")})
	const circuit = `# HELP circuit_calls_total Calls by outcome: success, failure, excluded, rejected.
# TYPE circuit_calls_total counter
circuit_calls_total{name="dep",outcome="failure"} 1
circuit_calls_total{name="dep",outcome="success"} 2
# HELP circuit_state State of a circuit breaker: 0 closed, 1 half-open, 2 open.
# TYPE circuit_state gauge
circuit_state{name="dep"} 0
`
	const attempts = `# HELP resilience_attempts_total Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead), shed.
# TYPE resilience_attempts_total counter
resilience_attempts_total{outcome="failure",route="b \"odd\"\\\n日本"} 1
resilience_attempts_total{outcome="success",route="b \"odd\"\\\n日本"} 2
`
	compare(circuit + attempts + abandoned)
	compare(circuit + attempts + abandoned)
	require.True(t, runner.Remove(odd.Name()))
	compile("c").Run(t.Context(), ending{}) // as many routes as before
	compare(strings.Replace(circuit, "} 2", "} 3", 1) + `# HELP resilience_attempts_total Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead), shed.
# TYPE resilience_attempts_total counter
resilience_attempts_total{outcome="success",route="c"} 1
` + abandoned)
}
