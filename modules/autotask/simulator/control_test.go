package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

func (k kit) order(name, body string) reply {
	k.t.Helper()
	return k.do(http.MethodPost, sim+name, body, "Secret", "none")
}

func TestS51Orders(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, UsageLatency: simulator.NoLatency})
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
		"clock as number": {"clock", `{"advance":60}`, "advance: number does not fit here; GET /__sim/ has an example of each call"},
		"outage":          {"outage", `{"mode":"dark"}`, `"mode": "dark" is not one of reset, unavailable, hang, off`},
		"unknown member":  {"outage", `{"on":true}`, `unknown member "on"; known are mode; GET /__sim/ has`},
		"latency":         {"latency", `{"latency":"soon"}`, `"latency": "soon" is not a duration`},
		"external":        {"threshold/external", `{"requests":0}`, `"requests": 0 is not from 1 to 1000000000`},
		"external, many":  {"threshold/external", `{"requests":9223372036854775807}`, `is not from 1 to 1000000000`},
		"latency, long":   {"latency", `{"latency":"25h"}`, `"latency": "25h" is not a duration from 0 to 24h0m0s`},
		"empty":           {"latency", ``, "nothing is not a JSON object; GET"},
		"reset":           {"reset", `{"hard":true}`, `unknown member "hard"; there is none; GET`},
		"foreign":         {"threshold/foreign", `{}`, `"perHour" is not from 0 to 1000000000`},
		"foreign, less":   {"threshold/foreign", `{"perHour":-1}`, `"perHour" is not from 0 to 1000000000`},
		"no name":         {"snapshot", `{}`, `"name": "" is not a name of 1 to 100 bytes; for example {"name": "clean"}`},
		"long name":       {"snapshot", `{"name":"` + strings.Repeat("x", 101) + `"}`, `is not a name of 1 to 100 bytes`},
		"no snapshot":     {"restore", `{"name":"clean"}`, `"name": there is no snapshot "clean", nor any other; take one by POST /__sim/snapshot`},
		"faults":          {"faults", `{"rules":[{"kind":"flood"}]}`, `rule 1: kind: "flood" is none of latency, `},
		"faults, no JSON": {"faults", `x`, `for example {"rules": [{"kind": "reset_after", "method": "POST", "times": 1}]}`},
		"zone":            {"zone", `{"zone":14}`, `"zone": 14 is none of [5], which AUTOTASK_SIMULATOR_ZONES lists`},
		"right":           {"rights", `{"entity":"Tickets","create":"some","query":"any"}`, `"create": "some" is not one of all, none, restricted` + "\n" + `"query": "any" is not`},
		"entity":          {"rights", `{"entity":"Nonsense"}`, `"entity": there is no entity "Nonsense"; for example {"resource": 0, "entity": "Tickets", "create": "none"}`},
		"resource":        {"rights", `{"resource":99,"entity":"Tickets"}`, `"resource": there is no resource 99; for example`},
		"null":            {"rights", `null`, "null is not a JSON object"},
		"null reset":      {"reset", `null`, "null is not a JSON object"},
		"an array":        {"clock", `[]`, "array is not a JSON object"},
		"disturbance":     {"webhooks", `{"duplicate":1.1}`, `"duplicate" and "swap" are shares from 0 to 1`},
		"timeout":         {"webhooks/wait", `{"timeout":"soon"}`, `"timeout": "soon" is not a duration above 0; for example {"timeout": "5s"}`},
		"wait for what":   {"webhooks/wait", `{"until":"5s"}`, `unknown member "until"`},
		"two":             {"latency", `{"latency":"1s"}{}`, "after top-level value"},
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
}

func TestS51NoSuchCall(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	r := k.order("nonsense", "{}")
	require.Equal(t, 404, r.status)
	require.Equal(t, `there is no control call "/__sim/nonsense"; GET /__sim/ lists them all`+"\n", r.body)
	for path, want := range map[string]string{"outage": "POST", "webhooks/wait": "POST", "state": "GET", "faults": "GET, POST", "": "GET"} {
		r := k.do(http.MethodDelete, sim+path, "")
		require.Equal(t, 405, r.status)
		require.Equal(t, "/__sim/"+path+" takes "+want+"; GET /__sim/ has an example of each call\n", r.body)
		require.Equal(t, want, r.header.Get("Allow"))
	}
	require.Equal(t, simulator.Help, k.do(http.MethodGet, origin+"/__sim", "").body, "without the slash, too")
	require.Equal(t, 405, k.do(http.MethodPost, origin+"/__sim", "").status)
	require.Empty(t, k.Requests(), "counted nowhere")
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
	rows := k.Stats().Rows
	require.Greater(t, rows, 100)
	var got simulator.Stats
	r := k.do(http.MethodGet, sim+"stats", "")
	require.NoError(t, json.Unmarshal([]byte(r.body), &got))
	require.Equal(t, k.Stats(), got)
	require.Equal(t, simulator.Stats{
		Requests: 6, Rows: rows, Faults: []int{},
		Violations: map[string]int64{"wrong_method": 1, "duplicate_create": 1},
		ByCall: []simulator.Calls{
			{Method: "GET", Status: 200, Count: 1},
			{Entity: "Tickets", Method: "GET", Status: 200, Count: 2},
			{Entity: "Tickets", Method: "OTHER", Status: 405, Count: 1},
			{Entity: "Tickets", Method: "POST", Status: 200, Count: 2},
		},
		Rolling:       5,
		MaxConcurrent: map[string]int{"Tickets": 1},
		Duplicates:    []simulator.Duplicate{{Entity: "Tickets", ExternalID: "X", Records: 2}},
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

// Of a header that is too large the same part is kept each time.
func TestRecordedHeadersAreBounded(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	for range 20 {
		k.do(http.MethodGet, api+"Tickets/7001", "", "X-C", strings.Repeat("c", 3000), "X-B", strings.Repeat("b", 3000), "X-A", strings.Repeat("a", 3000))
	}
	for _, r := range k.Requests() {
		require.True(t, r.Header.Get("X-A") != "" && r.Header.Get("X-B") == "" && r.Header.Get("X-C") == "", "by name")
	}
}

func TestRecordedWebhooksHaveNoSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"a text":      {`{"name":"n","secretKey":"hidden","isActive":true}`, `{"name":"n","secretKey":"***","isActive":true}`},
		"any case":    {`{"SECRETKEY" : "hidden"}`, `{"SECRETKEY" : "***"}`},
		"escapes":     {`{"secretKey":"a\"hidden\\","name":"n"}`, `{"secretKey":"***","name":"n"}`},
		"a number":    {`{"secretKey":4711hidden,"name":"n"}`, `{"secretKey":"***","name":"n"}`},
		"two":         {`[{"secretKey":"hidden"},{"secretkey":"hidden"}]`, `[{"secretKey":"***"},{"secretkey":"***"}]`},
		"many lines":  {"{\"secretKey\":\n\t\"hid\\\nden\"}", "{\"secretKey\":\n\t\"***\"}"},
		"cut off":     {`{"x":"` + strings.Repeat("x", 4070) + `","secretKey":"hidden"}`, `{"x":"` + strings.Repeat("x", 4070) + `","secretKey":"***"`},
		"nothing":     {`{"secretKey":""}`, `{"secretKey":"***"}`},
		"no such key": {`{"name":"secretKey"}`, `{"name":"secretKey"}`},
	}
	k := newKit(t, simulator.Config{Tickets: 1})
	for name, tt := range tests {
		k.Reset()
		k.post("TicketWebhooks", tt.body)
		require.Equal(t, tt.want, k.Requests()[0].Body, name)
		require.NotContains(t, k.do(http.MethodGet, sim+"requests", "").body, "hidden", name)
	}
	k.post("Tickets", `{"secretKey":"a UDF"}`)
	require.Contains(t, k.Requests()[1].Body, "a UDF", "elsewhere it is none")
}

func TestS51Reset(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 5})
	empty := k.Stats()
	fresh := k.post("Tickets/query", all).body
	k.get("Nonsense")
	k.created("Tickets", ticket(""))
	k.Advance(hour)
	k.AddExternal(5)
	k.Outage(true)
	k.Latency(hour)
	require.Equal(t, 200, k.order("reset", "").status)
	require.WithinDuration(t, time.Now(), k.Now(), time.Minute)
	require.Equal(t, empty, k.Stats())
	require.Empty(t, k.Violations())
	require.Empty(t, k.Requests())
	require.Equal(t, fresh, k.post("Tickets/query", all).body)
}

func TestS51OrdersOfTheTenant(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{5, 14}})
	state := func(name, body string) map[string]any {
		t.Helper()
		return decode[map[string]any](t, k.order(name, body))
	}
	require.InDelta(t, 14, state("zone", `{"zone":14}`)["zone"], 0)
	require.Equal(t, 401, k.get("Tickets/7001").status)
	state("zone", `{"zone":5}`)

	require.InDelta(t, 4000, state("threshold/foreign", `{"perHour":4000}`)["foreignPerHour"], 0)
	require.Equal(t, map[string]any{"duplicate": 0.5, "swap": 1.0}, state("webhooks", `{"duplicate":0.5,"swap":1}`)["webhooks"])
	state("webhooks/wait", `{"timeout":"5s"}`)

	state("rights", `{"entity":"Tickets","create":"none","query":"restricted"}`)
	require.Equal(t, 500, k.post("Tickets", ticket("")).status)
	info := decode[map[string]map[string]any](t, k.get("Tickets/entityInformation"))["info"]
	require.InDelta(t, 0, info["userAccessForCreate"], 0)
	require.InDelta(t, 2, info["userAccessForQuery"], 0)
	require.InDelta(t, 1, info["userAccessForUpdate"], 0, "what is left out is all")

	got := state("faults", `{"seed":7,"rules":[{"kind":"latency","path":"/nothing","duration":"250ms"}]}`)["faults"]
	require.Equal(t, map[string]any{"seed": 7.0, "rules": []any{map[string]any{"kind": "latency", "path": "/nothing", "duration": "250ms"}}}, got)
	faults := decode[map[string]any](t, k.do(http.MethodGet, sim+"faults", ""))
	require.Equal(t, []any{0.0}, faults["met"])
	require.Equal(t, []any{0.0}, faults["hit"])
	require.InDelta(t, 7, faults["seed"], 0)
	for _, list := range []string{"deliveries", "notices", "violations"} {
		require.Equal(t, []any{}, decode[[]any](t, k.do(http.MethodGet, sim+list, "")), list)
	}

	require.Equal(t, []any{}, state("reset", `{}`)["snapshots"])
	require.Empty(t, k.Violations())
	k.created("Tickets", ticket(""))
}

func TestS51Snapshots(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	rows := k.Stats().Rows
	for i := range 10 {
		require.Equal(t, 200, k.order("snapshot", fmt.Sprintf(`{"name":"s%d"}`, i)).status)
	}
	r := k.order("snapshot", `{"name":"more"}`)
	require.Equal(t, http.StatusBadRequest, r.status)
	require.Equal(t, "10 snapshots are kept already: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9; take one of their names, or reset\n", r.body)
	k.created("Tickets", ticket(""))
	require.Equal(t, 200, k.order("snapshot", `{"name":"s9"}`).status, "in place of the one before")
	require.Equal(t, 200, k.order("restore", `{"name":"s0"}`).status)
	require.Equal(t, rows, k.Stats().Rows)
	require.Equal(t, 200, k.order("restore", `{"name":"s9"}`).status)
	require.Equal(t, rows+1, k.Stats().Rows)
	require.Contains(t, k.order("restore", `{"name":"x"}`).body, `"name": there is no snapshot "x", only s0, s1,`)
	k.Reset()
	require.Equal(t, http.StatusBadRequest, k.order("restore", `{"name":"s0"}`).status, "a reset drops them")
}

// The manual tells every setting and every control call, and so does the documentation of the package.
func TestHelpServedAndComplete(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.Equal(t, simulator.Help, k.do(http.MethodGet, sim, "").body)
	username, code, secret := simulator.Credentials()
	require.Subset(t, strings.Fields(simulator.Help), []string{username, code, secret})
	for _, f := range config.SpecOf[simulator.Config]().Fields() {
		require.Regexp(t, `(?m)^  `+f.Name+` +\S`, simulator.Help)
		require.NotEmpty(t, f.Desc, f.Name)
	}
	for _, kind := range fault.Kinds() {
		require.Regexp(t, `(?m)^      `+string(kind)+` +\S`, simulator.Help)
	}
	source, err := os.ReadFile("control.go")
	require.NoError(t, err)
	docs, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	calls := regexp.MustCompile(`(?:tell|handle|handleBody)\(mux, (?:s, )?"([a-z/]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(calls), 18)
	for _, call := range calls {
		require.Regexp(t, `(?m)^    curl .*\$SIM/`+call[1]+`( |$)`, simulator.Help)
		require.Regexp(t, `(?m)^//	(GET|POST) +/__sim/`+call[1]+` `, string(docs))
	}
	require.Contains(t, simulator.Help, "$SIM/webhooks/wait")
	for line := range strings.SplitSeq(simulator.Help, "\n") {
		require.LessOrEqual(t, len(line), 84, line)
	}
}

// What the manual shows can be pasted: each of its orders is taken.
func TestOrdersOfTheManual(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{5, 14}})
	orders := regexp.MustCompile(`(?s)curl -d '([^']*)' +\$SIM/(\S+)`).FindAllStringSubmatch(simulator.Help, -1)
	require.Len(t, orders, 15)
	for _, order := range orders {
		r := k.order(order[2], order[1])
		require.Equal(t, 200, r.status, "%s %s: %s", order[2], order[1], r.body)
	}
	k.Reset()
	bodies := regexp.MustCompile(`(?s)\$API/(\S+) \\\n +-d '([^']*)'`).FindAllStringSubmatch(simulator.Help, -1)
	require.Len(t, bodies, 2)
	for _, body := range bodies {
		r := k.post(body[1], body[2])
		require.Equal(t, 200, r.status, r.body)
	}
}
