package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/shed"
	"github.com/holdfast-go/holdfast/shutdown"
)

// upstreamError is an error of a package that does not know app.
type upstreamError struct {
	status int
	detail string
	after  time.Duration
}

func (e *upstreamError) Error() string             { return "secret: upstream said no" }
func (e *upstreamError) StatusCode() int           { return e.status }
func (e *upstreamError) RetryAfter() time.Duration { return e.after }
func (e *upstreamError) PublicDetail() string      { return e.detail }

// failing serves one route that fails.
func failing(tb testing.TB, log *slog.Logger, err error) *app.Router {
	tb.Helper()
	r := app.NewRouter(tb, log, nil, app.Prefix("").Of(
		app.Get("/orders/:id", func(context.Context, *orderKey) (*order, error) { return nil, err }).Name("get"),
	))
	require.Empty(tb, r.Faults)
	return r
}

// TestProblems keeps every kind of answer as a file, because clients read them.
func TestProblems(t *testing.T) {
	t.Parallel()
	secret := errors.New("secret: dial 10.0.0.7:5432")
	tests := map[string]error{
		"not-found":           app.NotFound("order %d is not known", 7),
		"unauthorized":        app.Unauthorized("the API key is missing; send X-API-Key"),
		"forbidden":           app.Forbidden("only buyers may do this"),
		"conflict":            app.Conflict("order %d was changed meanwhile", 7).With("version", 3).With("status", "not replaced"),
		"invalid":             app.Invalid("the order is not valid").WithFields(app.FieldError{Field: "lines[0].sku", Rule: "known", Message: "lines[0].sku is not sold here"}),
		"malformed":           app.BadRequest("the cursor is not one of ours; start again without it"),
		"rate-limited":        app.TooManyRequests("5 orders a minute").WithRetryAfter(1500 * time.Millisecond),
		"unavailable":         app.Unavailable("payments are closed").WithRetryAfter(time.Millisecond).Wrap(secret),
		"gone":                app.NewError(http.StatusGone, "order 7 was deleted").WithType("https://example.com/gone"),
		"teapot":              app.NewError(http.StatusTeapot, "short and stout"),
		"own-500":             app.NewError(200, "no error at all"),
		"unknown":             secret,
		"circuit-open":        fmt.Errorf("get: %w", &circuitbreaker.OpenError{Name: "secret", Last: secret}),
		"overloaded":          &resilience.OverloadedError{Name: "secret", Limit: 1},
		"overloaded-process":  &shed.OverloadedError{},
		"overloaded-bulkhead": &bulkhead.FullError{Limit: 1},
		"throttled":           &ratelimit.LimitedError{Name: "secret", Decision: ratelimit.Decision{Limit: 5, RetryAfter: 1500 * time.Millisecond}},
		"timeout":             &resilience.TimeoutError{After: time.Second, Kind: resilience.KindTotal, Err: secret},
		"deadline":            fmt.Errorf("query: %w", context.DeadlineExceeded),
		"shutting-down":       shutdown.ErrShuttingDown,
		"fallback":            &circuitbreaker.FallbackError{Cause: secret, Err: secret},
		"panic":               &circuitbreaker.PanicError{Value: "secret"},
		"echo-400":            echo.NewHTTPError(http.StatusBadRequest, "no such thing"),
		"echo-500":            echo.NewHTTPError(http.StatusInternalServerError, "secret"),
		"echo-502":            echo.NewHTTPError(http.StatusBadGateway, "secret"),
		"upstream-422":        &upstreamError{status: 422, detail: "Title is required; Status 99 is no value of the picklist"},
		"upstream-404":        &upstreamError{status: 404},
		"upstream-502":        &upstreamError{status: 502},
		"upstream-503":        fmt.Errorf("create: %w", &upstreamError{status: 503, after: 61 * time.Second}),
		"upstream-500":        &upstreamError{status: 500},
		"too-large":           fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1}),
		"wrapped":             fmt.Errorf("load: %w", app.NotFound("order 7 is not known").Wrap(secret)),
	}
	for name, err := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := send(failing(t, quiet(), err), "GET", "/orders/7?token=secret", "")
			require.NotContains(t, rec.Body.String(), "secret")
			problemOf(t, rec)
			golden(t, "problems/"+name+".txt", pretty(t, rec))
		})
	}
}

func TestProblemsOfTheRouter(t *testing.T) {
	t.Parallel()
	r := bindRouter(t)
	tests := map[string]struct{ method, target, body string }{
		"router-404":       {"GET", "/nowhere/secret%2Fplace", ""},
		"router-404-slash": {"GET", "/list/", ""},
		"router-405":       {"DELETE", "/list", ""},
		"bind-400":         {"POST", "/update/x", `{"count":"a"}`},
		"validate-422":     {"POST", "/orders", `{"lines":[{"sku":"a"}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "problems/"+name+".txt", pretty(t, send(r, tt.method, tt.target, tt.body)))
		})
	}
}

func TestUnknownErrorsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want int
	}{
		"unknown":      {errors.New("the cause"), 1},
		"own 500":      {app.NewError(500, "sorry").Wrap(errors.New("the cause")), 1},
		"fallback":     {&circuitbreaker.FallbackError{Cause: errors.New("the cause"), Err: errors.New("no")}, 1},
		"client":       {app.NotFound("no"), 0},
		"unavailable":  {&circuitbreaker.OpenError{Name: "x"}, 0},
		"not encoding": {nil, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			r := failing(t, logger, tt.err)
			if tt.err == nil {
				r = app.NewRouter(t, logger, nil, app.Prefix("").Of(app.Get("/orders/:id", func(context.Context, *orderKey) (*float64, error) {
					n := math.NaN() // the cause
					return &n, nil
				}).Name("nan")))
			}
			rec := send(r, "GET", "/orders/7", "", "X-Request-Id: req-1")
			require.Equal(t, tt.want, bytes.Count(log.Bytes(), []byte("request failed")), log.String())
			if tt.want > 0 {
				require.Contains(t, log.String(), "request_id=req-1")
				require.GreaterOrEqual(t, rec.Code, 500)
			}
		})
	}
}

func TestErrorIsImmutable(t *testing.T) {
	t.Parallel()
	base := app.NotFound("none")
	cause := errors.New("why")
	changed := base.With("a", 1).WithFields(app.FieldError{Field: "f"}).Wrap(cause).WithRetryAfter(time.Second)
	require.EqualError(t, base, "none")
	require.EqualError(t, changed, "none: why")
	require.ErrorIs(t, changed, cause)
	require.NotErrorIs(t, base, cause)
	require.Zero(t, base.RetryAfter())
	require.EqualError(t, app.Conflict("taken: %w", cause), "taken: why")
	require.ErrorIs(t, app.Conflict("taken: %w", cause), cause)
}

func TestPanicIsABare500(t *testing.T) {
	t.Parallel()
	r := serve(t,
		app.Get("/typed", func(context.Context, *empty) (*empty, error) { panic("secret") }).Name("typed"),
		app.Raw("GET", "/raw", func(echo.Context) error { panic("secret") }).Name("raw"),
		app.Get("/mw", handler[empty, empty]).Name("mw").Use(func(echo.HandlerFunc) echo.HandlerFunc {
			return func(echo.Context) error { panic("secret") }
		}))
	for _, path := range []string{"/typed", "/raw", "/mw"} {
		rec := send(r, "GET", path, "")
		require.Equal(t, http.StatusInternalServerError, problemOf(t, rec).Status)
		require.NotContains(t, rec.Body.String(), "secret")
	}
}

func TestErrorAfterTheAnswerHasBegunAborts(t *testing.T) {
	t.Parallel()
	r := serve(t, app.Raw("GET", "/", func(c echo.Context) error {
		if err := c.String(http.StatusOK, "half of"); err != nil {
			return err
		}
		c.Response().Flush()
		return errors.New("the rest is lost")
	}).Name("half"))
	server := httptest.NewServer(r)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	res, err := server.Client().Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "half of", string(body))
}

func TestClientGoneGetsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := serve(t, app.Get("/", func(ctx context.Context, _ *empty) (*order, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}).Name("slow"))
	rec := sendContext(ctx, r, "GET", "/")
	require.Empty(t, rec.Body.String())
}
