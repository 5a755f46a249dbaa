package tickets_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/desktest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

const fallback = "X-Resilience-Fallback"

// open makes Autotask dark until a breaker on the way from a path to Autotask is open: that of the route, or the entity's.
func (d desk) open(outage simulator.Outage, path string) {
	d.t.Helper()
	d.sim.SetOutage(outage)
	for range 4 {
		before := d.sim.Stats().Requests
		d.Get(path).Do()
		if d.sim.Stats().Requests == before {
			return
		}
	}
	d.t.Fatal("the breaker lets everything through")
}

func TestReadsWhileAutotaskIsDark(t *testing.T) {
	t.Parallel()
	for _, outage := range []simulator.Outage{simulator.OutageReset, simulator.OutageUnavailable, simulator.OutageHang} {
		t.Run(string(outage), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := start(t)
				ticket := d.Get("/api/v1/tickets/7001").Do().Status(http.StatusOK)
				list := d.Get("/api/v1/tickets?status=5&limit=2").Do().Status(http.StatusOK)
				notes := d.Get("/api/v1/tickets/7001/notes").Do().Status(http.StatusOK)
				row := d.list("/api/v1/tickets?status=5&limit=2").Items[0].ID

				for _, path := range []string{"/api/v1/tickets/7001", "/api/v1/tickets", "/api/v1/tickets/7001/notes"} {
					d.open(outage, path)
				}
				began := time.Now()
				for path, want := range map[string][]byte{
					"/api/v1/tickets/7001":             ticket.Body,
					"/api/v1/tickets?limit=2&status=5": list.Body,
					"/api/v1/tickets/7001/notes":       notes.Body,
				} {
					resp := d.Get(path).Do().Status(http.StatusOK)
					require.Equal(t, "true", resp.Header.Get(fallback), path)
					require.Equal(t, "no-store", resp.Header.Get("Cache-Control"), path)
					require.JSONEq(t, string(want), string(resp.Body), path)
				}
				require.Equal(t, row, d.ticket("/api/v1/tickets/"+row.String()).ID, "rows of a page are kept too")
				require.Zero(t, time.Since(began), "nobody waits for an Autotask that is down")
			})
		})
	}
}

func TestAgeOfAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t)
		d.Get("/api/v1/tickets/7001").Do().Status(http.StatusOK)
		d.Get("/api/v1/tickets?limit=1").Do().Status(http.StatusOK)
		began := time.Now()
		d.open(simulator.OutageReset, "/api/v1/tickets/7002")
		time.Sleep(47*time.Second - time.Since(began))
		for _, path := range []string{"/api/v1/tickets/7001", "/api/v1/tickets?limit=1"} {
			require.Equal(t, "47", d.Get(path).Do().Status(http.StatusOK).Header.Get("Age"), path)
		}
		d.sim.Outage(false)
		time.Sleep(desktest.Reset)
		resp := d.Get("/api/v1/tickets/7001").Do().Status(http.StatusOK)
		require.Empty(t, resp.Header.Get("Age"))
		require.Empty(t, resp.Header.Get(fallback), "Autotask answers again")
	})
}

// What was never read, and what is known to be out of date, cannot be served.
func TestNothingKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t)
		next := d.list("/api/v1/tickets?limit=1").NextCursor
		d.ticket("/api/v1/tickets/7002")
		d.write(http.MethodPatch, "/api/v1/tickets/7002", object{"priority": 3}).Status(http.StatusOK)
		d.open(simulator.OutageReset, "/api/v1/tickets/7001")
		for _, path := range []string{
			"/api/v1/tickets/7002",
			"/api/v1/tickets/7003",
			"/api/v1/tickets?limit=2",
			"/api/v1/tickets?limit=1&status=5",
			"/api/v1/tickets?limit=1&companyId=0",
			"/api/v1/tickets?limit=1&q=a",
			"/api/v1/tickets?limit=1&cursor=" + next,
		} {
			resp := d.Get(path).Do().Status(http.StatusServiceUnavailable)
			require.NotEmpty(t, resp.Problem().Detail, path)
			require.NotEmpty(t, resp.Header.Get("Retry-After"), path)
			require.Empty(t, resp.Header.Get(fallback), path)
		}
	})
}

// The faults of a caller are told, whatever the state of Autotask.
func TestBadInputWhileAutotaskIsDark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t)
		d.open(simulator.OutageReset, "/api/v1/tickets/7001")
		d.Get("/api/v1/tickets?limit=0").Do().Status(http.StatusUnprocessableEntity)
		d.Get("/api/v1/tickets?cursor=x").Do().Status(http.StatusBadRequest)
		d.Get("/api/v1/tickets/first").Do().Status(http.StatusBadRequest)
		d.Post("/api/v1/tickets").JSON(newTicket()).Do().Status(http.StatusUnauthorized)
	})
}

func TestWritesWhileAutotaskIsDark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := start(t)
		d.ticket("/api/v1/tickets/7001")
		d.sim.Outage(true)
		before := d.sim.Stats().Requests
		problem := d.write(http.MethodPost, "/api/v1/tickets", newTicket()).Status(http.StatusBadGateway).Problem()
		require.Contains(t, problem.Detail, "may have been created all the same")
		require.Equal(t, before+1, d.sim.Stats().Requests, "a create that may have taken effect is not sent again")

		d.open(simulator.OutageReset, "/api/v1/tickets/7001")
		d.open(simulator.OutageReset, "/api/v1/tickets/7001/notes")
		began, before := time.Now(), d.sim.Stats().Requests
		note := object{"title": "Called", "description": "Nobody there", "noteType": 3, "publish": 1}
		for _, write := range []struct {
			method, path string
			body         object
		}{
			{http.MethodPost, "/api/v1/tickets", newTicket()},
			{http.MethodPatch, "/api/v1/tickets/7001", object{"priority": 3}},
			{http.MethodPost, "/api/v1/tickets/7001/notes", note},
		} {
			resp := d.write(write.method, write.path, write.body).Status(http.StatusServiceUnavailable)
			require.NotEmpty(t, resp.Problem().Detail)
			require.NotEmpty(t, resp.Header.Get("Retry-After"))
		}
		require.Zero(t, time.Since(began))
		require.Equal(t, before, d.sim.Stats().Requests)
	})
}
