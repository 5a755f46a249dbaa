package interceptors_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/shutdown"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newEcho returns an echo that renders errors the way package app does: by
// StatusCode, and by aborting where an answer has begun.
func newEcho(middleware ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if c.Response().Committed {
			panic(http.ErrAbortHandler)
		}
		_ = c.String(statusOf(err), "rendered")
	}
	e.Use(middleware...)
	return e
}

func do(e *echo.Echo, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, http.NoBody) }

func newStop(tb testing.TB) *shutdown.Service {
	tb.Helper()
	stop, err := shutdown.NewService(shutdown.DefaultConfig(), discard())
	require.NoError(tb, err)
	stop.Ready()
	return stop
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// logs collects what was logged, as text without times.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logs) lines() int { return strings.Count(l.String(), "\n") }

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// statusOf does what package app does with an error.
func statusOf(err error) int {
	var coded interface{ StatusCode() int }
	if errors.As(err, &coded) {
		return coded.StatusCode()
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return he.Code
	}
	return http.StatusInternalServerError
}
