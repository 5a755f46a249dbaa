package throttle_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
)

func limiter(tb testing.TB, threads, hourly int, opts ...throttle.Option) *throttle.Limiter {
	tb.Helper()
	l, err := throttle.New(throttle.Config{Threads: threads, Hourly: hourly, Window: time.Hour}, opts...)
	require.NoError(tb, err)
	return l
}

func acquire(tb testing.TB, l *throttle.Limiter, key string) throttle.Lease {
	tb.Helper()
	lease, err := l.Acquire(tb.Context(), key, 5)
	require.NoError(tb, err)
	return lease
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	_, err := throttle.New(throttle.Config{})
	require.EqualError(t, err, "thread limit 0 is below 1\nhourly limit 0 is not between 1 and 2147483647\nlimit window 0s is below 1 s")
}

// A1 and A2: a released thread reaches the best waiter at once, and nobody is forgotten.
func TestReleaseWakesBestWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 100)
		held := acquire(t, l, "Tickets")
		var order []int
		var wg sync.WaitGroup
		for _, priority := range []int{1, 9, 5, 9, 0} {
			wg.Go(func() {
				lease, err := l.Acquire(t.Context(), "Tickets", priority)
				if err == nil {
					order = append(order, priority*10+len(order)) // the lease is the lock
					lease.Release()
				}
			})
			synctest.Wait()
		}
		require.Equal(t, 5, l.Stats().Waiting)
		begin := time.Now()
		held.Release()
		wg.Wait()
		require.Equal(t, []int{90, 91, 52, 13, 4}, order)
		require.Zero(t, time.Since(begin))
		require.Zero(t, l.Stats().Waiting)
	})
}

func TestFirstComeFirstServedWithinPriority(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 100)
		held := acquire(t, l, "Tickets")
		var order []int
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				lease, err := l.Acquire(t.Context(), "Tickets", 5)
				if err == nil {
					order = append(order, i)
					lease.Release()
				}
			})
			synctest.Wait()
		}
		held.Release()
		wg.Wait()
		for i := range 20 {
			require.Equal(t, i, order[i])
		}
	})
}

// A3: a blocked entity does not delay another.
func TestKeysDoNotBlockEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 100)
		for range 3 {
			acquire(t, l, "Tickets")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { _, err := l.Acquire(ctx, "Tickets", 10); done <- err }()
		synctest.Wait()
		begin := time.Now()
		acquire(t, l, "Companies").Release()
		require.Zero(t, time.Since(begin))
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

// A4: a denied or cancelled acquire frees nothing.
func TestCancelledAcquireReleasesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 100)
		held := acquire(t, l, "Tickets")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		lease, err := l.Acquire(ctx, "Tickets", 5)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(begin))
		lease.Release()
		lease.Refund()
		require.Equal(t, map[string]int{"Tickets": 1}, l.Stats().Threads)
		require.Equal(t, 1, l.Stats().Used)
		held.Release()
		require.Equal(t, map[string]int{"Tickets": 0}, l.Stats().Threads)
	})
}

func TestEndedContextIsRefused(t *testing.T) {
	t.Parallel()
	l := limiter(t, 1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Acquire(ctx, "Tickets", 5)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, l.Stats().Used)
}

func TestLeaseEndsOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end      func(throttle.Lease)
		wantUsed int
	}{
		"release twice":       {func(l throttle.Lease) { l.Release(); l.Release() }, 2},
		"refund twice":        {func(l throttle.Lease) { l.Refund(); l.Refund() }, 1},
		"refund then release": {func(l throttle.Lease) { l.Refund(); l.Release() }, 1},
		"release then refund": {func(l throttle.Lease) { l.Release(); l.Refund() }, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := limiter(t, 2, 10)
			other := acquire(t, l, "Tickets")
			lease := acquire(t, l, "Tickets")
			test.end(lease)
			require.Equal(t, test.wantUsed, l.Stats().Used)
			require.Equal(t, 1, l.Stats().Threads["Tickets"])
			next := acquire(t, l, "Tickets") // takes the slot that was freed
			test.end(lease)                  // a stale lease must not free it
			require.Equal(t, 2, l.Stats().Threads["Tickets"])
			next.Refund()
			other.Refund()
			require.Equal(t, 0, l.Stats().Threads["Tickets"])
		})
	}
}

// 10^5 random acquires, cancels, releases and refunds: never more than the limits, and nothing is left over.
func TestCountsStayExact(t *testing.T) {
	t.Parallel()
	const (
		workers = 50
		rounds  = 2000
		threads = 3
	)
	l := limiter(t, threads, workers*rounds)
	keys := [...]string{"Tickets", "Companies", "Contacts"}
	var active [len(keys)]atomic.Int32
	var granted, refunded, over atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		dice := rand.New(rand.NewPCG(rand.Uint64(), 1)) //nolint:gosec // dice, no secrets
		wg.Go(func() {
			for range rounds {
				k := dice.IntN(len(keys))
				ctx, cancel := context.WithCancel(t.Context())
				if dice.IntN(3) == 0 {
					go cancel()
				}
				lease, err := l.Acquire(ctx, keys[k], dice.IntN(11))
				if err == nil {
					granted.Add(1)
					if active[k].Add(1) > threads {
						over.Add(1)
					}
					active[k].Add(-1)
					if dice.IntN(4) == 0 {
						refunded.Add(1)
						lease.Refund()
					}
					lease.Release()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	s := l.Stats()
	require.Zero(t, over.Load())
	require.Zero(t, s.Waiting)
	require.Equal(t, map[string]int{"Tickets": 0, "Companies": 0, "Contacts": 0}, s.Threads)
	require.EqualValues(t, granted.Load()-refunded.Load(), s.Used)
}

func TestUnitCountsOneWindowAfterItsAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 10)
		time.Sleep(1500 * time.Millisecond)
		lease := acquire(t, l, "Tickets")
		time.Sleep(2 * time.Hour) // an answer that takes very long: the unit counts all the time
		require.Equal(t, 1, l.Stats().Used)
		lease.Release()
		time.Sleep(time.Hour)
		require.Equal(t, 1, l.Stats().Used)
		time.Sleep(500 * time.Millisecond) // to the end of its bucket
		require.Zero(t, l.Stats().Used)
		time.Sleep(100 * time.Hour)
		acquire(t, l, "Tickets").Release()
		require.Equal(t, 1, l.Stats().Used)
	})
}

// A window that cannot be cut evenly is rounded up: a unit never counts for less.
func TestUnevenWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := throttle.New(throttle.Config{Threads: 1, Hourly: 1, Window: time.Second})
		require.NoError(t, err)
		time.Sleep(277_776 * time.Nanosecond) // nearly the end of the first bucket
		acquire(t, l, "Tickets").Release()
		time.Sleep(time.Second - 1)
		require.Equal(t, 1, l.Stats().Used)
		time.Sleep(time.Millisecond)
		require.Zero(t, l.Stats().Used)
	})
}

func TestExhaustedBudgetWaitsForTheExactMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 2)
		begin := time.Now()
		acquire(t, l, "Tickets").Release()
		time.Sleep(10 * time.Minute)
		acquire(t, l, "Tickets").Release()
		acquire(t, l, "Companies").Release() // another entity, the same budget
		require.Equal(t, time.Hour+time.Second, time.Since(begin))
	})
}

func TestExhaustedBudgetRefusesWhatCannotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 1)
		acquire(t, l, "Tickets").Release()
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := l.Acquire(ctx, "Tickets", 10)
		var refused *throttle.BudgetError
		require.ErrorAs(t, err, &refused)
		require.Zero(t, time.Since(begin))
		require.Equal(t, 50*time.Minute+time.Second, refused.RetryAfter())
		require.Equal(t, 503, refused.StatusCode())
		require.False(t, refused.Transient())
		require.EqualError(t, err, "autotask: hourly budget used up (1 of 1), free again in 50m1s")
	})
}

// Those who queue for a thread learn at once that the last unit is gone.
func TestLastUnitRefusesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 2)
		held := acquire(t, l, "Tickets")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() { _, err := l.Acquire(ctx, "Tickets", 5); done <- err }()
		synctest.Wait()
		begin := time.Now()
		acquire(t, l, "Companies")
		var refused *throttle.BudgetError
		require.ErrorAs(t, <-done, &refused)
		require.Zero(t, time.Since(begin))
		held.Release()
	})
}

// The same where the last unit goes to one of the queue.
func TestLastUnitToTheQueueRefusesTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 2)
		held := acquire(t, l, "Tickets")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 2)
		for range 2 {
			go func() { _, err := l.Acquire(ctx, "Tickets", 5); done <- err }()
		}
		synctest.Wait()
		begin := time.Now()
		held.Release()
		var refused *throttle.BudgetError
		require.ErrorAs(t, errors.Join(<-done, <-done), &refused, "one is granted, one refused")
		require.Zero(t, time.Since(begin))
		require.Equal(t, 1, l.Stats().Threads["Tickets"])
	})
}

// The queue is told each time that the last unit goes, also where the same bucket frees the next one.
func TestLastUnitRefusesTheQueueAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 3)
		acquire(t, l, "Tickets").Release()
		refunded, held := acquire(t, l, "Companies"), acquire(t, l, "Tickets")
		granted := make(chan throttle.Lease, 1)
		go func() { lease, _ := l.Acquire(t.Context(), "Contacts", 5); granted <- lease }()
		synctest.Wait()
		refunded.Refund()
		(<-granted).Refund()

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() { _, err := l.Acquire(ctx, "Tickets", 5); done <- err }()
		synctest.Wait()
		begin := time.Now()
		acquire(t, l, "Companies")
		var refused *throttle.BudgetError
		require.ErrorAs(t, <-done, &refused)
		require.Zero(t, time.Since(begin))
		held.Release()
	})
}

func TestRefundHandsTheUnitOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 1, 1)
		held := acquire(t, l, "Tickets")
		done := make(chan throttle.Lease, 1)
		go func() { lease, _ := l.Acquire(t.Context(), "Companies", 5); done <- lease }()
		synctest.Wait()
		begin := time.Now()
		held.Refund()
		(<-done).Release()
		require.Zero(t, time.Since(begin))
		require.Equal(t, 1, l.Stats().Used)
	})
}

// The best waiter of all keys gets the first unit that is free again, whoever comes at that moment.
func TestBudgetGoesToTheBestOfAllKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 1)
		acquire(t, l, "Tickets").Release()
		first := make(chan string, 3)
		var wg sync.WaitGroup
		for key, priority := range map[string]int{"Companies": 3, "Contacts": 8, "Tickets": 5} {
			wg.Go(func() {
				lease, err := l.Acquire(t.Context(), key, priority)
				if err == nil {
					first <- key
					lease.Release()
				}
			})
		}
		synctest.Wait()
		wg.Wait()
		require.Equal(t, "Contacts", <-first)
		require.Equal(t, "Tickets", <-first)
		require.Equal(t, "Companies", <-first)
	})
}

func TestPauseStopsEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 100)
		l.Pause(time.Minute)
		l.Pause(time.Second)
		begin := time.Now()
		acquire(t, l, "Tickets").Release()
		require.Equal(t, time.Minute, time.Since(begin))

		l.Pause(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := l.Acquire(ctx, "Tickets", 5)
		var refused *throttle.BudgetError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, time.Hour, refused.Wait)
		require.EqualError(t, err, "autotask: tenant suspended by Autotask, free again in 1h0m0s")
	})
}

// C2 in small: 12,000 calls at once, 10,000 are granted, the rest is refused at once.
func TestTwelveThousandAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limiter(t, 3, 10_000)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var granted, refused, late atomic.Int32
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 12_000 {
			wg.Go(func() {
				lease, err := l.Acquire(ctx, strconv.Itoa(i%5), 5)
				if err != nil {
					refused.Add(1)
					if time.Since(begin) > 250*time.Second {
						late.Add(1)
					}
					return
				}
				granted.Add(1)
				time.Sleep(60 * time.Millisecond)
				lease.Release()
			})
		}
		wg.Wait()
		require.EqualValues(t, 10_000, granted.Load())
		require.EqualValues(t, 2_000, refused.Load())
		require.Zero(t, late.Load())
		require.LessOrEqual(t, time.Since(begin), 41*time.Second)
	})
}

func TestClockThatGoesBackFreesNothing(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := limiter(t, 1, 1, throttle.WithNow(func() time.Time { return now }))
	now = now.Add(2 * time.Hour)
	acquire(t, l, "Tickets").Release()
	now = now.Add(-3 * time.Hour)
	require.Equal(t, 1, l.Stats().Used)
	now = now.Add(4*time.Hour + 2*time.Second)
	require.Zero(t, l.Stats().Used)
	require.Zero(t, l.Usage())
}

// A grant that meets the end of its caller's context is handed back.
func TestGrantMeetsCancellation(t *testing.T) {
	t.Parallel()
	l := limiter(t, 1, 1<<20)
	for range 5000 {
		held := acquire(t, l, "Tickets")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if lease, err := l.Acquire(ctx, "Tickets", 5); err == nil {
				lease.Refund()
			}
		}()
		for l.Stats().Waiting == 0 {
			runtime.Gosched()
		}
		cancel()
		held.Refund()
		<-done
		require.Zero(t, l.Stats().Threads["Tickets"])
		require.Zero(t, l.Stats().Used)
	}
}

// Who comes at the moment at which a bucket expires does not overtake those who waited for it.
func TestNobodyOvertakesAtTheExpiry(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	begin := time.Now()
	l := limiter(t, 3, 1, throttle.WithNow(func() time.Time { return begin.Add(time.Duration(ahead.Load())) }))
	acquire(t, l, "Tickets").Release()
	done := make(chan error, 1)
	go func() { _, err := l.Acquire(t.Context(), "Companies", 1); done <- err }()
	for l.Stats().Waiting == 0 {
		runtime.Gosched()
	}
	ahead.Store(int64(2 * time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := l.Acquire(ctx, "Tickets", 1)
	var refused *throttle.BudgetError
	require.ErrorAs(t, err, &refused)
	require.NoError(t, <-done)
}

// Nor does the next one in the queue of a thread that is released at that moment.
func TestReleaseAtTheExpiryServesTheBest(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	begin := time.Now()
	l := limiter(t, 1, 2, throttle.WithNow(func() time.Time { return begin.Add(time.Duration(ahead.Load())) }))
	held := acquire(t, l, "Tickets")
	acquire(t, l, "Contacts").Release()
	granted := make(chan throttle.Lease, 2)
	order := make(chan string, 2)
	for i, key := range []string{"Tickets", "Companies"} {
		go func() {
			lease, err := l.Acquire(t.Context(), key, 1+i) // Companies comes first
			if err == nil {
				order <- key
			}
			granted <- lease
		}()
	}
	for l.Stats().Waiting < 2 {
		runtime.Gosched()
	}
	ahead.Store(int64(time.Hour + 2*time.Second)) // the unit of Contacts is free again, the timer has not fired
	held.Release()
	require.Equal(t, "Companies", <-order)
	(<-granted).Refund()
	(<-granted).Refund()
}
