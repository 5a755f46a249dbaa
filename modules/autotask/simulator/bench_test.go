package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// discard is a ResponseWriter that keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// benchmark measures ServeHTTP alone: the request is made once, as net/http makes it.
func benchmark(b *testing.B, tickets int, method, path, body string) {
	b.Helper()
	s, err := simulator.New(simulator.Config{Tickets: tickets, HourlyLimit: 1 << 40})
	require.NoError(b, err)
	h, w := s.Handler(), &discard{header: http.Header{}}
	r := httptest.NewRequestWithContext(b.Context(), method, path, http.NoBody)
	authorize(r)
	b.ReportAllocs()
	for b.Loop() {
		if body != "" {
			r.Body = io.NopCloser(strings.NewReader(body))
		}
		h.ServeHTTP(w, r)
	}
	require.Equal(b, http.StatusOK, w.status)
	// A benchmark longer than the window would keep its count growing; an hour is not reached.
	require.Less(b, b.Elapsed(), time.Hour)
}

func BenchmarkGet(b *testing.B) { benchmark(b, 1203, http.MethodGet, api+"Tickets/7100", "") }

func BenchmarkQuery500(b *testing.B) {
	benchmark(b, 1203, http.MethodPost, api+"Tickets/query", `{"filter":[{"op":"gte","field":"id","value":0}]}`)
}

// BenchmarkQueryIndexed must not grow with the number of tickets, the page being about the same.
func BenchmarkQueryIndexed(b *testing.B) {
	for name, tickets := range map[string]int{"1k": 1_000, "100k": 100_000} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, tickets, http.MethodPost, api+"Tickets/query", `{"filter":[{"op":"eq","field":"companyID","value":180}]}`)
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, err := simulator.New(simulator.Config{})
		require.NoError(b, err)
	}
}
