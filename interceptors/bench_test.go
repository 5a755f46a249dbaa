package interceptors_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// quiet is a http.ResponseWriter that costs nothing.
type quiet struct{ header http.Header }

func (q quiet) Header() http.Header         { return q.header }
func (q quiet) Write(p []byte) (int, error) { return len(p), nil }
func (q quiet) WriteHeader(int)             {}

type answer struct {
	Message string `json:"message"`
}

// noop is the leanest Call: one allocation for the attempt.
type noop struct{}

//nolint:ireturn // as interceptors.Call says
func (noop) Prepare(context.Context, echo.Context) (interceptors.Attempt, error) {
	return &noopAttempt{}, nil
}

func (noop) Write(c echo.Context, value any, _ int) error { return c.JSON(http.StatusOK, value) }

type noopAttempt struct{ out answer }

func (a *noopAttempt) Do(context.Context) (any, error) {
	a.out.Message = "hello"
	return &a.out, nil
}

func (a *noopAttempt) Fallback(context.Context, error) (any, error) { return &a.out, nil }

// BenchmarkRoutes compares ways through one route: echo alone, then with more
// and more around it.
func BenchmarkRoutes(b *testing.B) {
	full := resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true, Safe: true, Timeout: 5 * time.Second,
	}
	typed := func(policy resilience.Policy) echo.HandlerFunc {
		handler, err := interceptors.Typed(newRunner(b), "bench.typed", policy, noop{})
		require.NoError(b, err)
		return handler
	}
	plain := func(c echo.Context) error { return c.JSON(http.StatusOK, &answer{"hello"}) }
	raw := func(policy resilience.Policy) echo.HandlerFunc {
		use, err := interceptors.UseResilience(newRunner(b), "bench.raw", policy)
		require.NoError(b, err)
		return use(plain)
	}
	rawPolicy := full
	rawPolicy.FallbackResponse = answer{"gone"}
	observer := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogOff}, discard())
	chain := []echo.MiddlewareFunc{
		interceptors.Recover(discard()), interceptors.RequestID(), interceptors.Observe(observer), interceptors.Drain(newStop(b)),
	}
	benchmarks := []struct {
		name    string
		handler echo.HandlerFunc
		chain   []echo.MiddlewareFunc
	}{
		{"plain echo", plain, nil},
		{"typed without policy", typed(resilience.Policy{Timeout: resilience.NoTimeout}), nil},
		{"typed with timeout", typed(resilience.Policy{}), nil},
		{"typed with all", typed(full), nil},
		{"raw with all", raw(rawPolicy), nil},
		{"plain echo with recover", plain, chain[:1]},
		{"plain echo with recover and id", plain, chain[:2]},
		{"plain echo with recover, id, observe", plain, chain[:3]},
		{"plain echo with recover, id, observe, drain", plain, chain},
		{"typed with all and the whole chain", typed(full), chain},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			e := echo.New()
			e.Use(bb.chain...)
			e.GET("/orders/:id", bb.handler)
			r, w := get("/orders/7"), quiet{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				e.ServeHTTP(w, r)
			}
		})
	}
}

// void is a Call that does and writes nothing.
type void struct{}

//nolint:ireturn // as interceptors.Call says
func (void) Prepare(context.Context, echo.Context) (interceptors.Attempt, error) {
	return &noopAttempt{}, nil
}

func (void) Write(echo.Context, any, int) error { return nil }

// contextTimeout is what ContextTimeout of echo's package middleware does, which
// would bring a dependency that is needed for nothing else.
func contextTimeout(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 5*time.Second)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// BenchmarkOverhead is what the whole policy adds to a handler that does nothing,
// beside the one middleware of echo that bounds a handler's time. The context of
// the request can be cancelled, as that of net/http.
func BenchmarkOverhead(b *testing.B) {
	policy := resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true, Safe: true,
		Timeout: 5 * time.Second, MaxConcurrent: 1000, FallbackResponse: "",
	}
	typed, err := interceptors.Typed(newRunner(b), "bench.typed", policy, void{})
	require.NoError(b, err)
	use, err := interceptors.UseResilience(newRunner(b), "bench.raw", policy)
	require.NoError(b, err)
	bare := func(echo.Context) error { return nil }
	benchmarks := []struct {
		name    string
		handler echo.HandlerFunc
	}{
		{"bare echo", bare},
		{"echo's ContextTimeout", contextTimeout(bare)},
		{"typed with all", typed},
		{"raw with all", use(bare)},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			e := echo.New()
			e.GET("/orders/:id", bb.handler)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			r, w := get("/orders/7").WithContext(ctx), quiet{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				e.ServeHTTP(w, r)
			}
		})
	}
}
