package contract_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

func controlCalls(at *tenant) {
	require.Contains(at.t, string(at.get(at.origin+"/__sim/", anonymous).is(http.StatusOK).body), "$SIM/reset", "the manual")
	ticket := at.create(object{"title": "Kept", "externalID": at.unique()})
	at.order("snapshot", object{"name": "contract"})
	at.patch("Tickets", object{"id": ticket, "title": "Changed"}).itemID()
	later := at.create(nil)
	allow(at, 0, "Tickets", "update=none")
	at.patch("Tickets", object{"id": ticket, "title": "Again"}).refused()
	at.order("restore", object{"name": "contract"})
	require.Equal(at.t, "Kept", at.read("Tickets", ticket)["title"])
	at.patch("Tickets", object{"id": ticket, "title": "Kept"}).itemID() // rights are restored, too
	require.Zero(at.t, at.count("Tickets", where("eq", "id", later)))

	before := at.now()
	at.advance(time.Hour)
	require.GreaterOrEqual(at.t, at.now().Sub(before), time.Hour)
	refusedOrders(at)
	recorded(at, ticket)

	at.order("latency", object{"latency": "1ms"})
	at.order("outage", object{"mode": "unavailable"})
	at.faults(object{"kind": "empty_500"})
	allow(at, 0, "Companies", "query=none")
	at.order("reset", object{})
	at.get("Companies/0").is(http.StatusOK)
	require.Less(at.t, time.Until(at.now()), time.Minute, "the clock is back")
	require.EqualValues(at.t, 1, at.stats().Requests)
	require.Zero(at.t, at.count("Tickets", where("eq", "id", ticket)), "everything as at the start")
}

func refusedOrders(at *tenant) {
	at.t.Helper()
	for name, body := range map[string]any{
		"clock": object{"advance": "-1h"}, "outage": object{"mode": "storm"}, "latency": object{"latency": "soon"},
		"faults": object{"rules": []object{{"kind": "flood"}}}, "zone": object{"zone": 999}, "restore": object{"name": "never made"},
		"rights": object{"resource": 0, "entity": "Nothing"}, "threshold/external": object{"requests": -1}, "reset": "{",
		"webhooks": object{"duplicate": 2},
	} {
		a := at.post(at.origin+"/__sim/"+name, body, anonymous)
		require.Equal(at.t, http.StatusBadRequest, a.status, name)
		require.NotEmpty(at.t, strings.TrimSpace(string(a.body)), name)
	}
}

func recorded(at *tenant, ticket int64) {
	at.t.Helper()
	path := fmt.Sprintf("Tickets/%d", ticket)
	at.get(path).is(http.StatusOK)
	var requests []struct {
		Method string      `json:"method"`
		Path   string      `json:"path"`
		Entity string      `json:"entity"`
		Status int         `json:"status"`
		Header http.Header `json:"header"`
	}
	at.told("requests", &requests)
	last := requests[len(requests)-1]
	require.Equal(at.t, http.MethodGet, last.Method)
	require.True(at.t, strings.HasSuffix(last.Path, path))
	require.Equal(at.t, "Tickets", last.Entity)
	require.Equal(at.t, http.StatusOK, last.Status)
	require.NotContains(at.t, at.asJSON(requests), at.secret, "secrets are masked")
	require.NotContains(at.t, at.asJSON(requests), at.codes[0])

	s := at.stats()
	require.Positive(at.t, s.Requests)
	require.Positive(at.t, s.Rolling)
	require.Positive(at.t, s.MaxConcurrent["Tickets"])
	require.Empty(at.t, s.Duplicates)
	key := object{"externalID": at.unique()}
	at.create(key)
	at.create(key)
	require.Len(at.t, at.stats().Duplicates, 1)
}

// violations misuses the protocol in every way that the simulator knows, one after another.
func violations(at *tenant) {
	at.get("Companies/0").is(http.StatusOK)
	require.Empty(at.t, at.violations())
	ticket := at.create(nil)
	link := next(at, at.post("Tickets/query", object{"MaxRecords": 1, "filter": []object{everything()}}))
	act := with("ImpersonationResourceId", fmt.Sprint(at.first("Resources", everything())["id"]))
	for rule, misuse := range map[string]func(){
		"unknown_path":              func() { at.get("Nothing") },
		"wrong_method":              func() { at.patch(fmt.Sprintf("Tickets/%d", ticket), object{"title": "x"}) },
		"bad_credentials":           func() { at.get("Companies/0", with("Secret", "wrong")) },
		"unknown_user":              func() { at.get(at.origin+"/atservicesrest/v1.0/zoneInformation?user=x", anonymous) },
		"unknown_field":             func() { at.post("Tickets/query", object{"filter": []object{where("eq", "notAField", 1)}}) },
		"unknown_property":          func() { at.patch("Tickets", object{"id": ticket, "notAField": 1}) },
		"bad_query":                 func() { at.post("Tickets/query", object{"filter": []object{where("like", "title", "x")}}) },
		"too_many_or":               func() { at.post("Tickets/query", object{"filter": []object{where("in", "id", make([]int, 501))}}) },
		"bad_token":                 func() { at.post("Tickets/query/next?paging=x", object{"filter": []object{everything()}}) },
		"no_query_model":            func() { at.call(http.MethodPost, link, nil) },
		"url_too_long":              func() { at.get(search("Tickets", "", strings.Repeat("x", 2200))) },
		"root_create_of_child":      func() { at.post("TicketNotes", object{"ticketID": ticket}) },
		"bad_body":                  func() { at.post("Tickets", "{") },
		"unsupported_impersonation": func() { at.post("Roles", object{}, act) },
		"body_too_large":            func() { at.post("Tickets", strings.Repeat("x", 11<<20)) },
		"bad_value":                 func() { at.post("Tickets/query", object{"filter": []object{where("eq", "status", "new")}}) },
		"include_without_id": func() {
			at.post("Tickets/query", object{"MaxRecords": 1, "IncludeFields": []string{"title"}, "filter": []object{everything()}})
		},
		"missing_content_type": func() { at.post("Tickets", at.draft(nil), with("Content-Type", "")) },
	} {
		at.order("reset", object{})
		if rule != "bad_credentials" {
			ticket = at.create(nil)
		}
		misuse()
		rules := []string{}
		for _, v := range at.violations() {
			rules = append(rules, v.Rule)
		}
		require.Equal(at.t, []string{rule}, rules)
	}
	at.order("reset", object{})
	require.Empty(at.t, at.violations(), "a reset forgets them")
	at.external(1)
	at.get("Companies/0").exceeded()
	require.Empty(at.t, at.violations(), "what others have used up is nobody's fault")
	if o, ok := at.other("HOURLY_LIMIT=2", "USAGE_LATENCY=0"); ok {
		for range 3 {
			o.get("Companies/0")
		}
		require.Contains(at.t, at.asJSON(o.violations()), "hourly_limit")
	}
	repeatedMisuse(at)
}

// repeatedMisuse is what is wrong only the second time.
func repeatedMisuse(at *tenant) {
	at.t.Helper()
	wrong := with("Secret", "wrong")
	for range 4 {
		at.get("Companies/0", wrong)
	}
	require.Contains(at.t, at.asJSON(at.violations()), "repeated_after_401")
	at.order("reset", object{})
	key := object{"externalID": at.unique()}
	at.create(key)
	require.Empty(at.t, at.violations())
	at.create(key)
	require.Contains(at.t, at.asJSON(at.violations()), "duplicate_create")
}
