package tenant_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// answered requires one of the statuses that the application has, and JSON.
func answered(t *testing.T, a wire.Answer) {
	t.Helper()
	require.Contains(t, []int{200, 404, 405, 500}, a.Status)
	require.True(t, json.Valid(a.Body), string(a.Body))
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		all, "", "null", "{}", `[]`, `{"filter":[{"op":"or","items":[{"op":"in","field":"status","value":[1,5]}]}]}`,
		`{"MaxRecords":3,"IncludeFields":["id","title"],"filter":[{"op":"contains","field":"title","value":"a"}]}`,
		`{"filter":[{"op":"eq","field":"Asset tag","value":"x","udf":true}]}`, `{"filter":{"op":"eq"}}`, `{"MaxRecords":"x"}`,
		`{"filter":[{"op":"notExist","field":"queueID"},{"op":"gt","field":"createDate","value":"2024-01-01"}],"Filter":[{}]}`,
	} {
		f.Add(seed)
	}
	k := newKit(f, tenant.Config{Tickets: 20})
	f.Fuzz(func(t *testing.T, query string) {
		k := k.in(t)
		answered(t, k.post("Tickets/query", query))
		count := k.post("Tickets/query/count", query)
		answered(t, count)
		answered(t, k.get("Tickets/query?search="+url.QueryEscape(query)))
	})
}

func FuzzToken(f *testing.F) {
	k := newKit(f, tenant.Config{Tickets: 20})
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	given := *k.query("Tickets", q).PageDetails.NextPageURL
	token, err := url.QueryUnescape(given[len(api+"Tickets/query/next?paging="):])
	require.NoError(f, err)
	for _, seed := range []string{
		token, "", "{", "null", `{"pageSize":5,"previousIds":[-1],"nextIds":[1]}`, `{"pageSize":5,"nextIds":[9223372036854775807],"seal":""}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, fuzzed string) {
		k := k.in(t)
		a := k.do(http.MethodPost, withToken(fuzzed), q)
		answered(t, a)
		if a.Status == http.StatusOK { // the same members in another way of writing them
			require.Contains(t, fuzzed, "seal")
			require.Equal(t, k.do(http.MethodPost, given, q).Body, a.Body)
		}
		answered(t, k.get("Companies/0/Contacts?paging="+url.QueryEscape(fuzzed)))
	})
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		ticket(""), ticket(`,"userDefinedFields":[{"name":"a","value":1}]`), "", "null", "[]", `{"id":1e400}`, `{"id":7001,"title":null}`,
		`{"id":-1,"companyID":"0","nonsense":{"a":[1]}}`, `{"data":"AAAA","title":"a","fullPath":"a","publish":1,"attachmentType":"FILE_ATTACHMENT"}`,
		`{"name":"n","webhookUrl":"https://127.0.0.1","deactivationUrl":"https://127.0.0.1","isActive":true}`, `{"name":"n","udfType":1,"dataType":1}`,
	} {
		f.Add(seed)
	}
	k := newKit(f, tenant.Config{Tickets: 5})
	start := k.Snapshot()
	f.Fuzz(func(t *testing.T, body string) {
		k := k.in(t)
		for _, path := range []string{"Tickets", "Companies", "ActionTypes", "TicketWebhooks", "UserDefinedFieldDefinitions", "Resources"} {
			for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut} {
				answered(t, k.do(method, path, body))
			}
			answered(t, k.do(http.MethodPost, path+"/query", all))
		}
		for _, path := range []string{"Companies/0/Contacts", "Companies/0/Attachments", "Companies/0/Notes", "TicketWebhooks/1/Fields"} {
			answered(t, k.post(path, body))
			answered(t, k.get(path))
		}
		k.Restore(start)
	})
}
