package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// newQuestions creates five tickets with known values.
func newQuestions(t *testing.T) kit {
	t.Helper()
	k := newKit(t, simulator.Config{Tickets: 40, ThreadLimit: 100})
	for _, more := range []string{
		`,"externalID":"Q-1","title":"Alpha one","estimatedHours":1.5,"dueDateTime":"2030-01-01T10:00:00Z"`,
		`,"externalID":"Q-2","title":"alpha TWO","estimatedHours":2,"dueDateTime":"2030-01-01T12:00:00+01:00"`,
		`,"externalID":"Q-3","title":"Beta one","queueID":5`,
		`,"externalID":"Q-4","title":"Beta two","queueID":6,"status":8`,
		`,"externalID":"Q-5","title":"Gamma é","queueID":8`,
	} {
		k.created("Tickets", ticket(more))
	}
	return k
}

// ask returns the numbers of the five that a filter finds.
func (k kit) ask(filter string) string {
	k.t.Helper()
	var found []string
	own := `{"op":"beginsWith","field":"externalID","value":"q-"}`
	for _, item := range k.query("Tickets", `{"filter":[`+own+`,`+filter+`]}`).Items {
		id, _ := item["externalID"].(string)
		found = append(found, strings.TrimPrefix(id, "Q-"))
	}
	return strings.Join(found, " ")
}

func TestS21Operators(t *testing.T) {
	t.Parallel()
	k := newQuestions(t)
	leaf := func(op, field, value string) string {
		return fmt.Sprintf(`{"op":%q,"field":%q,"value":%s}`, op, field, value)
	}
	tests := map[string]struct{ filter, want string }{
		"eq":                {leaf("eq", "queueID", "5"), "3"},
		"eq as string":      {leaf("eq", "queueID", `"5"`), "3"},
		"eq ignores case":   {leaf("eq", "TITLE", `"ALPHA ONE"`), "1"},
		"eq indexed text":   {leaf("eq", "externalID", `"q-2"`), "2"},
		"noteq, no nulls":   {leaf("noteq", "queueID", "5"), "4 5"},
		"gt":                {leaf("gt", "estimatedHours", "1.5"), "2"},
		"gte":               {leaf("gte", "estimatedHours", "1.5"), "1 2"},
		"lt":                {leaf("lt", "estimatedHours", "2"), "1"},
		"lte":               {leaf("lte", "estimatedHours", "2"), "1 2"},
		"dates in any zone": {leaf("lt", "dueDateTime", `"2030-01-01T11:30:00+01:00"`), "1"},
		"beginsWith":        {leaf("beginsWith", "title", `"alpha"`), "1 2"},
		"endsWith":          {leaf("endsWith", "title", `"TWO"`), "2 4"},
		"contains":          {leaf("contains", "title", `"É"`), "5"},
		"exist":             {`{"op":"exist","field":"queueID"}`, "3 4 5"},
		"notExist":          {`{"op":"notExist","field":"queueID"}`, "1 2"},
		"in":                {leaf("in", "queueID", "[5,8]"), "3 5"},
		"in indexed text":   {leaf("in", "externalID", `["q-5","Q-1","q-1"]`), "1 5"},
		"notIn":             {leaf("notIn", "queueID", "[5,8]"), "4"},
		"op in any case":    {leaf("EQ", "queueID", "5"), "3"},
		"or":                {`{"op":"or","items":[` + leaf("eq", "queueID", "5") + `,` + leaf("eq", "status", "8") + `]}`, "3 4"},
		"nested": {`{"op":"or","items":[{"op":"and","items":[` + leaf("eq", "queueID", "6") + `,` + leaf("eq", "status", "1") + `]},` +
			leaf("eq", "queueID", "8") + `]}`, "5"},
		"nothing":  {leaf("eq", "externalID", `"none"`), ""},
		"id range": {leaf("gt", "id", "7041") + `,` + leaf("lte", "id", "7043"), "2 3"},
		"ids":      {leaf("in", "id", "[7043,7041]"), "1 3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, k.in(t).ask(tt.filter))
		})
	}
}

func TestS21GetAndPostAgree(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 30})
	const q = `{"MaxRecords":30,"Filter":[{"op":"eq","field":"Status","value":5}]}`
	require.Equal(t, k.post("Tickets/query", q).body, k.get("Tickets/query?search="+url.QueryEscape(q)).body)
}

func TestS22EmptyFilter(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	const empty = "Invalid query syntax. At least one filter condition is required."
	k.refused(k.post("Tickets/query", `{}`), empty)
	k.refused(k.post("Tickets/query", `{"filter":[]}`), empty)
	k.refused(k.post("Tickets/query", `{"filter":[{"op":"or","items":[]}]}`), empty)
	k.refused(k.get("Tickets/query"), empty)
	k.refused(k.post("Tickets/query", ``), "Value cannot be null. Parameter name: queryModel")
}

func TestS23BadConditions(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 100})
	tests := map[string]struct{ expr, want string }{
		"unknown field":    {`{"op":"eq","field":"nonsense","value":1}`, "Unable to find nonsense in the Ticket Entity."},
		"unknown operator": {`{"op":"like","field":"title","value":"x"}`, "Invalid query syntax. The operator 'like' is unknown."},
		"wrong type":       {`{"op":"eq","field":"status","value":"new"}`, "The value of field: status is not a valid integer."},
		"null boolean":     {`{"op":"eq","field":"serviceLevelAgreementHasBeenMet","value":null}`, "The value of field: serviceLevelAgreementHasBeenMet is not a valid boolean."},
		"boolean as text":  {`{"op":"eq","field":"serviceLevelAgreementHasBeenMet","value":"true"}`, "The value of field: serviceLevelAgreementHasBeenMet is not a valid boolean."},
		"in without list":  {`{"op":"in","field":"status","value":1}`, "Invalid query syntax. The operator 'in' needs a list of values."},
		"text of a number": {`{"op":"contains","field":"status","value":1}`, "Invalid query syntax. The operator 'contains' needs a field of type string."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			k.refused(k.post("Tickets/query", `{"filter":[`+tt.expr+`]}`), tt.want)
			k.refused(k.post("Tickets/query/count", `{"filter":[`+tt.expr+`]}`), tt.want)
		})
	}
	k.refused(k.post("Tickets/query", `{"filter":{"op":`), "Invalid query syntax. unexpected EOF")
}

func TestS24TooManyAlternatives(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	const tooMany = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
	in := func(n int) string {
		return `{"op":"in","field":"id","value":[` + strings.Repeat("1,", n-1) + `1]}`
	}
	or := func(n int) string {
		const leaf = `{"op":"eq","field":"id","value":1}`
		return `{"op":"or","items":[` + strings.Repeat(leaf+",", n-1) + leaf + `]}`
	}
	require.Equal(t, 200, k.post("Tickets/query", `{"filter":[`+in(500)+`]}`).status)
	require.Equal(t, 200, k.post("Tickets/query", `{"filter":[`+or(500)+`]}`).status)
	k.refused(k.post("Tickets/query", `{"filter":[`+in(501)+`]}`), tooMany)
	k.refused(k.post("Tickets/query", `{"filter":[`+or(501)+`]}`), tooMany)
	k.refused(k.post("Tickets/query", `{"filter":[`+in(300)+`,`+or(201)+`]}`), tooMany)
}

func TestS25UserDefinedFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	const udf = `{"op":"eq","field":"Site","value":"x","udf":true}`
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`]}`), "Unable to find Site in the Ticket Entity.")
	k.refused(k.post("Tickets/query", `{"filter":[{"op":"eq","field":"id","value":1,"udf":true}]}`), "Unable to find id in the Ticket Entity.")
	const two = "Invalid query syntax. Only one user-defined field condition is allowed per query."
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`,`+udf+`]}`), two)
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`,{"op":"or","items":[`+udf+`]}]}`), two)
}

func TestS26MaxRecordsAndIncludeFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 10})
	p := k.query("Tickets", `{"MaxRecords":2,"IncludeFields":["Id","TITLE"],"filter":[{"op":"exist","field":"id"}]}`)
	require.Equal(t, 2, p.PageDetails.RequestCount)
	require.Len(t, p.Items, 2)
	require.Len(t, p.Items[0], 2)
	require.Contains(t, p.Items[0], "title")
	for _, n := range []string{"0", "501", "-1"} {
		k.refused(k.post("Tickets/query", `{"MaxRecords":`+n+`,"filter":[{"op":"exist","field":"id"}]}`),
			"Invalid query syntax. MaxRecords must be between 1 and 500.")
	}
	k.refused(k.post("Tickets/query", `{"IncludeFields":["x"],"filter":[{"op":"exist","field":"id"}]}`),
		"Unable to find x in the Ticket Entity.")
}

// walk follows the pages of a query and returns the ids in the order in which they came.
func (k kit) walk(method, entity, q string, eachPage func()) []float64 {
	k.t.Helper()
	var ids []float64
	next, body := api+entity+"/query", q
	if method == http.MethodGet {
		next, body = next+"?search="+url.QueryEscape(q), ""
	}
	for next != "" {
		p := decode[page](k.t, k.do(method, next, body))
		for _, item := range p.Items {
			id, _ := item["id"].(float64)
			ids = append(ids, id)
		}
		require.Equal(k.t, len(p.Items), p.PageDetails.Count)
		if next = ""; p.PageDetails.NextPageURL != nil {
			next = *p.PageDetails.NextPageURL
		}
		eachPage()
	}
	return ids
}

func TestS27S28AllTicketsInOrder(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{})
			pages := 0
			ids := k.walk(method, "Tickets", all, func() { pages++ })
			require.Len(t, ids, 1203)
			require.IsIncreasing(t, ids, "no duplicate, no gap in the order")
			require.Equal(t, 3, pages)
			require.Equal(t, int64(3), k.Stats().Requests)
		})
	}
}

func TestS28Links(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 20})
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	posted := *k.query("Tickets", q).PageDetails.NextPageURL
	require.True(t, strings.HasPrefix(posted, api+"Tickets/query/next?paging=%7b%22pageSize%22%3a5%2c"), posted)
	require.NotContains(t, posted, "search")
	got := *decode[page](t, k.get("Tickets/query?search="+url.QueryEscape(q))).PageDetails.NextPageURL
	require.Equal(t, posted+"&search="+strings.ReplaceAll(strings.ToLower(url.QueryEscape(strings.ToLower(q))), "maxrecords", "MaxRecords"), got)
}

func TestS29Misuse(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 20})
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	next := *k.query("Tickets", q).PageDetails.NextPageURL
	const foreign = "The paging token is invalid or belongs to another query."
	k.message(k.do(http.MethodGet, next, ""), 405, "The requested resource does not support http method 'GET'.")
	k.refused(k.do(http.MethodPost, next, ""), "Value cannot be null. Parameter name: queryModel")
	k.refused(k.do(http.MethodPost, strings.Replace(next, "Tickets", "Contacts", 1), q), foreign)
	k.refused(k.do(http.MethodPost, strings.Replace(next, "7005", "7006", 1), q), foreign)
	k.refused(k.do(http.MethodPost, next, strings.Replace(q, `"value":0`, `"value":1`, 1)), foreign)
	k.refused(k.do(http.MethodPost, api+"Tickets/query/next", q), foreign)
	k.refused(k.do(http.MethodPost, api+"Tickets/query/next?paging=%7b", q), foreign)
	require.Equal(t, 200, k.do(http.MethodPost, next, q).status)
}

func TestS31Count(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 700})
	require.JSONEq(t, `{"queryCount":700}`, k.post("Tickets/query/count", all).body)
	require.JSONEq(t, `{"queryCount":700}`, k.get("Tickets/query/count?search="+url.QueryEscape(all)).body)
	require.JSONEq(t, `{"queryCount":0}`, k.post("Tickets/query/count", `{"filter":[{"op":"eq","field":"title","value":"x"}]}`).body)
}

func TestS32InsertsBetweenPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 600})
	left := 3
	ids := k.walk(http.MethodPost, "Tickets", all, func() {
		if left--; left >= 0 {
			k.created("Tickets", ticket(""))
		}
	})
	require.IsIncreasing(t, ids)
	require.Len(t, ids, 601, "what is inserted behind the cursor appears once, what came before stays once")
}

// The plan may only save work: with and without an index, the same records are found.
func TestIndexedAndScannedAgree(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 400})
	for id := 7001; id < 7401; id += 3 { // move records between the lists of the indexes
		r := k.do(http.MethodPatch, api+"Tickets", `{"id":`+strconv.Itoa(id)+`,"status":`+strconv.Itoa(7+id%2)+`}`)
		require.Equal(t, 200, r.status, r.body)
	}
	for status := range 13 {
		leaf := fmt.Sprintf(`{"op":"eq","field":"status","value":%d}`, status)
		indexed := k.query("Tickets", `{"filter":[`+leaf+`]}`).Items
		scanned := k.query("Tickets", `{"filter":[{"op":"or","items":[`+leaf+`,`+leaf+`]}]}`).Items
		require.Equal(t, scanned, indexed, "status %d", status)
	}
}
