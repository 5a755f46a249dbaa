package simulator_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func drain(t *testing.T, resp *http.Response) {
	t.Helper()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

const lookup = "zoneInformation?user=api@holdfast-demo.example"

func TestOutageReset(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.Outage(true)
	require.ErrorIs(t, k.get("Tickets/7001").err, syscall.ECONNRESET)
	require.ErrorIs(t, k.get(lookup).err, syscall.ECONNRESET)
	require.Equal(t, 200, k.do(http.MethodGet, sim+"stats", "").status, "the control calls stay")
	k.Outage(false)
	require.Equal(t, 200, k.get("Tickets/7001").status)
	require.Equal(t, int64(2), k.Stats().Dark)
	require.Contains(t, k.Stats().ByCall, simulator.Calls{Entity: "Tickets", Method: "GET", Status: 0, Count: 1})
}

func TestOutageUnavailable(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.SetOutage(simulator.OutageUnavailable)
	r := k.get("Tickets/7001")
	require.Equal(t, 503, r.status)
	require.Equal(t, "text/html; charset=utf-8", r.header.Get("Content-Type"))
	require.Contains(t, r.body, "<h1>Service Unavailable</h1>")
	k.SetOutage("nonsense")
	require.Equal(t, 503, k.get("Tickets/7001").status, "what is no outage changes nothing")
}

func TestOutageHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1})
		k.SetOutage(simulator.OutageHang)
		ctx, cancel := contextWithTimeout(t, time.Minute)
		defer cancel()
		began := time.Now()
		require.ErrorIs(t, k.send(ctx, http.MethodGet, api+"Tickets/7001", "").err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))

		var wg sync.WaitGroup
		wg.Go(func() {
			if err := k.get("Tickets/7001").err; err == nil {
				t.Error("a request that hung was answered")
			}
		})
		synctest.Wait()
		k.Outage(false)
		wg.Wait()
		require.Equal(t, 200, k.get("Tickets/7001").status)
	})
}

func TestTransportOfADeadContext(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, k.send(ctx, http.MethodGet, api+"Tickets/7001", "").err, context.Canceled)
	require.Zero(t, k.Stats().Requests)
}
