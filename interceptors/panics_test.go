package interceptors_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// A hundred handlers panic at once: each client gets a bare 500, each panic is
// counted and logged once, and the next request is served.
func TestPanicsAtOnce(t *testing.T) {
	t.Parallel()
	const secret, n = "the text of the panic", 100
	hard := resilience.Policy{TimeoutMode: resilience.Hard}
	tests := map[string]panicRoute{
		"no policy":   func(_ *testing.T, do func()) echo.HandlerFunc { return rawPanic(do) },
		"raw":         raw(resilience.Policy{}),
		"raw, hard":   raw(hard),
		"raw, stream": raw(resilience.Policy{Streaming: true}),
		"typed":       typed(resilience.Policy{}),
		"typed, hard": typed(hard),
		"guard":       guarded,
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			var calm atomic.Bool
			o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogOff}, log.logger())
			e := newEcho(interceptors.Recover(log.logger()), interceptors.Observe(o))
			e.GET("/", handler(t, func() {
				if !calm.Load() {
					panic(secret)
				}
			}))
			var clients sync.WaitGroup
			for range n {
				clients.Go(func() {
					w := do(e, get("/"))
					if w.Code != http.StatusInternalServerError || w.Body.String() != "rendered" {
						t.Errorf("got %d %q", w.Code, w.Body)
					}
				})
			}
			clients.Wait()
			require.Equal(t, n, strings.Count(log.String(), `msg="handler panicked"`))
			require.Equal(t, n, log.lines())
			require.Equal(t, n, strings.Count(log.String(), secret))
			require.NoError(t, testutil.CollectAndCompare(o, strings.NewReader(`
# HELP http_requests_total Requests by route pattern, method and class of status; a client that left counts as 4xx (499).
# TYPE http_requests_total counter
http_requests_total{code_class="5xx",method="GET",route="/"} 100
`), "http_requests_total"))
			calm.Store(true)
			require.Equal(t, http.StatusOK, do(e, get("/")).Code, "the process lives")
		})
	}
}

// panicRoute makes a handler that does something and answers.
type panicRoute func(t *testing.T, do func()) echo.HandlerFunc

func rawPanic(do func()) echo.HandlerFunc {
	return func(c echo.Context) error {
		do()
		return c.String(http.StatusOK, "served")
	}
}

func raw(policy resilience.Policy) panicRoute {
	return func(t *testing.T, do func()) echo.HandlerFunc {
		t.Helper()
		use, err := interceptors.UseResilience(newRunner(t), "test.raw", policy)
		require.NoError(t, err)
		return use(rawPanic(do))
	}
}

func typed(policy resilience.Policy) panicRoute {
	return func(t *testing.T, do func()) echo.HandlerFunc {
		t.Helper()
		handler, err := interceptors.Typed(newRunner(t), "test.greet", policy, greet{
			do: func(context.Context, int) (string, error) { do(); return "served", nil },
		})
		require.NoError(t, err)
		return handler
	}
}

func guarded(t *testing.T, do func()) echo.HandlerFunc {
	t.Helper()
	handler, err := interceptors.Typed(newRunner(t), "test.greet", resilience.Policy{}, greet{
		prepare: func(context.Context, echo.Context) error { do(); return nil },
		do:      func(context.Context, int) (string, error) { return "served", nil },
	})
	require.NoError(t, err)
	return handler
}
