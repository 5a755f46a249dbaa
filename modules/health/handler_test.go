package health_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

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
				require.Equal(t, want.status, w.Code)
				require.Equal(t, want.kind, w.Header().Get("X-Health-Check-Type"))
				require.Equal(t, "no-cache, no-store, must-revalidate", w.Header().Get("Cache-Control"))
				require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
				require.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
			}
			require.Equal(t, http.StatusMethodNotAllowed, ask(t, h, http.MethodPost, path).Code)
		})
	}
	require.Equal(t, http.StatusNotFound, ask(t, h, http.MethodGet, "/health/other").Code)
}

// Anybody may read the public form; the admin's says why, without passwords.
func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	errs := map[string]error{
		"postgres": errors.New("failed to connect to `postgres://shop:hush@db.internal:5432/orders?sslmode=off`: refused"),
		"mysql":    errors.New("ping shop:hush@tcp(db.internal:3306)/orders: bad connection"),
		"keywords": errors.New(`connect host=db.internal user=shop password=hush: no`),
		"quoted":   errors.New(`connect {"user":"shop","API_KEY": "hush"}: no`),
		"header":   errors.New("sent Authorization: Bearer hush.hush to db.internal"),
		"slash":    errors.New("dial amqp://shop:hush/hush@db.internal: refused"),
		"redis":    errors.New("redis://:hush@hush@db.internal: timeout"),
		"at":       errors.New("ping shop:hush@hush@tcp(db.internal): no"),
	}
	checks := make([]health.Check, 0, len(errs))
	for name, err := range errs {
		checks = append(checks, health.Check{Name: name, Run: gives(err)})
	}
	s := newReady(t, health.Config{}, checks...)

	w := ask(t, s.Handler(), http.MethodGet, "/health")
	var public health.Report
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &public))
	require.Len(t, public.Error, len(errs))
	for name, r := range public.Details {
		require.Equal(t, health.Result{Status: health.Down}, r, name)
	}
	require.NotContains(t, w.Body.String(), "db.internal")

	detailed := ask(t, s.DetailedHandler(), http.MethodGet, "/health").Body.String()
	require.NotContains(t, detailed, "hush")
	require.Contains(t, detailed, "db.internal", "an operator has to know what cannot be reached")
}

func TestModule(t *testing.T) { // sets the environment of the process
	t.Setenv("APP_ENV", "test")
	t.Setenv("SHUTDOWN_ENABLE_GRACEFUL", "false")
	t.Setenv("READINESS_INCLUDE_DB", "false")
	check := func() health.Check { return health.Check{Name: "database", Run: gives(errors.New("down"))} }
	var s *health.Service
	var stop *shutdown.Service
	app := fxtest.New(
		t, config.Module, shutdown.Module, health.Module,
		fx.Supply(slog.New(slog.DiscardHandler)),
		fx.Provide(fx.Annotate(check, fx.ResultTags(`group:"health.checks"`))),
		fx.Populate(&s, &stop),
	)
	app.RequireStart()
	stop.Ready()
	require.True(t, s.Ready(t.Context()).OK())
	require.True(t, s.Full(t.Context()).Degraded)
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
