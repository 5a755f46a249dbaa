package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

const (
	grace = 2 * time.Second
	reset = 3 * time.Second // how long a breaker stays open
)

// The whole life of the service, in one line: it serves, its Autotask goes and comes back, and it is stopped at work.
func TestLife(t *testing.T) {
	t.Parallel()
	sim := startUpstream(t)
	d := startDesk(
		t, sim,
		"SHUTDOWN_HEALTH_GRACE_PERIOD="+grace.String(),
		"CIRCUIT_BREAKER_RESET_TIMEOUT="+reset.String(),
		"CIRCUIT_BREAKER_MIN_THROUGHPUT=3",
		"CIRCUIT_BREAKER_SLIDING_WINDOW=1s",
		"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS=1",
	)
	listAll(t, d)
	createAndReadBack(t, d)
	refused(t, d)
	manyAtOnce(t, d, sim)
	pending := dark(t, d, sim)
	back(t, d, sim)
	for _, a := range <-pending {
		require.NoError(t, a.err)
		a.status(http.StatusOK)
	}
	compare(t, d, sim)
	stopUnderLoad(t, d, sim)

	stats := sim.stats()
	require.Zero(t, stats.ThreadViolations)
	require.Zero(t, stats.Suspended)
	require.Zero(t, stats.Unauthorized)
	require.Empty(t, stats.Duplicates, "nothing was created twice")
	for entity, most := range stats.MaxConcurrent {
		require.LessOrEqual(t, most, 3, "no request before admission: %s", entity)
	}
}

func listAll(t *testing.T, d desk) {
	t.Helper()
	want, cursor := int64(7001), ""
	for pages := 1; ; pages++ {
		var list struct {
			Items      []entities.Ticket `json:"items"`
			NextCursor string            `json:"nextCursor"`
		}
		d.read("/tickets?limit=100" + cursor).status(http.StatusOK).json(&list)
		for _, ticket := range list.Items {
			require.Equal(t, want, ticket.ID.Or(0), "no duplicate and no gap")
			want++
		}
		if list.NextCursor == "" {
			require.Equal(t, 13, pages)
			break
		}
		cursor = "&cursor=" + list.NextCursor
	}
	require.Equal(t, int64(1203), want-7001)
}

func createAndReadBack(t *testing.T, d desk) {
	t.Helper()
	made := d.write(http.MethodPost, "/tickets", newTicket("E2E-1")).status(http.StatusCreated)
	require.Equal(t, "/api/v1/tickets/8204", made.header.Get("Location"))
	var ticket entities.Ticket
	d.get(d.url + made.header.Get("Location")).status(http.StatusOK).json(&ticket)
	require.Equal(t, "E2E-1", ticket.ExternalID.Or(""))
	require.NotEmpty(t, ticket.TicketNumber.Or(""))
}

func refused(t *testing.T, d desk) {
	t.Helper()
	body := newTicket("E2E-2")
	body["status"] = 99
	got := d.write(http.MethodPost, "/tickets", body).status(http.StatusUnprocessableEntity)
	require.Equal(t, "Value does not reference an existing entity for status . ", got.detail())
	d.do(http.MethodPost, d.url+"/api/v1/tickets", newTicket("E2E-3")).status(http.StatusUnauthorized).detail()
}

// manyAtOnce asks for more than Autotask takes at once. The service lets them queue.
func manyAtOnce(t *testing.T, d desk, sim upstream) {
	t.Helper()
	sim.order("latency", object{"latency": "250ms"})
	for _, a := range together(12, func(i int) (answer, error) { return d.tryRead(fmt.Sprintf("/tickets/%d", 7100+i)) }) {
		require.NoError(t, a.err)
		require.False(t, a.status(http.StatusOK).fallback())
	}
	sim.order("latency", object{"latency": "0s"})
	stats := sim.stats()
	require.Equal(t, 3, stats.MaxConcurrent["Tickets"], "all threads are used")
	require.Zero(t, stats.ThreadViolations)
}

func (d desk) tryRead(path string) (answer, error) {
	return d.try(http.MethodGet, d.url+"/api/v1"+path, nil)
}

// result is how one of several requests ended.
type result struct {
	answer
	err error
}

// together makes n requests side by side.
func together(n int, request func(i int) (answer, error)) []result {
	results := make([]result, n)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i].answer, results[i].err = request(i) })
	}
	all.Wait()
	return results
}

// dark lets Autotask go while many read. It returns their answers, some of which come after a wait between two attempts.
func dark(t *testing.T, d desk, sim upstream) <-chan []result {
	t.Helper()
	before := d.read("/tickets/7001").status(http.StatusOK)
	list := d.read("/tickets?limit=2&status=5").status(http.StatusOK)
	sim.order("outage", object{"mode": "reset"})
	pending := make(chan []result, 1)
	go func() {
		pending <- together(30, func(int) (answer, error) { return d.tryRead("/tickets/7001") })
	}()
	d.Line("circuit breaker opened", "breaker", "autotask.Tickets")
	opened := time.Now()
	stoptest.WaitFor(t, limit, "requests under way", func() bool { return d.metric("autotask_threads_in_use") == 0 })
	requests := sim.stats().Requests

	var took []time.Duration
	for i := range 20 {
		got := d.write(http.MethodPost, "/tickets", newTicket(fmt.Sprintf("DARK-%d", i))).status(http.StatusServiceUnavailable)
		require.NotEmpty(t, got.header.Get("Retry-After"))
		require.NotEmpty(t, got.detail())
		took = append(took, got.took)
	}
	report(t, "write while dark", took)
	took = nil
	for path, want := range map[string]answer{"/tickets/7001": before, "/tickets?status=5&limit=2": list} {
		got := d.read(path).status(http.StatusOK)
		require.True(t, got.fallback())
		require.NotEmpty(t, got.header.Get("Age"))
		require.JSONEq(t, string(want.body), string(got.body))
		took = append(took, got.took)
	}
	report(t, "read while dark", took)
	require.Less(t, time.Since(opened), reset, "the breaker is still open")
	require.Equal(t, requests, sim.stats().Requests, "nothing reaches an Autotask that is down")
	return pending
}

// report prints how long requests took. The bar is 50 ms; a machine that is busy with other tests may need more.
func report(t *testing.T, what string, took []time.Duration) {
	t.Helper()
	slices.Sort(took)
	t.Logf("%s: %d requests, median %s, longest %s (bar 50ms)", what, len(took), took[len(took)/2], took[len(took)-1])
	require.Less(t, took[len(took)-1], time.Second)
}

// back ends the outage. Nobody tells the service.
func back(t *testing.T, d desk, sim upstream) {
	t.Helper()
	sim.order("outage", object{"mode": "off"})
	began := time.Now()
	stoptest.WaitFor(t, limit, "recovery of reads", func() bool {
		a := d.read("/tickets/7001").status(http.StatusOK)
		return !a.fallback()
	})
	stoptest.WaitFor(t, limit, "recovery of writes", func() bool {
		a := d.write(http.MethodPost, "/tickets", newTicket("BACK-1"))
		return a.code == http.StatusCreated
	})
	t.Logf("recovered after %s; a breaker stays open for %s", time.Since(began).Round(time.Millisecond), reset)
	require.Empty(t, d.read("/tickets/7001").status(http.StatusOK).header.Get("Age"))
}

// compare holds the service's own books against those of Autotask.
func compare(t *testing.T, d desk, sim upstream) {
	t.Helper()
	stats, lookups := sim.stats(), int64(0)
	for _, call := range stats.ByCall {
		if call.Entity == "" {
			lookups += call.Count // of the zone: no thread and no unit is counted for them
		}
	}
	t.Logf("Autotask saw %d requests, %d of them zone lookups and %d in the dark", stats.Requests, lookups, stats.Dark)
	require.Equal(t, stats.Requests, d.metric("autotask_requests_total"), "one HTTP request per attempt")
	require.Equal(t, stats.Requests-lookups, d.metric("autotask_budget_used"), "one unit for each")
	require.Equal(t, int64(10_000), d.metric("autotask_budget_limit"))
	require.Zero(t, d.metric("autotask_threads_in_use"))
	require.Zero(t, d.metric("autotask_waiting"))
}
