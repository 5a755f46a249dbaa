package simulator_test

import (
	"context"
	"log/slog"
	"net/http"
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

func TestStopReleasesWhatHangs(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.SetOutage(simulator.OutageHang)
	inside, ended := make(chan struct{}), make(chan struct{})
	ctx := httptrace.WithClientTrace(context.WithoutCancel(t.Context()), &httptrace.ClientTrace{
		Got100Continue: func() { close(inside) }, // sent when the handler begins to read
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/atservicesrest/v1.0/tickets/query", strings.NewReader(all))
	require.NoError(t, err)
	req.Header.Set("Expect", "100-continue")
	go func() {
		defer close(ended)
		client := &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: time.Minute}
		if resp, err := client.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-inside
	stop, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, s.Stop(stop))
	<-ended
}

func TestStopCutsOffWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.Latency(time.Hour)
	failed := make(chan error, 1)
	go func() {
		_, err := overSocket(context.WithoutCancel(t.Context()), s, "/atservicesrest/v1.0/tickets/7001")
		failed <- err
	}()
	for s.Stats().MaxConcurrent["Tickets"] == 0 { // until it is inside
		select {
		case err := <-failed:
			require.NoError(t, err)
		default:
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
	require.Error(t, <-failed)
}

func TestModule(t *testing.T) {
	t.Parallel()
	values, err := config.Load(config.Environment{Vars: map[string]string{
		"AUTOTASK_SIMULATOR_ADDR": "127.0.0.1:0", "AUTOTASK_SIMULATOR_TICKETS": "7",
	}}, config.SpecOf[simulator.Config]())
	require.NoError(t, err)
	var s *simulator.Simulator
	app := fxtest.New(t, fx.NopLogger, fx.Supply(values, slog.New(slog.DiscardHandler)), simulator.Module, fx.Populate(&s))
	require.Equal(t, "127.0.0.1:0", s.Addr(), "no port is open before the start")
	app.RequireStart()
	status, err := overSocket(t.Context(), s, "/__sim/stats")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	app.RequireStop()
	_, err = overSocket(t.Context(), s, "/__sim/stats")
	require.Error(t, err)
}
