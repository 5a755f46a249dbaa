package tenant_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	origin = "https://webservices5.autotask.net"
	api    = origin + "/ATServicesRest/V1.0/"
)

// all is a filter that every record meets.
const all = `{"filter":[{"op":"gte","field":"id","value":0}]}`

// kit is a tenant and how the tests speak to it: requests of plain HTTP, taken apart.
type kit struct {
	*tenant.Tenant
	t     testing.TB
	clock *atomic.Int64 // seconds since 1970
}

func newKit(tb testing.TB, cfg tenant.Config) kit {
	tb.Helper()
	clock := &atomic.Int64{}
	clock.Store(time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
	return kit{tenant.New(cfg, now), tb, clock}
}

// in is the kit in a subtest.
func (k kit) in(tb testing.TB) kit {
	tb.Helper()
	return kit{k.Tenant, tb, k.clock}
}

// do sends a request. A url without a host is below the version.
func (k kit) do(method, url, body string, header ...string) wire.Answer {
	k.t.Helper()
	return k.Answer(request(k.t, method, url, body, header...))
}

func request(tb testing.TB, method, url, body string, header ...string) *wire.Call {
	tb.Helper()
	if !strings.HasPrefix(url, "http") {
		url = api + url
	}
	req := httptest.NewRequestWithContext(tb.Context(), method, url, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return wire.Read(req)
}

func (k kit) get(path string) wire.Answer { k.t.Helper(); return k.do(http.MethodGet, path, "") }

func (k kit) post(path, body string) wire.Answer {
	k.t.Helper()
	return k.do(http.MethodPost, path, body)
}

// page is a list answer.
type page struct {
	Items       []map[string]any `json:"items"`
	PageDetails struct {
		Count        int     `json:"count"`
		RequestCount int     `json:"requestCount"`
		PrevPageURL  *string `json:"prevPageUrl"`
		NextPageURL  *string `json:"nextPageUrl"`
	} `json:"pageDetails"`
}

func decode[T any](tb testing.TB, a wire.Answer) T {
	tb.Helper()
	require.Equal(tb, http.StatusOK, a.Status, string(a.Body))
	var v T
	require.NoError(tb, json.Unmarshal(a.Body, &v), string(a.Body))
	return v
}

func (k kit) item(path string) map[string]any {
	k.t.Helper()
	return decode[struct {
		Item map[string]any `json:"item"`
	}](k.t, k.get(path)).Item
}

func (k kit) query(entity, body string) page {
	k.t.Helper()
	return decode[page](k.t, k.post(entity+"/query", body))
}

// ids are those of the records that a query finds, in the order in which they come.
func (k kit) ids(entity, body string) []int64 { k.t.Helper(); return k.query(entity, body).ids() }

func (p page) ids() []int64 {
	ids := []int64{}
	for _, item := range p.Items {
		id, _ := item["id"].(float64)
		ids = append(ids, int64(id))
	}
	return ids
}

func (k kit) written(a wire.Answer) int64 {
	k.t.Helper()
	return decode[struct {
		ItemID int64 `json:"itemId"`
	}](k.t, a).ItemID
}

func (k kit) created(path, body string) int64 { k.t.Helper(); return k.written(k.post(path, body)) }

// ticket is a body that creates a ticket.
func ticket(more string) string {
	return `{"companyID":0,"title":"Printer","status":1,"priority":2` + more + `}`
}

// newTicket creates a ticket.
func (k kit) newTicket(more string) int64 { k.t.Helper(); return k.created("Tickets", ticket(more)) }

// resources returns the ids of two resources that are active and not the API user.
func (k kit) resources() (a, b int64) {
	k.t.Helper()
	ids := k.ids("Resources", fmt.Sprintf(`{"MaxRecords":2,"filter":[{"op":"eq","field":"isActive","value":true},
		{"op":"noteq","field":"id","value":%d}]}`, self))
	require.Len(k.t, ids, 2)
	return ids[0], ids[1]
}

// refused requires an answer of HTTP 500 with these texts.
func (k kit) refused(a wire.Answer, misuse string, texts ...string) {
	k.t.Helper()
	require.Equal(k.t, http.StatusInternalServerError, a.Status, string(a.Body))
	var got struct {
		Errors []string `json:"errors"`
	}
	require.NoError(k.t, json.Unmarshal(a.Body, &got), string(a.Body))
	require.Equal(k.t, texts, got.Errors)
	require.Equal(k.t, misuse, a.Misuse)
}

// message requires an answer of the web stack.
func (k kit) message(a wire.Answer, status int, misuse, text string) {
	k.t.Helper()
	require.Equal(k.t, status, a.Status, string(a.Body))
	var got map[string]string
	require.NoError(k.t, json.Unmarshal(a.Body, &got), string(a.Body))
	require.Equal(k.t, map[string]string{"Message": text}, got)
	require.Equal(k.t, misuse, a.Misuse)
}

func notAllowed(method string) string {
	return "The requested resource does not support http method '" + method + "'."
}
