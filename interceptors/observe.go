package interceptors

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/shutdown"
)

// StatusClientGone is logged and counted for requests whose client left before
// the answer. It is never sent.
const StatusClientGone = 499

// AccessLog says which requests are logged.
type AccessLog string

// The values of ObserveConfig.AccessLog.
const (
	LogSampled AccessLog = "sampled" // failures (5xx), slow requests, and 1 in 100 of the others
	LogAll     AccessLog = "all"     // every request
	LogOff     AccessLog = "off"     // none
)

// sampleOf is of how many unremarkable requests one is logged.
const sampleOf = 100

// ObserveConfig says what Observer logs.
type ObserveConfig struct {
	// AccessLog is sampled, all or off. Default sampled.
	AccessLog AccessLog `default:"sampled" desc:"Which requests are logged: failures, slow ones and 1 in 100 (sampled), all, or none (off)." envconfig:"ACCESS_LOG" oneof:"sampled all off"`
	// Slow is the duration from which a request is logged in any case, as a
	// warning. Default 1 s.
	Slow time.Duration `default:"1000" desc:"Duration from which a request counts as slow." envconfig:"ACCESS_LOG_SLOW" min:"1"`
}

// Observer writes the access log and counts requests. It is a
// prometheus.Collector and safe for concurrent use.
type Observer struct {
	cfg      ObserveConfig
	log      *slog.Logger
	metrics  *requestMetrics
	inFlight atomic.Int64
	seen     atomic.Uint64 // unremarkable requests
}

// NewObserver returns an observer. Zero fields of cfg take their defaults.
func NewObserver(cfg ObserveConfig, log *slog.Logger) *Observer {
	if cfg.AccessLog == "" {
		cfg.AccessLog = LogSampled
	}
	if cfg.Slow == 0 {
		cfg.Slow = time.Second
	}
	o := &Observer{cfg: cfg, log: log.With(slog.String("module", "interceptors"))}
	o.metrics = newRequestMetrics(func() float64 { return float64(o.inFlight.Load()) })
	return o
}

// Describe implements prometheus.Collector.
func (o *Observer) Describe(ch chan<- *prometheus.Desc) { o.metrics.Describe(ch) }

// Collect implements prometheus.Collector.
func (o *Observer) Collect(ch chan<- prometheus.Metric) { o.metrics.Collect(ch) }

// Observe has o see every request with its final status. An error from inside
// is rendered by echo's HTTPErrorHandler, once, and goes no further; where the
// client is gone nothing is rendered.
func Observe(o *Observer) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			ctx := c.Request().Context() // the client's: middleware inside may put in its own, and end it
			o.inFlight.Add(1)
			unwinding := true
			defer func() { o.finish(ctx, c, start, unwinding) }()
			if err := next(c); err != nil {
				o.render(ctx, c, err)
			}
			unwinding = false
			return nil
		}
	}
}

func (o *Observer) render(ctx context.Context, c echo.Context, err error) {
	if caught, ok := errors.AsType[*circuitbreaker.PanicError](err); ok {
		logPanic(ctx, c, o.log, caught)
	}
	gone := clientGone(ctx)
	if gone && !c.Response().Committed {
		c.Response().Status = StatusClientGone
		return
	}
	if gone && errors.Is(err, context.Canceled) {
		return // the reader of a stream left: its answer has its status
	}
	c.Error(err)
}

// finish runs last, also while a panic unwinds: then no answer, or half of one,
// was sent.
func (o *Observer) finish(ctx context.Context, c echo.Context, start time.Time, unwinding bool) {
	took := time.Since(start)
	o.inFlight.Add(-1)
	status := c.Response().Status
	if unwinding {
		status = http.StatusInternalServerError
		if clientGone(ctx) {
			status = StatusClientGone
		}
	}
	o.metrics.observe(route(c), c.Request().Method, status, took)
	if o.remarkable(status, took) {
		o.write(ctx, c, status, took)
	}
}

// remarkable reports whether a request is logged.
func (o *Observer) remarkable(status int, took time.Duration) bool {
	switch o.cfg.AccessLog {
	case LogAll:
		return true
	case LogOff:
		return false
	case LogSampled:
	}
	if status >= http.StatusInternalServerError || took >= o.cfg.Slow {
		return true
	}
	return o.seen.Add(1)%sampleOf == 1
}

func (o *Observer) write(ctx context.Context, c echo.Context, status int, took time.Duration) {
	r := c.Request()
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError || took >= o.cfg.Slow {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("route", route(c)),
		slog.String("path", r.URL.Path), // without the query, which may hold secrets
		slog.Int("status", status),
		slog.Duration("took", took),
		slog.Int64("bytes", c.Response().Size),
		slog.String("request_id", RequestIDFrom(ctx)),
	}
	if n, ok := retryAttempt(r.Header); ok {
		attrs = append(attrs, slog.Int("retry_attempt", n))
	}
	o.log.LogAttrs(ctx, level, "request", attrs...)
}

// HeaderRetryAttempt is how often a caller has sent this request before: 0 is
// the first time. It goes into the access log.
const HeaderRetryAttempt = "X-Retry-Attempt"

// retryAttempt is the attempt that the caller says this is, if it is a number of
// at most three digits.
func retryAttempt(h http.Header) (n int, ok bool) {
	text := h.Get(HeaderRetryAttempt)
	if text == "" || len(text) > 3 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// clientGone reports whether the client ended the request: its context was
// cancelled, but not by our own shutdown.
func clientGone(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.Canceled) && !errors.Is(context.Cause(ctx), shutdown.ErrShutdown)
}
