package contract_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// size makes several pages of few tickets.
const size = 400

// walk follows a query to its last page, and returns all ids. GET carries the query in the address, POST in the body.
func (at *tenant) walk(method string, model object, between func(page int)) (ids []int64) {
	at.t.Helper()
	var a answer
	if method == http.MethodGet {
		a = at.get(search("Tickets", "", at.asJSON(model)))
	} else {
		a = at.post("Tickets/query", model)
	}
	for n := 1; ; n++ {
		p := a.page()
		require.Equal(at.t, len(p.Items), p.Details.Count)
		ids = append(ids, p.ids(at.t)...)
		if p.Details.Next == nil {
			return ids
		}
		require.Less(at.t, n, 100, "pages without an end")
		between(n)
		checkLink(at, method, *p.Details.Next)
		if method == http.MethodGet {
			a = at.get(*p.Details.Next)
		} else {
			a = at.post(*p.Details.Next, model)
		}
	}
}

// checkLink looks at the address of a next page.
func checkLink(at *tenant, method, link string) {
	at.t.Helper()
	u, err := url.Parse(link)
	require.NoError(at.t, err)
	require.True(at.t, strings.HasPrefix(link, at.zone+"Tickets/query/next?"), link)
	require.NotEmpty(at.t, u.Query().Get("paging"))
	require.Equal(at.t, method == http.MethodGet, u.Query().Has("search"), "the search is in the link of a GET alone")
	require.NotContains(at.t, u.RawQuery, "{", "it is percent-encoded")
	require.Equal(at.t, u.RawQuery, lowerHex(u.RawQuery), "with small letters")
}

func lowerHex(s string) string {
	parts := strings.Split(s, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
	}
	return strings.Join(parts, "%")
}

// some are at most three pages of tickets.
func (at *tenant) some() (model object, want int64) {
	at.t.Helper()
	filter := []object{everything()}
	if all := at.count("Tickets", filter...); all > 3*size {
		first := at.first("Tickets", everything())
		filter = append(filter, where("lt", "id", whole(at.t, first["id"])+3*size))
	}
	return object{"MaxRecords": size, "filter": filter}, at.count("Tickets", filter...)
}

func followPages(at *tenant) {
	model, want := at.some()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		ids := at.walk(method, model, func(int) {})
		require.Len(at.t, ids, int(want), method)
		require.IsIncreasing(at.t, ids, "each once, by id")
	}
	p := at.post("Tickets/query", model).page()
	require.Nil(at.t, p.Details.Previous, "the first page has none before it")
	require.Equal(at.t, size, p.Details.RequestCount)
	require.Equal(at.t, []string{"count", "nextPageUrl", "prevPageUrl", "requestCount"}, names(details(at, at.post("Tickets/query", model))))
	last := at.post("Tickets/query", object{"filter": []object{where("eq", "id", p.Items[0]["id"])}}).page()
	require.Nil(at.t, last.Details.Next)
}

func details(at *tenant, a answer) object {
	at.t.Helper()
	got, ok := a.object()["pageDetails"].(object)
	require.True(at.t, ok)
	return got
}

func wrongWays(at *tenant) {
	model := object{"MaxRecords": 1, "filter": []object{everything()}}
	link := next(at, at.post("Tickets/query", model))
	require.Equal(at.t, "The requested resource does not support http method 'GET'.", at.get(link).message(http.StatusMethodNotAllowed))
	at.call(http.MethodPost, link, nil).refusedWith(textNoQueryModel)
	at.post("Tickets/query", "").refusedWith(textNoQueryModel)
	at.post(link, model).page()

	at.post(link, object{"MaxRecords": 1, "filter": []object{where("eq", "status", 1)}}).is(http.StatusInternalServerError).refused()
	at.post(strings.Replace(link, "/Tickets/", "/Companies/", 1), model).is(http.StatusInternalServerError).refused()
	u, err := url.Parse(link)
	require.NoError(at.t, err)
	token := u.Query().Get("paging")
	for _, wrong := range []string{strings.Replace(token, `"nextIds":[`, `"nextIds":[1`, 1), token[:len(token)/2], "{}", "x", ""} {
		at.post("Tickets/query/next?paging="+url.QueryEscape(wrong), model).is(http.StatusInternalServerError).refused()
	}
	byGet := next(at, at.get(search("Tickets", "", at.asJSON(model))))
	at.get(byGet).page()
	changed := strings.Replace(byGet, url.QueryEscape("gte"), "eq", 1)
	require.NotEqual(at.t, byGet, changed)
	at.get(changed).is(http.StatusInternalServerError).refused()
}

func next(at *tenant, a answer) string {
	at.t.Helper()
	link := a.page().Details.Next
	require.NotNil(at.t, link)
	return *link
}

func longAddress(at *tenant) {
	model := func(n int) string {
		return `{"filter":[{"op":"eq","field":"title","value":"` + strings.Repeat("x", n) + `"}]}`
	}
	at.get(search("Tickets", "", model(1200))).page()
	at.get(search("Tickets", "", model(2200))).is(http.StatusNotFound)
	at.get(search("Tickets", "/count", model(2200))).is(http.StatusNotFound)
	at.post("Tickets/query", model(2200)).page()
}

func rowsBetweenPages(at *tenant) {
	model, want := at.some()
	delete(model, "MaxRecords")
	model["MaxRecords"] = 50
	before := at.walk(http.MethodPost, model, func(int) {})
	require.Len(at.t, before, int(want))
	ids := at.walk(http.MethodPost, model, func(n int) {
		if n <= 3 {
			at.create(nil)
		}
	})
	require.IsIncreasing(at.t, ids, "none twice")
	old := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id > before[len(before)-1] })
	require.Equal(at.t, before, old, "none lost")
}
