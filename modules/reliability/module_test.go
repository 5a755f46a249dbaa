package reliability_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/modules/reliability"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graph is what the tests take out of the graph.
type graph struct {
	fx.In

	Guard      database.Guard
	Breakers   *circuitbreaker.Service
	Retries    *retry.Service
	Runner     *resilience.Runner
	Checks     []health.Check         `group:"health.checks"`
	Collectors []prometheus.Collector `group:"metrics.collectors"`
}

func start(t *testing.T, vars map[string]string, parts ...fx.Option) graph {
	t.Helper()
	var g graph
	type specs struct {
		fx.In

		Specs []config.Spec `group:"config.specs"`
	}
	app := fxtest.New(t, append(parts,
		fx.NopLogger, reliability.Module,
		fx.Supply(slog.New(slog.DiscardHandler)),
		fx.Provide(func(in specs) (*config.Values, error) {
			return config.Load(config.Environment{Vars: vars}, in.Specs...)
		}),
		fx.Invoke(func(in graph) { g = in }),
	)...)
	app.RequireStart()
	t.Cleanup(app.RequireStop)
	return g
}

func TestModule(t *testing.T) {
	t.Parallel()
	g := start(t, map[string]string{"RETRY_MAX_ATTEMPTS": "5", "CIRCUIT_BREAKER_MIN_THROUGHPUT": "4", "REQUEST_TIMEOUT": "7s"})
	require.Empty(t, g.Checks, "no database, no check")
	require.Len(t, g.Collectors, 6)
	registry := prometheus.NewPedanticRegistry()
	for _, c := range g.Collectors {
		require.NoError(t, registry.Register(c))
	}
	_, err := registry.Gather()
	require.NoError(t, err)
	pipeline, err := g.Runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true})
	require.NoError(t, err)
	require.Equal(t, "7s", pipeline.Policy().Timeout.String())
	require.Equal(t, 5, pipeline.Policy().Retry.MaxAttempts)
	require.Equal(t, 4, pipeline.Policy().Breaker.MinThroughput)
}

func TestModuleWithDatabase(t *testing.T) {
	t.Parallel()
	g := start(t, map[string]string{"DATABASE_URL": ":memory:"}, database.Module, fx.Invoke(func(*database.Service) {}))
	require.Len(t, g.Checks, 1)
	require.Equal(t, "database", g.Checks[0].Name)
	require.NoError(t, g.Checks[0].Run(t.Context()))
}

func TestGuard(t *testing.T) {
	t.Parallel()
	busy := &database.Error{Name: "orders.find", Kind: database.ErrBusy}
	down := &database.Error{Name: "orders.find", Kind: database.ErrFailed}
	tests := map[string]struct {
		mode         database.Mode
		err          error
		wantCalls    int
		wantFailures uint64
		wantExcluded uint64
	}{
		"breaker, well":        {mode: database.Breaker, wantCalls: 1},
		"breaker, failed":      {mode: database.Breaker, err: down, wantCalls: 1, wantFailures: 1},
		"breaker, busy":        {mode: database.Breaker, err: busy, wantCalls: 1, wantExcluded: 1},
		"retry, busy":          {mode: database.Retry, err: busy, wantCalls: 4},
		"retry, failed":        {mode: database.Retry, err: down, wantCalls: 1},
		"reliability, busy":    {mode: database.Reliability, err: busy, wantCalls: 4, wantExcluded: 4},
		"reliability, failed":  {mode: database.Reliability, err: down, wantCalls: 1, wantFailures: 1},
		"reliability, unknown": {mode: database.Reliability, err: errors.New("boom"), wantCalls: 1, wantFailures: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := start(t, nil)
				calls := 0
				err := g.Guard(t.Context(), tc.mode, "orders.find", func(context.Context) error {
					calls++
					return tc.err
				})
				require.ErrorIs(t, err, tc.err)
				require.Equal(t, tc.wantCalls, calls)
				m, known := g.Breakers.Metrics("database_orders.find")
				require.Equal(t, tc.mode != database.Retry, known)
				require.Equal(t, tc.wantFailures, m.Failures)
				require.Equal(t, tc.wantExcluded, m.Excluded)
				if tc.wantCalls > 1 {
					budgets := g.Retries.Budgets()
					require.Len(t, budgets, 1, "all of the database share one")
					require.Equal(t, "database", budgets[0].Dependency)
					require.EqualValues(t, tc.wantCalls-1, budgets[0].Retries)
				}
			})
		})
	}
}
