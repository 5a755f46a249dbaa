package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

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
	"github.com/holdfast-go/holdfast/shutdown"
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

type specs struct {
	fx.In

	Specs []config.Spec `group:"config.specs"`
}

func start(t *testing.T, vars map[string]string, parts ...fx.Option) graph {
	t.Helper()
	var g graph
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
	require.Len(t, g.Checks, 1, "no database, no check of it")
	require.Equal(t, health.Breakers, g.Checks[0].Name)
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
	require.Len(t, g.Checks, 2)
	for _, check := range g.Checks {
		require.NoError(t, check.Run(t.Context()), check.Name)
	}
}

// The pool is there for every other hook, in both directions: for that of a
// cleanup task's constructor, of a module before it and of one after it, none
// of which asks for the database.
func TestThePoolIsFirstAndLast(t *testing.T) {
	t.Parallel()
	var db *database.Service
	var wrote []string
	hook := func(name string) fx.Hook {
		write := func(ctx context.Context) error {
			wrote = append(wrote, name)
			return db.Ping(ctx)
		}
		return fx.StartStopHook(write, write)
	}
	app := fxtest.New(
		t, fx.NopLogger,
		fx.Supply(slog.New(slog.DiscardHandler)),
		fx.Provide(
			func(in specs) (*config.Values, error) {
				return config.Load(config.Environment{Vars: map[string]string{"DATABASE_URL": ":memory:"}}, in.Specs...)
			},
			fx.Annotate(func(l fx.Lifecycle) shutdown.Task {
				l.Append(hook("task"))
				return shutdown.Task{Name: "flush", Run: func(context.Context) error { return nil }}
			}, fx.ResultTags(`group:"shutdown.tasks"`)),
			func(l fx.Lifecycle) *time.Location {
				l.Append(hook("provided"))
				return time.UTC
			},
		),
		fx.Module("before", fx.Provide(func(l fx.Lifecycle) *time.Ticker {
			l.Append(hook("asked for in the end"))
			return nil
		})),
		reliability.Module,
		fx.Module("after", database.Module, fx.Invoke(func(l fx.Lifecycle) { l.Append(hook("after")) })),
		fx.Invoke(func(*time.Location) {}, func(*time.Ticker) {}),
		fx.Populate(&db),
	)
	app.RequireStart().RequireStop()
	require.Equal(t, []string{
		"task", "after", "provided", "asked for in the end",
		"asked for in the end", "provided", "after", "task",
	}, wrote)
	require.ErrorIs(t, db.Ping(t.Context()), database.ErrNotStarted)
}

func TestOpenBreakersAreReported(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		include   bool
		wantReady bool
	}{
		"reported":     {false, true},
		"and decisive": {true, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := start(t, map[string]string{"CIRCUIT_BREAKER_RESET_TIMEOUT": "30s"})
				stop, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.DiscardHandler))
				require.NoError(t, err)
				defer stop.Finish()
				stop.Ready()
				s, err := health.NewService(health.Config{IncludeBreakers: tc.include}, stop, slog.New(slog.DiscardHandler), g.Checks...)
				require.NoError(t, err)
				ready := func() (bool, health.Result) {
					time.Sleep(time.Second)
					r := s.Ready(t.Context())
					return r.OK(), r.Details[health.Breakers]
				}

				g.Breakers.Get("orders.create")
				ok, result := ready()
				require.True(t, ok)
				require.Equal(t, health.Up, result.Status, "a breaker without calls")
				require.Empty(t, g.Breakers.All()[1:], "asking makes none")

				require.True(t, g.Breakers.ForceOpen("orders.create", "", 30*time.Second))
				ok, result = ready()
				require.Equal(t, tc.wantReady, ok)
				require.Equal(t, health.Down, result.Status, "at once")
				require.Equal(t, "open: orders.create", result.Message)

				time.Sleep(30 * time.Second)
				ok, result = ready()
				require.True(t, ok)
				require.Equal(t, health.Up, result.Status, "half-open is not open")
			})
		})
	}
}

func TestFewOpenBreakersAreNamed(t *testing.T) {
	t.Parallel()
	g := start(t, nil)
	for i := range 13 {
		name := fmt.Sprintf("route_%02d", i)
		g.Breakers.Get(name)
		require.True(t, g.Breakers.ForceOpen(name, "", circuitbreaker.Hold))
	}
	require.EqualError(t, g.Checks[0].Run(t.Context()), "open: route_00, route_01, route_02, route_03, route_04, "+
		"route_05, route_06, route_07, route_08, route_09 and 3 more")
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
