package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// rules are the rules that were broken, in order.
func (k kit) rules() []string {
	k.t.Helper()
	rules := []string{}
	for _, v := range k.Violations() {
		rules = append(rules, v.Rule)
	}
	return rules
}

func TestS52Misuse(t *testing.T) {
	t.Parallel()
	const exist = `{"op":"exist","field":"id"}`
	tests := map[string]struct {
		call func(k kit)
		want []string
	}{
		"a read":           {func(k kit) { k.get("Tickets/7001") }, nil},
		"a missing record": {func(k kit) { k.get("Tickets/1") }, nil},
		"a missing field":  {func(k kit) { k.post("Tickets", `{}`) }, nil},
		"a lookup":         {func(k kit) { k.get(lookup) }, nil},
		"unknown path":     {func(k kit) { k.get("Nonsense/1") }, []string{"unknown_path"}},
		"no entity":        {func(k kit) { k.get("") }, []string{"unknown_path"}},
		"wrong method":     {func(k kit) { k.do(http.MethodPatch, api+"Tickets/7001", "") }, []string{"wrong_method"}},
		"wrong secret":     {func(k kit) { k.do(http.MethodGet, api+"Tickets/7001", "", "Secret", "x") }, []string{"bad_credentials"}},
		"wrong code":       {func(k kit) { k.do(http.MethodGet, api+"Tickets/7001", "", "ApiIntegrationCode", "x") }, []string{"bad_credentials"}},
		"unknown user":     {func(k kit) { k.get("zoneInformation?user=nobody") }, []string{"unknown_user"}},
		"unknown field":    {func(k kit) { k.post("Tickets/query", `{"filter":[{"op":"eq","field":"x","value":1}]}`) }, []string{"unknown_field"}},
		"bad query":        {func(k kit) { k.post("Tickets/query", `{"filter":[]}`) }, []string{"bad_query"}},
		"bad token":        {func(k kit) { k.post("Tickets/query/next?paging=x", `{"filter":[`+exist+`]}`) }, []string{"bad_token"}},
		"root create":      {func(k kit) { k.post("TicketNotes", `{}`) }, []string{"root_create_of_child"}},
		"bad body":         {func(k kit) { k.post("Tickets", `[]`) }, []string{"bad_body"}},
		"unknown property": {func(k kit) { k.post("Tickets", ticket(`,"nonsense":1`)) }, []string{"unknown_property"}},
		"no type":          {func(k kit) { k.do(http.MethodPost, api+"Tickets", ticket(""), "Content-Type", "") }, []string{"missing_content_type"}},
		"wrong type":       {func(k kit) { k.do(http.MethodPost, api+"Tickets", ticket(""), "Content-Type", "text/json") }, []string{"missing_content_type"}},
		"type and charset": {func(k kit) {
			k.do(http.MethodPost, api+"Tickets", ticket(""), "Content-Type", "Application/JSON; charset=utf-8")
		}, nil},
		"impersonation":     {func(k kit) { k.do(http.MethodGet, api+"ThresholdInformation", "", "ImpersonationResourceId", "1") }, nil},
		"an outage":         {func(k kit) { k.Outage(true); k.get("Nonsense") }, nil},
		"others' requests":  {func(k kit) { k.AddExternal(1 << 20); k.get("Tickets/7001") }, nil},
		"the hourly limit":  {func(k kit) { k.use(11) }, []string{"hourly_limit"}},
		"the post of state": {func(k kit) { k.post("ThresholdInformation", "") }, []string{"wrong_method"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 10, UsageLatency: simulator.NoLatency})
			tt.call(k)
			require.ElementsMatch(t, tt.want, k.rules())
			for _, rule := range tt.want {
				require.Equal(t, int64(1), k.Stats().Violations[rule])
			}
			require.Len(t, k.Stats().Violations, len(tt.want))
		})
	}
}

func (k kit) use(n int) {
	k.t.Helper()
	for range n {
		k.get("Tickets/7001")
	}
}

func TestS52WhatAViolationTells(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.do("BREW", api+"Nonsense/"+strings.Repeat("é", 400), "")
	k.post("Tickets/query", `{"filter":[{"op":"eq","field":"x","value":1}]}`)
	got := k.Violations()
	require.Len(t, got, 2)
	require.Equal(t, "OTHER", got[0].Method)
	require.Equal(t, 404, got[0].Status)
	require.LessOrEqual(t, len(got[0].Path), 500)
	require.LessOrEqual(t, len(got[0].Text), 500)
	require.Contains(t, got[0].Text, "No HTTP resource was found that matches the request URI '"+api+"Nonsense/")
	got[1].At = k.Now()
	require.Equal(t, simulator.Violation{
		At: got[1].At, Rule: "unknown_field", Method: "POST", Path: "/ATServicesRest/V1.0/Tickets/query", Status: 500,
		Text: "Unable to find x in the Ticket Entity.",
	}, got[1])

	var told []simulator.Violation
	require.NoError(t, json.Unmarshal([]byte(k.do(http.MethodGet, sim+"violations", "").body), &told))
	require.Equal(t, k.Violations(), told)
	for range 1001 {
		k.get("Nonsense")
	}
	require.Len(t, k.Violations(), 1000, "bounded")
	require.Equal(t, int64(1002), k.Stats().Violations["unknown_path"], "exact")
}

func TestS52RepeatedAfter401(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{5, 14}})
	bad := func(path, body string) { k.do(http.MethodPost, api+path, body, "Secret", "x") }
	bad("Tickets", "{}")
	bad("Tickets", `{"a":1}`)
	bad("Companies", "{}")
	require.NotContains(t, k.rules(), "repeated_after_401", "other calls")
	bad("Tickets", "{}")
	require.Equal(t, int64(1), k.Stats().Violations["repeated_after_401"])
	k.do(http.MethodPost, api+"Tickets", "{}", "Secret", "y")
	require.Equal(t, int64(1), k.Stats().Violations["repeated_after_401"], "other credentials")

	const old, home = "http://zone5.sim.example/ATServicesRest/V1.0/", "http://zone14.sim.example/ATServicesRest/V1.0/"
	k.Reset()
	require.NoError(t, k.Move(14))
	k.do(http.MethodGet, old+"Tickets/7001", "")
	k.do(http.MethodGet, home+"Tickets/7001", "")
	k.do(http.MethodGet, old+"Tickets/7001", "")
	require.Empty(t, k.Violations(), "two that were in flight together cannot know")
}

func TestS52WhichCredentialsAreWrong(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	for header, want := range map[string]string{
		"UserName": "does not name the API user", "Secret": "is wrong", "ApiIntegrationCode": "is none that is accepted",
	} {
		k.Reset()
		k.do(http.MethodGet, api+"Tickets/7001", "", header, "x")
		require.Len(t, k.Violations(), 1)
		require.Equal(t, "the header "+header+" "+want, k.Violations()[0].Text)
	}
}

func TestS52DuplicateCreate(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.created("Tickets", ticket(`,"externalID":"A"`))
	k.created("Tickets", ticket(`,"externalID":"B"`))
	k.created("Tickets", ticket(""))
	k.created("Tickets", ticket(""))
	require.Empty(t, k.Violations())
	id := k.created("Tickets", ticket(`,"EXTERNALID":"a"`))
	require.Equal(t, []string{"duplicate_create"}, k.rules())
	require.Equal(t, "Tickets with the external id a were created before", k.Violations()[0].Text)

	for _, ticket := range []int64{id, id - 4} {
		require.Equal(t, 200, k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,"externalID":null}`, ticket)).status)
	}
	k.created("Tickets", ticket(`,"externalID":"B"`))
	require.Len(t, k.Violations(), 2)
	k.created("Tickets", ticket(`,"externalID":"A"`))
	require.Len(t, k.Violations(), 2, "nobody carries it any more")
}

// The create that matters most is the one whose answer was lost: a client that sends it again makes a duplicate.
func TestS52DuplicateOfALostAnswer(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.NoError(t, k.SetFaults(fault.Plan{Rules: []fault.Rule{{Kind: fault.ResetAfter, Times: 1}}}))
	require.Error(t, k.post("Tickets", ticket(`,"externalID":"A"`)).err)
	k.created("Tickets", ticket(`,"externalID":"A"`))
	require.Equal(t, []string{"duplicate_create"}, k.rules())
	require.Len(t, k.Stats().Duplicates, 1)
}

// A fault hides the answer, not the misuse.
func TestS52MisuseOfALostAnswer(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.NoError(t, k.SetFaults(fault.Plan{Rules: []fault.Rule{{Kind: fault.ResetAfter}}}))
	k.post("Tickets", ticket(`,"nonsense":1`))
	require.Equal(t, []string{"unknown_property"}, k.rules())
	require.Equal(t, "the entity has no field nonsense", k.Violations()[0].Text)
	require.Zero(t, k.Violations()[0].Status)
}

func TestS52StrictWarns(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{true, false} {
		var log bytes.Buffer
		k := newKit(t, simulator.Config{Tickets: 1, Strict: strict}, simulator.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		k.get("Nonsense")
		require.Equal(t, strict, strings.Contains(log.String(), `level=WARN msg="misuse of the protocol" rule=unknown_path method=GET path=/ATServicesRest/V1.0/Nonsense status=404`), log.String())
		require.Len(t, k.Violations(), 1, "in any case")
	}
}
