package interceptors_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func newLimiter(tb testing.TB, limit string) *ratelimit.Limiter {
	tb.Helper()
	parsed, err := ratelimit.Parse(limit)
	require.NoError(tb, err)
	limiter, err := ratelimit.New("test", parsed)
	require.NoError(tb, err)
	return limiter
}

// throttled serves two routes that share a limiter.
func throttled(tb testing.TB, limit string, key func(echo.Context) string) *echo.Echo {
	tb.Helper()
	e := newEcho()
	answer := func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	throttle := interceptors.Throttle(newLimiter(tb, limit), key)
	e.GET("/orders/:id", answer, throttle)
	e.GET("/carts/:id", answer, throttle)
	return e
}

func from(remote, path string) *http.Request {
	r := get(path)
	r.RemoteAddr = remote
	return r
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := throttled(t, "5/1m", nil)
		for i := range 5 {
			w := do(e, from("192.0.2.1:4000", fmt.Sprintf("/orders/%d?x=%d", i, i)))
			require.Equal(t, http.StatusNoContent, w.Code)
			require.Equal(t, "5", w.Header().Get("RateLimit-Limit"))
			require.Equal(t, fmt.Sprint(4-i), w.Header().Get("RateLimit-Remaining"))
		}
		time.Sleep(20 * time.Second)
		w := do(e, from("192.0.2.1:4001", "/orders/9?another=query"))
		require.Equal(t, http.StatusTooManyRequests, w.Code)
		require.Equal(t, "0", w.Header().Get("X-RateLimit-Remaining"))
		require.Equal(t, "40", w.Header().Get("RateLimit-Reset"))

		require.Equal(t, http.StatusNoContent, do(e, from("192.0.2.1:4000", "/carts/1")).Code, "another route")
		require.Equal(t, http.StatusNoContent, do(e, from("192.0.2.2:4000", "/orders/1")).Code, "another address")
		time.Sleep(40 * time.Second)
		require.Equal(t, http.StatusNoContent, do(e, from("192.0.2.1:4000", "/orders/1")).Code)
	})
}

func TestThrottleKeys(t *testing.T) {
	t.Parallel()
	tenant := func(c echo.Context) string { return c.Request().Header.Get("X-Tenant") }
	tests := map[string]struct {
		key           func(echo.Context) string
		first, second *http.Request
		wantShared    bool
	}{
		"address, other port":          {nil, from("192.0.2.1:1", "/orders/1"), from("192.0.2.1:2", "/orders/2"), true},
		"another address":              {nil, from("192.0.2.1:1", "/orders/1"), from("192.0.2.2:1", "/orders/1"), false},
		"IPv6, the same /64":           {nil, from("[2001:db8::1]:1", "/orders/1"), from("[2001:db8::ffff:2]:1", "/orders/1"), true},
		"IPv6, another /64":            {nil, from("[2001:db8::1]:1", "/orders/1"), from("[2001:db8:0:1::1]:1", "/orders/1"), false},
		"IPv4 in IPv6":                 {nil, from("[::ffff:192.0.2.1]:1", "/orders/1"), from("192.0.2.1:1", "/orders/1"), true},
		"IPv6 with a zone":             {nil, from("[fe80::1%eth0]:1", "/orders/1"), from("[fe80::1%eth1]:1", "/orders/1"), true},
		"no address at all":            {nil, from("@", "/orders/1"), from("@", "/orders/1"), true},
		"a name":                       {nil, from("pipe:1", "/orders/1"), from("pipe:2", "/orders/1"), true},
		"another route":                {nil, from("192.0.2.1:1", "/orders/1"), from("192.0.2.1:1", "/carts/1"), false},
		"a key of one's own":           {tenant, from("192.0.2.1:1", "/orders/1"), from("192.0.2.2:1", "/carts/1"), true},
		"no forwarding header, please": {nil, from("192.0.2.1:1", "/orders/1"), forwarded("192.0.2.1:1"), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := throttled(t, "1/1h", tt.key)
			require.Equal(t, http.StatusNoContent, do(e, tt.first).Code)
			want := http.StatusNoContent
			if tt.wantShared {
				want = http.StatusTooManyRequests
			}
			require.Equal(t, want, do(e, tt.second).Code)
		})
	}
}

func forwarded(remote string) *http.Request {
	r := from(remote, "/orders/1")
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	r.Header.Set("X-Real-Ip", "203.0.113.7")
	return r
}

func TestThrottleIsExact(t *testing.T) {
	t.Parallel()
	e := throttled(t, "5/1h", nil)
	var passed, refused atomic.Int32
	var clients sync.WaitGroup
	for range 50 {
		clients.Go(func() {
			switch do(e, from("192.0.2.1:1", "/orders/1")).Code {
			case http.StatusNoContent:
				passed.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
			}
		})
	}
	clients.Wait()
	require.EqualValues(t, 5, passed.Load())
	require.EqualValues(t, 45, refused.Load())
}

// The attempts of one request use one unit.
func TestThrottleOutsideOfRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		policy := resilience.Policy{EnableRetry: true, Safe: true}
		e := rawEcho(t, policy, func(c echo.Context) error {
			if attempts++; attempts%3 != 0 {
				return status(503)
			}
			return c.NoContent(http.StatusOK)
		}, interceptors.Throttle(newLimiter(t, "2/1h"), func(echo.Context) string { return "" }))
		w := do(e, get("/7"))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "1", w.Header().Get("RateLimit-Remaining"), "the header goes through the buffer")
		require.Equal(t, http.StatusOK, do(e, get("/7")).Code)
		require.Equal(t, http.StatusTooManyRequests, do(e, get("/7")).Code)
		require.Equal(t, 6, attempts)
	})
}

// A request whose client has gone is not decided.
func TestThrottleOfARequestThatEnded(t *testing.T) {
	t.Parallel()
	e := throttled(t, "1/1h", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := do(e, from("192.0.2.1:1", "/orders/1").WithContext(ctx))
	require.Empty(t, w.Header().Get("RateLimit-Limit"))
	require.Equal(t, http.StatusNoContent, do(e, from("192.0.2.1:1", "/orders/1")).Code)
}
