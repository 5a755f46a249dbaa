package circuitbreaker_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestOpensAtTheRateWithEnoughCalls(t *testing.T) { // scenarios 1, 2, 10
	t.Parallel()
	tests := map[string]struct {
		script string
		want   circuitbreaker.State
	}{
		"5 of 10 failed":                 {"SSSSS FFFFF", circuitbreaker.Open},
		"9 of 9 failed":                  {"FFFFFFFFF", circuitbreaker.Closed},
		"the fifth failure of ten":       {"FFFFSSSSS F", circuitbreaker.Open},
		"4 of 10 failed":                 {"SSSSSS FFFF", circuitbreaker.Closed},
		"old successes do not help trip": {"SSSSSSSSSS RR+ F", circuitbreaker.Closed},
		"100 times 404":                  {"44444444444444444444", circuitbreaker.Closed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBreaker(t, circuitbreaker.Config{})
				play(t, b, tc.script)
				require.Equal(t, tc.want, b.State())
			})
		})
	}
}

func TestRecovery(t *testing.T) { // scenarios 3, 4, 6
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF")
		last := 31 * time.Second
		for range 100 {
			var open *circuitbreaker.OpenError
			require.ErrorAs(t, b.Do(t.Context(), end(nil)), &open)
			require.Less(t, open.RetryAfter(), last)
			last = open.RetryAfter()
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)

		var inside, refused atomic.Int64
		release := make(chan struct{})
		var calls sync.WaitGroup
		for range 200 {
			calls.Go(func() {
				err := b.Do(t.Context(), func(context.Context) error { inside.Add(1); <-release; return nil })
				if errors.Is(err, circuitbreaker.ErrOpen) {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		require.EqualValues(t, 10, inside.Load())
		require.EqualValues(t, 190, refused.Load())
		close(release)
		calls.Wait()
		require.Equal(t, circuitbreaker.Closed, b.State())

		play(t, b, "F")
		require.Equal(t, circuitbreaker.Closed, b.State(), "closing starts an empty window")
		require.EqualValues(t, 1, b.Metrics().WindowCalls)
	})
}

func TestCallsLongerThanTheWindowCount(t *testing.T) { // scenario 7
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() {
				_ = b.Do(t.Context(), func(context.Context) error { time.Sleep(90 * time.Second); return errBoom })
			})
		}
		calls.Wait()
		require.Equal(t, circuitbreaker.Open, b.State())
	})
}

func TestCancelledCallersCountNothing(t *testing.T) { // scenario 9, PX-12
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		ctx, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				_ = b.Do(ctx, func(ctx context.Context) error { <-ctx.Done(); return errBoom })
			})
		}
		synctest.Wait()
		cancel()
		calls.Wait()
		m := b.Metrics()
		require.EqualValues(t, 50, m.Excluded)
		require.Zero(t, m.WindowCalls)
		require.ErrorIs(t, b.Do(ctx, func(context.Context) error { panic("not called") }), context.Canceled)

		play(t, b, "FFFFFFFFFF R I")
		require.Equal(t, circuitbreaker.HalfOpen, b.State(), "the slot came back")
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Closed, b.State())
	})
}

func TestDeadlines(t *testing.T) { // PX-12
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		within := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			_ = b.Do(ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}
		for range 20 {
			within(9 * time.Millisecond)
		}
		require.EqualValues(t, 20, b.Metrics().Excluded, "impatient callers say nothing")
		for range 10 {
			within(10 * time.Millisecond)
		}
		require.Equal(t, circuitbreaker.Open, b.State())
	})
}

func TestIdleOpenBreakerSaysHalfOpenWhenDue(t *testing.T) { // PX-16
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF R")
		require.Equal(t, circuitbreaker.HalfOpen, b.State())
		require.Equal(t, circuitbreaker.HalfOpen, b.Metrics().State)
		require.NoError(t, b.Peek())
	})
}

func TestChangesAreLoggedOnceInOrderOutsideTheLocks(t *testing.T) { // scenario 11, PX-08
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s *circuitbreaker.Service
		log := newLines(func() {
			s.Get("upstream").State()
			s.All()
			_ = s.Get("upstream").Do(t.Context(), end(nil))
		})
		s, err := circuitbreaker.NewService(circuitbreaker.Config{HalfOpenMaxCalls: 2}, slog.New(log))
		require.NoError(t, err)
		b := s.Get("upstream")
		play(t, b, "FFFFFFFFFF R")
		log.call = nil
		play(t, b, "S S")
		require.Equal(t, []string{"circuit breaker opened", "circuit breaker half-open", "circuit breaker closed"}, log.all())
	})
}

func TestPanickingLogHandlerLeavesTheBreakerWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := newLines(func() { panic("disk full") })
		s, err := circuitbreaker.NewService(circuitbreaker.Config{MinThroughput: 1}, slog.New(log))
		require.NoError(t, err)
		b := s.Get("upstream")
		require.PanicsWithValue(t, "disk full", func() { play(t, b, "F") })
		require.Equal(t, circuitbreaker.Open, b.State())
		log.call = nil
		require.True(t, s.Reset("upstream"))
		require.Equal(t, []string{"circuit breaker opened", "circuit breaker closed"}, log.all())
	})
}

func TestCountersAddUpUnderLoad(t *testing.T) { // scenario 11, CB-35; real goroutines
	t.Parallel()
	s := newService(t, circuitbreaker.Config{ResetTimeout: time.Millisecond})
	b := s.Get("upstream")
	var calls sync.WaitGroup
	var made, refused atomic.Uint64
	for i := range 64 {
		calls.Go(func() {
			for n := range 500 {
				var err error
				switch (i + n) % 4 {
				case 0:
					err = errBoom
				case 1:
					err = context.Canceled
				}
				if errors.Is(b.Do(t.Context(), end(err)), circuitbreaker.ErrOpen) {
					refused.Add(1)
				} else {
					made.Add(1)
				}
				switch n % 50 {
				case 7:
					b.Metrics()
				case 13:
					s.Reset("upstream")
				case 29:
					s.ForceOpen("upstream", "test", time.Microsecond)
				}
			}
		})
	}
	calls.Wait()
	m := b.Metrics()
	require.Equal(t, made.Load(), m.Calls)
	require.Equal(t, refused.Load(), m.Rejected)
	require.Equal(t, m.Calls, m.Successes+m.Failures+m.Excluded)
}

func TestWindowIsExactUnderLoad(t *testing.T) { // CB-35; real goroutines
	t.Parallel()
	b := newBreaker(t, circuitbreaker.Config{MinThroughput: 1_000_000, SlidingWindow: time.Hour})
	var calls sync.WaitGroup
	for range 16 {
		calls.Go(func() {
			for n := range 1000 {
				outcome := circuitbreaker.Success
				if n%10 == 0 {
					outcome = circuitbreaker.Failure
				}
				permit, _ := b.Acquire()
				permit.Done(outcome, nil)
			}
		})
	}
	calls.Wait()
	m := b.Metrics()
	require.EqualValues(t, 16_000, m.WindowCalls)
	require.EqualValues(t, 1_600, m.WindowFailures)
}

func TestByHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		require.False(t, s.Reset("upstream"))
		require.False(t, s.ForceOpen("upstream", "", 0))
		b := s.Get("upstream")

		require.True(t, s.ForceOpen("upstream", "maintenance", 2*time.Hour))
		play(t, b, "R")
		require.Equal(t, 1, play(t, b, "S"))
		require.NoError(t, refusal(t, b).Last)
		time.Sleep(2 * time.Hour)
		play(t, b, "F")
		require.Equal(t, circuitbreaker.Open, b.State())
		require.Equal(t, 30*time.Second, time.Until(b.Metrics().Until), "from then on its own time")

		require.True(t, s.Reset("upstream"))
		require.Equal(t, circuitbreaker.Closed, b.State())
		play(t, b, "FFFFFFFFF")
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.True(t, s.ForceOpen("upstream", "", 0))
		require.Equal(t, 30*time.Second, time.Until(b.Metrics().Until))
	})
}
