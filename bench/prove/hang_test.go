package prove_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/bench/prove"
)

// TestD4 has servers that hang or drip: every call ends at its deadline and
// leaves neither a goroutine nor a connection that is used again.
func TestD4(t *testing.T) { //nolint:paralleltest // it counts goroutines
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := map[string]struct {
		handler http.HandlerFunc
		toxic   prove.Toxic
	}{
		"hang":        {handler: hang},
		"drip":        {handler: drip},
		"drip_header": {handler: dripHeader},
		"half-open":   {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "text") }, toxic: prove.Timeout()},
	}
	for name, tt := range tests { //nolint:paralleltest // it counts goroutines
		t.Run(name, func(t *testing.T) {
			const calls = 50
			before := runtime.NumGoroutine()
			ctx, leave := context.WithCancel(t.Context())
			deadline := either(500*time.Millisecond, 2*time.Second)
			var again atomic.Int64
			url, proxy := proxied(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				if before, ok := r.Context().Value(carried{}).(*atomic.Bool); !ok || before.Swap(true) {
					again.Add(1)
				}
				if r.URL.Path == "/well" {
					return
				}
				tt.handler(w, r)
			}))
			proxy.Set(tt.toxic)
			c, _ := newClient(t, settings{}, resilience.Policy{
				EnableRetry: true, Timeout: deadline, Retry: retry.Policy{BaseDelay: 100 * time.Millisecond},
			})
			var took prove.Times
			var all sync.WaitGroup
			for range calls {
				all.Go(func() {
					began := time.Now()
					_, err := get(ctx, c, url)
					took.Since(began)
					if _, ok := errors.AsType[*resilience.TimeoutError](err); !ok {
						t.Errorf("want a timeout, got %v", err)
					}
				})
			}
			all.Wait()
			leave()
			require.LessOrEqual(t, took.At(1), deadline+slack(100*time.Millisecond))

			proxy.Set(prove.Toxic{})
			eventually(t, slack(5*time.Second), "the client is well", func() bool { // at once, unless the machine is busy
				status, err := get(t.Context(), c, url+"/well")
				return err == nil && status == http.StatusOK
			})
			require.Zero(t, again.Load(), "no connection is used again")

			c.CloseIdleConnections()
			const own = 3 // server, proxy, and what the test itself runs
			back := eventually(t, slack(5*time.Second), "the goroutines are gone", func() bool {
				return runtime.NumGoroutine() <= before+5+own
			})
			t.Logf("deadline %s: median %s, longest %s; goroutines back after %s", deadline, took.At(0.5), took.At(1), back)
		})
	}
}

// drip sends a byte a second.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, "x"); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		pause(r.Context())
	}
}

// dripHeader sends a byte of a header a second.
func dripHeader(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // the client has gone
	ctx, gone := context.WithCancel(context.Background())
	defer gone()
	var reading sync.WaitGroup
	defer reading.Wait()
	defer conn.Close() //nolint:errcheck // ends the reading
	reading.Go(func() {
		_, _ = io.Copy(io.Discard, conn)
		gone()
	})
	for _, letter := range "HTTP/1.1 200 OK\r\n" {
		if _, err := io.WriteString(conn, string(letter)); err != nil || ctx.Err() != nil {
			return
		}
		pause(ctx)
	}
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}
