package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func (k kit) order(name, body string) reply {
	k.t.Helper()
	return k.do(http.MethodPost, sim+name, body, "Secret", "none")
}

func TestS51Orders(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	before := k.Now()
	require.Equal(t, 200, k.order("clock", `{"advance":"61m"}`).status)
	require.WithinRange(t, k.Now(), before.Add(61*time.Minute), before.Add(62*time.Minute))
	require.Equal(t, 200, k.order("threshold/external", `{"requests":9000}`).status)
	require.Equal(t, 200, k.order("latency", `{"latency":"1ms"}`).status)
	r := k.order("outage", `{"mode":"unavailable"}`)
	got := decode[map[string]any](t, r)
	require.Equal(t, "unavailable", got["outage"])
	require.Equal(t, "1ms", got["latency"])
	require.InDelta(t, 9000, got["rolling"], 0)
	require.Equal(t, 503, k.get("Tickets/7001").status)
	require.Equal(t, 200, k.order("outage", `{"mode":"off"}`).status)
	require.Equal(t, 9001, k.rolling(), "external requests are counted with our own")
}

func TestS51BadOrders(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, body, want string }{
		"no clock":        {"clock", `{}`, `"advance": "" is not a duration above 0; for example {"advance": "61m"}`},
		"clock back":      {"clock", `{"advance":"-1h"}`, `"advance": "-1h" is not a duration above 0; for example {"advance": "61m"}`},
		"clock as number": {"clock", `{"advance":60}`, "the body is not the JSON object that is expected"},
		"outage":          {"outage", `{"mode":"dark"}`, `"mode": "dark" is not one of reset, unavailable, hang, off`},
		"unknown member":  {"outage", `{"on":true}`, `unknown field "on"; GET /__sim/ tells each`},
		"latency":         {"latency", `{"latency":"soon"}`, `"latency": "soon" is not a duration`},
		"external":        {"threshold/external", `{"requests":0}`, `"requests": 0 is not from 1 to 1000000000`},
		"external, many":  {"threshold/external", `{"requests":9223372036854775807}`, `is not from 1 to 1000000000`},
		"empty":           {"latency", ``, "the body is not the JSON object that is expected: EOF"},
		"two":             {"latency", `{"latency":"1s"}{}`, "the body holds more than one JSON value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{Tickets: 1})
			before := k.do(http.MethodGet, sim+"state", "").body
			r := k.order(tt.name, tt.body)
			require.Equal(t, http.StatusBadRequest, r.status)
			require.Contains(t, r.body, tt.want)
			require.Equal(t, before[strings.Index(before, `"outage"`):], after(k.do(http.MethodGet, sim+"state", "").body, `"outage"`))
		})
	}
	k := newKit(t, simulator.Config{Tickets: 1})
	require.Equal(t, 404, k.order("nonsense", "{}").status)
	require.Equal(t, 405, k.do(http.MethodGet, sim+"outage", "").status)
}

func after(s, sep string) string { return s[strings.Index(s, sep):] }

func TestS51StatsAreExact(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.get("Tickets/7001")
	k.get("tickets/7001")
	k.post("Tickets", ticket(`,"externalID":"X"`))
	k.post("Tickets", ticket(`,"externalID":"x"`))
	k.get(lookup)
	k.do("BREW", api+"Tickets/7001", "")
	var got simulator.Stats
	r := k.do(http.MethodGet, sim+"stats", "")
	require.NoError(t, json.Unmarshal([]byte(r.body), &got))
	require.Equal(t, k.Stats(), got)
	require.Equal(t, simulator.Stats{
		Requests: 6,
		ByCall: []simulator.Calls{
			{Method: "GET", Status: 200, Count: 1},
			{Entity: "Tickets", Method: "GET", Status: 200, Count: 2},
			{Entity: "Tickets", Method: "OTHER", Status: 405, Count: 1},
			{Entity: "Tickets", Method: "POST", Status: 200, Count: 2},
		},
		Rolling:       5,
		MaxConcurrent: map[string]int{"Tickets": 1},
		Duplicates:    []simulator.Duplicate{{Entity: "Tickets", ExternalID: "x", Records: 2}},
	}, got)
}

func TestDuplicatesEndWithTheirExternalID(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.created("Tickets", ticket(`,"externalID":"x"`))
	id := k.created("Tickets", ticket(`,"externalID":"x"`))
	require.Len(t, k.Stats().Duplicates, 1)
	require.Equal(t, 200, k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,"externalID":"y"}`, id)).status)
	require.Empty(t, k.Stats().Duplicates)
}

func TestS51RecordedRequests(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.post("Tickets", ticket(""))
	got := k.Requests()
	require.Len(t, got, 1)
	require.Equal(t, ticket(""), got[0].Body)
	require.Equal(t, "Tickets", got[0].Entity)
	require.Equal(t, 200, got[0].Status)
	require.Equal(t, "api@holdfast-demo.example", got[0].Header.Get("UserName"))
	_, code, secret := simulator.Credentials()
	seen := k.do(http.MethodGet, sim+"requests", "").body
	require.NotContains(t, seen, code)
	require.NotContains(t, seen, secret)

	long := strings.Repeat("x", 5<<10)
	k.post("Tickets", ticket(`,"description":"`+long+`"`))
	require.Len(t, k.Requests()[1].Body, 4<<10, "bounded")
	for i := range 1004 {
		k.get(fmt.Sprintf("Tickets/%d", i))
	}
	got = k.Requests()
	require.Len(t, got, 1000, "bounded")
	require.Equal(t, "/ATServicesRest/V1.0/Tickets/4", got[0].Path)
	require.Equal(t, "/ATServicesRest/V1.0/Tickets/1003", got[999].Path)
}

func TestS51Reset(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 5})
	fresh := k.post("Tickets/query", all).body
	k.created("Tickets", ticket(""))
	k.Advance(hour)
	k.AddExternal(5)
	k.Outage(true)
	k.Latency(hour)
	require.Equal(t, 200, k.order("reset", "").status)
	require.WithinDuration(t, time.Now(), k.Now(), time.Minute)
	require.Equal(t, simulator.Stats{
		ByCall: []simulator.Calls{}, MaxConcurrent: map[string]int{}, Duplicates: []simulator.Duplicate{},
	}, k.Stats())
	require.Empty(t, k.Requests())
	require.Equal(t, fresh, k.post("Tickets/query", all).body)
}

func TestHelpServedAndComplete(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.Equal(t, simulator.Help, k.do(http.MethodGet, sim, "").body)
	username, code, secret := simulator.Credentials()
	for _, want := range []string{username, code, secret, "/__sim/outage", "/__sim/latency", "/__sim/clock", "/__sim/threshold/external", "/__sim/reset", "/__sim/state", "/__sim/stats", "/__sim/requests"} {
		require.Contains(t, simulator.Help, want)
	}
}
