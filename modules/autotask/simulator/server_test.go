package simulator_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// overSocket sends a request to a started simulator on a connection of its own.
func overSocket(ctx context.Context, s *simulator.Simulator, path string) (int, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	authorize(req)
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, nil
}

func started(t *testing.T) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(simulator.Config{Addr: "127.0.0.1:0", Tickets: 1})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) })
	return s
}

func TestServer(t *testing.T) {
	t.Parallel()
	s := started(t)
	require.NoError(t, s.Start(t.Context()), "a second Start does nothing")
	require.NotContains(t, s.Addr(), ":0")
	require.Equal(t, "http://"+s.Addr()+"/atservicesrest/", s.ZoneURL())
	status, err := overSocket(t.Context(), s, "/atservicesrest/v1.0/tickets/7001")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)

	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, s.Stop(t.Context()), "a second Stop does nothing")
	require.NoError(t, s.Start(t.Context()), "and it starts again")
	_, err = overSocket(t.Context(), s, "/atservicesrest/v1.0/tickets/7001")
	require.NoError(t, err)
}

func TestServerPortInUse(t *testing.T) {
	t.Parallel()
	first := started(t)
	second, err := simulator.New(simulator.Config{Addr: first.Addr(), Tickets: 1})
	require.NoError(t, err)
	err = second.Start(t.Context())
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.ErrorContains(t, err, "autotask simulator: listen on "+first.Addr()+": ")
	require.NoError(t, second.Stop(t.Context()))
}

func TestServerResetsConnections(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.Outage(true)
	_, err := overSocket(t.Context(), s, "/atservicesrest/v1.0/tickets/7001")
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// begin sends a POST on a connection of its own and returns once its handler reads the body. The channel is closed
// when it has ended, in whatever way.
func begin(t *testing.T, url string, body io.Reader) <-chan struct{} {
	t.Helper()
	inside, ended := make(chan struct{}), make(chan struct{})
	ctx := httptrace.WithClientTrace(context.WithoutCancel(t.Context()), &httptrace.ClientTrace{
		Got100Continue: func() { close(inside) }, // sent when the handler begins to read
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	require.NoError(t, err)
	authorize(req)
	req.Header.Set("Expect", "100-continue")
	go func() {
		defer close(ended)
		client := &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: time.Minute}
		if resp, err := client.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-inside
	return ended
}

func TestStopReleasesWhatHangs(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.SetOutage(simulator.OutageHang)
	ended := begin(t, s.URL()+"/atservicesrest/v1.0/tickets/query", strings.NewReader(all))
	stop, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, s.Stop(stop))
	<-ended
}

func TestStopReleasesWhoWaitsForWebhooks(t *testing.T) {
	t.Parallel()
	receiver := takes{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}
	k := newKit(t, simulator.Config{Addr: "127.0.0.1:0", Tickets: 1}, simulator.WithWebhookTransport(receiver))
	require.NoError(t, k.Start(t.Context()))
	k.subscribe("https://receiver.example/hook")
	k.created("Tickets", ticket(""))
	ended := begin(t, k.URL()+"/__sim/webhooks/wait", strings.NewReader(`{"timeout":"1h"}`))
	stop, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, k.Stop(stop))
	<-ended
}

func TestStopCutsOffWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	s := started(t)
	body, never := io.Pipe()
	defer func() { _ = never.Close() }()
	ended := begin(t, s.URL()+"/atservicesrest/v1.0/tickets/query", body)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
	require.NoError(t, never.Close()) // net/http's client waits for the body that it sends, whatever became of the connection
	<-ended
}

func TestModule(t *testing.T) {
	t.Parallel()
	values, err := config.Load(config.Environment{Vars: map[string]string{
		"AUTOTASK_SIMULATOR_ADDR": "127.0.0.1:0", "AUTOTASK_SIMULATOR_TICKETS": "7", "AUTOTASK_SIMULATOR_STRICT": "true",
	}}, config.SpecOf[simulator.Config]())
	require.NoError(t, err)
	var s *simulator.Simulator
	var log bytes.Buffer
	app := fxtest.New(t, fx.NopLogger, fx.Supply(values, slog.New(slog.NewTextHandler(&log, nil))), simulator.Module, fx.Populate(&s))
	require.Equal(t, "127.0.0.1:0", s.Addr(), "no port is open before the start")
	app.RequireStart()
	status, err := overSocket(t.Context(), s, "/__sim/stats")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	status, err = overSocket(t.Context(), s, "/atservicesrest/v1.0/nonsense")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, status)
	app.RequireStop()
	_, err = overSocket(t.Context(), s, "/__sim/stats")
	require.Error(t, err)
	require.Contains(t, log.String(), `msg="simulated Autotask listening" module=simulator zone_url=`+s.ZoneURL()[:len("http://127.0.0.1:")])
	require.Contains(t, log.String(), `level=WARN msg="misuse of the protocol" module=simulator rule=unknown_path`)
}

func TestProgressIsTold(t *testing.T) {
	t.Parallel()
	var last, whole int
	k := newKit(t, simulator.Config{Tickets: 50}, simulator.WithProgress(func(done, total int) {
		require.GreaterOrEqual(t, done, last)
		last, whole = done, total
	}))
	require.Equal(t, whole, last)
	require.Equal(t, k.Stats().Rows, last)
}

// Without a connection to take over, a reset is net/http's own way to drop a request.
func TestResetWithoutAConnection(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.Outage(true)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, api+"Tickets/7001", http.NoBody)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { k.Handler().ServeHTTP(httptest.NewRecorder(), r) })
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	r := k.do(http.MethodHead, api+"Tickets/7001", "")
	require.Equal(t, http.StatusMethodNotAllowed, r.status)
	require.Empty(t, r.body)
	require.NotEqual(t, "0", r.header.Get("Content-Length"))
}

// Clients open connections to spare; net/http takes them for busy for five seconds.
func TestStopWaitsForNoSilentConnection(t *testing.T) {
	t.Parallel()
	s := started(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	status, err := overSocket(t.Context(), s, "/__sim/state") // accepted after conn
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	require.NoError(t, s.Stop(ctx))
}
