package simulator_test

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

const hour = time.Hour

func (k kit) rolling() int {
	k.t.Helper()
	got := decode[map[string]int](k.t, k.get("ThresholdInformation"))
	require.Equal(k.t, 60, got["requestThresholdTimeframe"])
	return got["currentTimeframeRequestCount"]
}

func TestS33ThresholdCountsItself(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.Equal(t, 1, k.rolling())
	k.get("Tickets/7001")
	k.get("Tickets/1")
	require.Equal(t, 4, k.rolling())
	require.JSONEq(t, `{"externalRequestThreshold":10000,"requestThresholdTimeframe":60,"currentTimeframeRequestCount":5}`,
		k.get("ThresholdInformation").body)
}

func TestS34RollingWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1})
		k.get("Tickets/7001")
		time.Sleep(30 * time.Minute)
		k.get("Tickets/7001")
		time.Sleep(30*time.Minute - time.Nanosecond)
		require.Equal(t, 2, k.Stats().Rolling)
		time.Sleep(time.Nanosecond)
		require.Equal(t, 1, k.Stats().Rolling, "the first is an hour old")
		k.Advance(30 * time.Minute)
		require.Zero(t, k.Stats().Rolling)
		require.Equal(t, time.Now().Add(30*time.Minute).UTC(), k.Now())
		k.Advance(-hour)
		require.Equal(t, time.Now().Add(30*time.Minute).UTC(), k.Now(), "never back")
	})
}

func TestS36Suspension(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 100, UsageLatency: simulator.NoLatency, IntegrationCodes: []string{"DEMOINTEGRATIONCODEHOLDFAST", "OTHER"}})
	k.AddExternal(99)
	require.Equal(t, 200, k.get("Tickets/7001").status)
	for _, code := range []string{"DEMOINTEGRATIONCODEHOLDFAST", "OTHER"} {
		r := k.do(http.MethodGet, api+"Companies/0", "", "ApiIntegrationCode", code)
		require.Equal(t, 429, r.status, "the whole tenant")
		require.JSONEq(t, `{"errors":["The external request threshold of 100 requests in 60 minutes has been exceeded."]}`, r.body)
	}
	require.Equal(t, int64(2), k.Stats().Suspended)
	require.Equal(t, 100, k.Stats().Rolling, "what is refused does not prolong it")
	require.Equal(t, 200, k.get("zoneInformation?user=api@holdfast-demo.example").status)
	k.Advance(hour)
	require.Equal(t, 200, k.get("Tickets/7001").status)
}

// together sends one request per header at once, all within the latency of the first.
func (k kit) together(path string, codes ...string) []int {
	k.t.Helper()
	status := make([]int, len(codes))
	var wg sync.WaitGroup
	for i, code := range codes {
		wg.Go(func() { status[i] = k.do(http.MethodGet, api+path, "", "ApiIntegrationCode", code).status })
		synctest.Wait()
	}
	wg.Wait()
	return status
}

func TestS38Threads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, IntegrationCodes: []string{"A", "B"}})
		k.Latency(time.Second)
		require.Equal(t, []int{200, 200, 200, 429, 200}, k.together("Tickets/7001", "A", "A", "A", "A", "B"))
		require.Equal(t, []int{200, 200, 200, 429}, k.together("tickets/entityInformation/fields", "A", "A", "A", "A"))
		require.Equal(t, int64(2), k.Stats().ThreadViolations)
		require.Equal(t, map[string]int{"Tickets": 4}, k.Stats().MaxConcurrent)
		require.Equal(t, 9, k.Stats().Rolling, "what the thread limit refuses is counted")
	})
}

func TestS38TextAndEntities(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 1})
		k.Latency(time.Second)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { k.get("Tickets/7001") })
		synctest.Wait()
		r := k.get("Tickets/query?search=%7B%7D")
		require.Equal(t, 429, r.status)
		require.Contains(t, r.body, "The Autotask API thread threshold of 1 threads has been exceeded. Method: getThresholdAndUsageInfo")
		require.Equal(t, 200, k.get("Tickets/7001/Notes").status, "another entity, another thread")
	})
}

func TestS38LateRelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 1, ReleaseLag: 50 * time.Millisecond})
		require.Equal(t, 200, k.get("Tickets/7001").status)
		time.Sleep(49 * time.Millisecond)
		require.Equal(t, 429, k.get("Tickets/7001").status)
		time.Sleep(time.Millisecond)
		require.Equal(t, 200, k.get("Tickets/7001").status)
	})
}

// A client that keeps to the limit, and asks again the moment it has its answer, is never refused.
func TestNoFalseThreadViolation(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Addr: "127.0.0.1:0", Tickets: 600, HourlyLimit: 1 << 20})
	require.NoError(t, k.Start(t.Context()))
	defer func() { require.NoError(t, k.Stop(t.Context())) }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 3}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 30 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.URL()+"/ATServicesRest/V1.0/Tickets/query", strings.NewReader(all))
				if err != nil {
					t.Error(err)
					return
				}
				authorize(req)
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				drain(t, resp)
			}
		})
	}
	wg.Wait()
	require.Zero(t, k.Stats().ThreadViolations)
	require.Equal(t, int64(90), k.Stats().Requests)
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 1})
		k.Latency(250 * time.Millisecond)
		began := time.Now()
		require.Equal(t, 200, k.get("Tickets/7001").status)
		require.Equal(t, 250*time.Millisecond, time.Since(began))

		ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, k.send(ctx, http.MethodGet, api+"Tickets/7001", "").err, ctx.Err())
		require.Equal(t, 350*time.Millisecond, time.Since(began))
		k.Latency(0)
		require.Equal(t, 200, k.get("Tickets/7001").status, "its thread is free again")
	})
}

// Neither the clock nor the count runs over its end and begins anew.
func TestNothingOverflows(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Window: 30 * time.Second})
	for range 3 {
		before := k.Now()
		k.Advance(math.MaxInt64)
		require.False(t, k.Now().Before(before))
		k.AddExternal(math.MaxInt)
	}
	require.Equal(t, 3_000_000_000, k.Stats().Rolling)
	r := k.get("Tickets/7001")
	require.JSONEq(t, `{"errors":["The external request threshold of 10000 requests in 1 minutes has been exceeded."]}`, r.body)
}
