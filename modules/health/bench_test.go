package health_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/health"
)

func newBusy(b *testing.B) *health.Service {
	b.Helper()
	return newReady(b, health.Config{CacheFor: time.Hour},
		health.Check{Name: "database", Run: gives(nil)},
		health.Check{Name: "queue", Run: gives(nil)},
		health.Check{Name: "cache", Optional: true, Run: gives(nil)},
	)
}

func BenchmarkReady(b *testing.B) {
	s := newBusy(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Ready(b.Context())
	}
}

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header            { return d.header }
func (d discard) Write(body []byte) (int, error) { return len(body), nil }
func (d discard) WriteHeader(int)                {}

func BenchmarkHandler(b *testing.B) {
	s := newBusy(b)
	probes := map[string]http.Handler{"/livez": s.Handler(), "/readyz": s.Handler(), "/health": s.DetailedHandler()}
	for path, handler := range probes {
		b.Run(path[1:], func(b *testing.B) {
			w := discard{make(http.Header)}
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkHandlerParallel(b *testing.B) {
	handler := newBusy(b).Handler()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := discard{make(http.Header)}
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/readyz", nil)
		for pb.Next() {
			handler.ServeHTTP(w, r)
		}
	})
}
