package prove_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/bench/prove"
)

// TestD8 spoils the way to an upstream in seven ways: no call outlives its
// deadline, and soon after all is as before.
func TestD8(t *testing.T) {
	t.Parallel()
	tests := map[string]prove.Toxic{
		"latency":    prove.Latency(300 * time.Millisecond),
		"bandwidth":  prove.Bandwidth(10 << 10),
		"slow_close": prove.SlowClose(300 * time.Millisecond),
		"timeout":    prove.Timeout(),
		"reset_peer": prove.ResetPeer(),
		"slicer":     prove.Slicer(500, 10*time.Millisecond),
		"limit_data": prove.LimitData(2000),
	}
	text := strings.Repeat("0123456789", 1<<10) // 10 KiB, a second at 10 KB/s
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "slow_close") { // the end of the connection is that of the body
			w.Header().Set("Transfer-Encoding", "identity")
			w.Header().Set("Connection", "close")
		}
		_, _ = io.WriteString(w, text)
	})
	for name, toxic := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, proxy := proxied(t, server)
			url += "/" + name
			deadline := either(time.Second, 2*time.Second)
			c, breakers := newClient(t, settings{breaker: circuitbreaker.Config{ResetTimeout: either(500*time.Millisecond, 2*time.Second)}}, resilience.Policy{
				EnableCircuitBreaker: true, EnableRetry: true, Timeout: deadline,
				Retry: retry.Policy{MaxAttempts: 3, BaseDelay: 50 * time.Millisecond},
			})
			eventually(t, slack(5*time.Second), "a call is answered", func() bool { // at once, unless the machine is busy
				status, err := get(t.Context(), c, url)
				return err == nil && status == http.StatusOK
			})

			proxy.Set(toxic)
			var took prove.Times
			good := spoiled(t, c, url, &took)
			require.LessOrEqual(t, took.At(1), deadline+slack(100*time.Millisecond))
			require.Positive(t, took.Len())

			proxy.Set(prove.Toxic{})
			row := 0
			back := eventually(t, slack(5*time.Second), "20 calls in a row are answered", func() bool {
				if status, err := get(t.Context(), c, url); err != nil || status != http.StatusOK {
					row = 0
					return false
				}
				row++
				return row >= 20
			})
			m, _ := breakers.Metrics(host(t, url))
			t.Logf("%d calls, %d good, median %s, longest %s, deadline %s; 20 good ones in a row %s after; breaker %s",
				took.Len(), good, took.At(0.5), took.At(1), deadline, back, m.State)
		})
	}
}

// spoiled calls from several goroutines for a while and counts good answers.
func spoiled(t *testing.T, c *http.Client, url string, took *prove.Times) (good int) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	end := time.Now().Add(either(time.Second, 20*time.Second))
	for range 4 {
		all.Go(func() {
			for again := true; again; again = time.Now().Before(end) {
				began := time.Now()
				status, err := get(t.Context(), c, url)
				took.Since(began)
				if err == nil && status == http.StatusOK {
					mu.Lock()
					good++
					mu.Unlock()
				}
				time.Sleep(5 * time.Millisecond) // an open breaker answers at once
			}
		})
	}
	all.Wait()
	return good
}
