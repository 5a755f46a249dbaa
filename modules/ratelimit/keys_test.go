package ratelimit_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

// value reads a metric of l without labels, 0 if it has no series.
func value(t *testing.T, l *ratelimit.Limiter, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(l))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if m := family.GetMetric(); family.GetName() == name {
			return m[0].GetCounter().GetValue() + m[0].GetGauge().GetValue()
		}
	}
	return 0
}

func flood(t *testing.T, l *ratelimit.Limiter, from, n int) (passed int) {
	t.Helper()
	for i := range n {
		if _, err := l.Allow(t.Context(), "flood-"+strconv.Itoa(from+i)); err == nil {
			passed++
		}
	}
	return passed
}

// A flood of keys neither gives a known key anything back, nor takes anything from it, nor gets more than its places hold.
func TestFloodChangesNothingForKnownKeys(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"5/1m", "5/1m burst 5"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := limiter(t, limit, ratelimit.WithKeys(100))
				require.Equal(t, 5, allowed(t, l, "used up", 9))
				require.Equal(t, 2, allowed(t, l, "half used", 2))
				time.Sleep(time.Second)
				passed := flood(t, l, 0, 10_000)
				require.Equal(t, 98+5, passed, "one for each place, and the shared limit")
				require.Equal(t, 0, allowed(t, l, "used up", 9))
				require.Equal(t, 3, allowed(t, l, "half used", 9))
				require.InDelta(t, 100, value(t, l, "ratelimit_keys"), 0)
				require.InDelta(t, 10_000-98, value(t, l, "ratelimit_shared_total"), 0)
			})
		})
	}
}

// Places go to newcomers in the order in which they fall idle, and only then.
func TestIdleKeysGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, "5/1m", ratelimit.WithKeys(4))
		for _, key := range []string{"a", "b", "c", "d"} {
			require.Equal(t, 5, allowed(t, l, key, 5)) // a at 0 s, b at 10 s, c at 20 s, d at 30 s
			time.Sleep(10 * time.Second)
		}
		time.Sleep(20*time.Second - 1)
		require.Equal(t, 0, allowed(t, l, "a", 1), "at 60 s less a nanosecond; and a refusal keeps nothing alive")
		time.Sleep(time.Nanosecond)
		require.Equal(t, 5, allowed(t, l, "e", 9), "at 60 s, in the place of a")
		require.Zero(t, value(t, l, "ratelimit_shared_total"))
		for _, key := range []string{"b", "c", "d"} {
			require.Equal(t, 0, allowed(t, l, key, 1), key)
		}
		require.Equal(t, 5, allowed(t, l, "a", 9), "has no place, nor any left: shares")
		require.InDelta(t, 6, value(t, l, "ratelimit_shared_total"), 0)
		time.Sleep(10 * time.Second)
		require.Equal(t, 0, allowed(t, l, "a", 9), "at 70 s, in the place of b: what it used goes with it")
		require.Equal(t, 0, allowed(t, l, "b", 9), "no place is left")
		time.Sleep(10 * time.Second)
		require.Equal(t, 0, allowed(t, l, "f", 9), "at 80 s in the place of c: cannot be told from a, which used the shared limit")
		time.Sleep(40 * time.Second)
		require.Equal(t, 5, allowed(t, l, "f", 9), "at 120 s")
		require.Equal(t, 5, allowed(t, l, "a", 9))
		require.InDelta(t, 4, value(t, l, "ratelimit_keys"), 0)
	})
}

// Random calls of more keys than there are places: every key stays within its limit, wherever it was counted, and places
// come free again.
func TestBoundedKeysNeverExceedTheirLimit(t *testing.T) {
	t.Parallel()
	const names, steps = 10, 50_000
	for _, text := range []string{"4/1m", "4/1m burst 4"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := limiter(t, text, ratelimit.WithKeys(3))
				dice := rand.New(rand.NewPCG(rand.Uint64(), 2)) //nolint:gosec // dice, no secrets
				var models [names]model
				for k := range models {
					models[k] = newModel(l.Limit())
				}
				start, total, full := time.Now(), 0, 0
				for range steps {
					time.Sleep(time.Duration(dice.Int64N(int64(4 * time.Second))))
					if dice.IntN(200) == 0 {
						time.Sleep(time.Minute)
					}
					k, n := int(dice.ExpFloat64()*2)%names, 1+dice.IntN(2)
					if _, err := l.AllowN(t.Context(), strconv.Itoa(k), n); err != nil {
						continue
					}
					d := models[k](time.Since(start), n)
					require.True(t, d.Allowed, "key %d", k)
					total += n
					if d.Remaining == 0 {
						full++
					}
				}
				require.Greater(t, total, steps/4)
				require.Greater(t, full, steps/100, "the limit is reached")
				require.InDelta(t, 3, value(t, l, "ratelimit_keys"), 0)
				shared := value(t, l, "ratelimit_shared_total")
				require.Greater(t, shared, float64(steps)/10)
				require.Less(t, shared, float64(steps)*9/10)
			})
		})
	}
}

// A newcomer shares exactly when every place belongs to a key that is not idle.
func TestNewcomersGetWhatIsIdle(t *testing.T) {
	t.Parallel()
	const places, per = 64, time.Minute
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, "1000000/1m", ratelimit.WithKeys(places))
		dice := rand.New(rand.NewPCG(rand.Uint64(), 4)) //nolint:gosec // dice, no secrets
		last := map[string]time.Time{}                  // of the keys that are active and have a place
		shared := 0
		for step := range 5000 {
			time.Sleep(time.Duration(dice.Int64N(int64(2400 * time.Millisecond))))
			for key, used := range last {
				if time.Since(used) >= per {
					delete(last, key)
				} else if dice.IntN(100) == 0 {
					require.Equal(t, 1, allowed(t, l, key, 1))
					last[key] = time.Now()
				}
			}
			require.Equal(t, 1, allowed(t, l, strconv.Itoa(step), 1))
			if len(last) == places {
				shared++
			} else {
				last[strconv.Itoa(step)] = time.Now()
			}
			require.InDelta(t, shared, value(t, l, "ratelimit_shared_total"), 0, "step %d, %d active", step, len(last))
		}
		require.Greater(t, shared, 100)
		require.Less(t, shared, 4000)
	})
}

// A caller that read the clock and was overtaken before it was counted is counted when it was: time does not go back.
func TestOvertakenCaller(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"5/1m", "5/1m burst 5"} {
		l := limiter(t, limit, ratelimit.WithKeys(1))
		require.True(t, l.AllowAt("a", 0, 5).Allowed)
		require.True(t, l.AllowAt("b", 2*time.Minute, 1).Allowed, "has the place of a")
		require.True(t, l.AllowAt("b", time.Minute, 4).Allowed, "was overtaken by itself")
		require.False(t, l.AllowAt("b", 3*time.Minute-time.Nanosecond, 5).Allowed)
		require.True(t, l.AllowAt("b", 3*time.Minute, 5).Allowed)
	}
}

// The places of all shards together are what was asked for.
func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	for _, keys := range []int{1, 2, 511, 1025, 2047, 10_000} {
		l := limiter(t, "1/24h", ratelimit.WithKeys(keys))
		flood(t, l, 0, 3*keys+3)
		flood(t, l, 0, 3*keys+3)
		require.InDelta(t, keys, value(t, l, "ratelimit_keys"), 0)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	l, other := limiter(t, "2/24h"), limiter(t, "2/24h")
	require.NoError(t, registry.Register(l))
	require.Error(t, registry.Register(other), "the same name")
	named, err := ratelimit.New("other", l.Limit())
	require.NoError(t, err)
	require.NoError(t, registry.Register(named), "nothing has happened: no series")
	allowed(t, l, "secret-token", 5)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP ratelimit_calls_total Calls by outcome: allowed, limited, ended (the caller gave up waiting).
# TYPE ratelimit_calls_total counter
ratelimit_calls_total{name="test",outcome="allowed"} 2
ratelimit_calls_total{name="test",outcome="limited"} 1
# HELP ratelimit_keys Keys known.
# TYPE ratelimit_keys gauge
ratelimit_keys{name="test"} 1
# HELP ratelimit_waiting Callers that wait for a unit.
# TYPE ratelimit_waiting gauge
ratelimit_waiting{name="test"} 0
`)))
}
