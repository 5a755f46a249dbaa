package contract_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
)

// Identity and zones: S1 to S7.
func identityCases() []behaviour {
	return []behaviour{
		{1, "version_information", "SW", 0, versionInformation},
		{2, "zone_information", "SW LIVE", 0, zoneInformation},
		{3, "unknown_user", "LIVE", misuse, unknownUser},
		{4, "tenant_moves_to_another_zone", "PEER", control | misuse, tenantMoves},
		{5, "wrong_secret", "LIVE", misuse, wrongSecret},
		{6, "wrong_integration_code", "LIVE", misuse, wrongCode},
		{7, "paths", "SW LIVE", misuse, paths},
	}
}

func versionInformation(at *tenant) {
	for _, path := range []string{"/atservicesrest/versioninformation", "/ATServicesRest/VersionInformation"} {
		a := at.get(at.origin+path, anonymous).is(http.StatusOK)
		require.JSONEq(at.t, `{"apiVersions":["1.0"]}`, string(a.body))
	}
}

func zoneInformation(at *tenant) {
	zone := at.lookUp(at.origin) // without credentials
	require.Equal(at.t, []string{"ci", "url", "webUrl", "zoneName"}, names(zone))
	require.NotEmpty(at.t, text(at.t, zone["zoneName"]))
	require.NotEmpty(at.t, text(at.t, zone["webUrl"]))
	whole(at.t, zone["ci"])
	require.Regexp(at.t, `(?i)^https?://[^/]+/atservicesrest/$`, text(at.t, zone["url"]), "a slash at the end, and no version")
	at.get("Version").is(http.StatusOK)
	require.Equal(at.t, zone, at.lookUp(origin(at, zone)), "every zone knows")
	if !at.simulated || !at.moved() {
		return
	}
	other := at.lookUp(at.origin)
	require.NotEqual(at.t, zone["url"], other["url"], "each zone has a host or a port of its own")
	require.NotEqual(at.t, zone["zoneName"], other["zoneName"])
	require.Equal(at.t, other, at.lookUp(origin(at, other)))
	at.get(origin(at, other)+"/atservicesrest/versioninformation", anonymous).is(http.StatusOK)
}

// origin is scheme and host of a zone.
func origin(at *tenant, zone object) string {
	at.t.Helper()
	u, err := url.Parse(text(at.t, zone["url"]))
	require.NoError(at.t, err)
	return u.Scheme + "://" + u.Host
}

func unknownUser(at *tenant) {
	path := at.origin + "/atservicesrest/v1.0/zoneInformation?user="
	at.get(path+"nobody%40example.com", anonymous).refusedWith(textUnknownUser)
	at.get(path+url.QueryEscape(at.user)+".example", anonymous).refusedWith(textUnknownUser)
}

func tenantMoves(at *tenant) {
	ticket := at.first("Tickets", everything())
	path := fmt.Sprintf("Tickets/%v", ticket["id"])
	old := at.zone
	if !at.moved() {
		at.t.Skip("needs several zones: start the simulator with -zones 5,14")
	}
	for _, call := range []string{path, "Companies/0", "ThresholdInformation", "Tickets/entityInformation"} {
		at.get(call).empty(http.StatusUnauthorized)
	}
	at.post("Tickets", object{}).empty(http.StatusUnauthorized)
	at.zone = at.resolve(strings.TrimSuffix(strings.ToLower(old), "/atservicesrest/v1.0/")) // the old zone tells the new one
	require.NotEqual(at.t, old, at.zone)
	require.Equal(at.t, at.resolve(at.origin), at.zone)
	require.Equal(at.t, ticket, at.get(path).item(), "the data have moved, too")

	at.order("zone", object{"zone": 5})
	at.get(path).empty(http.StatusUnauthorized)
	at.zone = at.resolve(at.origin)
	require.Equal(at.t, old, at.zone)
	at.get(path).is(http.StatusOK)
}

func wrongSecret(at *tenant) {
	for name, wrong := range map[string][]edit{
		"secret":    {with("Secret", "not-"+at.secret)},
		"user":      {with("UserName", "nobody@example.com")},
		"no secret": {with("Secret", "")},
		"no user":   {with("UserName", "")},
		"nothing":   {anonymous},
	} {
		a := at.get("Companies/0", wrong...)
		if name == "nothing" && a.status == http.StatusInternalServerError {
			a.refusedWith(textBadCode)
			continue
		}
		a.empty(http.StatusUnauthorized)
	}
	wrong := with("Secret", "wrong")
	at.get("Tickets/entityInformation/fields", wrong).empty(http.StatusUnauthorized)
	at.post("Tickets/query", object{"filter": []object{everything()}}, wrong).empty(http.StatusUnauthorized)
	at.post("Tickets", object{"title": "x"}, wrong).empty(http.StatusUnauthorized)
	at.get("Version", wrong).empty(http.StatusUnauthorized)
	at.get("Companies/0").is(http.StatusOK)
}

func wrongCode(at *tenant) {
	for _, code := range []string{"NOTANINTEGRATIONCODEOFOURS0", ""} {
		a := at.get("Companies/0", with("ApiIntegrationCode", code))
		if a.status == http.StatusUnauthorized && !at.local { // both are seen
			a.empty(http.StatusUnauthorized)
			continue
		}
		a.refusedWith(textBadCode)
	}
	if o, ok := at.other("BAD_CODE_STATUS=401"); ok {
		o.get("Companies/0", with("ApiIntegrationCode", "NOTANINTEGRATIONCODEOFOURS0")).empty(http.StatusUnauthorized)
		o.get("Companies/0", with("ApiIntegrationCode", "")).empty(http.StatusUnauthorized)
	}
}

func paths(at *tenant) {
	want := at.get("Companies/0").is(http.StatusOK).object()
	for _, path := range []string{"companies/0", "COMPANIES/0"} {
		require.Equal(at.t, want, at.get(path).is(http.StatusOK).object(), path)
	}
	lower := strings.Replace(at.zone, "ATServicesRest/V1.0", "atservicesrest/v1.0", 1)
	require.Equal(at.t, want, at.get(lower+"companies/0").is(http.StatusOK).object())
	at.get(lower + "tickets/ENTITYINFORMATION/Fields").is(http.StatusOK)

	for _, path := range []string{"Nothing", "Nothing/5", "Tickets/5/Nothing", "Tickets/entityInformation/nothing", "Tickets/query/nothing"} {
		require.NotEmpty(at.t, at.get(path).message(http.StatusNotFound), path)
	}
	at.post("Nothing", object{}).message(http.StatusNotFound)
	for path, methods := range map[string][]string{
		"Companies/0":               {http.MethodPost},
		"Resources":                 {http.MethodPost, http.MethodDelete},
		"Tickets/query":             {http.MethodPatch, http.MethodDelete},
		"Tickets/entityInformation": {http.MethodPut},
	} {
		for _, method := range methods {
			got := at.call(method, path, nil).message(http.StatusMethodNotAllowed)
			require.Equal(at.t, fmt.Sprintf(textNotAllowed, method), got, path)
		}
	}
}
