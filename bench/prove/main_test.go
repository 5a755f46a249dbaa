package prove_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/bench/prove"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// full reports whether the bars run at their full length and assert times.
func full() bool { return os.Getenv("PROVE") == "full" } //nolint:forbidigo // how long a test runs is no setting of a program

// either is short, or long in a full run.
func either[T any](short, long T) T {
	if full() {
		return long
	}
	return short
}

// slack is what a deadline may be missed by: what the bar says in a full run,
// and a lot where the machine is busy with other tests.
func slack(bar time.Duration) time.Duration { return either(30*time.Second, bar) }

// carried is the key of what tells whether a connection has carried a request.
type carried struct{}

// serve starts a server on 127.0.0.1.
func serve(tb testing.TB, handler http.HandlerFunc) *httptest.Server {
	tb.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, carried{}, new(atomic.Bool))
	}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

// proxied starts a proxy before a server and returns its URL.
func proxied(tb testing.TB, server *httptest.Server) (url string, proxy *prove.Proxy) {
	tb.Helper()
	proxy, err := prove.NewProxy(tb.Context(), server.Listener.Addr().String())
	require.NoError(tb, err)
	tb.Cleanup(proxy.Close)
	return "http://" + proxy.Addr(), proxy
}

// settings are those of the services a client is built on; zero is the default.
type settings struct {
	breaker circuitbreaker.Config
	retry   retry.Config
}

// unbounded are the default settings without a retry budget.
func unbounded() retry.Config {
	cfg := retry.DefaultConfig()
	cfg.Budget = "off"
	return cfg
}

// newClient returns a client under a policy, and its breakers.
func newClient(tb testing.TB, s settings, policy resilience.Policy) (*http.Client, *circuitbreaker.Service) {
	tb.Helper()
	if s.retry == (retry.Config{}) {
		s.retry = retry.DefaultConfig()
	}
	breakers, err := circuitbreaker.NewService(s.breaker, nil)
	require.NoError(tb, err)
	runner := resilience.NewRunner(breakers, retry.NewService(s.retry, nil), resilience.Config{}, nil, nil)
	c, err := client.New("proof", runner, client.Config{Policy: policy})
	require.NoError(tb, err)
	tb.Cleanup(c.CloseIdleConnections)
	return c, breakers
}

// get makes a call and reads its answer.
func get(ctx context.Context, c *http.Client, url string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	return do(c, req)
}

func do(c *http.Client, req *http.Request) (status int, err error) {
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// eventually waits until held is true, and returns how long that took.
func eventually(tb testing.TB, limit time.Duration, what string, held func() bool) time.Duration {
	tb.Helper()
	began := time.Now()
	for !held() {
		if time.Since(began) > limit {
			tb.Fatalf("after %s still not: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

// host is what a breaker calls the host of a URL.
func host(tb testing.TB, url string) string {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	require.NoError(tb, err)
	_, _, err = net.SplitHostPort(req.URL.Host)
	require.NoError(tb, err)
	return "proof." + req.URL.Host
}
