package simulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// origin and api are how the tests name the simulator; its transport takes any host.
const (
	origin = "http://sim.example"
	api    = origin + "/ATServicesRest/V1.0/"
	sim    = origin + "/__sim/"
)

// all is a filter that every record meets.
const all = `{"filter":[{"op":"gte","field":"id","value":0}]}`

func authorize(r *http.Request) {
	username, code, secret := simulator.Credentials()
	r.Header.Set("UserName", username)
	r.Header.Set("ApiIntegrationCode", code)
	r.Header.Set("Secret", secret)
}

// kit is a simulator and how the tests speak to it: plain HTTP, as any client.
type kit struct {
	*simulator.Simulator

	t   *testing.T
	via http.RoundTripper
}

func newKit(t *testing.T, cfg simulator.Config, opts ...simulator.Option) kit {
	t.Helper()
	s, err := simulator.New(cfg, opts...)
	require.NoError(t, err)
	return kit{s, t, s.Transport()}
}

// overNetwork is a kit that goes through sockets, a new connection for each request.
func overNetwork(t *testing.T, s *simulator.Simulator) kit {
	t.Helper()
	return kit{s, t, &http.Transport{DisableKeepAlives: true}}
}

// in is the kit in a subtest.
func (k kit) in(t *testing.T) kit {
	t.Helper()
	return kit{k.Simulator, t, k.via}
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (k kit) do(method, url, body string, header ...string) reply {
	k.t.Helper()
	return k.send(k.t.Context(), method, url, body, header...)
}

func (k kit) send(ctx context.Context, method, url, body string, header ...string) reply {
	k.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(k.t, err)
	authorize(req)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := k.via.RoundTrip(req)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return reply{status: resp.StatusCode, header: resp.Header, body: string(data), err: err}
}

func (k kit) get(path string) reply { k.t.Helper(); return k.do(http.MethodGet, api+path, "") }

func (k kit) post(path, body string) reply {
	k.t.Helper()
	return k.do(http.MethodPost, api+path, body)
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

func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	require.NoError(t, r.err)
	require.Equal(t, http.StatusOK, r.status, r.body)
	var v T
	require.NoError(t, json.Unmarshal([]byte(r.body), &v), r.body)
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

func (k kit) created(path, body string) int64 {
	k.t.Helper()
	return decode[struct {
		ItemID int64 `json:"itemId"`
	}](k.t, k.post(path, body)).ItemID
}

// refused requires an answer of HTTP 500 with these texts.
func (k kit) refused(r reply, texts ...string) {
	k.t.Helper()
	require.NoError(k.t, r.err)
	require.Equal(k.t, http.StatusInternalServerError, r.status, r.body)
	var got struct {
		Errors []string `json:"errors"`
	}
	require.NoError(k.t, json.Unmarshal([]byte(r.body), &got), r.body)
	require.Equal(k.t, texts, got.Errors)
}

func (k kit) message(r reply, status int, text string) {
	k.t.Helper()
	require.NoError(k.t, r.err)
	require.Equal(k.t, status, r.status, r.body)
	var got map[string]string
	require.NoError(k.t, json.Unmarshal([]byte(r.body), &got), r.body)
	require.Equal(k.t, map[string]string{"Message": text}, got)
}
