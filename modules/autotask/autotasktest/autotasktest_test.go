package autotasktest_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func TestSocketIsLazyAndClosesByItself(t *testing.T) { //nolint:tparallel // goes on when its subtest is over
	t.Parallel()
	var url string
	t.Run("while the test runs", func(t *testing.T) {
		sim := autotasktest.New(t)
		require.Equal(t, "127.0.0.1:0", sim.Addr(), "no port before it is asked for")
		url = sim.URL()
		require.Equal(t, url+"/atservicesrest/", sim.ZoneURL())
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		status, body := get(t, client, sim.ZoneURL()+"v1.0/zoneInformation?user=api@holdfast-demo.example")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, `"url":"`+url+`/ATServicesRest/"`)
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t,
		func(cfg *simulator.Config) { cfg.Tickets = 5 },
		func(cfg *simulator.Config) { cfg.HourlyLimit = 1 },
	)
	status, body := get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/query/count?search="+
		`%7B"filter":%5B%7B"op":"exist","field":"id"%7D%5D%7D`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"queryCount":5}`, body)
	status, _ = get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/7001")
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestClientKeepsGivenHeaders(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, func(cfg *simulator.Config) { cfg.Tickets = 1 })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sim.example/atservicesrest/v1.0/tickets", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Secret", "mine")
	resp, err := sim.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, http.Header{"Secret": {"mine"}}, req.Header, "a transport changes no request")
}

func TestVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		sim.Latency(time.Hour)
		began := time.Now()
		status, _ := get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/7001")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, time.Hour, time.Since(began))
	})
}
