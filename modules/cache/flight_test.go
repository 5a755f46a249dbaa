package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/cache"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestOneLoadForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, upstream, others := open(t, cache.Config{}), source{took: time.Second}, source{took: time.Second}
		got := make(chan string, 100)
		var wg sync.WaitGroup
		for i := range cap(got) {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Millisecond) // all within the load
				value, _ := c.Get(t.Context(), "a", upstream.load)
				got <- value
			})
			wg.Go(func() { _, _ = c.Get(t.Context(), strconv.Itoa(i), others.load) })
		}
		wg.Wait()
		close(got)
		for value := range got {
			require.Equal(t, "a1", value)
		}
		require.EqualValues(t, 1, upstream.loads.Load())
		require.EqualValues(t, 100, others.loads.Load(), "other keys are other loads")
		require.Equal(t, cache.Stats{Misses: 101, Coalesced: 99}, c.Stats(), "without a TTL nothing is kept")
	})
}

// A caller that gives up leaves; the load goes on for the one who stays.
func TestWaitersLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, upstream, start := open(t, cache.Config{TTL: time.Minute}), source{took: 10 * time.Second}, time.Now()
		left := make(chan error, 5)
		for i := range cap(left) { // the first of them began the load
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				_, err := c.Get(ctx, "a", upstream.load)
				if took := time.Since(start); took != time.Duration(i+1)*time.Second {
					err = errors.New("left after " + took.String())
				}
				left <- err
			}()
		}
		time.Sleep(100 * time.Millisecond)
		got, err := c.Get(t.Context(), "a", upstream.load)
		require.NoError(t, err)
		require.Equal(t, "a1", got)
		require.Equal(t, 10*time.Second, time.Since(start))
		require.EqualValues(t, 1, upstream.loads.Load())
		require.Len(t, left, cap(left), "they left in time")
		for range cap(left) {
			require.ErrorIs(t, <-left, context.DeadlineExceeded)
		}
	})
}

// When the last has left, the load ends; who comes after that begins anew, even
// while the old load has not noticed yet, and its late answer changes nothing.
func TestLastOneLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, n := open(t, cache.Config{TTL: time.Minute}), 0
		var told error
		load := func(ctx context.Context, _ string) (string, error) {
			n++
			if n > 1 {
				return "new", nil
			}
			<-ctx.Done()
			told = ctx.Err()
			time.Sleep(time.Second) // slow to stop
			return "late", nil
		}
		errGone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errGone) })
		_, err := c.Get(ctx, "a", load)
		require.ErrorIs(t, err, errGone)
		synctest.Wait()
		require.ErrorIs(t, told, context.Canceled)

		got, err := c.Get(t.Context(), "a", load)
		require.NoError(t, err)
		require.Equal(t, "new", got)
		time.Sleep(time.Minute - 1)
		kept, ok := c.Lookup("a")
		require.True(t, ok)
		require.Equal(t, "new", kept.Value)
	})
}

func TestLoadTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		timeout, want time.Duration
		heeds         bool
	}{
		"heeds its context":  {timeout: time.Second, want: time.Second, heeds: true},
		"ignores it":         {timeout: time.Second, want: time.Second},
		"default, heeded":    {want: 30 * time.Second, heeds: true},
		"default, unheeding": {want: 30 * time.Second},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, start := open(t, cache.Config{LoadTimeout: tc.timeout}), time.Now()
				_, err := c.Get(t.Context(), "a", func(ctx context.Context, _ string) (string, error) {
					if tc.heeds {
						<-ctx.Done()
						return "", context.Cause(ctx)
					}
					time.Sleep(time.Hour)
					return "late", nil
				})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, `load of cache "test"`)
				require.Equal(t, tc.want, time.Since(start))
				require.NoError(t, c.Close(t.Context()))
			})
		})
	}
}

func TestContextOfLoad(t *testing.T) {
	t.Parallel()
	type tenant struct{}
	c := open(t, cache.Config{LoadTimeout: time.Hour})
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), tenant{}, "7"), time.Minute)
	defer cancel()
	_, err := c.Get(ctx, "a", func(ctx context.Context, _ string) (string, error) {
		require.Equal(t, "7", ctx.Value(tenant{}), "values of the one who began")
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.Greater(t, time.Until(deadline), 30*time.Minute, "but not its deadline")
		return "", nil
	})
	require.NoError(t, err)
}

func TestOverBeforeItBegins(t *testing.T) {
	t.Parallel()
	c, upstream := open(t, cache.Config{TTL: time.Hour}), source{}
	errGone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGone)
	_, err := c.Get(ctx, "a", upstream.load)
	require.ErrorIs(t, err, errGone)
	require.Zero(t, upstream.loads.Load())
	c.Put("a", "kept")
	got, err := c.Get(ctx, "a", upstream.load)
	require.NoError(t, err, "a hit needs no time")
	require.Equal(t, "kept", got)
}

func TestCancelledCallerGetsNoStaleValue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		"deadline": {ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}},
		"cancelled": {want: errors.ErrUnsupported, ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			timer := time.AfterFunc(time.Second, func() { cancel(errors.ErrUnsupported) })
			return ctx, func() { timer.Stop() }
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := open(t, cache.Config{StaleIfError: time.Hour})
				c.Put("a", "old")
				ctx, cancel := tc.ctx(t.Context())
				defer cancel()
				got, err := c.Get(ctx, "a", (&source{took: time.Minute}).load)
				if tc.want != nil {
					require.ErrorIs(t, err, tc.want)
					return
				}
				require.NoError(t, err)
				require.Equal(t, "old", got)
			})
		})
	}
}

func TestPanicIsAnErrorForAll(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end   func()
		check func(*testing.T, error)
	}{
		"panic": {func() { panic("boom") }, func(t *testing.T, err error) {
			t.Helper()
			var panicked *circuitbreaker.PanicError
			require.ErrorAs(t, err, &panicked)
			require.Equal(t, "boom", panicked.Value)
			require.Contains(t, string(panicked.Stack), "flight_test.go")
		}},
		"Goexit": {runtime.Goexit, func(t *testing.T, err error) {
			t.Helper()
			require.ErrorContains(t, err, "without an answer")
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := open(t, cache.Config{TTL: time.Hour})
				errs := make(chan error, 10)
				for range cap(errs) {
					go func() {
						_, err := c.Get(t.Context(), "a", func(context.Context, string) (string, error) {
							time.Sleep(time.Second)
							tc.end()
							return "", nil
						})
						errs <- err
					}()
				}
				for range cap(errs) {
					tc.check(t, <-errs)
				}
				require.Zero(t, c.Stats().Entries)
				require.EqualValues(t, 1, c.Stats().LoadFailures)
				got, err := c.Get(t.Context(), "a", (&source{}).load)
				require.NoError(t, err, "the key is free again")
				require.Equal(t, "a1", got)
			})
		})
	}
}

// A value that was loaded before a write is given to those who waited, not kept.
func TestWriteDuringLoad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		write func(*cache.Cache[string, string])
		want  string // is kept
	}{
		"put":    {func(c *cache.Cache[string, string]) { c.Put("a", "put") }, "put"},
		"delete": {func(c *cache.Cache[string, string]) { c.Delete("a") }, ""},
		"clear":  {func(c *cache.Cache[string, string]) { c.Clear() }, ""},
		"none":   {func(*cache.Cache[string, string]) {}, "a1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, upstream := open(t, cache.Config{TTL: time.Hour}), source{took: 2 * time.Second}
				time.AfterFunc(time.Second, func() { tc.write(c) })
				got, err := c.Get(t.Context(), "a", upstream.load)
				require.NoError(t, err)
				require.Equal(t, "a1", got)
				kept, _ := c.Lookup("a")
				require.Equal(t, tc.want, kept.Value)
			})
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, cache.Config{TTL: time.Minute, StaleIfError: time.Minute})
		c.Put("kept", "1")
		failed := make(chan error, 1)
		go func() {
			_, err := c.Get(t.Context(), "a", func(ctx context.Context, _ string) (string, error) {
				<-ctx.Done()
				time.Sleep(10 * time.Second) // slow to stop
				return "", context.Cause(ctx)
			})
			failed <- err
		}()
		synctest.Wait()
		require.Equal(t, 1, c.Stats().Loading)

		start := time.Now()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, c.Close(impatient), context.DeadlineExceeded)
		require.ErrorIs(t, <-failed, cache.ErrClosed)
		require.NoError(t, c.Close(t.Context()))
		require.Equal(t, 10*time.Second, time.Since(start), "waits for the load")
		require.NoError(t, c.Close(t.Context()), "more than once")

		_, err := c.Get(t.Context(), "a", (&source{}).load)
		require.ErrorIs(t, err, cache.ErrClosed)
		got, err := c.Get(t.Context(), "kept", (&source{}).load)
		require.NoError(t, err)
		require.Equal(t, "1", got)
		time.Sleep(time.Minute)
		value, err := c.Fetch(t.Context(), "kept", (&source{}).load)
		require.NoError(t, err, "a stale value stands in")
		require.ErrorIs(t, value.Err, cache.ErrClosed)
	})
}

// Real goroutines: whoever asks gets a value of its own key, and the counts are exact.
func TestTogether(t *testing.T) {
	t.Parallel()
	const workers, calls, keys = 8, 2_000, 50
	c, err := cache.New[int, int]("together", cache.Config{MaxEntries: 30, TTL: time.Hour, StaleIfError: time.Hour})
	require.NoError(t, err)
	load := func(_ context.Context, key int) (int, error) {
		runtime.Gosched()
		if key%7 == 0 {
			return 0, status(404)
		}
		return key, nil
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range calls {
				key := (i*13 + w) % keys
				got, err := c.Get(t.Context(), key, load)
				if key%7 == 0 {
					if !errors.Is(err, status(404)) {
						t.Errorf("key %d: %v", key, err)
					}
				} else if err != nil || got != key {
					t.Errorf("key %d: %d, %v", key, got, err)
				}
				switch i % 50 {
				case 0:
					c.Delete(key + 1)
				case 1:
					if key%7 != 0 {
						c.Put(key, key)
					}
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, c.Close(t.Context()))
	s := c.Stats()
	require.EqualValues(t, workers*calls, s.Hits+s.Misses+s.Coalesced)
	require.Zero(t, s.Loading)
}
