package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

func ask(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	h := newReady(t, health.Config{},
		health.Check{Name: "queue", Run: gives(errors.New("down"))},
		health.Check{Name: "cache", Run: gives(nil)},
	).Handler()
	tests := map[string]struct {
		kind   string
		status int
	}{
		"/livez":          {"liveness", http.StatusOK},
		"/readyz":         {"readiness", http.StatusServiceUnavailable},
		"/startupz":       {"startup", http.StatusOK},
		"/health":         {"detailed", http.StatusServiceUnavailable},
		"/health/live":    {"liveness", http.StatusOK},
		"/health/ready":   {"readiness", http.StatusServiceUnavailable},
		"/health/startup": {"startup", http.StatusOK},
		"/health/status":  {"detailed", http.StatusServiceUnavailable},
	}
	require.Len(t, health.Paths(), len(tests))
	for _, path := range health.Paths() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			want, known := tests[path]
			require.True(t, known)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := ask(t, h, method, path)
				require.Equal(t, method == http.MethodHead, w.Body.Len() == 0)
				length, err := strconv.Atoi(w.Header().Get("Content-Length"))
				require.NoError(t, err)
				require.Positive(t, length)
				if method == http.MethodGet {
					require.Equal(t, w.Body.Len(), length)
				}
				require.Equal(t, want.status, w.Code)
				require.Equal(t, want.kind, w.Header().Get("X-Health-Check-Type"))
				require.Equal(t, "no-cache, no-store, must-revalidate", w.Header().Get("Cache-Control"))
				require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
				require.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
			}
			for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodOptions, "BREW"} {
				w := ask(t, h, method, path)
				require.Equal(t, http.StatusMethodNotAllowed, w.Code)
				require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
				require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
				require.JSONEq(t, `{"type":"about:blank","title":"Method Not Allowed","status":405}`, w.Body.String())
			}
		})
	}
	require.Equal(t, http.StatusNotFound, ask(t, h, http.MethodGet, "/health/other").Code)
}

// Nobody learns from the public form how the process is built, nor a secret
// from that of the admin.
func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"postgres":        {"failed to connect to `postgres://shop:hush@db.internal:5432/orders?sslmode=off`: refused", "failed to connect to `postgres at db.internal:5432`: refused"},
		"label":           {"ping postgresql://db.internal/orders: refused", "ping postgresql at db.internal: refused"},
		"pgx":             {"failed to connect to `user=shop database=orders`: dial tcp 10.0.0.7:5432", "failed to connect to `user=*** database=orders`: dial tcp 10.0.0.7:5432"},
		"keywords":        {`connect host=db.internal port=5432 user=shop password=hush dbname=orders: no`, "connect host=db.internal port=5432 user=*** password=*** dbname=orders: no"},
		"quoted keywords": {`connect host=db.internal user='shop' password='hu\'sh hush': no`, "connect host=db.internal user=*** password=***: no"},
		"mysql":           {"ping shop:hush@tcp(db.internal:3306)/orders?tls=true: bad connection", "ping *** at tcp(db.internal:3306): bad connection"},
		"mysql, at":       {"ping shop:hush@hush@tcp(db.internal): no", "ping *** at tcp(db.internal): no"},
		"redis":           {"dial redis://:hush@hush@db.internal:6379/0: i/o", "dial redis at db.internal:6379: i/o"},
		"rediss":          {`parse "rediss://:hu sh hush@db.internal:6379/0": invalid`, `parse "rediss at db.internal:6379": invalid`},
		"no scheme":       {"dial shop:hush@db.internal:6379/0: no", "dial *** at db.internal:6379: no"},
		"slash":           {"dial amqp://shop:hush/hush@db.internal: refused", "dial amqp at db.internal: refused"},
		"query":           {`Get "https://shop:hush@db.internal/health?sig=hush": EOF`, `Get "https://db.internal/health?***": EOF`},
		"member":          {`sent {"user":"shop","API_KEY": "hu\"hush"}: no`, `sent {"user":"shop","API_KEY=***}: no`},
		"quoted member":   {`sent "{\"password\":\"hush\"}" to db.internal`, `sent "{\"password=*** to db.internal`},
		"cloud":           {"aws_secret_access_key=hush&region=eu", "aws_secret_access_key=***&region=eu"},
		"header":          {"sent Authorization: Bearer hush.hush to db.internal", "sent Authorization=*** *** to db.internal"},
		"encoded":         {"dial amqp%3A%2F%2Fu%3Ahush%40h%2Fv", "dial amqp at h"},
		"azure":           {"AccountKey=hush;EndpointSuffix=x", "AccountKey=***;EndpointSuffix=x"},
		"cookie":          {"sent Cookie: session=hush", "sent Cookie=***"},
		"no secret":       {"basic check failed", "basic check failed"},
		"address":         {"mail to shop@db.internal: refused", "mail to shop@db.internal: refused"},
		"long":            {strings.Repeat("x", 1022) + "ü-", strings.Repeat("x", 1022) + "ü…"},
		"cut":             {strings.Repeat("x", 1023) + "ü-", strings.Repeat("x", 1023) + "\uFFFD…"},
	}
	checks := make([]health.Check, 0, len(tests))
	for name, tc := range tests {
		checks = append(checks, health.Check{Name: name, Run: gives(errors.New(tc.text))})
	}
	checks = append(checks, health.Check{Name: "slow", Run: gives(fmt.Errorf("dial db.internal: %w", context.DeadlineExceeded))})
	s := newReady(t, health.Config{}, checks...)

	for _, path := range []string{"/health", "/readyz"} {
		w := ask(t, s.Handler(), http.MethodGet, path)
		var told health.Report
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
		require.Len(t, told.Error, len(checks))
		require.Equal(t, told.Error, told.Details)
		require.Equal(t, health.Result{Status: health.Down, Message: "timeout"}, told.Error["slow"])
		for name := range tests {
			require.Equal(t, health.Result{Status: health.Down}, told.Error[name], name)
		}

		w = ask(t, s.DetailedHandler(), http.MethodGet, path)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
		for name, tc := range tests {
			require.Equal(t, tc.want, told.Error[name].Message, name)
		}
		for _, secret := range []string{"hush", "postgres://", "redis://", "shop:"} {
			require.NotContains(t, w.Body.String(), secret)
		}
	}
}

// What is degraded is up for everybody, and no more.
func TestDegradedIsNotPublic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		s := newReady(t, health.Config{}, health.Check{Name: "queue", Run: func(context.Context) error {
			if away.Load() {
				return context.DeadlineExceeded
			}
			return nil
		}})
		s.Ready(t.Context())
		away.Store(true)
		time.Sleep(time.Second)
		s.Ready(t.Context())
		time.Sleep(time.Second)
		s.Ready(t.Context())
		requireTold := func(handler http.Handler, want health.Result) {
			t.Helper()
			w := ask(t, handler, http.MethodGet, "/readyz")
			require.Equal(t, http.StatusOK, w.Code)
			var told health.Report
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
			require.Equal(t, want.Degraded, told.Degraded)
			got := told.Info["queue"]
			got.CheckedAt = time.Time{}
			require.Equal(t, want, got)
		}
		requireTold(s.Handler(), health.Result{Status: health.Up})
		requireTold(s.DetailedHandler(), health.Result{Status: health.Up, Degraded: true, Failures: 2, Message: "timeout"})
	})
}

// Bytes are sent again for as long as they are true.
func TestAnswersAreFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		stop.Ready()
		var queue thing
		check := queue.check("queue")
		check.Exact = true
		s := newService(t, health.Config{CacheFor: time.Millisecond}, stop, check)
		handler := s.Handler()
		get := func(path string) (code int, told health.Report, at time.Time) {
			w := ask(t, handler, http.MethodGet, path)
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
			return w.Code, told, told.Timestamp
		}
		code, _, first := get("/readyz")
		require.Equal(t, http.StatusOK, code)
		queue.away.Store(true)
		time.Sleep(time.Millisecond)
		code, _, _ = get("/readyz")
		require.Equal(t, http.StatusServiceUnavailable, code, "a check has turned")
		queue.away.Store(false)
		time.Sleep(time.Millisecond)
		code, _, _ = get("/readyz")
		require.Equal(t, http.StatusOK, code)

		_, _, at := get("/livez")
		require.Equal(t, 2*time.Millisecond, at.Sub(first))
		time.Sleep(99 * time.Millisecond)
		_, _, later := get("/livez")
		require.Equal(t, at, later)
		time.Sleep(time.Millisecond)
		_, _, later = get("/livez")
		require.Equal(t, 100*time.Millisecond, later.Sub(at), "time has gone by")

		stop.Request("test")
		code, told, _ := get("/readyz")
		require.Equal(t, http.StatusServiceUnavailable, code, "the process stops")
		require.Equal(t, "grace", told.State)
		require.Empty(t, told.Details, "the checks do not matter any more")
		_, told, _ = get("/livez")
		require.Equal(t, "grace", told.State)
		require.NoError(t, stop.Wait(t.Context()))
	})
}

type metrics struct {
	fx.In

	All []prometheus.Collector `group:"metrics.collectors"`
}

func TestModule(t *testing.T) { // sets the environment of the process
	t.Setenv("APP_ENV", "test")
	t.Setenv("SHUTDOWN_ENABLE_GRACEFUL", "false")
	t.Setenv("READINESS_INCLUDE_DB", "false")
	check := func() health.Check { return health.Check{Name: "database", Run: gives(errors.New("down"))} }
	var s *health.Service
	var stop *shutdown.Service
	var collectors metrics
	app := fxtest.New(
		t, config.Module, shutdown.Module, health.Module,
		fx.Supply(slog.New(slog.DiscardHandler)),
		fx.Provide(fx.Annotate(check, fx.ResultTags(`group:"health.checks"`))),
		fx.Populate(&s, &stop),
		fx.Invoke(func(in metrics) { collectors = in }),
	)
	app.RequireStart()
	stop.Ready()
	require.True(t, s.Ready(t.Context()).OK())
	require.True(t, s.Full(t.Context()).Degraded)
	require.Len(t, collectors.All, 2, "of the stop and of health")
	app.RequireStop()
	stop.Finish()
}

func ExampleNewService() {
	log := slog.New(slog.DiscardHandler)
	stop, err := shutdown.NewService(shutdown.DefaultConfig(), log)
	if err != nil {
		return
	}
	defer stop.Finish()
	s, err := health.NewService(health.Config{}, stop, log, health.Check{Name: "queue", Run: gives(errors.New("full"))})
	if err != nil {
		return
	}
	stop.Ready()
	for _, path := range []string{"/livez", "/readyz"} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		var r health.Report
		_ = json.Unmarshal(w.Body.Bytes(), &r)
		fmt.Println(path, w.Code)
		for name, result := range r.Details {
			fmt.Println(name, "is", result.Status)
		}
	}
	// Output:
	// /livez 200
	// /readyz 503
	// queue is down
}
