package bulkhead_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 10})
		enter(t, b, 1)
		arrivals := []bulkhead.Priority{bulkhead.Normal, bulkhead.Low, bulkhead.Critical, bulkhead.Normal, bulkhead.High, bulkhead.Critical}
		calls := make([]*call, len(arrivals))
		for i, p := range arrivals {
			calls[i] = begin(t.Context(), b, p)
		}
		for _, turn := range []int{2, 5, 4, 0, 3, 1} {
			require.False(t, calls[turn].done, turn)
			b.Leave(0, true)
			synctest.Wait()
			require.True(t, calls[turn].done, turn)
			require.NoError(t, calls[turn].err)
		}
		require.Equal(t, bulkhead.Stats{Limit: 1, Running: 1}, b.Stats())
	})
}

func TestEviction(t *testing.T) {
	t.Parallel()
	const low, normal, high, critical = bulkhead.Low, bulkhead.Normal, bulkhead.High, bulkhead.Critical
	tests := map[string]struct {
		waiting     []bulkhead.Priority
		newcomer    bulkhead.Priority
		wantEvicted int // place in waiting, -1: the newcomer is refused
	}{
		"a place is free":          {[]bulkhead.Priority{low, low}, low, -2},
		"all the same":             {[]bulkhead.Priority{normal, normal, normal}, normal, -1},
		"the newcomer is lower":    {[]bulkhead.Priority{normal, high, normal}, low, -1},
		"the last of the lowest":   {[]bulkhead.Priority{normal, low, low}, high, 2},
		"low before normal":        {[]bulkhead.Priority{normal, low, normal}, high, 1},
		"normal where no low is":   {[]bulkhead.Priority{high, normal, high}, critical, 1},
		"never one that is higher": {[]bulkhead.Priority{critical, critical, critical}, high, -1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 3})
				enter(t, b, 1)
				calls := make([]*call, len(tc.waiting))
				for i, p := range tc.waiting {
					calls[i] = begin(ctx, b, p)
				}
				newcomer := begin(ctx, b, tc.newcomer)
				require.Equal(t, tc.wantEvicted == -1, newcomer.done)
				if newcomer.done {
					requireReason(t, newcomer.err, bulkhead.ReasonFull)
				}
				for i, c := range calls {
					require.Equal(t, i == tc.wantEvicted, c.done, i)
					if c.done {
						requireReason(t, c.err, bulkhead.ReasonEvicted)
					}
				}
				require.Equal(t, 3, b.Stats().Waiting)
			})
		})
	}
}

// Bursts are taken up; a queue that stands for 100 ms lets nobody wait for
// longer than 5 ms but those whose turn is next.
func TestCodel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 100})
		enter(t, b, 1)
		burst := make([]*call, 20)
		for i := range burst {
			burst[i] = begin(t.Context(), b, bulkhead.Normal)
		}
		serve := func(n int) {
			for range n {
				time.Sleep(5 * time.Millisecond)
				b.Leave(5*time.Millisecond, true)
				synctest.Wait()
			}
		}
		serve(20)
		for i, c := range burst {
			require.NoError(t, c.err)
			require.Equal(t, time.Duration(i+1)*5*time.Millisecond, c.took, "a burst is over in 100 ms")
		}
		require.Equal(t, bulkhead.Stats{Limit: 1, Running: 1}, b.Stats())

		for i := range burst {
			burst[i] = begin(t.Context(), b, bulkhead.Normal)
		}
		time.Sleep(4 * time.Millisecond)
		serve(1) // at 9 ms: the queue is above the target since 5 ms
		time.Sleep(96*time.Millisecond - 1)
		require.Equal(t, 19, b.Stats().Waiting, "a nanosecond before the interval is over: nobody looks")
		time.Sleep(time.Nanosecond)
		late := begin(t.Context(), b, bulkhead.Normal)
		time.Sleep(5 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, 1, b.Stats().Waiting, "the one whose turn is next")
		require.EqualValues(t, 19, b.Stats().Refused.Codel)
		requireReason(t, late.err, bulkhead.ReasonCodel)
		require.Equal(t, 5*time.Millisecond, late.took)

		late = begin(t.Context(), b, bulkhead.Low)
		urgent := begin(t.Context(), b, bulkhead.High)
		time.Sleep(5 * time.Millisecond)
		synctest.Wait()
		require.True(t, late.done)
		require.False(t, urgent.done, "its turn has come to be the next")
		serve(2)
		require.True(t, urgent.done)
		require.NoError(t, urgent.err)
		require.Zero(t, b.Stats().Waiting)

		time.Sleep(5 * time.Millisecond) // empty for the target
		after := begin(t.Context(), b, bulkhead.Normal)
		others := begin(t.Context(), b, bulkhead.Normal)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		require.False(t, after.done || others.done, "it is over")
		serve(2)
		b.Leave(0, true)
	})
}

// What takes long may wait long: the target is half of what calls take.
func TestCodelOfSlowCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took = 200 * time.Millisecond
		b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 100})
		enter(t, b, 1)
		var calls []*call
		for range 40 {
			calls = append(calls, begin(t.Context(), b, bulkhead.Normal), begin(t.Context(), b, bulkhead.Normal))
			time.Sleep(took)
			b.Leave(took, true)
			synctest.Wait()
		}
		refused := 0
		for _, c := range calls {
			if c.done && c.err != nil {
				requireReason(t, c.err, bulkhead.ReasonCodel)
				refused++
			}
		}
		require.Greater(t, refused, 30, "half of them are too many")
		begin(t.Context(), b, bulkhead.Normal)
		late := begin(t.Context(), b, bulkhead.Normal)
		time.Sleep(took)
		synctest.Wait()
		requireReason(t, late.err, bulkhead.ReasonCodel)
		require.Equal(t, took/2, late.took)
		for b.Stats().Running > 0 {
			b.Leave(took, true)
			synctest.Wait()
		}
	})
}

// Real goroutines: never more inside than the limit, nobody is lost or counted
// twice, whatever ends waits.
func TestRace(t *testing.T) {
	t.Parallel()
	const limit, callers, rounds = 3, 20, 300
	b := newBulkhead(t, bulkhead.Config{Max: limit, Queue: callers / 2, QueueTimeout: time.Second})
	priorities := []bulkhead.Priority{bulkhead.Low, bulkhead.Normal, bulkhead.High, bulkhead.Critical}
	var inside, most, let, refused, ended atomic.Int64
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(1, uint64(i))) //nolint:gosec // dice, no secrets
			for range rounds {
				ctx, cancel := context.WithCancel(t.Context())
				if dice.IntN(2) == 0 {
					go cancel()
				}
				err := b.Enter(ctx, priorities[dice.IntN(len(priorities))])
				switch {
				case err == nil:
					let.Add(1)
					n := inside.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
						continue
					}
					inside.Add(-1)
					b.Leave(0, true)
				case errors.Is(err, context.Canceled):
					ended.Add(1)
				default:
					refused.Add(1)
				}
				cancel()
			}
		})
	}
	all.Wait()
	s := b.Stats()
	require.LessOrEqual(t, most.Load(), int64(limit))
	require.EqualValues(t, callers*rounds, let.Load()+refused.Load()+ended.Load())
	require.EqualValues(t, refused.Load(), s.Refused.Full+s.Refused.QueueTimeout+s.Refused.Codel+s.Refused.Evicted)
	require.Zero(t, s.Running)
	require.Zero(t, s.Waiting)
	enter(t, b, limit) // every slot came back
	require.ErrorIs(t, b.Enter(over(t), bulkhead.Normal), context.Canceled)
}

// over returns a context that is over.
func over(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// Whoever gives the last slot back sees who has just begun to wait.
func TestNobodyIsForgotten(t *testing.T) {
	t.Parallel()
	b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range 10_000 {
		enter(t, b, 1)
		var all sync.WaitGroup
		var ready atomic.Bool
		all.Go(func() {
			ready.Store(true)
			if b.Enter(ctx, bulkhead.Normal) == nil {
				b.Leave(0, true)
			}
		})
		for !ready.Load() {
			runtime.Gosched()
		}
		for range i % 500 { // leave at another moment each time
			_ = ready.Load()
		}
		b.Leave(0, true)
		all.Wait()
		require.NoError(t, ctx.Err())
	}
	require.Equal(t, bulkhead.Stats{Limit: 1}, b.Stats())
}

// A slot that comes free as the context ends is either taken or given back.
func TestEndAndTurnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 1})
		for range 50 {
			enter(t, b, 1)
			ctx, cancel := context.WithCancel(t.Context())
			c := begin(ctx, b, bulkhead.Normal)
			cancel()
			b.Leave(0, true)
			synctest.Wait()
			require.True(t, c.done)
			if c.err == nil {
				b.Leave(0, true)
			}
			require.Equal(t, bulkhead.Stats{Limit: 1}, b.Stats())
		}
	})
}

// Calls that came in without a bound count for the one that is set meanwhile.
func TestBoundIsSet(t *testing.T) {
	t.Parallel()
	for range 300 {
		b := newBulkhead(t, bulkhead.Config{})
		var all sync.WaitGroup
		var entered atomic.Int64
		for range 4 {
			all.Go(func() {
				for range 50 {
					if b.Enter(t.Context(), bulkhead.Normal) == nil {
						entered.Add(1)
						b.Leave(0, true)
					}
				}
			})
		}
		for entered.Load() == 0 {
			runtime.Gosched()
		}
		b.Configure(bulkhead.Config{Max: 100})
		all.Wait()
		enter(t, b, 100)
		requireReason(t, b.Enter(t.Context(), bulkhead.Normal), bulkhead.ReasonFull)
	}
}

// PX-05 of a bulkhead: of 20 that come at once exactly as many as there are
// slots get in.
func TestExactLimit(t *testing.T) {
	t.Parallel()
	for range 100 {
		b := newBulkhead(t, bulkhead.Config{Max: 7})
		var in atomic.Int64
		var all sync.WaitGroup
		start := make(chan struct{})
		for range 20 {
			all.Go(func() {
				<-start
				if b.Enter(t.Context(), bulkhead.Normal) == nil {
					in.Add(1)
				}
			})
		}
		close(start)
		all.Wait()
		require.EqualValues(t, 7, in.Load())
		require.Equal(t, bulkhead.Stats{Limit: 7, Running: 7, Refused: bulkhead.Refused{Full: 13}}, b.Stats())
	}
}

// The bound is set and taken away while calls come and go: the count stays right.
func TestConfigureRace(t *testing.T) {
	t.Parallel()
	configs := []bulkhead.Config{
		{},
		{Max: 2, Queue: 100},
		{Max: 5, Queue: 100, Adaptive: true},
		{Max: 1, Queue: 100},
	}
	b := newBulkhead(t, configs[0])
	var callers, changer sync.WaitGroup
	stop := make(chan struct{})
	changer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				b.Configure(configs[i%len(configs)])
			}
		}
	})
	for range 8 {
		callers.Go(func() {
			for i := range 2000 {
				if b.Enter(t.Context(), bulkhead.Normal) != nil {
					continue
				}
				if i%5 == 0 {
					b.Abandon()
					b.Leave(time.Millisecond, false)
					b.Returned()
					continue
				}
				b.Leave(time.Millisecond, true)
			}
		})
	}
	callers.Wait()
	close(stop)
	changer.Wait()
	s := b.Stats()
	require.Zero(t, s.Running)
	require.Zero(t, s.Waiting)
	require.Zero(t, s.Abandoned)
	b.Configure(bulkhead.Config{Max: 3})
	enter(t, b, 3)
	requireReason(t, b.Enter(t.Context(), bulkhead.Normal), bulkhead.ReasonFull)
}
