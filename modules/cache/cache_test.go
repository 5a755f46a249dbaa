package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/cache"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestFreshness(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ttl  time.Duration
		wait time.Duration
		want string
	}{
		"at once":           {ttl: 10 * time.Second, want: "a1"},
		"just fresh":        {ttl: 10 * time.Second, wait: 10*time.Second - 1, want: "a1"},
		"just stale":        {ttl: 10 * time.Second, wait: 10 * time.Second, want: "a2"},
		"coalescing alone":  {ttl: 0, want: "a2"},
		"long gone":         {ttl: time.Second, wait: time.Hour, want: "a2"},
		"no clock overflow": {ttl: 100 * 365 * 24 * time.Hour, wait: 365 * 24 * time.Hour, want: "a1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, upstream := open(t, cache.Config{TTL: tc.ttl}), source{took: time.Second}
				first, err := c.Get(t.Context(), "a", upstream.load)
				require.NoError(t, err)
				require.Equal(t, "a1", first)
				time.Sleep(tc.wait)
				second, err := c.Get(t.Context(), "a", upstream.load)
				require.NoError(t, err)
				require.Equal(t, tc.want, second)
			})
		})
	}
}

func TestStaleIfError(t *testing.T) { // RFC 5861, 4
	t.Parallel()
	errPlain := errors.New("connection lost")
	tests := map[string]struct {
		err  error
		age  time.Duration // of the value when the source fails
		want bool          // the stale value
	}{
		"503":                       {err: status(503), age: time.Minute, want: true},
		"500 wrapped":               {err: fmt.Errorf("load: %w", status(500)), age: time.Minute, want: true},
		"no status":                 {err: errPlain, age: time.Minute, want: true},
		"open breaker":              {err: &circuitbreaker.OpenError{Name: "x"}, age: time.Minute, want: true},
		"deadline of the source":    {err: context.DeadlineExceeded, age: time.Minute, want: true},
		"404 is news":               {err: status(404), age: time.Minute},
		"422 is an answer":          {err: status(422), age: time.Minute},
		"429 is an answer":          {err: status(429), age: time.Minute},
		"cancelled":                 {err: context.Canceled, age: time.Minute},
		"as old as it may be":       {err: status(503), age: 70 * time.Second, want: true},
		"a nanosecond older":        {err: status(503), age: 70*time.Second + 1},
		"fresh: source never asked": {err: status(404), age: 10*time.Second - 1, want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, upstream := open(t, cache.Config{TTL: 10 * time.Second, StaleIfError: time.Minute}), source{}
				_, err := c.Get(t.Context(), "a", upstream.load)
				require.NoError(t, err)
				time.Sleep(tc.age)
				upstream.err = tc.err
				got, err := c.Fetch(t.Context(), "a", upstream.load)
				if !tc.want {
					require.ErrorIs(t, err, tc.err)
					require.Equal(t, cache.Value[string]{}, got, "nothing beside an error")
					return
				}
				require.NoError(t, err)
				want := cache.Value[string]{Value: "a1", Age: tc.age, Stale: tc.age >= 10*time.Second}
				if want.Stale {
					want.Err = tc.err
				}
				require.Equal(t, want, got)
			})
		})
	}
}

func TestStaleIsOffUnlessAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, upstream := open(t, cache.Config{TTL: time.Second}), source{}
		_, err := c.Get(t.Context(), "a", upstream.load)
		require.NoError(t, err)
		time.Sleep(time.Second)
		upstream.err = status(503)
		_, err = c.Get(t.Context(), "a", upstream.load)
		require.ErrorIs(t, err, status(503))
		_, ok := c.Stale("a")
		require.False(t, ok)
	})
}

func TestGoneIsForgotten(t *testing.T) { // a 404 now, a 503 later: what is gone does not come back
	t.Parallel()
	tests := map[string]struct {
		err  error
		want bool // the value is still there
	}{
		"404": {err: status(404)},
		"410": {err: fmt.Errorf("load: %w", status(410))},
		"409": {err: status(409), want: true},
		"503": {err: status(503), want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := open(t, cache.Config{StaleIfError: time.Hour})
				c.Put("a", "old")
				_, _ = c.Get(t.Context(), "a", (&source{err: tc.err}).load)
				_, ok := c.Stale("a")
				require.Equal(t, tc.want, ok)
			})
		})
	}
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	c, upstream := open(t, cache.Config{TTL: time.Hour, StaleIfError: time.Hour}), source{err: status(404)}
	for range 3 {
		got, err := c.Get(t.Context(), "a", upstream.load)
		require.ErrorIs(t, err, status(404))
		require.Empty(t, got)
	}
	require.EqualValues(t, 3, upstream.loads.Load())
	upstream.err = nil
	got, err := c.Get(t.Context(), "a", upstream.load)
	require.NoError(t, err)
	require.Equal(t, "a4", got)
}

func TestLookupAndStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Config{TTL: time.Second, StaleIfError: time.Minute})
		_, ok := c.Lookup("a")
		require.False(t, ok)
		c.Put("a", "1")
		time.Sleep(time.Millisecond)
		want := cache.Value[string]{Value: "1", Age: time.Millisecond}
		got, ok := c.Lookup("a")
		require.True(t, ok)
		require.Equal(t, want, got)
		got, ok = c.Stale("a")
		require.True(t, ok)
		require.Equal(t, want, got)

		time.Sleep(time.Second)
		_, ok = c.Lookup("a")
		require.False(t, ok)
		got, ok = c.Stale("a")
		require.True(t, ok)
		require.Equal(t, cache.Value[string]{Value: "1", Age: 1001 * time.Millisecond, Stale: true}, got)

		c.Put("b", "2")
		c.Delete("a")
		_, ok = c.Stale("a")
		require.False(t, ok)
		_, ok = c.Stale("b")
		require.True(t, ok)
		c.Clear()
		_, ok = c.Stale("b")
		require.False(t, ok)
	})
}

func TestBounded(t *testing.T) {
	t.Parallel()
	c, err := cache.New[int, int]("bounded", cache.Config{MaxEntries: 100, TTL: time.Hour})
	require.NoError(t, err)
	for i := range 10_000 {
		c.Put(i, i)
	}
	s := c.Stats()
	require.LessOrEqual(t, s.Entries, 100)
	require.EqualValues(t, 10_000-s.Entries, s.Evictions)
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	_, err := cache.New[string, int]("orders", cache.Config{MaxEntries: -1, TTL: -1, StaleIfError: 1 << 62, LoadTimeout: -1})
	for _, part := range []string{"orders", "MaxEntries", "TTL", "StaleIfError", "LoadTimeout"} {
		require.ErrorContains(t, err, part)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, upstream := open(t, cache.Config{TTL: time.Second, StaleIfError: time.Minute}), source{took: time.Second}
		other, err := cache.New[int, int]("other", cache.Config{})
		require.NoError(t, err)
		for range 3 {
			go func() { _, _ = c.Get(t.Context(), "a", upstream.load) }()
		}
		time.Sleep(time.Second + 1)
		_, _ = c.Get(t.Context(), "a", upstream.load)
		time.Sleep(time.Second)
		upstream.err = status(503)
		_, _ = c.Get(t.Context(), "a", upstream.load)
		require.Equal(t, cache.Stats{Hits: 1, Misses: 2, Coalesced: 2, Stale: 1, LoadFailures: 1, Entries: 1}, c.Stats())

		registry := prometheus.NewPedanticRegistry()
		require.NoError(t, registry.Register(c))
		require.NoError(t, registry.Register(other), "one registry for all caches")
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP cache_requests_total Calls by result: hit, miss (began a load), coalesced (joined one).
# TYPE cache_requests_total counter
cache_requests_total{cache="other",result="coalesced"} 0
cache_requests_total{cache="other",result="hit"} 0
cache_requests_total{cache="other",result="miss"} 0
cache_requests_total{cache="test",result="coalesced"} 2
cache_requests_total{cache="test",result="hit"} 1
cache_requests_total{cache="test",result="miss"} 2
# HELP cache_stale_total Failures that a stale value covered up.
# TYPE cache_stale_total counter
cache_stale_total{cache="other"} 0
cache_stale_total{cache="test"} 1
# HELP cache_load_failures_total Loads that returned an error.
# TYPE cache_load_failures_total counter
cache_load_failures_total{cache="other"} 0
cache_load_failures_total{cache="test"} 1
# HELP cache_entries Values kept.
# TYPE cache_entries gauge
cache_entries{cache="other"} 0
cache_entries{cache="test"} 1
`), "cache_requests_total", "cache_stale_total", "cache_load_failures_total", "cache_entries"))
	})
}
