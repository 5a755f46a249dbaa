package interceptors_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/shutdown"
)

func exampleRunner() *resilience.Runner {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
	if err != nil {
		panic(err)
	}
	retries := retry.NewService(retry.Config{BaseDelay: time.Millisecond}, discard())
	return resilience.NewRunner(breakers, retries, resilience.Config{}, nil, discard())
}

func ExampleTyped() {
	call := greet{
		do: func(context.Context, int) (string, error) {
			return "", errors.New("the greeter is down")
		},
		fallback: func(context.Context, error) (string, error) {
			return "hello from memory", nil
		},
	}
	policy := resilience.Policy{EnableFallback: true, Timeout: time.Second}
	handler, err := interceptors.Typed(exampleRunner(), "greetings.get", policy, call)
	if err != nil {
		panic(err)
	}
	e := echo.New()
	e.GET("/greeting", handler)
	w := do(e, get("/greeting"))
	fmt.Print(w.Code, " ", w.Body)
	fmt.Println(interceptors.HeaderFallback+":", w.Header().Get(interceptors.HeaderFallback))
	// Output:
	// 200 "hello from memory"
	// X-Resilience-Fallback: true
}

func ExampleUseResilience() {
	policy := resilience.Policy{EnableRetry: true, Safe: true, Timeout: time.Second}
	resilient, err := interceptors.UseResilience(exampleRunner(), "reports.export", policy)
	if err != nil {
		panic(err)
	}
	tries := 0
	export := func(c echo.Context) error {
		if tries++; tries == 1 {
			return c.String(http.StatusServiceUnavailable, "half a report")
		}
		return c.String(http.StatusOK, "the report")
	}
	e := echo.New()
	e.GET("/report", export, resilient)
	fmt.Println(do(e, get("/report")).Body)
	// Output:
	// the report
}

func ExampleDrain() {
	cfg := shutdown.DefaultConfig()
	cfg.HealthGracePeriod = 0
	stop, err := shutdown.NewService(cfg, discard())
	if err != nil {
		panic(err)
	}
	e := echo.New()
	e.Use(interceptors.Recover(discard()), interceptors.RequestID(), interceptors.Drain(stop))
	e.HTTPErrorHandler = func(err error, c echo.Context) { _ = c.String(statusOf(err), err.Error()) }
	e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "served") })

	stop.Ready()
	fmt.Println(do(e, get("/")).Body)
	stop.Request("SIGTERM")
	if err := stop.Wait(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(do(e, get("/")).Body)
	stop.Finish()
	// Output:
	// served
	// the process is shutting down
}

func ExampleThrottle() {
	limiter, err := ratelimit.New("reports", ratelimit.Limit{Requests: 1, Per: time.Hour})
	if err != nil {
		panic(err)
	}
	e := newEcho()
	e.GET("/report", func(c echo.Context) error { return c.String(http.StatusOK, "the report") },
		interceptors.Throttle(limiter, nil))
	fmt.Println(do(e, get("/report")).Code)
	w := do(e, get("/report?again=1"))
	fmt.Println(w.Code, "remaining", w.Header().Get("RateLimit-Remaining"))
	// Output:
	// 200
	// 429 remaining 0
}

func ExampleParseDeadline() {
	for _, text := range []string{"1500", "250m", "0", "soon"} {
		left, ok := interceptors.ParseDeadline(text)
		fmt.Println(text, left, ok)
	}
	// Output:
	// 1500 1.5s true
	// 250m 250ms true
	// 0 0s true
	// soon 0s false
}
