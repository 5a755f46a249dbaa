package interceptors_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// A route that is given more time while the process runs is given it by the
// connection as well: the server's write timeout is that of the start.
func TestWriteDeadlineFollowsTheTimeout(t *testing.T) {
	t.Parallel()
	const server = 35 * time.Second
	tests := map[string]struct {
		start time.Duration
		set   string // at run time
		want  time.Duration
		none  bool
	}{
		"as at start":            {start: 30 * time.Second, want: server},
		"shorter":                {start: 30 * time.Second, set: "1s", want: server},
		"longer":                 {start: 30 * time.Second, set: "10m", want: 10*time.Minute + interceptors.WriteMargin},
		"none":                   {start: 30 * time.Second, set: "none", none: true},
		"none at start":          {start: resilience.NoTimeout, none: true},
		"none at start, bound":   {start: resilience.NoTimeout, set: "10m", want: 10*time.Minute + interceptors.WriteMargin},
		"none at start, shorter": {start: resilience.NoTimeout, set: "1s", want: time.Second + interceptors.WriteMargin},
	}
	kinds := map[string]func(*testing.T, *resilience.Runner, resilience.Policy) echo.HandlerFunc{
		"typed": func(t *testing.T, runner *resilience.Runner, policy resilience.Policy) echo.HandlerFunc {
			t.Helper()
			h, err := interceptors.Typed(runner, "test.greet", policy, greet{
				do: func(context.Context, int) (string, error) { return "hello", nil },
			})
			require.NoError(t, err)
			return h
		},
		"raw": func(t *testing.T, runner *resilience.Runner, policy resilience.Policy) echo.HandlerFunc {
			t.Helper()
			use, err := interceptors.UseResilience(runner, "test.greet", policy)
			require.NoError(t, err)
			return use(func(c echo.Context) error { return c.String(200, "hello") })
		},
	}
	for name, tt := range tests {
		for kind, route := range kinds {
			t.Run(kind+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					runner := newRunner(t)
					e := newEcho()
					e.GET("/", route(t, runner, resilience.Policy{Timeout: tt.start}))
					if tt.set != "" {
						require.NoError(t, runner.Set("test.greet", "timeout", tt.set, "a test"))
					}
					w := &clocked{ResponseRecorder: httptest.NewRecorder(), write: time.Now().Add(server)}
					e.ServeHTTP(w, get("/"))
					require.Equal(t, 200, w.Code, w.Body.String())
					if tt.none {
						require.Zero(t, w.write)
						return
					}
					require.Equal(t, tt.want, time.Until(w.write))
				})
			})
		}
	}
}
