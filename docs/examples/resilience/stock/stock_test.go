package stock_test

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/resilience/stock"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// warehouse is a stock.Warehouse that plays a script.
type warehouse struct{ script *resiliencetest.Dependency }

func (w warehouse) Count(ctx context.Context, _ string) (int, error) {
	return resiliencetest.Play[int](ctx, w.script)
}

func start(t *testing.T, script *resiliencetest.Dependency, opts ...fx.Option) *apptest.App {
	t.Helper()
	return apptest.New(t, append([]fx.Option{stock.Module, apptest.Override[stock.Warehouse](warehouse{script})}, opts...)...)
}

func TestWarehouseIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		script := resiliencetest.Script(
			resiliencetest.OK(12),
			resiliencetest.Slow(time.Second, resiliencetest.Status(http.StatusServiceUnavailable)),
		)
		a := start(t, script)
		var got stock.Level
		a.Get("/stock/nails/last").Do().Status(http.StatusOK).JSON(&got)
		time.Sleep(9 * time.Minute)
		r := a.Get("/stock/nails/last").Do().Status(http.StatusOK).JSON(&got)
		require.Equal(t, stock.Level{Count: 12}, got)
		require.Equal(t, "true", r.Header.Get("X-Resilience-Fallback"))
		script.WantAttempts(t, 2)
		a.Get("/stock/saw/last").Do().Status(http.StatusServiceUnavailable)
	})
}

func TestBreakerIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var breakers *circuitbreaker.Service
		script := resiliencetest.Script(resiliencetest.OK(199))
		a := start(t, script, fx.Populate(&breakers))

		resiliencetest.Force(t, breakers, "prices", circuitbreaker.Open)
		a.Get("/stock/nails/price").Do().Status(http.StatusServiceUnavailable)
		script.WantAttempts(t, 0)

		resiliencetest.SkipOpen(t, breakers, "prices") // no time passes outside of the bubble
		for range 3 {
			a.Get("/stock/nails/price").Do().Status(http.StatusOK)
		}
		resiliencetest.WantState(t, breakers, "prices", circuitbreaker.Closed)
		script.WantAttempts(t, 1) // the cache knows it
	})
}

func TestPipelineAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kit := resiliencetest.New(t)
		pipeline := kit.Pipeline("stock", resilience.Policy{EnableRetry: true, Idempotent: true, AttemptTimeout: 2 * time.Second})
		call := resiliencetest.Script(
			resiliencetest.Hang(),
			resiliencetest.RetryAfter(http.StatusServiceUnavailable, 5*time.Second),
			resiliencetest.OK(12),
		)
		result := pipeline.Run(t.Context(), call)
		require.Equal(t, 12, result.Value)
		call.WantAttempts(t, 3)
		call.WantWaits(t, time.Second, 5*time.Second)
	})
}

func TestClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kit := resiliencetest.New(t)
		server := resiliencetest.Script(
			resiliencetest.Fail(syscall.ECONNRESET),
			resiliencetest.Status(http.StatusBadGateway),
			resiliencetest.OK("12"),
		)
		c, err := stock.NewClient(kit.Runner, server)
		require.NoError(t, err)
		n, err := c.Count(t.Context(), "nails")
		require.NoError(t, err)
		require.Equal(t, 12, n)
		server.WantAttempts(t, 3)
		server.WantWaits(t, 500*time.Millisecond, 750*time.Millisecond) // retry.Fast, without jitter
	})
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	a := start(t, resiliencetest.Script(resiliencetest.OK(12)))
	a.Get("/stock/nails").Do().Status(http.StatusOK)
	a.Put("/stock/nails").Do().Status(http.StatusOK)
	a.Get("/stock/report").Do().Status(http.StatusOK)
	a.Get("/stock/search?text=nail").Do().Status(http.StatusOK)
	for range 10 {
		a.Post("/stock/nails/orders").Header("X-Customer", "ann").Do().Status(http.StatusCreated)
	}
	a.Post("/stock/nails/orders").Header("X-Customer", "ann").Do().Status(http.StatusTooManyRequests)
	a.Post("/stock/nails/orders").Header("X-Customer", "bob").Do().Status(http.StatusCreated)
}

func TestGuess(t *testing.T) {
	t.Parallel()
	a := start(t, resiliencetest.Script(resiliencetest.OK(12), resiliencetest.Status(http.StatusBadGateway)))
	var got stock.Level
	a.Get("/stock/nails/last").Do().Status(http.StatusOK)
	a.Get("/stock/nails").Do().Status(http.StatusOK).JSON(&got)
	require.Equal(t, stock.Level{Count: 12, Guessed: true}, got)
	a.Get("/stock/saw").Do().Status(http.StatusBadGateway)
}

func TestWarehouseFailsOnPurpose(t *testing.T) {
	t.Parallel()
	script := resiliencetest.Script(resiliencetest.OK(12))
	a := start(t, script, apptest.Env(map[string]string{
		"CHAOS_RULES": "stock.search fault=503 rate=100%; stock.level latency=50ms rate=0",
	}))
	a.Get("/stock/search").Do().Status(http.StatusServiceUnavailable)
	a.Get("/stock/nails").Do().Status(http.StatusOK)
}
