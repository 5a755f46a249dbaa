package cache_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/cache"
)

func never(context.Context, string) (string, error) { panic("it is there") }

func answer(_ context.Context, key string) (string, error) { return key, nil }

func warm(tb testing.TB, n int) (*cache.Cache[string, string], []string) {
	tb.Helper()
	c, err := cache.New[string, string]("bench", cache.Config{MaxEntries: 2 * n, TTL: time.Hour})
	require.NoError(tb, err)
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "order-" + strconv.Itoa(i)
		c.Put(keys[i], "value")
	}
	return c, keys
}

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	c, keys := warm(t, 1_000)
	ctx, i := t.Context(), 0
	require.Zero(t, testing.AllocsPerRun(10_000, func() {
		_, _ = c.Get(ctx, keys[i%len(keys)], never)
		i++
	}))
}

func BenchmarkHit(b *testing.B) {
	c, keys := warm(b, 1_000)
	ctx, i := b.Context(), 0
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Get(ctx, keys[i%len(keys)], never)
		i++
	}
}

func BenchmarkHitOneKey(b *testing.B) {
	c, keys := warm(b, 1_000)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Get(ctx, keys[0], never)
	}
}

func BenchmarkHitParallel(b *testing.B) {
	c, keys := warm(b, 1_000)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			_, _ = c.Get(ctx, keys[i%len(keys)], never)
		}
	})
}

func BenchmarkMiss(b *testing.B) {
	c, err := cache.New[string, string]("bench", cache.Config{})
	require.NoError(b, err)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Get(ctx, "a", answer)
	}
}
