package prove_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/bench/prove"
)

// TestD5 counts what an upstream hears of a client that repeats: with one answer
// in five a 503, and with all of them.
func TestD5(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		every int64                                                // which answer is a 503
		most  func(wanted int, took time.Duration) (heard float64) // in all
	}{
		"20 % are 503": {5, func(wanted int, _ time.Duration) float64 { return 1.25 * float64(wanted) }},
		"all are 503": {1, func(wanted int, took time.Duration) float64 {
			const earned, reserve, ttl = 0.2, 30, 10 * time.Second
			return (1+earned)*float64(wanted) + reserve*(1+float64(took)/float64(ttl))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard, good atomic.Int64
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if heard.Add(1)%tt.every == 0 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			c, _ := newClient(t, settings{}, resilience.Policy{
				EnableRetry: true, Retry: retry.Policy{MaxAttempts: 3, BaseDelay: 100 * time.Millisecond}, Timeout: 10 * time.Second,
			})
			began := time.Now()
			wanted := prove.Offer(50, either(3*time.Second, time.Minute), func(int) {
				if status, err := get(t.Context(), c, server.URL); err == nil && status == http.StatusOK {
					good.Add(1)
				}
			})
			most := tt.most(wanted, time.Since(began))
			t.Logf("wanted %d, heard %d, which is × %.3f (at most %.0f), answered well %d",
				wanted, heard.Load(), float64(heard.Load())/float64(wanted), most, good.Load())
			require.LessOrEqual(t, float64(heard.Load()), most)
			require.GreaterOrEqual(t, heard.Load(), int64(wanted))
		})
	}
}
