package app_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// The scenarios promise what a client of an application sees. They have numbers,
// by which they are spoken of.

// scenario is a controller with the routes of one test.
type scenario struct{ routes []app.Mountable }

func (s *scenario) Routes() app.Routes { return app.Prefix("").Of(s.routes...) }

// play starts an application with these routes, in a module named shop.
func play(t *testing.T, routes []app.Mountable, opts ...fx.Option) *apptest.App {
	t.Helper()
	shop := app.Module("shop", app.Controllers(func() *scenario { return &scenario{routes} }))
	exact := apptest.Env(map[string]string{"RETRY_USE_JITTER": "false"})
	return apptest.New(t, append([]fx.Option{shop, exact}, opts...)...)
}

// said is the answer of the routes.
type said struct {
	Text string `json:"text"`
}

// asks is a typed handler whose dependency plays a script of texts.
func asks(d *resiliencetest.Dependency) func(context.Context, *empty) (*said, error) {
	return func(ctx context.Context, _ *empty) (*said, error) {
		text, err := resiliencetest.Play[string](ctx, d)
		if err != nil {
			return nil, err
		}
		return &said{text}, nil
	}
}

// asksRaw is a raw handler whose dependency plays a script of texts.
func asksRaw(d *resiliencetest.Dependency) echo.HandlerFunc {
	return func(c echo.Context) error {
		text, err := resiliencetest.Play[string](c.Request().Context(), d)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, text)
	}
}

// problemType is the last part of the type of a problem.
func problemType(p app.Problem) string {
	_, name, _ := strings.Cut(p.Type, "#")
	return name
}

// Scenario 3: an open breaker lets nobody through, and says when to come back.
func TestScenario3OpenBreakerCountsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var breakers *circuitbreaker.Service
		d := resiliencetest.Script(resiliencetest.OK("never"))
		a := play(t, []app.Mountable{
			app.Get("/stock", asks(d)).Name("stock").UseResilience(resilience.Policy{EnableCircuitBreaker: true}),
		}, fx.Populate(&breakers))
		resiliencetest.Force(t, breakers, "shop.stock", circuitbreaker.Open)
		for i := range 100 {
			left := 30*time.Second - time.Duration(i)*300*time.Millisecond
			p := a.Get("/stock").Do().Status(http.StatusServiceUnavailable)
			require.Equal(t, "circuit-open", problemType(p.Problem()))
			want := int((left + time.Second - 1) / time.Second) // rounded up
			require.Equal(t, strconv.Itoa(want), p.Header.Get("Retry-After"), "%s are left", left)
			require.Equal(t, want, p.Problem().RetryAfter)
			time.Sleep(300 * time.Millisecond)
		}
		d.WantAttempts(t, 0)
	})
}

// Scenario 4: after the open period a herd is let in ten at a time.
func TestScenario4HerdAtAHalfOpenBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var breakers *circuitbreaker.Service
		d := resiliencetest.Script(resiliencetest.Slow(time.Second, resiliencetest.OK("here")))
		a := play(t, []app.Mountable{
			app.Get("/stock", asks(d)).Name("stock").UseResilience(resilience.Policy{EnableCircuitBreaker: true}),
		}, fx.Populate(&breakers))
		resiliencetest.Force(t, breakers, "shop.stock", circuitbreaker.HalfOpen)

		answers := together(200, func(int) *apptest.Response { return a.Get("/stock").Do() })
		require.Equal(t, map[int]int{http.StatusOK: 10, http.StatusServiceUnavailable: 190}, byStatus(answers))
		for _, r := range answers {
			if r.StatusCode == http.StatusServiceUnavailable {
				require.Equal(t, "1", r.Header.Get("Retry-After"))
			}
		}
		d.WantAttempts(t, 10)
		resiliencetest.WantState(t, breakers, "shop.stock", circuitbreaker.Closed)
	})
}

// together sends n requests at the same time.
func together(n int, send func(i int) *apptest.Response) []*apptest.Response {
	answers := make([]*apptest.Response, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = send(i) })
	}
	all.Wait()
	return answers
}

func byStatus(answers []*apptest.Response) map[int]int {
	counts := map[int]int{}
	for _, r := range answers {
		counts[r.StatusCode]++
	}
	return counts
}

// Scenario 10: what is the fault of the client, or was never promised, does not
// open a breaker.
func TestScenario10WhatOpensABreaker(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  *app.Error
		n    int
		want circuitbreaker.State
	}{
		"404": {app.NotFound("no such thing"), 100, circuitbreaker.Closed},
		"422": {app.Invalid("too many"), 100, circuitbreaker.Closed},
		"501": {app.NewError(http.StatusNotImplemented, "not yet"), 100, circuitbreaker.Closed},
		"500": {app.NewError(http.StatusInternalServerError, "broken"), 10, circuitbreaker.Open},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var breakers *circuitbreaker.Service
			policy := resilience.Policy{EnableCircuitBreaker: true}
			d := resiliencetest.Script(resiliencetest.Fail(tt.err))
			a := play(t, []app.Mountable{
				app.Get("/typed", asks(d)).Name("typed").UseResilience(policy),
				app.Raw(http.MethodGet, "/raw", asksRaw(d)).Name("raw").UseResilience(policy),
			}, fx.Populate(&breakers))
			for range tt.n {
				a.For(t).Get("/typed").Do().Status(tt.err.StatusCode())
				a.For(t).Get("/raw").Do().Status(tt.err.StatusCode())
			}
			d.WantAttempts(t, 2*tt.n)
			resiliencetest.WantState(t, breakers, "shop.typed", tt.want)
			resiliencetest.WantState(t, breakers, "shop.raw", tt.want)
		})
	}
}

// Scenario 22: settings that cannot be meant stop the start, all of them at once.
func TestScenario22BadSettings(t *testing.T) {
	t.Parallel()
	for _, attempts := range []string{"0", "-1", "abc", ""} {
		t.Run("RETRY_MAX_ATTEMPTS="+attempts, func(t *testing.T) {
			t.Parallel()
			bad := app.WithEnvironment(config.Environment{Vars: map[string]string{
				"APP_ENV":                           "test",
				"RETRY_MAX_ATTEMPTS":                attempts,
				"CIRCUIT_BREAKER_FAILURE_THRESHOLD": "50",
				"CIRCUIT_BREAKER_RESET_TIMEOUT":     "-30",
			}})
			code, _, errs := run([]string{"serve"}, bad)
			require.Equal(t, 2, code)
			for _, name := range []string{"RETRY_MAX_ATTEMPTS", "CIRCUIT_BREAKER_FAILURE_THRESHOLD", "CIRCUIT_BREAKER_RESET_TIMEOUT"} {
				require.Contains(t, errs, name)
			}
		})
	}
}

func TestScenario22OneValueInManyWords(t *testing.T) {
	t.Parallel()
	for _, minute := range []string{"60000", "60s", "1m"} {
		for _, half := range []string{"0.5", "50%"} {
			t.Run(minute+" "+half, func(t *testing.T) {
				t.Parallel()
				var breakers *circuitbreaker.Service
				var retries *retry.Service
				apptest.New(t, fx.Populate(&breakers, &retries), apptest.Env(map[string]string{
					"CIRCUIT_BREAKER_RESET_TIMEOUT":     minute,
					"CIRCUIT_BREAKER_FAILURE_THRESHOLD": half,
					"RETRY_MAX_DELAY":                   minute,
				}))
				cfg := breakers.Get("stock").Config()
				require.Equal(t, time.Minute, cfg.ResetTimeout)
				require.InDelta(t, 0.5, float64(cfg.FailureThreshold), 0)
				require.Equal(t, time.Minute, retries.Effective(retry.Policy{}).MaxDelay)
			})
		}
	}
}
