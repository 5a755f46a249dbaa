package prove_test

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/bench/prove"
)

// gauge counts who is inside, and the most that ever were.
type gauge struct{ inside, most atomic.Int64 }

func (g *gauge) enter() {
	n := g.inside.Add(1)
	for most := g.most.Load(); n > most && !g.most.CompareAndSwap(most, n); most = g.most.Load() {
	}
}

func (g *gauge) leave() { g.inside.Add(-1) }

// TestD1 has an upstream that answers 503 to everything while 50 calls a second
// want it: it is left in peace, and used again soon after it recovers.
func TestD1(t *testing.T) { //nolint:paralleltest // it has the machine for itself
	const trials = 10
	reset, outage := either(time.Second, 30*time.Second), either(4*time.Second, 60*time.Second)
	var heard atomic.Int64
	var well atomic.Bool
	var probes gauge
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		heard.Add(1)
		probes.enter()
		defer probes.leave()
		if well.Load() {
			return
		}
		time.Sleep(20 * time.Millisecond) // so that those that come together are seen together
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	c, breakers := newClient(t, settings{breaker: circuitbreaker.Config{ResetTimeout: reset, HalfOpenMaxCalls: trials}}, resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, Retry: retry.Policy{MaxAttempts: 3, BaseDelay: time.Second}, Timeout: 10 * time.Second,
	})

	started := time.Now()
	trip(t, c, server.URL, breakers)
	probes.most.Store(0)
	var refused, answered prove.Times
	const crowds, crowd = 2, 25 // a second; those of a crowd come together
	wanted := crowd * prove.Offer(crowds, outage, func(int) {
		var all sync.WaitGroup
		for range crowd {
			all.Go(func() {
				began := time.Now()
				into := &answered
				if _, err := get(t.Context(), c, server.URL); errors.Is(err, circuitbreaker.ErrOpen) {
					into = &refused
				}
				into.Since(began)
			})
		}
		all.Wait()
	})
	t.Logf("wanted %d, heard %d, refused %d (median %s, p99 %s, longest %s), %d probes at once",
		wanted, heard.Load(), refused.Len(), refused.At(0.5), refused.At(0.99), refused.At(1), probes.most.Load())
	mostHeard, mostAtOnce := int64(100), int64(trials)
	if !full() { // a machine that is busy stretches the outage, and a probe, beyond what they are here
		mostHeard, mostAtOnce = crowd+trials*int64(1+time.Since(started)/reset), 2*trials
	}
	require.LessOrEqual(t, heard.Load(), mostHeard)
	require.LessOrEqual(t, probes.most.Load(), mostAtOnce)
	require.Equal(t, wanted, refused.Len()+answered.Len())
	require.Positive(t, refused.Len())
	if full() {
		require.LessOrEqual(t, refused.At(0.99), 5*time.Millisecond)
	}

	well.Store(true)
	took := eventually(t, reset+slack(time.Second), "the breaker is closed", func() bool {
		_, _ = get(t.Context(), c, server.URL) // drives the trials
		m, ok := breakers.Metrics(host(t, server.URL))
		return ok && m.State == circuitbreaker.Closed
	})
	t.Logf("closed %s after the recovery, reset time %s", took, reset)
}

// trip makes calls until the breaker opens, and waits until all have ended.
func trip(t *testing.T, c *http.Client, url string, breakers *circuitbreaker.Service) {
	t.Helper()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _, _ = get(t.Context(), c, url) })
	}
	all.Wait()
	m, ok := breakers.Metrics(host(t, url))
	require.True(t, ok)
	require.NotEqual(t, circuitbreaker.Closed, m.State)
}
