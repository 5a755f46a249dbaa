package tenant_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// newQuestions creates five tickets with known values.
func newQuestions(t *testing.T) kit {
	t.Helper()
	k := newKit(t, tenant.Config{Tickets: 40})
	for _, more := range []string{
		`,"externalID":"Q-1","title":"Alpha one","estimatedHours":1.5,"dueDateTime":"2030-01-01T10:00:00Z"`,
		`,"externalID":"Q-2","title":"alpha TWO","estimatedHours":2,"dueDateTime":"2030-01-01T12:00:00+01:00"`,
		`,"externalID":"Q-3","title":"Beta one","queueID":5`,
		`,"externalID":"Q-4","title":"Beta two","queueID":6,"status":8`,
		`,"externalID":"Q-5","title":"Gamma é","queueID":8`,
	} {
		k.newTicket(more)
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
		"notIn":             {leaf("notIn", "queueID", "[5,8]"), "4"},
		"op in any case":    {leaf("EQ", "queueID", "5"), "3"},
		"or":                {`{"op":"or","items":[` + leaf("eq", "queueID", "5") + `,` + leaf("eq", "status", "8") + `]}`, "3 4"},
		"nested": {`{"op":"or","items":[{"op":"and","items":[` + leaf("eq", "queueID", "6") + `,` + leaf("eq", "status", "8") + `]},` +
			leaf("eq", "queueID", "8") + `]}`, "4 5"},
		"nothing": {leaf("eq", "externalID", `"none"`), ""},
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
	k := newKit(t, tenant.Config{Tickets: 30})
	const q = `{"maxrecords":"30","FILTER":[{"OP":"gte","Field":"Status","VALUE":1}]}`
	got := k.get("Tickets/query?search=" + url.QueryEscape(q)).Body
	require.Equal(t, string(k.post("Tickets/query", q).Body), string(got))
	require.NotEmpty(t, k.ids("Tickets", q))
}

const empty = "Invalid query syntax. At least one filter condition is required."

func TestS22EmptyFilter(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.refused(k.post("Tickets/query", `{}`), "bad_query", empty)
	k.refused(k.post("Tickets/query", `{"filter":[]}`), "bad_query", empty)
	k.refused(k.post("Tickets/query", `{"filter":null}`), "bad_query", empty)
	k.refused(k.post("Tickets/query", `{"filter":[{"op":"or","items":[]}]}`), "bad_query", empty)
	k.refused(k.get("Tickets/query"), "bad_query", empty)
	for _, body := range []string{"", " \r\n", "null"} {
		k.refused(k.post("Tickets/query", body), "no_query_model", "Value cannot be null. Parameter name: queryModel")
	}
}

func TestS23BadConditions(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	const ola = "serviceLevelAgreementHasBeenMet"
	tests := map[string]struct{ expr, misuse, want string }{
		"unknown field":     {`{"op":"eq","field":"nonsense","value":1}`, "unknown_field", "Unable to find nonsense in the Ticket Entity."},
		"not to be queried": {`{"op":"eq","field":"creatorType","value":1}`, "unknown_field", "Unable to find creatorType in the Ticket Entity."},
		"exist of such":     {`{"op":"exist","field":"creatorType"}`, "unknown_field", "Unable to find creatorType in the Ticket Entity."},
		"unknown operator":  {`{"op":"like","field":"title","value":"x"}`, "bad_query", "Invalid query syntax. The operator 'like' is unknown."},
		"no operator":       {`{"field":"title","value":"x"}`, "bad_query", "Invalid query syntax. The operator '' is unknown."},
		"wrong type":        {`{"op":"eq","field":"status","value":"new"}`, "bad_value", "The value of field: status is not a valid integer."},
		"a fraction":        {`{"op":"eq","field":"status","value":1.5}`, "bad_value", "The value of field: status is not a valid integer."},
		"an object":         {`{"op":"eq","field":"title","value":{"a":1}}`, "bad_value", "The value of field: title is not a valid string."},
		"wrong in a list":   {`{"op":"in","field":"status","value":[1,"new"]}`, "bad_value", "The value of field: status is not a valid integer."},
		"null boolean":      {`{"op":"eq","field":"` + ola + `","value":null}`, "bad_value", "The value of field: " + ola + " is not a valid boolean."},
		"boolean as text":   {`{"op":"eq","field":"` + ola + `","value":"true"}`, "bad_value", "The value of field: " + ola + " is not a valid boolean."},
		"no value":          {`{"op":"eq","field":"title"}`, "bad_value", "The value of field: title is not a valid string."},
		"in without list":   {`{"op":"in","field":"status","value":1}`, "bad_query", "Invalid query syntax. The operator 'in' needs a list of values."},
		"in of nothing":     {`{"op":"in","field":"status","value":[]}`, "bad_query", "Invalid query syntax. The operator 'in' needs a list of values."},
		"text of a number":  {`{"op":"contains","field":"status","value":1}`, "bad_query", "Invalid query syntax. The operator 'contains' needs a field of type string."},
		"a long operator":   {`{"op":"` + strings.Repeat("x", 1<<19) + `"}`, "bad_query", "Invalid query syntax. The operator '" + strings.Repeat("x", 200) + "…' is unknown."},
		"more than 1 MB":    {`{"op":"` + strings.Repeat("x", 1<<20) + `"}`, "bad_query", "Invalid query syntax. The query is larger than 1 MB."},
		"field is a number": {`{"op":"eq","field":1}`, "bad_query", "Invalid query syntax. The property 'filter.field' must not be of type number."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			k.refused(k.post("Tickets/query", `{"filter":[`+tt.expr+`]}`), tt.misuse, tt.want)
			k.refused(k.post("Tickets/query/count", `{"filter":[`+tt.expr+`]}`), tt.misuse, tt.want)
		})
	}
}

func TestS23MalformedQueries(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	nested := func(n int) string {
		return `{"filter":[` + strings.Repeat(`{"op":"and","items":[`, n) + `{"op":"exist","field":"id"}` + strings.Repeat(`]}`, n) + `]}`
	}
	leaf := `{"op":"exist","field":"id"}`
	tests := map[string]struct{ body, want string }{
		"cut off":           {`{"filter":{"op":`, "unexpected EOF"},
		"no JSON":           {`<xml/>`, "invalid character '<' looking for beginning of value"},
		"two values":        {`{} {}`, "more follows after the JSON value"},
		"a list":            {`[]`, "The query must be a JSON object."},
		"filter is text":    {`{"filter":"x"}`, "The property 'filter' must not be of type string."},
		"nested 100 deep":   {nested(100), "Conditions are nested too deeply."},
		"nested 3,000 deep": {nested(3_000), "Conditions are nested too deeply."},
		"nested past JSON":  {nested(10_000), "invalid character '{' exceeded max depth"},
		"6,000 conditions":  {`{"filter":[` + strings.Repeat(leaf+",", 5_999) + leaf + `]}`, "There are too many conditions."},
		"ten megabytes":     {`{"filter":[` + strings.Repeat(leaf+",", 370_000) + leaf + `]}`, "The query is larger than 1 MB."},
		"deep value":        {`{"filter":[{"op":"eq","field":"id","value":` + strings.Repeat("[", 20_000) + `}]}`, "invalid character '[' exceeded max depth"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			k.refused(k.post("Tickets/query", tt.body), "bad_query", "Invalid query syntax. "+tt.want)
		})
	}
	require.Equal(t, http.StatusOK, k.post("Tickets/query", nested(99)).Status)
}

func TestS24TooManyAlternatives(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	const tooMany = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
	in := func(n int) string {
		return `{"op":"in","field":"id","value":[` + strings.Repeat("1,", n-1) + `1]}`
	}
	or := func(n int) string {
		const leaf = `{"op":"eq","field":"id","value":1}`
		return `{"op":"or","items":[` + strings.Repeat(leaf+",", n-1) + leaf + `]}`
	}
	require.Equal(t, 200, k.post("Tickets/query", `{"filter":[`+in(500)+`]}`).Status)
	require.Equal(t, 200, k.post("Tickets/query", `{"filter":[`+or(500)+`]}`).Status)
	for _, filter := range []string{in(501), or(501), or(25_000), in(500_000), in(300) + `,` + or(201), in(250) + "," + in(251)} {
		k.refused(k.post("Tickets/query", `{"filter":[`+filter+`]}`), "too_many_or", tooMany)
	}
}

func TestS25SecondUserDefinedField(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	const udf = `{"op":"eq","field":"Nonsense","value":"x","udf":true}`
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`]}`), "unknown_field", "Unable to find Nonsense in the Ticket Entity.")
	k.refused(k.post("Tickets/query", `{"filter":[{"op":"eq","field":"id","value":1,"udf":true}]}`), "unknown_field",
		"Unable to find id in the Ticket Entity.")
	const two = "Invalid query syntax. Only one user-defined field condition is allowed per query."
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`,`+udf+`]}`), "bad_query", two)
	k.refused(k.post("Tickets/query", `{"filter":[`+udf+`,{"op":"or","items":[`+udf+`]}]}`), "bad_query", two)
}

func TestS26MaxRecordsAndIncludeFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 10})
	p := k.query("Tickets", `{"MaxRecords":2,"IncludeFields":["Id","TITLE","title"],"filter":[{"op":"exist","field":"id"}]}`)
	require.Equal(t, 2, p.PageDetails.RequestCount)
	require.Len(t, p.Items, 2)
	require.Len(t, p.Items[0], 2)
	require.Contains(t, p.Items[0], "title")
	for _, n := range []string{"0", "501", "-1", "1.5", `"x"`, "true", "[]", "99999999999"} {
		k.refused(k.post("Tickets/query", `{"MaxRecords":`+n+`,"filter":[{"op":"exist","field":"id"}]}`), "bad_query",
			"Invalid query syntax. MaxRecords must be between 1 and 500.")
	}
	k.refused(k.post("Tickets/query", `{"IncludeFields":["x"],"filter":[{"op":"exist","field":"id"}]}`), "unknown_field",
		"Unable to find x in the Ticket Entity.")
	raw := string(k.post("Tickets/query", `{"MaxRecords":1,"IncludeFields":["title","id","TITLE"],"filter":[{"op":"exist","field":"id"}]}`).Body)
	require.Equal(t, 1, strings.Count(raw, `"title"`), "each once")
	whole := k.query("Tickets", `{"MaxRecords":1,"IncludeFields":[],"filter":[{"op":"exist","field":"id"}]}`).Items[0]
	require.Greater(t, len(whole), 70)
}

// Documented: with more results than a page, IncludeFields must contain Id, or paging breaks.
func TestS26PagingWithoutID(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 10})
	const q = `{"MaxRecords":3,"IncludeFields":["ticketNumber"],"filter":[{"op":"exist","field":"id"}]}`
	a := k.post("Tickets/query", q)
	require.Equal(t, "include_without_id", a.Misuse)
	first := decode[page](t, a)
	second := decode[page](t, k.do(http.MethodPost, *first.PageDetails.NextPageURL, q))
	require.Equal(t, first.Items, second.Items)
	require.Empty(t, k.post("Tickets/query", strings.Replace(q, "3", "500", 1)).Misuse, "one page is whole")
	require.Empty(t, k.post("Tickets/query", strings.Replace(q, `"ticket`, `"id","ticket`, 1)).Misuse)
}

// walk follows the pages of a query and returns the ids in the order in which they came.
func (k kit) walk(method, entity, q string, eachPage func()) []int64 {
	k.t.Helper()
	var ids []int64
	next, body := api+entity+"/query", q
	if method == http.MethodGet {
		next, body = next+"?search="+url.QueryEscape(q), ""
	}
	for next != "" {
		p := decode[page](k.t, k.do(method, next, body))
		ids = append(ids, p.ids()...)
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
	k := newKit(t, tenant.Config{Tickets: 1203})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			pages := 0
			ids := k.in(t).walk(method, "Tickets", all, func() { pages++ })
			require.Len(t, ids, 1203)
			require.IsIncreasing(t, ids, "no duplicate, no gap in the order")
			require.Equal(t, 3, pages)
		})
	}
}

func TestS28Links(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 20})
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	posted := *k.query("Tickets", q).PageDetails.NextPageURL
	require.True(t, strings.HasPrefix(posted, api+"Tickets/query/next?paging=%7b%22pageSize%22%3a5%2c%22previousIds%22%3a%5b-1%5d%2c%22nextIds%22%3a%5b"), posted)
	require.NotContains(t, posted, "search")
	got := *decode[page](t, k.get("tickets/QUERY?search="+url.QueryEscape(q))).PageDetails.NextPageURL
	require.Equal(t, posted+"&search=%7b%22MaxRecords%22%3a5%2c%22filter%22%3a%5b%7b%22op%22%3a%22gte%22%2c%22field%22%3a%22id%22%2c%22value%22%3a0%7d%5d%7d", got)
}

func TestS28Back(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 24})
	const q = `{"MaxRecords":2,"filter":[{"op":"gte","field":"id","value":0}]}`
	var pages []page
	for next := api + "Tickets/query"; next != ""; {
		p := decode[page](t, k.do(http.MethodPost, next, q))
		pages = append(pages, p)
		next = ""
		if p.PageDetails.NextPageURL != nil {
			next = *p.PageDetails.NextPageURL
		}
	}
	require.Len(t, pages, 12)
	require.Nil(t, pages[0].PageDetails.PrevPageURL)
	last := pages[len(pages)-1]
	for back := range 8 {
		last = decode[page](t, k.do(http.MethodPost, *last.PageDetails.PrevPageURL, q))
		require.Equal(t, pages[len(pages)-2-back].ids(), last.ids())
	}
	require.Nil(t, last.PageDetails.PrevPageURL, "eight pages are remembered")
}

func TestS29Misuse(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 20})
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	next := *k.query("Tickets", q).PageDetails.NextPageURL
	k.message(k.do(http.MethodGet, next, ""), 405, "wrong_method", notAllowed("GET"))
	k.refused(k.do(http.MethodPost, next, ""), "no_query_model", "Value cannot be null. Parameter name: queryModel")
	token, err := url.QueryUnescape(strings.TrimPrefix(next, api+"Tickets/query/next?paging="))
	require.NoError(t, err)
	foreign := map[string]wireRequest{
		"other entity":  {strings.Replace(next, "Tickets", "Contacts", 1), q},
		"other filter":  {next, strings.Replace(q, `"value":0`, `"value":1`, 1)},
		"other size":    {next, strings.Replace(q, `5`, `6`, 1)},
		"none":          {api + "Tickets/query/next", q},
		"no JSON":       {api + "Tickets/query/next?paging=%7b", q},
		"moved":         {withToken(strings.Replace(token, `"nextIds":[`, `"nextIds":[1`, 1)), q},
		"other history": {withToken(strings.Replace(token, `[-1]`, `[-2]`, 1)), q},
		"cut seal":      {withToken(strings.Replace(token, `"seal":"`, `"seal":"0`, 1)), q},
		"no seal":       {withToken(token[:strings.Index(token, `,"seal"`)] + "}"), q},
		"two ids":       {withToken(strings.Replace(token, `"nextIds":[`, `"nextIds":[1,`, 1)), q},
		"no ids":        {withToken(`{"pageSize":5}`), q},
		"deep":          {withToken(strings.Repeat("[", 20_000)), q},
	}
	for name, tt := range foreign {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.in(t).refused(k.in(t).do(http.MethodPost, tt.url, tt.body), "bad_token",
				"The paging token is invalid or belongs to another query.")
		})
	}
	require.Equal(t, 200, k.do(http.MethodPost, next, q).Status)
	other := newKit(t, tenant.Config{Tickets: 20, Seed: 2})
	require.Equal(t, "bad_token", other.do(http.MethodPost, next, q).Misuse, "of another tenant")
}

type wireRequest struct{ url, body string }

func withToken(token string) string {
	return api + "Tickets/query/next?paging=" + url.QueryEscape(token)
}

func TestS31Count(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 700})
	require.JSONEq(t, `{"queryCount":700}`, string(k.post("Tickets/query/count", all).Body))
	require.JSONEq(t, `{"queryCount":700}`, string(k.get("Tickets/query/count?search="+url.QueryEscape(all)).Body))
	require.JSONEq(t, `{"queryCount":0}`, string(k.post("Tickets/query/count", `{"filter":[{"op":"eq","field":"title","value":"no such"}]}`).Body))
}

func TestS32InsertsAndDeletesBetweenPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	var mine []int64
	body := func() string { return `{"name":"T","isActive":true}` }
	for range 12 {
		mine = append(mine, k.created("ActionTypes", body()))
	}
	q := fmt.Sprintf(`{"MaxRecords":4,"filter":[{"op":"gte","field":"id","value":%d}]}`, mine[0])
	pages := 0
	ids := k.walk(http.MethodPost, "ActionTypes", q, func() {
		if pages++; pages == 1 {
			k.written(k.do(http.MethodDelete, fmt.Sprintf("ActionTypes/%d", mine[1]), ""))
			k.written(k.do(http.MethodDelete, fmt.Sprintf("ActionTypes/%d", mine[5]), ""))
			mine = append(mine, k.created("ActionTypes", body()))
		}
	})
	require.Equal(t, slices.Delete(mine, 5, 6), ids, "each once: what is deleted behind does not move what is ahead")
}

// TestQueryEnds: nobody waits for the answer of a query that takes long.
func TestQueryEnds(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 3_000})
	part := `{"op":"contains","field":"title","value":"nothing has this"}`
	search := `{"filter":[{"op":"or","items":[` + strings.Repeat(part+",", 20) + part + `]}]}`
	ctx, leave := context.WithCancel(t.Context())
	leave()
	for _, path := range []string{"Tickets/query", "Tickets/query/count"} {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/ATServicesRest/V1.0/"+path, strings.NewReader(search))
		require.Zero(t, k.Answer(wire.Read(r)).Status, path)
	}
}
