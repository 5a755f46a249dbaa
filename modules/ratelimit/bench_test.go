package ratelimit_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

// wide limits never refuse in a benchmark; a window of 1 ms is at rest again and again, and its log stays short.
func wide() map[string]ratelimit.Limit {
	return map[string]ratelimit.Limit{
		"window": {Requests: 1_000_000, Per: time.Millisecond},
		"bucket": {Requests: 1_000_000, Per: time.Millisecond, Algorithm: ratelimit.TokenBucket},
	}
}

func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "orders.create:user-" + strconv.Itoa(i)
	}
	return all
}

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	for name, limit := range wide() {
		l, err := ratelimit.New(name, limit)
		require.NoError(t, err)
		ctx := t.Context()
		for range 10_000 { // the log grows to what it needs
			_, _ = l.Allow(ctx, "user")
		}
		require.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = l.Allow(ctx, "user") }), name)
		require.Zero(t, testing.AllocsPerRun(1000, func() { _ = l.Wait(ctx, "user") }), name)
	}
}

func BenchmarkAllow(b *testing.B) {
	for name, limit := range wide() {
		b.Run(name, func(b *testing.B) {
			l, err := ratelimit.New(name, limit)
			require.NoError(b, err)
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Allow(ctx, "orders.create:user-1"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// 10,000 known keys, two cores: each goroutine goes through them from another place.
func BenchmarkAllowParallel10000(b *testing.B) {
	all := keys(10_000)
	for name, limit := range wide() {
		b.Run(name, func(b *testing.B) {
			l, err := ratelimit.New(name, limit, ratelimit.WithKeys(20_000))
			require.NoError(b, err)
			ctx := b.Context()
			for _, key := range all {
				_, _ = l.Allow(ctx, key)
			}
			var from atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := from.Add(7919); pb.Next(); i++ {
					if _, err := l.Allow(ctx, all[i%10_000]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkAllowParallelOneKey(b *testing.B) {
	for name, limit := range wide() {
		b.Run(name, func(b *testing.B) {
			l, err := ratelimit.New(name, limit)
			require.NoError(b, err)
			ctx := b.Context()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = l.Allow(ctx, "orders.create:user-1")
				}
			})
		})
	}
}

// A full log of 600, refused.
func BenchmarkLimited(b *testing.B) {
	l, err := ratelimit.New("limited", ratelimit.Limit{Requests: 600, Per: 24 * time.Hour})
	require.NoError(b, err)
	ctx := b.Context()
	_, err = l.AllowN(ctx, "user", 600)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Allow(ctx, "user"); err == nil {
			b.Fatal("allowed")
		}
	}
}

// Every key is new and every place is taken by an active one: the shared place decides.
func BenchmarkFlood(b *testing.B) {
	l, err := ratelimit.New("flood", ratelimit.Limit{Requests: 5, Per: 24 * time.Hour})
	require.NoError(b, err)
	ctx := b.Context()
	all := keys(1 << 16)
	for _, key := range all {
		_, _ = l.Allow(ctx, key)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		_, _ = l.Allow(ctx, all[i&(1<<16-1)])
		i++
	}
}

// Every key is new and takes the place of one that is idle.
func BenchmarkNewcomer(b *testing.B) {
	l, err := ratelimit.New("newcomers", ratelimit.Limit{Requests: 1000, Per: time.Millisecond, Burst: 1, Algorithm: ratelimit.TokenBucket})
	require.NoError(b, err)
	ctx := b.Context()
	all := keys(1 << 16)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		_, _ = l.Allow(ctx, all[i&(1<<16-1)])
		i++
	}
}
