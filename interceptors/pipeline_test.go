package interceptors_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// newRunner returns a runner whose retries wait 1 s and 2 s exactly and whose
// breakers open after two failures out of two.
func newRunner(tb testing.TB) *resilience.Runner {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{FailureThreshold: 1, MinThroughput: 2}, discard())
	require.NoError(tb, err)
	retries := retry.NewService(retry.Config{
		MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 30 * time.Second, Multiplier: 2,
	}, discard())
	return resilience.NewRunner(breakers, retries, resilience.Config{}, nil, discard())
}

// status is an error with a status.
type status int

func (s status) Error() string   { return http.StatusText(int(s)) }
func (s status) StatusCode() int { return int(s) }

// greet is a Call by hand: what package app makes of a typed handler.
type greet struct {
	prepare  func(context.Context, echo.Context) error
	do       func(ctx context.Context, attempt int) (string, error)
	fallback func(ctx context.Context, cause error) (string, error)
	writes   *atomic.Int32
}

//nolint:ireturn // as interceptors.Call says
func (g greet) Prepare(ctx context.Context, c echo.Context) (interceptors.Attempt, error) {
	if g.prepare != nil {
		if err := g.prepare(ctx, c); err != nil {
			return nil, err
		}
	}
	return &greeting{greet: g}, nil
}

func (g greet) Write(c echo.Context, value any, code int) error {
	if g.writes != nil {
		g.writes.Add(1)
	}
	if code == 0 {
		code = http.StatusOK
	}
	return c.JSON(code, value)
}

type greeting struct {
	greet

	attempts atomic.Int32
}

func (a *greeting) Do(ctx context.Context) (any, error) {
	return a.do(ctx, int(a.attempts.Add(1)))
}

func (a *greeting) Fallback(ctx context.Context, cause error) (any, error) {
	return a.fallback(ctx, cause)
}
