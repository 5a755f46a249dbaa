package app_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func perMinute(n int) ratelimit.Limit { return ratelimit.Limit{Requests: n, Per: time.Minute} }

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := serve(t,
			app.Get("/orders/:id", handler[orderKey, empty]).Name("one").Throttle(perMinute(2), nil),
			app.Raw("GET", "/export", counter{}.Export).Throttle(perMinute(1), nil))
		require.Equal(t, http.StatusOK, send(r, "GET", "/orders/1?x=1", "").Code)
		require.Equal(t, http.StatusOK, send(r, "HEAD", "/orders/2", "").Code, "HEAD is the same route")
		rec := send(r, "GET", "/orders/3?x=3", "")
		require.Equal(t, http.StatusTooManyRequests, rec.Code)
		p := problemOf(t, rec)
		require.Contains(t, p.Type, "#rate-limited")
		require.Equal(t, 60, p.RetryAfter)
		for header, want := range map[string]string{
			"Retry-After": "60", "Cache-Control": "no-store",
			"RateLimit-Limit": "2", "RateLimit-Remaining": "0", "RateLimit-Reset": "60",
			"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "0",
		} {
			require.Equal(t, want, rec.Header().Get(header), header)
		}
		require.Equal(t, http.StatusOK, send(r, "GET", "/export", "").Code)
		require.Equal(t, http.StatusTooManyRequests, send(r, "GET", "/export", "").Code)
		time.Sleep(time.Minute)
		require.Equal(t, http.StatusOK, send(r, "GET", "/orders/1", "").Code)
	})
}

// A throttle comes before guards, middleware and the policy, and its own key
// before that of the group.
func TestThrottleOfAGroup(t *testing.T) {
	t.Parallel()
	guarded := 0
	guard := func(context.Context, *app.Request) (context.Context, error) {
		guarded++
		return nil, app.Forbidden("no")
	}
	tier := app.NewKey[string]("tier")
	key := func(r *app.Request) string {
		name, _ := tier.Get(r)
		return name + r.Header("X-Tenant") + r.Param("id") + r.Route()
	}
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").With(tier.Set("gold")).Throttle(perMinute(1), key).Of(
		app.Get("/a/:id", handler[orderKey, empty]).Name("a").UseGuards(guard),
		app.Get("/b/:id", handler[orderKey, empty]).Name("b"),
		app.Get("/c/:id", handler[orderKey, empty]).Name("c").Throttle(perMinute(2), nil),
	))
	require.Empty(t, r.Faults)
	require.Equal(t, http.StatusForbidden, send(r, "GET", "/a/1", "", "X-Tenant: x").Code)
	require.Equal(t, http.StatusTooManyRequests, send(r, "GET", "/a/1", "", "X-Tenant: x").Code)
	require.Equal(t, http.StatusForbidden, send(r, "GET", "/a/1", "", "X-Tenant: y").Code)
	require.Equal(t, http.StatusForbidden, send(r, "GET", "/a/2", "", "X-Tenant: x").Code)
	require.Equal(t, 3, guarded)
	require.Equal(t, http.StatusOK, send(r, "GET", "/b/1", "", "X-Tenant: x").Code, "each route apart")
	require.Equal(t, http.StatusOK, send(r, "GET", "/c/1", "", "X-Tenant: x").Code)
	require.Equal(t, http.StatusOK, send(r, "GET", "/c/1", "", "X-Tenant: y").Code)
	require.Equal(t, http.StatusTooManyRequests, send(r, "GET", "/c/1", "", "X-Tenant: z").Code)
	for _, info := range r.Routes {
		want := map[string]string{"shop.a": "1/1m", "shop.b": "1/1m", "shop.c": "2/1m"}[info.Name]
		require.Equal(t, want, info.Throttle)
	}
}

// The attempts of one request use one unit.
func TestThrottleIsOutsideOfRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		failing := func(context.Context, *empty) (*empty, error) {
			calls++
			return nil, app.Unavailable("down")
		}
		r := serve(t, app.Get("/", failing).Name("get").Throttle(perMinute(2), nil).
			UseResilience(resilience.Policy{EnableRetry: true}))
		for _, want := range []int{503, 503, 429} {
			require.Equal(t, want, send(r, "GET", "/", "").Code)
		}
		require.Equal(t, 6, calls)
	})
}

func TestThrottleFaults(t *testing.T) {
	t.Parallel()
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").Of(
		app.Get("/", handler[empty, empty]).Name("get").Throttle(ratelimit.Limit{Requests: -1}, nil)))
	require.Len(t, r.Faults, 2, "requests and time")
	for _, fault := range r.Faults {
		require.Contains(t, fault.Problem, "GET / has a Throttle it cannot have")
		require.Regexp(t, `throttle_test\.go:\d+$`, fault.Where)
		require.NotEmpty(t, fault.Fix)
	}
}

type throttled struct{}

func newThrottled() *throttled { return &throttled{} }

func (*throttled) Routes() app.Routes {
	return app.Prefix("/orders").Of(
		app.Get("", (*throttled)(nil).List).Throttle(perMinute(1), nil),
		app.Get("/:id", (*throttled)(nil).One).UseResilience(resilience.Policy{EnableCircuitBreaker: true, MaxConcurrent: 3, Timeout: 2 * time.Second}))
}

func (*throttled) List(context.Context, *empty) (*empty, error)   { return &empty{}, nil }
func (*throttled) One(context.Context, *orderKey) (*empty, error) { return &empty{}, nil }

func throttledModule() *app.ModuleDef { return app.Module("orders", app.Controllers(newThrottled)) }

func TestThrottleIsMeasured(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, throttledModule())
	a.Get("/orders").Do().Status(http.StatusOK)
	a.Get("/orders").Do().Status(http.StatusTooManyRequests)
	text := string(a.Get("/metrics").DoAdmin().Status(http.StatusOK).Body)
	require.Contains(t, text, `ratelimit_calls_total{name="orders.list",outcome="allowed"} 1`)
	require.Contains(t, text, `ratelimit_calls_total{name="orders.list",outcome="limited"} 1`)
	require.Contains(t, string(a.Get("/limits").DoAdmin().Status(http.StatusOK).Body), `"limit": "1/1m"`)
}

// The deadline that the caller sends holds where it is earlier.
func TestDeadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waiting := func(ctx context.Context, _ *empty) (*empty, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		r := serve(t, app.Get("/", waiting).Name("get"))
		began := time.Now()
		rec := send(r, "GET", "/", "", "X-Request-Deadline: 250")
		require.Equal(t, http.StatusGatewayTimeout, rec.Code)
		require.Contains(t, problemOf(t, rec).Type, "#timeout")
		require.Equal(t, 250*time.Millisecond, time.Since(began))
	})
}

// The name of the header is a setting.
func TestDeadlineHeaderIsASetting(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		vars map[string]string
		want int
	}{
		"default":      {nil, http.StatusGatewayTimeout},
		"another name": {map[string]string{"REQUEST_DEADLINE_HEADER": "Grpc-Timeout"}, http.StatusOK},
		"off":          {map[string]string{"REQUEST_DEADLINE_HEADER": "off"}, http.StatusOK},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.New(t, throttledModule(), apptest.Env(tt.vars))
			a.Get("/orders/1").Header("X-Request-Deadline", "0").Do().Status(tt.want)
		})
	}
}
