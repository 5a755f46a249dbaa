package companies_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/companies"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/desktest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts the module companies on a simulated Autotask, whose tenant has the companies 0 and 174 to 213.
func start(tb testing.TB) (*apptest.App, *autotasktest.Sim) {
	tb.Helper()
	sim := autotasktest.New(tb)
	return desktest.New(tb, sim, companies.Module), sim
}

func TestList(t *testing.T) {
	t.Parallel()
	a, sim := start(t)
	want := []int64{0}
	for id := int64(174); id < 214; id++ {
		want = append(want, id)
	}
	var got []int64
	for cursor, pages := "", int64(1); ; pages++ {
		var list page.List[entities.Company]
		a.Get("/api/v1/companies?limit=7" + cursor).Do().Status(http.StatusOK).JSON(&list)
		require.Equal(t, pages, desktest.Calls(sim, "Companies"), "one request to Autotask for a page")
		for _, company := range list.Items {
			got = append(got, company.ID.Or(-1))
		}
		if list.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + list.NextCursor
	}
	require.Equal(t, want, got)
}

func TestGet(t *testing.T) {
	t.Parallel()
	a, sim := start(t)
	var company entities.Company
	a.Get("/api/v1/companies/0").Do().Status(http.StatusOK).JSON(&company)
	require.Equal(t, "Holdfast Demo MSP", company.CompanyName.Or(""))
	require.EqualValues(t, 1, desktest.Calls(sim, "Companies"))
	problem := a.Get("/api/v1/companies/1").Do().Status(http.StatusNotFound).Problem()
	require.NotEmpty(t, problem.Detail)
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	a, sim := start(t)
	var list page.List[entities.Company]
	a.Get("/api/v1/companies?limit=1").Do().JSON(&list)
	reached := sim.Stats().Requests
	t.Cleanup(func() { require.Equal(t, reached, sim.Stats().Requests, "none of it reaches Autotask") })
	tests := map[string]struct {
		method, path string
		status       int
		want         string // the sentence
	}{
		"id that is no number": {http.MethodGet, "/acme", 400, "path.id must be an integer"},
		"negative id":          {http.MethodGet, "/-1", 422, "path.id must be at least 0"},
		"limit 0":              {http.MethodGet, "?limit=0", 422, "query.limit must be at least 1"},
		"limit 501":            {http.MethodGet, "?limit=501", 422, "query.limit must be at most 500"},
		"changed cursor":       {http.MethodGet, "?cursor=B" + list.NextCursor[1:], 400, "the cursor is not one of this list"},
		"companies are read":   {http.MethodPost, "", 405, "POST is not possible here; use"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem := a.Request(test.method, "/api/v1/companies"+test.path).Do().Status(test.status).Problem()
			require.Contains(t, problem.Detail, test.want)
		})
	}
}

func TestWhileAutotaskIsDark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, sim := start(t)
		list := a.Get("/api/v1/companies?limit=2").Do().Status(http.StatusOK)
		company := a.Get("/api/v1/companies/174").Do().Status(http.StatusOK)
		sim.Outage(true)
		began := time.Now()
		a.Get("/api/v1/companies/175").Do()
		require.Less(t, time.Since(began), 10*time.Second)
		time.Sleep(time.Minute - time.Since(began))

		before := sim.Stats().Requests
		for path, want := range map[string]*apptest.Response{"/api/v1/companies?limit=2": list, "/api/v1/companies/174": company} {
			resp := a.Get(path).Do().Status(http.StatusOK)
			require.Equal(t, "true", resp.Header.Get("X-Resilience-Fallback"))
			require.Equal(t, "60", resp.Header.Get("Age"))
			require.JSONEq(t, string(want.Body), string(resp.Body))
		}
		a.Get("/api/v1/companies/0").Do().Status(http.StatusOK) // as a row of the page
		resp := a.Get("/api/v1/companies/175").Do().Status(http.StatusServiceUnavailable)
		require.NotEmpty(t, resp.Header.Get("Retry-After"))
		require.Equal(t, before, sim.Stats().Requests, "nobody waits for an Autotask that is down")

		sim.Outage(false)
		time.Sleep(desktest.Reset)
		require.Empty(t, a.Get("/api/v1/companies/175").Do().Status(http.StatusOK).Header.Get("X-Resilience-Fallback"))
	})
}
