package cache_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/cache"
)

// A key that holds NaN is not equal to itself: what is kept under it, nobody
// can find or remove.
func TestNaNKeysLeaveNothing(t *testing.T) {
	t.Parallel()
	type place struct{ lat float64 }
	c, err := cache.New[place, int]("places", cache.Config{TTL: time.Hour, StaleIfError: time.Hour, MaxEntries: 10})
	require.NoError(t, err)
	loads := 0
	for range 100 {
		key := place{lat: math.NaN()}
		got, err := c.Get(t.Context(), key, func(context.Context, place) (int, error) { loads++; return 7, nil })
		require.NoError(t, err)
		require.Equal(t, 7, got)
		c.Put(key, 8)
		c.Delete(key)
	}
	require.Equal(t, 100, loads)
	require.Zero(t, c.Stats().Entries)
	require.NoError(t, c.Close(t.Context()))
}

func TestHugeCache(t *testing.T) {
	t.Parallel()
	c, err := cache.New[int, int]("huge", cache.Config{TTL: time.Hour, MaxEntries: math.MaxInt})
	require.NoError(t, err)
	for i := range 1000 {
		c.Put(i, i)
	}
	require.Equal(t, 1000, c.Stats().Entries)
	require.NoError(t, c.Close(t.Context()))
	for i := range 1000 {
		c.Put(i, i)
		_, ok := c.Lookup(i)
		require.True(t, ok)
	}
}

// Whoever comes when a load has timed out, and its callers have not all left
// yet, gets a load of its own.
func TestNobodyJoinsALoadThatIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Config{LoadTimeout: time.Second})
		over := make(chan struct{})
		var wg sync.WaitGroup
		hang := func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			close(over)
			time.Sleep(time.Minute)
			return "", ctx.Err()
		}
		wg.Go(func() {
			<-over
			got, err := c.Get(t.Context(), "a", (&source{}).load)
			if err != nil || got != "a1" {
				t.Errorf("%q, %v", got, err)
			}
		})
		for range 1000 {
			wg.Go(func() { _, _ = c.Get(t.Context(), "a", hang) })
		}
		wg.Wait()
		require.NoError(t, c.Close(t.Context()))
	})
}
