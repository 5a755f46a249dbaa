package interceptors

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Recover turns a panic into a *circuitbreaker.PanicError, which is rendered as a
// bare 500, and logs it once with its stack. Where the answer has begun, the
// connection is aborted instead. A panic with http.ErrAbortHandler goes on to
// net/http, which is what it is for.
func Recover(log *slog.Logger) echo.MiddlewareFunc {
	log = log.With(slog.String("module", "interceptors"))
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				caught := &circuitbreaker.PanicError{Value: value, Stack: debug.Stack()}
				if errors.Is(caught, http.ErrAbortHandler) {
					panic(http.ErrAbortHandler)
				}
				logPanic(c.Request().Context(), c, log, caught)
				if c.Response().Committed {
					panic(http.ErrAbortHandler)
				}
				err = caught
			}()
			return next(c)
		}
	}
}

// logPanic is where every panic of a request is logged: those that unwind, by
// Recover; those that a pipeline caught and returned, by Observer.
func logPanic(ctx context.Context, c echo.Context, log *slog.Logger, err *circuitbreaker.PanicError) {
	log.ErrorContext(ctx, "handler panicked",
		slog.String("method", c.Request().Method),
		slog.String("route", route(c)),
		slog.String("request_id", RequestIDFrom(ctx)),
		slog.Any("panic", err.Value),
		slog.String("stack", string(err.Stack)))
}

// reraise gives net/http the panic of a handler that wants its connection
// aborted, where a pipeline has caught it.
func reraise(err error) {
	if err != nil && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
}
