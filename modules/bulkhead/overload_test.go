package bulkhead_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

const service = 5 * time.Millisecond // of one call: 200 of them in a second

// load is what came of calls that were offered at an even rate.
type load struct {
	good     int
	admitted []time.Duration // wait and call of those that got a slot
	refused  []time.Duration
	latest   error
	mu       sync.Mutex
}

// offer makes calls, each through b and work, with such gaps between them.
func offer(ctx context.Context, b *bulkhead.Bulkhead, gap func() time.Duration, length time.Duration, work func()) *load {
	var l load
	var all sync.WaitGroup
	for begin := time.Now(); time.Since(begin) < length; time.Sleep(gap()) {
		all.Go(func() {
			start := time.Now()
			err := b.Do(ctx, bulkhead.Normal, func(context.Context) error {
				work()
				return nil
			})
			l.mu.Lock()
			defer l.mu.Unlock()
			if err != nil {
				l.refused, l.latest = append(l.refused, time.Since(start)), err
				return
			}
			l.good++
			l.admitted = append(l.admitted, time.Since(start))
		})
	}
	all.Wait()
	return &l
}

// evenly is so many calls in a second.
func evenly(rate int) func() time.Duration {
	return func() time.Duration { return time.Second / time.Duration(rate) }
}

// randomly is so many calls in a second, as those of independent clients.
func randomly(rate int) func() time.Duration {
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // dice, no secrets
	return func() time.Duration { return time.Duration(dice.ExpFloat64() * float64(time.Second) / float64(rate)) }
}

func p99(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[int(math.Ceil(0.99*float64(len(times))))-1]
}

// Four times what fits: as much is done as without the overload, at the speed of
// a queue that is short, and the rest learns at once that it has to come back
// later. Without a queue there is nobody to take a slot when it comes free, until
// the next arrives: a fifth is lost.
func TestOverload(t *testing.T) {
	t.Parallel()
	const capacity = 200
	tests := map[string]struct {
		cfg       bulkhead.Config
		length    time.Duration
		wantGood  int           // in 100 of the capacity
		wantQueue time.Duration // longest wait of an admitted call, in 99 of 100
	}{
		"no queue":      {bulkhead.Config{Max: 1}, 10 * time.Second, 75, 0},
		"short queue":   {bulkhead.Config{Max: 1, Queue: 2}, 10 * time.Second, 90, 10 * time.Millisecond},
		"long queue":    {bulkhead.Config{Max: 1, Queue: 1000}, 20 * time.Second, 98, 10 * time.Millisecond},
		"queue timeout": {bulkhead.Config{Max: 1, Queue: 1000, QueueTimeout: 8 * time.Millisecond}, 10 * time.Second, 98, 8 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBulkhead(t, tc.cfg)
				work := func() { time.Sleep(service) }
				l := offer(t.Context(), b, randomly(4*capacity), tc.length, work)
				most := int(tc.length.Seconds()) * capacity
				require.GreaterOrEqual(t, l.good, most*tc.wantGood/100)
				require.LessOrEqual(t, p99(l.admitted), 2*service+tc.wantQueue)
				require.LessOrEqual(t, p99(l.refused), 10*time.Millisecond)
				var full *bulkhead.FullError
				require.ErrorAs(t, l.latest, &full)
				require.GreaterOrEqual(t, full.RetryAfter(), time.Second)
				t.Logf("good %d of %d, admitted p99 %s, refused p99 %s, %+v", l.good, most, p99(l.admitted), p99(l.refused), b.Stats().Refused)

				time.Sleep(time.Millisecond)
				after := offer(t.Context(), b, evenly(capacity/2), time.Second, work)
				require.Empty(t, after.refused, "normal again, at once")
				require.Equal(t, service, p99(after.admitted))
			})
		})
	}
}

// One worker behind an adaptive limit: from the time that calls take it learns
// that most of those it lets in wait for each other.
func TestAdaptiveFindsTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBulkhead(t, bulkhead.Config{Adaptive: true})
		worker := make(chan struct{}, 1)
		work := func() {
			worker <- struct{}{}
			time.Sleep(service)
			<-worker
		}
		calm := offer(t.Context(), b, evenly(100), 5*time.Second, work)
		require.Empty(t, calm.refused)
		l := offer(t.Context(), b, randomly(800), 15*time.Second, work)
		require.GreaterOrEqual(t, l.good, 15*200*90/100)
		require.LessOrEqual(t, b.Stats().Limit, 8)
		l = offer(t.Context(), b, randomly(800), 30*time.Second, work)
		require.GreaterOrEqual(t, l.good, 30*200*90/100)
		require.LessOrEqual(t, b.Stats().Limit, 8, "what is overload for long does not become what is usual")
		require.LessOrEqual(t, p99(l.admitted), 8*service)
		t.Logf("limit %d, good %d, admitted p99 %s", b.Stats().Limit, l.good, p99(l.admitted))

		offer(t.Context(), b, evenly(100), 20*time.Second, work)
		require.GreaterOrEqual(t, b.Stats().Limit, 4)
		require.Empty(t, offer(t.Context(), b, evenly(100), 5*time.Second, work).refused)
	})
}

// A dependency that has become slower for good is what is usual, in the end.
func TestAdaptiveFollowsTheDependency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBulkhead(t, bulkhead.Config{Adaptive: true, Max: 100})
		took := 50 * time.Millisecond
		work := func() { time.Sleep(took) }
		offer(t.Context(), b, evenly(100), 5*time.Second, work)
		took *= 3 // 15 run at once
		offer(t.Context(), b, evenly(100), 6*time.Minute, work)
		require.Greater(t, b.Stats().Limit, 15)
		require.Empty(t, offer(t.Context(), b, evenly(100), 5*time.Second, work).refused)
	})
}

// Calls that fail quickly are no sign of room; those that time out are one of
// overload.
func TestAdaptiveAndFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		took time.Duration
		want func(t *testing.T, limit int)
	}{
		"refused connections": {time.Microsecond, func(t *testing.T, limit int) {
			t.Helper()
			require.Equal(t, 20, limit)
		}},
		"timeouts": {30 * time.Second, func(t *testing.T, limit int) {
			t.Helper()
			require.Less(t, limit, 15)
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBulkhead(t, bulkhead.Config{Max: 20, Adaptive: true, Min: 20})
				sample(t, b, 10, time.Second)
				b.Configure(bulkhead.Config{Max: 20, Adaptive: true})
				for range 10 * 48 {
					time.Sleep(time.Second)
					running := min(10, b.Stats().Limit)
					enter(t, b, running)
					for range running {
						b.Leave(tc.took, false)
					}
				}
				tc.want(t, b.Stats().Limit)
			})
		})
	}
}
