package interceptors_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func TestTyped(t *testing.T) {
	t.Parallel()
	succeed := func(context.Context, int) (string, error) { return "hello", nil }
	failing := func(err error) func(context.Context, int) (string, error) {
		return func(context.Context, int) (string, error) { return "", err }
	}
	lastGood := func(context.Context, error) (string, error) { return "last good", nil }
	retrying := resilience.Policy{EnableRetry: true, Idempotent: true}
	falling := resilience.Policy{EnableFallback: true}
	tests := map[string]struct {
		policy       resilience.Policy
		call         greet
		wantCode     int
		wantBody     string
		wantTook     time.Duration
		wantAttempts string
		wantFallback string
	}{
		"success": {call: greet{do: succeed}, wantCode: 200, wantBody: "\"hello\"\n"},
		"failure": {call: greet{do: failing(status(404))}, wantCode: 404, wantBody: "rendered"},
		"panic":   {call: greet{do: func(context.Context, int) (string, error) { panic("ouch") }}, wantCode: 500, wantBody: "rendered"},
		"third attempt": {
			policy: retrying,
			call: greet{do: func(_ context.Context, attempt int) (string, error) {
				if attempt < 3 {
					return "", status(503)
				}
				return "hello", nil
			}},
			wantCode: 200, wantBody: "\"hello\"\n", wantTook: 3 * time.Second, wantAttempts: "3",
		},
		"exhausted": {
			policy: retrying, call: greet{do: failing(status(503))},
			wantCode: 503, wantBody: "rendered", wantTook: 3 * time.Second, wantAttempts: "3",
		},
		"fallback": {
			policy: falling, call: greet{do: failing(status(503)), fallback: lastGood},
			wantCode: 200, wantBody: "\"last good\"\n", wantFallback: "true",
		},
		"fallback status": {
			policy:   resilience.Policy{EnableFallback: true, FallbackStatus: 203},
			call:     greet{do: failing(status(503)), fallback: lastGood},
			wantCode: 203, wantBody: "\"last good\"\n", wantFallback: "true",
		},
		"no fallback for a client error": {
			policy: falling, call: greet{do: failing(status(409)), fallback: lastGood},
			wantCode: 409, wantBody: "rendered",
		},
		"failed fallback": {
			policy: falling,
			call: greet{do: failing(status(502)), fallback: func(_ context.Context, cause error) (string, error) {
				return "", cause
			}},
			wantCode: 502, wantBody: "rendered",
		},
		"guard refuses": {
			policy: resilience.Policy{EnableRetry: true, Idempotent: true, EnableFallback: true, EnableCircuitBreaker: true},
			call: greet{
				prepare:  func(context.Context, echo.Context) error { return status(503) },
				do:       succeed,
				fallback: lastGood,
			},
			wantCode: 503, wantBody: "rendered",
		},
		"timeout": {
			policy: resilience.Policy{Timeout: 2 * time.Second},
			call: greet{do: func(ctx context.Context, _ int) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}},
			wantCode: 504, wantBody: "rendered", wantTook: 2 * time.Second,
		},
		"hard timeout": {
			policy: resilience.Policy{Timeout: 2 * time.Second, TimeoutMode: resilience.Hard},
			call: greet{do: func(context.Context, int) (string, error) {
				time.Sleep(time.Hour)
				return "too late", nil
			}},
			wantCode: 504, wantBody: "rendered", wantTook: 2 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, err := interceptors.Typed(newRunner(t), "test.greet", tt.policy, tt.call)
				require.NoError(t, err)
				e := newEcho()
				e.GET("/", handler)

				began := time.Now()
				w := do(e, get("/"))

				require.Equal(t, tt.wantCode, w.Code)
				require.Equal(t, tt.wantBody, w.Body.String())
				require.Equal(t, tt.wantTook, time.Since(began))
				require.Equal(t, tt.wantAttempts, w.Header().Get("X-Resilience-Attempts"))
				require.Equal(t, tt.wantFallback, w.Header().Get("X-Resilience-Fallback"))
				require.Equal(t, tt.wantFallback == "true", w.Header().Get("Cache-Control") == "no-store")
				time.Sleep(2 * time.Hour) // lets go of what was abandoned
			})
		})
	}
}

func TestTypedPolicyFault(t *testing.T) {
	t.Parallel()
	_, err := interceptors.Typed(newRunner(t), "test.create", resilience.Policy{EnableRetry: true, MaxConcurrent: -1}, greet{})
	require.ErrorContains(t, err, "not idempotent")
	require.ErrorContains(t, err, "MaxConcurrent")
}

func TestTypedGuardSeesTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		call := greet{prepare: func(ctx context.Context, _ echo.Context) error {
			<-ctx.Done()
			return status(504)
		}}
		handler, err := interceptors.Typed(newRunner(t), "test.greet", resilience.Policy{Timeout: time.Second}, call)
		require.NoError(t, err)
		e := newEcho()
		e.GET("/", handler)
		began := time.Now()
		do(e, get("/"))
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestTypedGuardIsNotCounted(t *testing.T) {
	t.Parallel()
	refuse := true
	handler, err := interceptors.Typed(newRunner(t), "test.greet", resilience.Policy{EnableCircuitBreaker: true}, greet{
		prepare: func(context.Context, echo.Context) error {
			if refuse {
				return status(500)
			}
			return nil
		},
		do: func(context.Context, int) (string, error) { return "hello", nil },
	})
	require.NoError(t, err)
	e := newEcho()
	e.GET("/", handler)
	for range 100 {
		require.Equal(t, http.StatusInternalServerError, do(e, get("/")).Code)
	}
	refuse = false
	require.Equal(t, http.StatusOK, do(e, get("/")).Code, "the breaker is closed")
}

func TestTypedPanicsCount(t *testing.T) {
	t.Parallel()
	handler, err := interceptors.Typed(newRunner(t), "test.greet", resilience.Policy{EnableCircuitBreaker: true}, greet{
		do: func(context.Context, int) (string, error) { panic("ouch") },
	})
	require.NoError(t, err)
	var last error
	e := newEcho()
	e.HTTPErrorHandler = func(err error, _ echo.Context) { last = err }
	e.GET("/", handler)
	for range 2 {
		do(e, get("/"))
		caught, ok := errors.AsType[*circuitbreaker.PanicError](last)
		require.True(t, ok)
		require.Equal(t, "ouch", caught.Value)
	}
	do(e, get("/"))
	require.ErrorIs(t, last, circuitbreaker.ErrOpen)
}

func TestTypedAbort(t *testing.T) {
	t.Parallel()
	handler, err := interceptors.Typed(newRunner(t), "test.greet", resilience.Policy{}, greet{
		do: func(context.Context, int) (string, error) { panic(http.ErrAbortHandler) },
	})
	require.NoError(t, err)
	e := newEcho(interceptors.Recover(discard()))
	e.GET("/", handler)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(e, get("/")) })
}

// An attempt that overstays a hard timeout goes on while echo has given its
// context to other requests. The race detector watches.
func TestTypedAbandonedAttemptsHarmNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var writes atomic.Int32
		handler, err := interceptors.Typed(newRunner(t), "test.greet",
			resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard},
			greet{writes: &writes, do: func(ctx context.Context, _ int) (string, error) {
				if slow, _ := ctx.Value(slowKey{}).(bool); slow {
					time.Sleep(time.Minute)
				}
				return "hello", nil
			}})
		require.NoError(t, err)
		e := newEcho()
		e.GET("/", handler)
		for range 40 {
			slow := do(e, get("/").WithContext(context.WithValue(t.Context(), slowKey{}, true)))
			require.Equal(t, http.StatusGatewayTimeout, slow.Code)
			require.Equal(t, http.StatusOK, do(e, get("/")).Code)
		}
		time.Sleep(time.Hour)
		require.EqualValues(t, 40, writes.Load())
	})
}

type slowKey struct{}
