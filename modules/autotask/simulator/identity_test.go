package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func TestS1VersionInformation(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	r := k.do(http.MethodGet, origin+"/atservicesrest/versioninformation", "", "Secret", "wrong")
	require.JSONEq(t, `{"apiVersions":["1.0"]}`, r.body)
}

func TestS2ZoneInformation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ origin, wantURL, wantWeb string }{
		"local":    {"http://127.0.0.1:4480", "http://127.0.0.1:4480/ATServicesRest/", "http://127.0.0.1:4480/"},
		"autotask": {"https://webservices.autotask.net", "https://webservices5.autotask.net/ATServicesRest/", "https://ww5.autotask.net/"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{Tickets: 1})
			url := tt.origin + "/atservicesrest/v1.0/zoneInformation?user=API%40holdfast-demo.example"
			got := decode[map[string]any](t, k.do(http.MethodGet, url, "", "UserName", "", "Secret", "", "ApiIntegrationCode", ""))
			require.Equal(t, map[string]any{
				"zoneName": "America West", "url": tt.wantURL, "webUrl": tt.wantWeb, "ci": float64(5),
			}, got)
			require.Zero(t, k.Stats().Rolling, "a zone lookup costs nothing")
		})
	}
}

func TestS3UnknownUser(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.refused(k.get("zoneInformation?user=nobody"), "Zone information could not be determined")
	k.refused(k.get("zoneInformation"), "Zone information could not be determined")
}

func TestS5WrongSecret(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{"secret": {"Secret", "x"}, "user": {"UserName", "x"}, "no secret": {"Secret", ""}}
	for name, header := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{Tickets: 1})
			r := k.do(http.MethodGet, api+"Tickets/7001", "", header[0], header[1])
			require.Equal(t, http.StatusUnauthorized, r.status)
			require.Empty(t, r.body)
			require.Equal(t, int64(1), k.Stats().Unauthorized)
			require.Zero(t, k.Stats().Rolling)
		})
	}
}

func TestS6WrongIntegrationCode(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.refused(k.do(http.MethodGet, api+"Tickets/7001", "", "ApiIntegrationCode", "x"), "IntegrationCode is invalid.")

	k = newKit(t, simulator.Config{Tickets: 1, BadCodeStatus: http.StatusUnauthorized})
	r := k.do(http.MethodGet, api+"Tickets/7001", "", "ApiIntegrationCode", "x")
	require.Equal(t, http.StatusUnauthorized, r.status)
	require.Empty(t, r.body)
}

func TestS7PathsIgnoreCase(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	for _, path := range []string{
		"/ATServicesRest/V1.0/Tickets/7001", "/atservicesrest/v1.0/tickets/7001", "/ATSERVICESREST/V1.0/TICKETS/7001/",
	} {
		require.Equal(t, http.StatusOK, k.do(http.MethodGet, origin+path, "").status, path)
	}
}

func TestS7UnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 100})
	notFound := func(url string) string {
		return "No HTTP resource was found that matches the request URI '" + url + "'."
	}
	tests := map[string]struct {
		method, url string
		want        int
	}{
		"no entity":            {http.MethodGet, api + "Nonsense/1", 404},
		"no version":           {http.MethodGet, origin + "/Tickets/1", 404},
		"other version":        {http.MethodGet, origin + "/atservicesrest/v2.0/Tickets/1", 404},
		"root":                 {http.MethodGet, api, 404},
		"id that is no number": {http.MethodGet, api + "Tickets/abc", 404},
		"no such child":        {http.MethodGet, api + "Tickets/7001/Nonsense", 404},
		"below a child":        {http.MethodGet, api + "Tickets/7001/Notes/1/2", 404},
		"below query":          {http.MethodGet, api + "Tickets/query/nonsense?search={}", 404},
		"read without id":      {http.MethodGet, api + "Tickets", 405},
		"update with id":       {http.MethodPatch, api + "Tickets/7001", 405},
		"replace with id":      {http.MethodPut, api + "Tickets/7001", 405},
		"delete a ticket":      {http.MethodDelete, api + "Tickets/7001", 405},
		"delete a note":        {http.MethodDelete, api + "Tickets/7001/Notes", 405},
		"delete by query":      {http.MethodDelete, api + "Tickets/query", 405},
		"post a zone":          {http.MethodPost, api + "zoneInformation?user=x", 405},
		"post the threshold":   {http.MethodPost, api + "ThresholdInformation", 405},
		"create a resource":    {http.MethodPost, api + "Resources", 405},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			r := k.do(tt.method, tt.url, "")
			want := notFound(tt.url)
			if tt.want == http.StatusMethodNotAllowed {
				want = "The requested resource does not support http method '" + tt.method + "'."
			}
			k.message(r, tt.want, want)
		})
	}
}

func TestS42Metadata(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	info := decode[map[string]map[string]any](t, k.get("Contacts/entityInformation"))["info"]
	require.Equal(t, "Contact", info["name"])
	require.Equal(t, true, info["canCreate"])
	require.Equal(t, false, decode[map[string]map[string]any](t, k.get("Resources/entityInformation"))["info"]["canCreate"])

	fields := map[string]map[string]any{}
	for _, f := range decode[map[string][]map[string]any](t, k.get("tickets/EntityInformation/fields"))["fields"] {
		name, _ := f["name"].(string)
		fields[name] = f
	}
	require.Len(t, fields, 72)
	require.Equal(t, true, fields["title"]["isRequired"])
	require.InDelta(t, 255, fields["title"]["length"], 0)
	require.Equal(t, "Company", fields["companyID"]["referenceEntityType"])
	require.Contains(t, fields["status"]["picklistValues"], map[string]any{
		"value": "5", "label": "Complete", "isDefaultValue": false, "sortOrder": float64(2), "parentValue": "",
		"isActive": true, "isSystem": false,
	})
	udfs := decode[map[string][]map[string]any](t, k.get("Tickets/entityInformation/userDefinedFields"))["fields"]
	require.Equal(t, "Root Cause", udfs[0]["name"])
	require.Equal(t, 404, k.get("Tickets/entityInformation/nonsense").status)
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	k.message(k.post("Tickets", `{"title":"`+strings.Repeat("x", 10<<20)+`"}`), http.StatusRequestEntityTooLarge,
		"The request body is larger than 10 MB.")
}
