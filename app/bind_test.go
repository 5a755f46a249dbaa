package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
)

// paging is embedded, as such things are.
type paging struct {
	Limit  int    `query:"limit" default:"50" validate:"min=1,max=500"`
	Cursor string `query:"cursor"`
}

type listIn struct {
	paging

	Status  *int          `query:"status"`
	Tags    []string      `query:"tag"`
	IDs     []int64       `query:"id"`
	Open    bool          `query:"open" default:"true"`
	Since   time.Time     `query:"since"`
	Within  time.Duration `query:"within"`
	Price   float64       `query:"price"`
	Small   uint8         `query:"small"`
	Address netip.Addr    `query:"address"`
	Tenant  string        `header:"X-Tenant"`
	Retries int           `header:"X-Retries" default:"3"`
}

type lineIn struct {
	SKU      string `json:"sku" validate:"required"`
	Quantity int    `json:"quantity" validate:"min=1"`
}

type updateIn struct {
	trace

	ID    int64   `path:"id"`
	Title *string `json:"title"`
	Count int     `json:"count"`
}

type trace struct {
	RequestedBy string `header:"X-User"`
}

type seen[T any] struct {
	In T `json:"in"`
}

// echoed is a handler that answers with what it was given.
func echoed[T any](_ context.Context, in *T) (*seen[T], error) { return &seen[T]{In: *in}, nil }

func bindRouter(tb testing.TB) *app.Router {
	tb.Helper()
	return serve(tb,
		app.Get("/list", echoed[listIn]).Name("list"),
		app.Post("/update/:id", echoed[updateIn]).Name("update").Status(http.StatusOK),
		app.Post("/orders", echoed[orderIn]).Name("create").Status(http.StatusOK),
		app.Get("/items/:id/*", echoed[wildIn]).Name("wild"),
		app.Post("/none", echoed[empty]).Name("none").Status(http.StatusOK),
	)
}

type orderIn struct {
	Title  string         `json:"title" validate:"required,max=20"`
	Due    time.Time      `json:"due,omitzero"`
	Lines  []lineIn       `json:"lines" validate:"dive"`
	Extra  map[string]int `json:"extra"`
	Secret string         `json:"-"`
}

type wildIn struct {
	ID   string `path:"id"`
	Rest string `path:"*"`
}

func TestBindFillsFields(t *testing.T) {
	t.Parallel()
	r := bindRouter(t)
	tests := map[string]struct {
		method, target, body string
		headers              []string
		want                 string // a part of the answer
	}{
		"defaults":            {"GET", "/list", "", nil, `"Limit":50,"Cursor":"","Status":null,"Tags":null,"IDs":null,"Open":true`},
		"default of a header": {"GET", "/list", "", nil, `"Retries":3`},
		"header":              {"GET", "/list", "", []string{"x-tenant: acme", "X-Retries: 5"}, `"Tenant":"acme","Retries":5`},
		"query":               {"GET", "/list?limit=500&cursor=a%2Bb+c&open=false", "", nil, `"Limit":500,"Cursor":"a+b c"`},
		"pointer":             {"GET", "/list?status=-3", "", nil, `"Status":-3`},
		"slices":              {"GET", "/list?tag=a&id=1&tag=b&id=2", "", nil, `"Tags":["a","b"],"IDs":[1,2]`},
		"escaped key":         {"GET", "/list?li%6Dit=7", "", nil, `"Limit":7`},
		"time":                {"GET", "/list?since=2026-01-31T15:04:05Z", "", nil, `"Since":"2026-01-31T15:04:05Z"`},
		"duration":            {"GET", "/list?within=1m30s", "", nil, `"Within":90000000000`},
		"float and text":      {"GET", "/list?price=1.5&address=::1&small=255", "", nil, `"Price":1.5,"Small":255,"Address":"::1"`},
		"others are ignored":  {"GET", "/list?nobody=1&%zz=2", "", nil, `"Limit":50`},
		"path":                {"GET", "/items/a%2Fb/c/d", "", nil, `"ID":"a/b","Rest":"c/d"`},
		"body":                {"POST", "/orders", `{"title":"x","lines":[{"sku":"s","quantity":2}],"later":[1]}`, nil, `"title":"x"`},
		"body of another +json": {
			"POST", "/orders", `{"title":"x"}`, []string{"Content-Type: application/merge-patch+json; charset=utf-8"}, `"title":"x"`,
		},
		"never JSON":          {"POST", "/orders", `{"title":"x","Secret":"s","secret":"s"}`, nil, `{"in":{"title":"x","lines":null,"extra":null}}`},
		"body cannot take id": {"POST", "/update/7", `{"id":"x","ID":9,"iD":{"a":[1]},"\u0049d":"x","title":"t"}`, nil, `"ID":7,"title":"t"`},
		"body cannot take an embedded header": {
			"POST", "/update/7", `{"RequestedBy":"root","requestedby":"root","X-User":"root"}`, nil, `"RequestedBy":""`,
		},
		"no body":      {"POST", "/update/7", "", nil, `"ID":7,"title":null`},
		"unread body":  {"POST", "/none", `not json at all`, nil, `{"in":{}}`},
		"empty fields": {"POST", "/update/7", "{}", []string{"X-User: ann"}, `"RequestedBy":"ann"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := send(r, tt.method, tt.target, tt.body, tt.headers...)
			require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
			require.Contains(t, rec.Body.String(), tt.want)
		})
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	r := bindRouter(t)
	tests := map[string]struct {
		method, target, body string
		headers              []string
		status               int
		field, rule, text    string // of the first field, or the detail where there is none
	}{
		"id is no number":      {"POST", "/update/x", "{}", nil, 400, "path.id", "type", "path.id must be an integer"},
		"id is too great":      {"POST", "/update/9223372036854775808", "{}", nil, 400, "path.id", "type", "must be an integer"},
		"limit is no number":   {"GET", "/list?limit=ten", "", nil, 400, "query.limit", "type", "query.limit must be an integer"},
		"limit is empty":       {"GET", "/list?limit=", "", nil, 400, "query.limit", "type", "must be an integer"},
		"limit 0":              {"GET", "/list?limit=0", "", nil, 422, "query.limit", "min=1", "query.limit must be at least 1"},
		"limit 501":            {"GET", "/list?limit=501", "", nil, 422, "query.limit", "max=500", "query.limit must be at most 500"},
		"limit twice":          {"GET", "/list?limit=1&limit=2", "", nil, 400, "query.limit", "type", "query.limit is given more than once"},
		"one of many":          {"GET", "/list?id=1&id=x", "", nil, 400, "query.id", "type", "query.id must be an integer"},
		"bad escape":           {"GET", "/list?cursor=%zz", "", nil, 400, "query.cursor", "type", "not escaped"},
		"NUL":                  {"GET", "/list?cursor=%00", "", nil, 400, "query.cursor", "type", "UTF-8 text without NUL"},
		"not UTF-8":            {"GET", "/list?cursor=%ff", "", nil, 400, "query.cursor", "type", "UTF-8 text without NUL"},
		"bool":                 {"GET", "/list?open=maybe", "", nil, 400, "query.open", "type", "true or false"},
		"time":                 {"GET", "/list?since=yesterday", "", nil, 400, "query.since", "type", "2026-01-31T15:04:05Z"},
		"duration":             {"GET", "/list?within=5", "", nil, 400, "query.within", "type", "1m30s"},
		"not a number":         {"GET", "/list?price=NaN", "", nil, 400, "query.price", "type", "a number"},
		"small":                {"GET", "/list?small=256", "", nil, 400, "query.small", "type", "an integer from 0 to 255"},
		"address":              {"GET", "/list?address=here", "", nil, 400, "query.address", "type", "a valid Addr"},
		"header":               {"GET", "/list", "", []string{"X-Retries: many"}, 400, "header.X-Retries", "type", "an integer"},
		"title is missing":     {"POST", "/orders", `{}`, nil, 422, "title", "required", "title is required"},
		"no body, title asked": {"POST", "/orders", ``, nil, 422, "title", "required", "title is required"},
		"title is too long":    {"POST", "/orders", `{"title":"` + strings.Repeat("x", 21) + `"}`, nil, 422, "title", "max=20", "title must have at most 20 characters"},
		"rule inside a list":   {"POST", "/orders", `{"title":"x","lines":[{"sku":"a","quantity":1},{"sku":"b"}]}`, nil, 422, "lines[1].quantity", "min=1", "at least 1"},
		"type inside a list":   {"POST", "/orders", `{"title":"x","lines":[{"sku":"a"},{"quantity":"2"}]}`, nil, 400, "lines[1].quantity", "type", "lines[1].quantity must be an integer"},
		"type of a member":     {"POST", "/orders", `{"title":7}`, nil, 400, "title", "type", "title must be a string"},
		"list is an object":    {"POST", "/orders", `{"title":"x","lines":{}}`, nil, 400, "lines", "type", "lines must be an array"},
		"item is a number":     {"POST", "/orders", `{"title":"x","lines":[1]}`, nil, 400, "lines[0]", "type", "lines[0] must be an object"},
		"time in the body":     {"POST", "/orders", `{"title":"x","due":"soon"}`, nil, 400, "due", "type", "due must be a time such as"},
		"inside a map":         {"POST", "/orders", `{"title":"x","extra":{"a":"b"}}`, nil, 400, "extra.a", "type", "extra.a must be an integer"},
		"body is a list":       {"POST", "/orders", `[]`, nil, 400, "", "", "the body must be a JSON object"},
		"body is null":         {"POST", "/orders", ` null`, nil, 400, "", "", "the body is null"},
		"body is cut":          {"POST", "/orders", `{"title":`, nil, 400, "", "", "unexpected end of JSON input"},
		"body is no JSON":      {"POST", "/orders", "{\n  title: 1}", nil, 400, "", "", "line 2, column 3"},
		"two values":           {"POST", "/orders", `{"title":"x"}{}`, nil, 400, "", "", "after top-level value"},
		"100,000 deep":         {"POST", "/orders", strings.Repeat("[", 100_000), nil, 400, "", "", "exceeded max depth"},
		"a form":               {"POST", "/orders", `title=x`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "", "", "send application/json"},
		"no content type":      {"POST", "/orders", `{}`, []string{"Content-Type: "}, 415, "", "", "no Content-Type"},
		"compressed":           {"POST", "/orders", `{}`, []string{"Content-Encoding: gzip"}, 415, "", "", "gzip"},
		"huge":                 {"POST", "/orders", `"` + strings.Repeat("x", 1<<20) + `"`, nil, 413, "", "", "1 MiB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := send(r, tt.method, tt.target, tt.body, tt.headers...)
			p := problemOf(t, rec)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			if tt.field == "" {
				require.Contains(t, p.Detail, tt.text)
				require.Empty(t, p.Errors)
				return
			}
			require.Contains(t, p.Errors[0].Message, tt.text)
			require.Equal(t, tt.field, p.Errors[0].Field)
			require.Equal(t, tt.rule, p.Errors[0].Rule)
		})
	}
}

func TestBindTellsAllAtOnce(t *testing.T) {
	t.Parallel()
	r := bindRouter(t)
	p := problemOf(t, send(r, "POST", "/update/x", `{"title":1,"count":"a"}`))
	fields := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		fields[i] = e.Field
	}
	require.Equal(t, []string{"path.id", "title", "count"}, fields)
	require.Equal(t, "3 fields cannot be read", p.Detail)
}

func TestBindChunkedBody(t *testing.T) {
	t.Parallel()
	r := bindRouter(t)
	tests := map[string]struct {
		body string
		want int
	}{
		"fits":     {`{"title":"x"}`, http.StatusOK},
		"too much": {`{"title":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
		"nothing":  {"", http.StatusUnprocessableEntity},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequestWithContext(t.Context(), "POST", "/orders", strings.NewReader(tt.body))
			req.ContentLength = -1
			req.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			r.ServeHTTP(rec, req)
			require.Equal(t, tt.want, rec.Code, rec.Body.String())
		})
	}
}

// FuzzBindJSON sends any body: the answer is never a 5xx, nothing panics, and
// no body sets a field that comes from elsewhere.
func FuzzBindJSON(f *testing.F) {
	for _, seed := range []string{
		`{"title":"x","count":1}`, `{"ID":5}`, `{"\u0069d":5,"id":[{}]}`, `{"id":{"a":"}"},"RequestedBy":"r"}`,
		` { "a" : "\"" , "ID" : 1 }`, `{"ID":1`, `null`, `[]`, `{"ıd":1,"İD":2,"requeſtedby":"x"}`, "{\"\x00\":1}", `{"a":{"ID":3},"Id" :4}`,
	} {
		f.Add([]byte(seed))
	}
	r := bindRouter(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "/update/7", strings.NewReader(string(body)))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		require.Less(t, rec.Code, http.StatusInternalServerError, rec.Body.String())
		if rec.Code == http.StatusOK {
			require.Contains(t, rec.Body.String(), `"ID":7`)
			require.Contains(t, rec.Body.String(), `"RequestedBy":""`)
		}
	})
}

// FuzzBlankKeys compares the filter with encoding/json: what is valid stays
// valid, the named fields stay empty and all others keep their values.
func FuzzBlankKeys(f *testing.F) {
	f.Add([]byte(`{"id":1,"title":"{\"id\":2}","x":[{"id":3}]}`))
	f.Add([]byte(`{"\u0049D":1}`))
	f.Add([]byte(`{"a":"\\","ID":1}`))
	f.Add([]byte(`{"K":1,"ſ":2}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		type target struct {
			ID    any `json:"ID"`
			Title any `json:"Title"`
		}
		var before, after target
		first := json.Unmarshal(body, &before)
		app.BlankKeys(body, "ID")
		second := json.Unmarshal(body, &after)
		require.Equal(t, first == nil, second == nil)
		if first == nil {
			require.Nil(t, after.ID)
			require.Equal(t, before.Title, after.Title)
		}
	})
}

// FuzzBindQuery sends any query: the answer is never a 5xx and nothing panics.
func FuzzBindQuery(f *testing.F) {
	for _, seed := range []string{"limit=5", "tag=a&tag=b&id=1", "limit=%", "=&&=", "since=2026-01-31T15:04:05Z&address=::1", "price=1e999", "limit=1;limit=2"} {
		f.Add(seed, "acme", "3")
	}
	r := bindRouter(f)
	f.Fuzz(func(t *testing.T, query, tenant, retries string) {
		req := httptest.NewRequestWithContext(t.Context(), "GET", "/list", nil)
		req.URL.RawQuery = query
		req.Header["X-Tenant"] = []string{tenant}
		req.Header["X-Retries"] = []string{retries}
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		require.Less(t, rec.Code, http.StatusInternalServerError, rec.Body.String())
		require.True(t, utf8.Valid(rec.Body.Bytes()))
	})
}

// caseIn has an ID in the path and another in the body, as updates do.
type caseIn struct {
	ID   int64  `path:"id"`
	Body string `json:"id"`
}

func TestBodyKeepsAFieldLikeTheOneInThePath(t *testing.T) {
	t.Parallel()
	r := serve(t, app.Put("/:id", func(_ context.Context, in *caseIn) (*seen[string], error) {
		return &seen[string]{fmt.Sprint(in.ID, " ", in.Body)}, nil
	}).Name("put"))
	for body, want := range map[string]string{
		`{"id":"own"}`:           "7 own",
		`{"ID":9}`:               "7 ",
		`{"\u0049D":9,"id":"b"}`: "7 b",
		`{"ID":"x","id":"own"}`:  "7 own",
	} {
		rec := send(r, "PUT", "/7", body)
		require.Equal(t, http.StatusOK, rec.Code, rec.Body)
		require.JSONEq(t, fmt.Sprintf(`{"in":%q}`, want), rec.Body.String(), body)
	}
}

func TestKeyGivenTwiceIsNamed(t *testing.T) {
	t.Parallel()
	r := serve(t, app.Post("/", handler[lineIn, empty]).Name("post"))
	p := problemOf(t, send(r, "POST", "/", `{"quantity":"x","quantity":5}`))
	require.Equal(t, "quantity", p.Errors[0].Field)
	require.Equal(t, "quantity must be an integer", p.Detail)
}

type hiddenPaging struct {
	Paging `json:"-"`
}

// Paging has tags that nobody reads where it is embedded with a json tag.
type Paging struct {
	Limit int `query:"limit"`
}

func TestTagsThatNobodyReadsAreRefused(t *testing.T) {
	t.Parallel()
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").Of(app.Get("/", handler[hiddenPaging, empty]).Name("get")))
	require.Len(t, r.Faults, 1)
	require.Contains(t, r.Faults[0].Problem, "query or header tags inside")
}
