package wire_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted" \ back`, "tab\tline\nreturn\r\x00\x1f", "ümlaut 日本 🙂", "broken \xff\xc3 end", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := wire.AppendString([]byte("x"), s)
		require.Equal(t, byte('x'), out[0])
		require.True(t, utf8.Valid(out))
		var back string
		require.NoError(t, json.Unmarshal(out[1:], &back), "%q", out)
		require.Equal(t, repaired(s), back)
	})
}

// repaired is s with each byte that is no UTF-8 replaced, as encoding/json does.
func repaired(s string) string { return string([]rune(s)) }

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		url          string
		wantSegments []string
		wantService  string
		wantEntity   string
	}{
		"entity":              {"/ATServicesRest/V1.0/Tickets/5", []string{"Tickets", "5"}, "", "Tickets"},
		"any case, slashes":   {"//atservicesrest//v1.0/tickets/", []string{"tickets"}, "", "Tickets"},
		"child":               {"/atservicesrest/v1.0/Tickets/5/Notes", []string{"Tickets", "5", "Notes"}, "", "TicketNotes"},
		"metadata":            {"/atservicesrest/v1.0/Tickets/entityInformation/fields", []string{"Tickets", "entityInformation", "fields"}, "", "Tickets"},
		"version service":     {"/atservicesrest/versioninformation", nil, "versioninformation", ""},
		"invented":            {"/atservicesrest/v1.0/Inventions/1", []string{"Inventions", "1"}, "", ""},
		"threshold":           {"/atservicesrest/v1.0/thresholdinformation", []string{"thresholdinformation"}, "", "ThresholdInformation"},
		"outside":             {"/v1.0/Tickets", nil, "", "Tickets"},
		"nothing":             {"/", nil, "", ""},
		"two without version": {"/atservicesrest/Tickets/5", nil, "", "Tickets"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := wire.Read(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://sim.example"+tc.url, http.NoBody))
			require.Equal(t, tc.wantSegments, c.Segments)
			require.Equal(t, tc.wantService, c.Service)
			require.Equal(t, tc.wantEntity, c.Entity)
		})
	}
}

func TestParam(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, want string }{
		"escaped":          {"search=%7B%22a%22:1%7D", `{"a":1}`},
		"plain":            {`search={"a":1}`, `{"a":1}`},
		"any case":         {"SEARCH=1", "1"},
		"semicolon":        {"search=a;b", "a;b"},
		"space":            {"search=a+b%20c%2Bd", "a b c+d"},
		"broken escape":    {"search=%zz%41%4", "%zzA%4"},
		"equals sign":      {"search=a=b&x=y", "a=b"},
		"the first of two": {"search=1&search=2", "1"},
		"another":          {"query=1", ""},
		"nothing":          {"", ""},
		"without a value":  {"search", ""},
		"far behind":       {strings.Repeat("a&", 30) + "search=1", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ATServicesRest/V1.0/Tickets/query", http.NoBody)
			r.URL.RawQuery = tc.query
			require.Equal(t, tc.want, wire.Read(r).Param("search"))
		})
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	read := func(body io.Reader) *wire.Call {
		return wire.Read(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ATServicesRest/V1.0/Tickets?a=1&a=2&b=%22x%22", body))
	}
	c := read(strings.NewReader("{}"))
	require.Equal(t, "{}", string(c.Body))
	require.Equal(t, "1", c.Param("a"))
	require.Equal(t, `"x"`, c.Param("b"))
	require.Empty(t, c.Param("c"))
	require.Equal(t, "http://example.com/ATServicesRest/V1.0/Tickets?a=1&a=2&b=%22x%22", c.URL())
	require.NoError(t, c.Broken)
	require.Equal(t, t.Context().Done(), c.Done)
	require.False(t, read(strings.NewReader(strings.Repeat("x", wire.MaxBody))).TooLarge)
	long := read(strings.NewReader(strings.Repeat("x", wire.MaxBody+1)))
	require.True(t, long.TooLarge)
	require.NoError(t, long.Broken)
	broken := read(io.MultiReader(strings.NewReader(`{"title"`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	require.ErrorIs(t, broken.Broken, io.ErrUnexpectedEOF)
	require.Equal(t, `{"title"`, string(broken.Body))
}

func TestEchoIsBounded(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+strings.Repeat("x", 60_000), http.NoBody)
	r.Method = strings.Repeat("Y", 5_000)
	c := wire.Read(r)
	require.Less(t, len(c.NotFound().Body), 2_300)
	require.Less(t, len(c.NotAllowed().Body), 2_300)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		got        wire.Answer
		wantStatus int
		wantBody   string
		wantMisuse string
	}{
		"item":     {wire.ItemID(-7), 200, `{"itemId":-7}`, ""},
		"failure":  {wire.Failure("one", `"two"`), 500, `{"errors":["one","\"two\""]}`, ""},
		"message":  {wire.Message(404, "no"), 404, `{"Message":"no"}`, ""},
		"marshal":  {wire.Marshal(map[string]int{"n": 1}), 200, `{"n":1}`, ""},
		"misusing": {wire.Failure("no").Misusing("bad_query"), 500, `{"errors":["no"]}`, "bad_query"},
		"reset":    {wire.Reset(), 0, "", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.wantStatus, tc.got.Status)
			require.Equal(t, tc.wantBody, string(tc.got.Body))
			require.Equal(t, tc.wantMisuse, tc.got.Misuse)
		})
	}
	require.Contains(t, string(wire.Page(http.StatusBadGateway).Body), "502 Bad Gateway")
	require.Equal(t, wire.Suspended, wire.Failure("x").Because(wire.Suspended).Cause)
}

func BenchmarkAppendString(b *testing.B) {
	texts := map[string]string{"ascii": strings.Repeat("printer on fire ", 8), "unicode": strings.Repeat("Drucker brénnt – ", 8)}
	for name, s := range texts {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 1024)
			for b.Loop() {
				buf = wire.AppendString(buf[:0], s)
			}
		})
	}
}
