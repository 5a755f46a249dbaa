package ratelimit_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// limiter makes one from the text of its limit.
func limiter(tb testing.TB, limit string, opts ...ratelimit.Option) *ratelimit.Limiter {
	tb.Helper()
	parsed, err := ratelimit.Parse(limit)
	require.NoError(tb, err)
	l, err := ratelimit.New("test", parsed, opts...)
	require.NoError(tb, err)
	return l
}

// allowed makes calls until one is refused, at most n, and returns how many were not.
func allowed(tb testing.TB, l *ratelimit.Limiter, key string, n int) int {
	tb.Helper()
	for i := range n {
		if _, err := l.Allow(tb.Context(), key); err != nil {
			limited := &ratelimit.LimitedError{}
			require.ErrorAs(tb, err, &limited)
			return i
		}
	}
	return n
}

// Scenario 29 of the resilience reference: five in a minute, the sixth is told to come back.
func TestFiveAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, "5/1m")
		for i := range 5 {
			d, err := l.Allow(t.Context(), "GET /orders alice")
			require.NoError(t, err)
			require.Equal(t, ratelimit.Decision{Allowed: true, Limit: 5, Remaining: 4 - i, ResetAfter: time.Minute}, d)
			time.Sleep(time.Second)
		}
		d, err := l.Allow(t.Context(), "GET /orders alice")
		require.Equal(t, ratelimit.Decision{Limit: 5, RetryAfter: 55 * time.Second, ResetAfter: 59 * time.Second}, d)
		var limited *ratelimit.LimitedError
		require.ErrorAs(t, err, &limited)
		require.Equal(t, d, limited.Decision)
		require.Equal(t, 55*time.Second, limited.RetryAfter())
		require.EqualError(t, err, `rate limit "test" of 5/1m is used up, next in 55s`)
		require.NotContains(t, err.Error(), "alice")
		require.Equal(t, "too many requests: the limit is 5 in 1m", limited.PublicDetail())
		require.Equal(t, 5, allowed(t, l, "GET /orders bob", 9), "another key has its own")
		time.Sleep(55*time.Second - 1)
		require.Equal(t, 0, allowed(t, l, "GET /orders alice", 9))
		time.Sleep(time.Nanosecond)
		require.Equal(t, 1, allowed(t, l, "GET /orders alice", 9))
	})
}

func TestFiftyParallelExactlyFivePass(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"5/1m", "5/1m burst 5"} {
		l := limiter(t, limit)
		var passed atomic.Int32
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for range 50 {
			wg.Go(func() {
				<-begin
				if _, err := l.Allow(t.Context(), "key"); err == nil {
					passed.Add(1)
				}
			})
		}
		close(begin)
		wg.Wait()
		require.EqualValues(t, 5, passed.Load(), limit)
	}
}

// C2 of the reliability reference: 12,000 wanted at once.
func TestTenThousandAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, "10000/1h")
		passed := 0
		for range 12_000 {
			d, err := l.Allow(t.Context(), "")
			if err == nil {
				passed++
				continue
			}
			require.Equal(t, time.Hour, d.RetryAfter)
		}
		require.Equal(t, 10_000, passed)
		time.Sleep(time.Hour)
		require.Equal(t, 10_000, allowed(t, l, "", 12_000))
	})
}

// The attempts of a request use one unit, because the limiter is asked outside of the retry; and what it refuses is neither
// retried nor counted by a breaker.
func TestRetryUsesOneUnit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, attempts := limiter(t, "2/1m"), 0
		retries := retry.NewService(retry.DefaultConfig(), nil)
		request := func() error {
			if _, err := l.Allow(t.Context(), "alice"); err != nil {
				return err
			}
			return retries.Do(t.Context(), retry.Fast, func(context.Context) error {
				attempts++
				return context.DeadlineExceeded // a timeout
			})
		}
		require.Error(t, request())
		require.Greater(t, attempts, 1)
		d, err := l.Allow(t.Context(), "alice")
		require.NoError(t, err, "one unit is left")
		require.Zero(t, d.Remaining)
		err = request()
		require.False(t, retry.Transient(err))
		require.Equal(t, circuitbreaker.Excluded, circuitbreaker.Classify(err))
	})
}

func TestLimitedErrorSaysWhatItIs(t *testing.T) {
	t.Parallel()
	l := limiter(t, "1/1m")
	_, err := l.Allow(t.Context(), "")
	require.NoError(t, err)
	_, err = l.Allow(t.Context(), "")
	says := &ratelimit.LimitedError{}
	require.ErrorAs(t, err, &says)
	require.Equal(t, http.StatusTooManyRequests, says.StatusCode())
	require.False(t, says.Transient())
	require.True(t, says.Excluded())
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]struct {
			decision ratelimit.Decision
			want     http.Header
		}{
			"allowed": {
				decision: ratelimit.Decision{Allowed: true, Limit: 5, Remaining: 3, ResetAfter: time.Minute},
				want:     headers("5", "3", "60", "946684860"),
			},
			"refused": {
				decision: ratelimit.Decision{Limit: 5, RetryAfter: time.Second, ResetAfter: 1500 * time.Millisecond},
				want:     headers("5", "0", "2", "946684802"),
			},
			"at rest": {decision: ratelimit.Decision{Limit: 5, Remaining: 5}, want: headers("5", "5", "0", "946684800")},
		}
		for name, tc := range tests { // the clock of a bubble begins at 2000-01-01
			got := http.Header{}
			tc.decision.SetHeaders(got)
			require.Equal(t, tc.want, got, name)
			got = http.Header{}
			(&ratelimit.LimitedError{Decision: tc.decision}).SetHeaders(got)
			require.Equal(t, tc.want, got, name)
		}
	})
}

func headers(limit, remaining, reset, unix string) http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"RateLimit-Limit": limit, "RateLimit-Remaining": remaining, "RateLimit-Reset": reset,
		"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": unix,
	} {
		h.Set(name, value)
	}
	return h
}

func TestAllowNTakesAllOrNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, limit := range []string{"5/1m", "5/1m burst 5"} {
			l := limiter(t, limit)
			_, err := l.AllowN(t.Context(), "key", 3)
			require.NoError(t, err)
			d, err := l.AllowN(t.Context(), "key", 3)
			require.Error(t, err)
			require.Equal(t, 2, d.Remaining, "a refusal uses nothing")
			require.Equal(t, 2, allowed(t, l, "key", 9))
			for _, n := range []int{0, -1, 6} {
				d, err = l.AllowN(t.Context(), "other", n)
				require.ErrorIs(t, err, ratelimit.ErrUnits)
				require.Zero(t, d)
			}
			require.EqualError(t, err, `rate limit "test" of `+limit+`: 6: number of units that can never be allowed`)
			require.Equal(t, 5, allowed(t, l, "other", 9))
		}
	})
}

func TestEndedContextUsesNothing(t *testing.T) {
	t.Parallel()
	l := limiter(t, "1/1m")
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("client gone")
	cancel(gone)
	d, err := l.Allow(ctx, "key")
	require.ErrorIs(t, err, gone)
	require.Zero(t, d)
	require.ErrorIs(t, l.Wait(ctx, "key"), gone)
	require.Equal(t, 1, allowed(t, l, "key", 9))
}

// The log of a window grows while it is wrapped round.
func TestWindowGrowsWrapped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, m := limiter(t, "100/1m"), newModel(ratelimit.Limit{Requests: 100, Per: time.Minute})
		start := time.Now()
		for i := range 2000 {
			want := m(time.Since(start), 1)
			got, err := l.Allow(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, want, got)
			time.Sleep(10*time.Second - time.Duration(i)*4700*time.Microsecond) // 6 in the window at first, 100 at last
		}
	})
}

// Real goroutines on few keys and fewer places: no key ever gets more than its limit.
func TestRace(t *testing.T) {
	t.Parallel()
	const limit, names = 50, 12
	for _, text := range []string{"50/24h", "50/24h burst 50"} {
		l := limiter(t, text, ratelimit.WithKeys(5))
		var granted [names]atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 2000 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					k := i % names
					var err error
					if i%3 == 0 {
						err = l.Wait(ctx, strconv.Itoa(k))
					} else {
						_, err = l.Allow(ctx, strconv.Itoa(k))
					}
					if err == nil {
						granted[k].Add(1)
					}
					cancel()
				}
			})
		}
		wg.Wait()
		total := 0
		for k := range granted {
			require.LessOrEqual(t, granted[k].Load(), int32(limit))
			total += int(granted[k].Load())
		}
		require.Equal(t, 6*limit, total, "five places and the shared one")
	}
}
