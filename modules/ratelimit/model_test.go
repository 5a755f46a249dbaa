package ratelimit_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

// model is a limiter for one key, slow and obvious.
type model func(now time.Duration, n int) ratelimit.Decision

// logModel keeps every unit that was ever used and counts them anew each time.
type logModel struct {
	limit ratelimit.Limit
	used  []time.Duration
}

func (m *logModel) free(now time.Duration) int {
	free := m.limit.Requests
	for i := len(m.used) - 1; i >= 0 && m.used[i]+m.limit.Per > now; i-- {
		free--
	}
	return free
}

// until tries every moment at which a unit expires.
func (m *logModel) until(now time.Duration, n int) time.Duration {
	if m.free(now) >= n {
		return 0
	}
	for _, used := range m.used[max(0, len(m.used)-m.limit.Requests):] {
		if moment := used + m.limit.Per; moment > now && m.free(moment) >= n {
			return moment - now
		}
	}
	panic("never")
}

func (m *logModel) decide(now time.Duration, n int) ratelimit.Decision {
	d := ratelimit.Decision{Limit: m.limit.Requests, RetryAfter: m.until(now, n)}
	if d.Allowed = d.RetryAfter == 0; d.Allowed {
		for range n {
			m.used = append(m.used, now)
		}
	}
	d.Remaining, d.ResetAfter = m.free(now), m.until(now, m.limit.Requests)
	return d
}

// bucketModel is a real bucket, in fractions.
type bucketModel struct {
	limit ratelimit.Limit
	level *big.Rat
	at    time.Duration
}

func (m *bucketModel) rate() *big.Rat { return big.NewRat(int64(m.limit.Requests), int64(m.limit.Per)) }

func (m *bucketModel) until(n int) time.Duration {
	missing := new(big.Rat).Sub(big.NewRat(int64(n), 1), m.level)
	if missing.Sign() <= 0 {
		return 0
	}
	wait := missing.Quo(missing, m.rate())
	up := new(big.Int).Add(wait.Num(), new(big.Int).Sub(wait.Denom(), big.NewInt(1)))
	return time.Duration(up.Quo(up, wait.Denom()).Int64())
}

func (m *bucketModel) decide(now time.Duration, n int) ratelimit.Decision {
	full := big.NewRat(int64(m.limit.Burst), 1)
	m.level.Add(m.level, m.rate().Mul(m.rate(), big.NewRat(int64(now-m.at), 1)))
	if m.at = now; m.level.Cmp(full) > 0 {
		m.level.Set(full)
	}
	d := ratelimit.Decision{Limit: m.limit.Burst, RetryAfter: m.until(n)}
	if d.Allowed = d.RetryAfter == 0; d.Allowed {
		m.level.Sub(m.level, big.NewRat(int64(n), 1))
	}
	d.Remaining = int(new(big.Int).Quo(m.level.Num(), m.level.Denom()).Int64())
	d.ResetAfter = m.until(m.limit.Burst)
	return d
}

func newModel(limit ratelimit.Limit) model {
	if limit.Algorithm == ratelimit.TokenBucket {
		return (&bucketModel{limit: limit, level: big.NewRat(int64(limit.Burst), 1)}).decide
	}
	return (&logModel{limit: limit}).decide
}

// TestAgainstModel compares 10^5 random calls in all, in every figure of every decision.
func TestAgainstModel(t *testing.T) {
	t.Parallel()
	const window, bucket = ratelimit.SlidingWindow, ratelimit.TokenBucket
	limits := []ratelimit.Limit{
		{Requests: 1, Per: time.Millisecond},
		{Requests: 5, Per: time.Minute},
		{Requests: 7, Per: time.Second},
		{Requests: 97, Per: time.Hour, Algorithm: window},
		{Requests: 1, Per: time.Hour, Burst: 1, Algorithm: bucket},
		{Requests: 5, Per: time.Minute, Burst: 5, Algorithm: bucket},
		{Requests: 7, Per: time.Second, Burst: 3, Algorithm: bucket},
		{Requests: 1, Per: time.Second, Burst: 10, Algorithm: bucket},
		{Requests: 999_983, Per: time.Second, Burst: 50, Algorithm: bucket},
		{Requests: 11, Per: 31 * 24 * time.Hour, Burst: 11, Algorithm: bucket},
	}
	for _, limit := range limits {
		t.Run(limit.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				compare(t, limit, newModel(limit), 4_000)
			})
		})
	}
}

func compare(t *testing.T, limit ratelimit.Limit, m model, steps int) {
	t.Helper()
	l, err := ratelimit.New("model", limit)
	require.NoError(t, err)
	seed := rand.Uint64()                  //nolint:gosec // dice, no secrets
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // see above
	start := time.Now()
	var last ratelimit.Decision
	for step := range steps {
		time.Sleep(pause(dice, limit, last))
		n := 1
		if dice.IntN(4) == 0 {
			n += dice.IntN(last.Limit + 1)
			n = min(n, max(1, last.Limit))
		}
		want := m(time.Since(start), n)
		got, err := l.AllowN(t.Context(), "key", n)
		if got != want || (err == nil) != want.Allowed {
			require.Equal(t, want, got, "seed %d, step %d, %d units: %v", seed, step, n, err)
		}
		last = got
	}
}

// pause is most often short, sometimes long, and likes the moments at which something changes, and those just before.
func pause(dice *rand.Rand, limit ratelimit.Limit, last ratelimit.Decision) time.Duration {
	one := int64(limit.Per) / int64(limit.Requests)
	switch dice.IntN(10) {
	case 0, 1:
		return 0
	case 2:
		return last.RetryAfter
	case 3:
		return max(last.RetryAfter-1, 0)
	case 4:
		return max(last.ResetAfter-time.Duration(dice.IntN(2)), 0)
	case 5:
		return time.Duration(dice.Int64N(int64(limit.Per) * 2))
	default:
		return time.Duration(dice.Int64N(2*one + 1))
	}
}

// most is the greatest number of moments in any half-open window of a length. The moments are in order.
func most(moments []time.Duration, per time.Duration) int {
	best, first := 0, 0
	for i, moment := range moments {
		for moment-moments[first] >= per {
			first++
		}
		best = max(best, i-first+1)
	}
	return best
}

// TestRollingWindow has a caller that takes whatever it can get: what it gets at most in any window.
func TestRollingWindow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit ratelimit.Limit
		want  int // in the worst window
	}{
		"window":             {ratelimit.Limit{Requests: 100, Per: time.Hour}, 100},
		"bucket":             {ratelimit.Limit{Requests: 100, Per: time.Hour, Algorithm: ratelimit.TokenBucket}, 199},
		"bucket with burst":  {ratelimit.Limit{Requests: 100, Per: time.Hour, Burst: 10, Algorithm: ratelimit.TokenBucket}, 109},
		"bucket one by one":  {ratelimit.Limit{Requests: 100, Per: time.Hour, Burst: 1, Algorithm: ratelimit.TokenBucket}, 100},
		"odd bucket":         {ratelimit.Limit{Requests: 7, Per: time.Hour, Burst: 1, Algorithm: ratelimit.TokenBucket}, 7},
		"bucket of a longer": {ratelimit.Limit{Requests: 1, Per: time.Hour, Burst: 10, Algorithm: ratelimit.TokenBucket}, 10},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, err := ratelimit.New(name, tc.limit)
				require.NoError(t, err)
				start := time.Now()
				var granted []time.Duration
				for time.Since(start) < 10*tc.limit.Per {
					d, err := l.Allow(t.Context(), "")
					if _, limited := errors.AsType[*ratelimit.LimitedError](err); limited {
						time.Sleep(d.RetryAfter)
						continue
					}
					require.NoError(t, err)
					granted = append(granted, time.Since(start))
				}
				require.Equal(t, tc.want, most(granted, tc.limit.Per))
				rate := 10 * tc.limit.Requests
				require.GreaterOrEqual(t, len(granted), rate, "the rate is given in full")
			})
		})
	}
}

// TestFineRates: numbers that do not fit are rounded down, by less than a millionth.
func TestFineRates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := ratelimit.Limit{Requests: 999_983, Per: 31 * 24 * time.Hour, Algorithm: ratelimit.TokenBucket}
		l, err := ratelimit.New("fine", limit)
		require.NoError(t, err)
		d, err := l.AllowN(t.Context(), "", limit.Requests)
		require.NoError(t, err)
		require.GreaterOrEqual(t, d.ResetAfter, limit.Per, "never above the rate")
		require.Less(t, d.ResetAfter, limit.Per+limit.Per/1_000_000)
		time.Sleep(d.ResetAfter)
		d, err = l.AllowN(t.Context(), "", limit.Requests)
		require.NoError(t, err, fmt.Sprint(d))
	})
}

// TestLongRest: what comes back in a long time is more than 64 bits of parts.
func TestLongRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, "999983/1s burst 5")
		require.Equal(t, 5, allowed(t, l, "", 5))
		time.Sleep(18_447_057_673_691) // 2^64/999983 and a bit: what is beyond 64 bits is nearly nothing
		require.Equal(t, 5, allowed(t, l, "", 5))
	})
}
