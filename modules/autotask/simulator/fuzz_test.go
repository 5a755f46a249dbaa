package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// wellFormed fails for an answer that the API cannot give: anything but 200, or 500 with errors that are strings.
func wellFormed(t *testing.T, rec *httptest.ResponseRecorder) {
	t.Helper()
	var failure struct {
		Errors []string `json:"errors"`
	}
	switch err := json.Unmarshal(rec.Body.Bytes(), &failure); {
	case err != nil:
		t.Fatalf("%d with a body that is no JSON: %q", rec.Code, rec.Body)
	case rec.Code == http.StatusOK:
	case rec.Code != http.StatusInternalServerError, len(failure.Errors) == 0, failure.Errors[0] == "":
		t.Fatalf("%d %q", rec.Code, rec.Body)
	}
}

func fuzzed(f *testing.F) func(tb testing.TB, method, path, body string) *httptest.ResponseRecorder {
	f.Helper()
	s, err := simulator.New(simulator.Config{Tickets: 30, HourlyLimit: 1 << 40, ThreadLimit: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	return func(tb testing.TB, method, path, body string) *httptest.ResponseRecorder {
		tb.Helper()
		r := httptest.NewRequestWithContext(tb.Context(), method, api+path, strings.NewReader(body))
		authorize(r)
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, r)
		return rec
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		all,
		`{"MaxRecords":1,"IncludeFields":["id","Title"],"Filter":[{"op":"or","items":[{"op":"eq","field":"status","value":"5"},{"op":"in","field":"companyID","value":[0,174]}]}]}`,
		`{"filter":[{"op":"notExist","field":"queueID"},{"op":"contains","field":"title","value":"é"}]}`,
		`{"filter":[{"op":"eq","field":"id","value":1e400,"udf":true}]}`,
		strings.Repeat(`{"filter":[{"op":"and","items":[`, 300),
		strings.Repeat(`[`, 10_001),
		`null`, ``, `{"filter":[null]}`,
	} {
		f.Add(seed)
	}
	serve := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		posted := serve(t, http.MethodPost, "Tickets/query", body)
		wellFormed(t, posted)
		wellFormed(t, serve(t, http.MethodPost, "Tickets/query/count", body))
		if address := "Tickets/query?search=" + url.QueryEscape(body); body != "" && len(api+address) <= 2048 {
			got := serve(t, http.MethodGet, address, "")
			if wellFormed(t, got); got.Code != posted.Code {
				t.Fatalf("GET %d, POST %d: %q", got.Code, posted.Code, body)
			}
		}
	})
}

func FuzzPagingToken(f *testing.F) {
	serve := fuzzed(f)
	const q = `{"MaxRecords":5,"filter":[{"op":"gte","field":"id","value":0}]}`
	var first page
	if err := json.Unmarshal(serve(f, http.MethodPost, "Tickets/query", q).Body.Bytes(), &first); err != nil {
		f.Fatal(err)
	}
	link, err := url.Parse(*first.PageDetails.NextPageURL)
	if err != nil {
		f.Fatal(err)
	}
	genuine := link.Query().Get("paging")
	f.Add(genuine)
	f.Add(strings.Replace(genuine, "7005", "7006", 1))
	f.Add(`{"pageSize":5,"previousIds":[-1],"nextIds":[7005]}`)
	f.Add(`{"nextIds":[]}`)
	f.Fuzz(func(t *testing.T, token string) {
		rec := serve(t, http.MethodPost, "Tickets/query/next?paging="+url.QueryEscape(token), q)
		wellFormed(t, rec)
		if rec.Code == http.StatusOK && !strings.Contains(token, "7005") {
			t.Fatalf("a token that was never given is taken: %q", token)
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add(ticket(""))
	f.Add(`{"id":7001,"title":null,"status":"5"}`)
	f.Add(`{"id":"7001","Title":"a","title":"b","assignedResourceID":29682885}`)
	f.Add(`[1]`)
	serve := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		wellFormed(t, serve(t, http.MethodPost, "Tickets", body))
		wellFormed(t, serve(t, http.MethodPatch, "Tickets", body))
		wellFormed(t, serve(t, http.MethodPost, "Tickets/7001/Notes", body))
		wellFormed(t, serve(t, http.MethodGet, "Tickets/7001", ""))
	})
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"Tickets/7001", "Tickets//7001/Notes/", "../..", "zoneInformation", "Tickets/-1/Notes", "Tickets/query/next"} {
		f.Add(http.MethodGet, seed)
	}
	serve := fuzzed(f)
	f.Fuzz(func(t *testing.T, method, path string) {
		if _, err := http.NewRequestWithContext(t.Context(), method, api+path, nil); err != nil {
			t.Skip("no request")
		}
		if _, err := url.ParseRequestURI(api + path); err != nil || strings.ContainsAny(path, " \t\r\n") || method == "" || strings.Contains(path, "__sim") {
			t.Skip("no request line")
		}
		if rec := serve(t, method, path, ""); rec.Code > 500 {
			t.Fatalf("%s %s: %d", method, path, rec.Code)
		}
	})
}

// FuzzOrders: whatever is ordered, the answer is the state or a sentence, and the simulator lives on.
func FuzzOrders(f *testing.F) {
	for _, order := range [][2]string{
		{"clock", `{"advance":"61m"}`},
		{"outage", `{"mode":"off"}`},
		{"zone", `{"zone":5}`},
		{"snapshot", `{"name":"a"}`},
		{"restore", `{"name":"a"}`},
		{"faults", `{"rules":[{"kind":"html","times":1}]}`},
		{"rights", `{"entity":"Tickets"}`},
		{"webhooks", `{"swap":1}`},
		{"webhooks/wait", `{"timeout":"1ms"}`},
		{"threshold/foreign", `{"perHour":1000000000}`},
		{"reset", ``},
		{"latency", `{"latency":"0"}`},
		{"threshold/external", `null`},
	} {
		f.Add(order[0], order[1])
	}
	s, err := simulator.New(simulator.Config{Tickets: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, sim, strings.NewReader(body))
		r.URL.Path = "/__sim/" + name
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, r)
		if rec.Code == http.StatusInternalServerError || rec.Body.Len() == 0 && rec.Code >= http.StatusBadRequest {
			t.Fatalf("%d %q to %s %q", rec.Code, rec.Body, name, body)
		}
		s.Stats()
		s.Reset()
	})
}
