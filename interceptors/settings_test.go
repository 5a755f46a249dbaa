package interceptors_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// A raw route and its streams share one breaker. Both can be changed at start and
// while the process runs, like those of a typed route.
func TestRawRouteIsConfigured(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy    resilience.Policy
		variables map[string]string
		changes   [][2]string
		breaker   string
		want      uint32
	}{
		"at run time": {
			policy:  resilience.Policy{EnableCircuitBreaker: true},
			changes: [][2]string{{"timeout", "2s"}, {"circuit_breaker", "off"}, {"circuit_breaker", "on"}, {"min_throughput", "7"}},
			breaker: "test.raw", want: 7,
		},
		"by a variable": {
			policy:    resilience.Policy{EnableCircuitBreaker: true},
			variables: map[string]string{"RESILIENCE_TEST_RAW_MIN_THROUGHPUT": "9"},
			changes:   [][2]string{{"timeout", "2s"}},
			breaker:   "test.raw", want: 9,
		},
		"by a variable of the group": {
			policy:    resilience.Policy{EnableCircuitBreaker: true, Safe: true},
			variables: map[string]string{"RESILIENCE_TEST_RETRY": "on"},
			changes:   [][2]string{{"min_throughput", "7"}},
			breaker:   "test.raw", want: 7,
		},
		"by a variable of the group for its breakers": {
			policy:    resilience.Policy{EnableCircuitBreaker: true},
			variables: map[string]string{"RESILIENCE_TEST_MIN_THROUGHPUT": "9"},
			changes:   [][2]string{{"timeout", "2s"}, {"min_throughput", "7"}},
			breaker:   "test.raw", want: 7,
		},
		"a breaker of another name": {
			policy:    resilience.Policy{Name: "crm", EnableCircuitBreaker: true},
			variables: map[string]string{"RESILIENCE_CRM_MIN_THROUGHPUT": "9"},
			changes:   [][2]string{{"timeout", "2s"}},
			breaker:   "crm", want: 9,
		},
		"a breaker of another name, by a variable of the route": {
			policy:    resilience.Policy{Name: "crm", EnableCircuitBreaker: true},
			variables: map[string]string{"RESILIENCE_TEST_RAW_MIN_THROUGHPUT": "9"},
			breaker:   "crm", want: 9,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
			require.NoError(t, err)
			var overrides []resilience.Override
			for variable, value := range tt.variables {
				overrides = append(overrides, resilience.Override{Name: variable, Value: value})
			}
			runner := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, discard()), resilience.Config{}, nil, discard(),
				resilience.WithOverrides(overrides))
			_, err = interceptors.UseResilience(runner, "test.raw", tt.policy)
			require.NoError(t, err)
			require.NoError(t, runner.Check())
			for _, c := range tt.changes {
				require.NoError(t, runner.Set("test.raw", c[0], c[1], "a test"), c)
			}
			m, ok := breakers.Metrics(tt.breaker)
			require.True(t, ok)
			require.EqualValues(t, tt.want, m.Config.MinThroughput)
		})
	}
}
