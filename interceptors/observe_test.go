package interceptors_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/shutdown"
)

func TestAccessLog(t *testing.T) {
	t.Parallel()
	const fast, slow = time.Duration(0), time.Second
	tests := map[string]struct {
		mode      interceptors.AccessLog
		requests  int
		status    int
		took      time.Duration
		wantLines int
	}{
		"sampled, good":   {interceptors.LogSampled, 250, 200, fast, 3},
		"sampled, client": {interceptors.LogSampled, 250, 404, fast, 3},
		"sampled, failed": {interceptors.LogSampled, 5, 503, fast, 5},
		"sampled, slow":   {interceptors.LogSampled, 5, 200, slow, 5},
		"default":         {"", 100, 200, fast, 1},
		"all":             {interceptors.LogAll, 250, 200, fast, 250},
		"off":             {interceptors.LogOff, 5, 500, slow, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logs
				o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: tt.mode}, log.logger())
				e := newEcho(interceptors.Observe(o))
				e.GET("/", func(c echo.Context) error {
					time.Sleep(tt.took)
					return c.NoContent(tt.status)
				})
				for range tt.requests {
					do(e, get("/"))
				}
				require.Equal(t, tt.wantLines, log.lines())
			})
		})
	}
}

func TestAccessLogLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logs
		o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogAll}, log.logger())
		e := newEcho(interceptors.RequestID(), interceptors.Observe(o))
		e.GET("/orders/:id", func(c echo.Context) error {
			time.Sleep(2 * time.Second)
			return c.String(http.StatusOK, "hello")
		})
		r := get("/orders/7?token=secret")
		r.Header.Set("X-Request-Id", "r1")
		do(e, r)
		require.Equal(t, "level=WARN msg=request module=interceptors method=GET route=/orders/:id path=/orders/7 "+
			"status=200 took=2s bytes=5 request_id=r1\n", log.String())
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogOff}, discard())
	e := newEcho(interceptors.Recover(discard()), interceptors.Observe(o))
	e.GET("/orders/:id", func(c echo.Context) error {
		require.NoError(t, testutil.CollectAndCompare(o, strings.NewReader(`
# HELP http_in_flight Requests being served.
# TYPE http_in_flight gauge
http_in_flight 1
`), "http_in_flight"))
		return c.NoContent(http.StatusNoContent)
	})
	e.POST("/fail", func(echo.Context) error { return errors.New("boom") })
	e.GET("/panic", func(echo.Context) error { panic("ouch") })
	gone, cancel := context.WithCancel(t.Context())
	e.GET("/gone", func(c echo.Context) error {
		cancel()
		return c.Request().Context().Err()
	})

	do(e, get("/orders/1"))
	do(e, get("/orders/2"))
	do(e, httptest.NewRequest(http.MethodPost, "/fail", http.NoBody))
	do(e, get("/panic"))
	do(e, get("/gone").WithContext(gone))
	for i := range 1000 {
		do(e, get(fmt.Sprintf("/no/such/%d", i)))
		do(e, httptest.NewRequest(fmt.Sprintf("ODD%d", i), "/orders/1", http.NoBody))
	}

	require.NoError(t, testutil.CollectAndCompare(o, strings.NewReader(`
# HELP http_requests_total Requests by route pattern, method and class of status; a client that left counts as 4xx (499).
# TYPE http_requests_total counter
http_requests_total{code_class="2xx",method="GET",route="/orders/:id"} 2
http_requests_total{code_class="4xx",method="GET",route="/gone"} 1
http_requests_total{code_class="4xx",method="GET",route="unmatched"} 1000
http_requests_total{code_class="4xx",method="OTHER",route="/orders/:id"} 1000
http_requests_total{code_class="5xx",method="GET",route="/panic"} 1
http_requests_total{code_class="5xx",method="POST",route="/fail"} 1
# HELP http_in_flight Requests being served.
# TYPE http_in_flight gauge
http_in_flight 0
`), "http_requests_total", "http_in_flight"))
	require.Equal(t, 6, testutil.CollectAndCount(o, "http_request_duration_seconds"))
}

func TestErrorsAreRenderedOnce(t *testing.T) {
	t.Parallel()
	rendered := 0
	o := interceptors.NewObserver(interceptors.ObserveConfig{}, discard())
	e := newEcho(interceptors.Recover(discard()), interceptors.Observe(o))
	e.HTTPErrorHandler = func(_ error, c echo.Context) {
		rendered++
		_ = c.NoContent(http.StatusTeapot)
	}
	e.GET("/", func(echo.Context) error { return errors.New("boom") })
	require.Equal(t, http.StatusTeapot, do(e, get("/")).Code)
	require.Equal(t, 1, rendered)
}

func TestClientGone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cause    error
		want     string
		wantSent bool
	}{
		"client left":     {context.Canceled, "status=499", false},
		"we are stopping": {shutdown.ErrShutdown, "status=503", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogAll}, log.logger())
			e := newEcho(interceptors.Observe(o))
			ctx, cancel := context.WithCancelCause(t.Context())
			e.GET("/", func(c echo.Context) error {
				cancel(tt.cause)
				return context.Cause(c.Request().Context())
			})
			w := do(e, get("/").WithContext(ctx))
			require.Contains(t, log.String(), tt.want)
			require.Equal(t, tt.wantSent, w.Body.Len() > 0, "nothing is sent to nobody")
		})
	}
}

func TestObserveConfigDefaults(t *testing.T) {
	t.Parallel()
	values, err := config.Load(config.Environment{}, config.SpecOf[interceptors.ObserveConfig]())
	require.NoError(t, err)
	cfg, err := config.Get[interceptors.ObserveConfig](values)
	require.NoError(t, err)
	require.Equal(t, interceptors.ObserveConfig{AccessLog: interceptors.LogSampled, Slow: time.Second}, cfg)
}

func ExampleNewObserver() {
	observer := interceptors.NewObserver(interceptors.ObserveConfig{}, discard())
	e := echo.New()
	e.Use(interceptors.Recover(discard()), interceptors.RequestID(), interceptors.Observe(observer))
	e.GET("/hello", func(c echo.Context) error { return c.String(http.StatusOK, "hello") })
	fmt.Println(do(e, get("/hello")).Body)
	fmt.Println(testutil.CollectAndCount(observer, "http_requests_total"), "series")
	// Output:
	// hello
	// 1 series
}

// Middleware that gives the request a context of its own and cancels it on the
// way out, as echo's ContextTimeout does, is not the client.
func TestContextsOfMiddlewareAreNotTheClient(t *testing.T) {
	t.Parallel()
	var log logs
	o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogAll}, log.logger())
	e := newEcho(interceptors.Observe(o), func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx, cancel := context.WithCancel(c.Request().Context())
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	})
	e.GET("/", func(echo.Context) error { return status(502) })
	w := do(e, get("/"))
	require.Equal(t, http.StatusBadGateway, w.Code)
	require.Equal(t, "rendered", w.Body.String())
	require.Contains(t, log.String(), "status=502")
}

// How often the caller has sent the request before is for the log alone, and only
// if it is a number.
func TestAccessLogTellsTheAttemptOfTheCaller(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"": "", "0": "retry_attempt=0", "2": "retry_attempt=2", "999": "retry_attempt=999",
		"1000": "", "-1": "", "+1": "", "two": "", "1 2": "",
	}
	for value, want := range tests {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			var log logs
			o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogAll}, log.logger())
			e := newEcho(interceptors.Observe(o))
			e.GET("/", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
			r := get("/")
			r.Header.Set("X-Retry-Attempt", value)
			do(e, r)
			if want == "" {
				require.NotContains(t, log.String(), "retry_attempt")
			} else {
				require.Contains(t, log.String(), want)
			}
		})
	}
}
