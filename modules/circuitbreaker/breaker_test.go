package circuitbreaker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// scripted is a script and the state it leads to.
type scripted struct {
	script string
	want   circuitbreaker.State
}

func playAll(t *testing.T, tests map[string]scripted) {
	t.Helper()
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

func TestScenario01OpensAtTheRateWithEnoughCalls(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scripted{
		"5 of 10 failed":           {"SSSSS FFFFF", circuitbreaker.Open},
		"9 of 9 failed":            {"FFFFFFFFF", circuitbreaker.Closed},
		"4 of 9 failed":            {"FFFFSSSSS", circuitbreaker.Closed},
		"the fifth failure of ten": {"FFFFSSSSS F", circuitbreaker.Open},
		"4 of 10 failed":           {"SSSSSS FFFF", circuitbreaker.Closed},
	})
}

func TestScenario02OldCallsDoNotCount(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scripted{
		"ten successes, a window, one failure": {"SSSSSSSSSS RR+ F", circuitbreaker.Closed},
		"nine failures, a window, one failure": {"FFFFFFFFF RR+ F", circuitbreaker.Closed},
		"within the window":                    {"SSSSFFFF R FF", circuitbreaker.Open},
	})
}

func TestScenario03OpenRefusesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF")
		last := 31 * time.Second
		for range 100 {
			var open *circuitbreaker.OpenError
			require.ErrorAs(t, b.Do(t.Context(), func(context.Context) error { panic("not called") }), &open)
			require.Equal(t, 503, open.StatusCode())
			require.Less(t, open.RetryAfter(), last)
			last = open.RetryAfter()
			time.Sleep(200 * time.Millisecond)
		}
		require.EqualValues(t, 100, b.Metrics().Rejected)
	})
}

func TestScenario04TenTrialsReachTheDependency(t *testing.T) { // PX-05
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF R")
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
	})
}

func TestScenario06ClosingStartsAnEmptyWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF R SSSSSSSSSS F")
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.EqualValues(t, 1, b.Metrics().WindowCalls)
	})
}

func TestScenario07CallsLongerThanTheWindowCount(t *testing.T) {
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

func TestScenario09CancelledCallersCountNothing(t *testing.T) { // PX-12
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

func TestScenario10WhatCountsAsAFailure(t *testing.T) { // PX-09
	t.Parallel()
	tests := map[int]circuitbreaker.State{
		404: circuitbreaker.Closed, 422: circuitbreaker.Closed, 429: circuitbreaker.Closed,
		500: circuitbreaker.Open, 501: circuitbreaker.Closed, 503: circuitbreaker.Open,
	}
	for code, want := range tests {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBreaker(t, circuitbreaker.Config{})
				for range 100 {
					_ = b.Do(t.Context(), end(status(code)))
				}
				require.Equal(t, want, b.State())
			})
		})
	}
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

func TestChangesAreLoggedOnceInOrderOutsideTheLocks(t *testing.T) { // PX-08
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
		require.Equal(t, []string{"circuit breaker opened", "circuit breaker controlled"}, log.all())
	})
}

// Real goroutines, and a listener that uses the breaker.
func TestScenario11CountersAddUpUnderLoad(t *testing.T) {
	t.Parallel()
	s := newService(t, circuitbreaker.Config{ResetTimeout: time.Millisecond, HalfOpenMaxCalls: 2})
	b := s.Get("upstream")
	var heard atomic.Uint64
	s.Subscribe(func(c circuitbreaker.Change) {
		heard.Add(1)
		_, _, _ = b.State(), b.Metrics(), s.All()
		if c.To == circuitbreaker.Open && heard.Load()%3 == 0 {
			s.Reset("upstream")
		}
	})
	var calls sync.WaitGroup
	var made, refused atomic.Uint64
	for i := range 64 {
		calls.Go(func() {
			for n := range 300 {
				err := []error{nil, errBoom, context.Canceled, nil}[(i+n)%4]
				if errors.Is(b.Do(t.Context(), end(err)), circuitbreaker.ErrOpen) {
					refused.Add(1)
				} else {
					made.Add(1)
				}
				control(t, s, n)
			}
		})
	}
	calls.Wait()
	m := b.Metrics()
	require.Equal(t, made.Load(), m.Calls)
	require.Equal(t, refused.Load(), m.Rejected)
	require.Equal(t, m.Calls, m.Successes+m.Failures+m.Excluded)
	require.NotZero(t, heard.Load())
}

// control does something by hand now and then. It never bypasses, which would
// lose counts on purpose.
func control(t *testing.T, s *circuitbreaker.Service, n int) {
	t.Helper()
	switch n % 50 {
	case 7:
		s.All()
	case 13:
		s.Reset("upstream")
	case 19:
		s.ForceClose("upstream", "test", time.Microsecond)
	case 29:
		s.ForceOpen("upstream", "test", time.Microsecond)
	case 37:
		s.Auto("upstream", "test")
	case 43:
		if err := s.Configure("upstream", circuitbreaker.Config{
			SlidingWindow: time.Duration(1+n%7) * time.Second, ResetTimeout: time.Millisecond, HalfOpenMaxCalls: 1 + n%3,
		}); err != nil {
			t.Error(err)
		}
	}
}

func TestCountsAreExactUnderLoad(t *testing.T) { // CB-35; real goroutines
	t.Parallel()
	s := newService(t, circuitbreaker.Config{})
	b, err := s.Register("upstream", circuitbreaker.Config{
		MinThroughput: 1_000_000, SlidingWindow: time.Hour, SlowCallDuration: time.Millisecond,
	})
	require.NoError(t, err)
	const workers, each = 16, 2000
	var calls sync.WaitGroup
	for range workers {
		calls.Go(func() {
			for n := range each {
				now := time.Duration(n) * 10 * time.Millisecond // 20 s, in which every second is turned by somebody
				permit, _ := b.AcquireAt(now, time.Second)
				outcome := []circuitbreaker.Outcome{circuitbreaker.Success, circuitbreaker.Failure, circuitbreaker.Excluded}[n%10%3]
				permit.DoneAt(now+time.Duration(n%2)*2*time.Millisecond, outcome, nil) // every other is slow
			}
		})
	}
	calls.Wait()
	m := b.Metrics()
	require.Equal(t, []uint64{workers * each * 4 / 10, workers * each * 3 / 10, workers * each * 3 / 10},
		[]uint64{m.Successes, m.Failures, m.Excluded})
	require.Equal(t, m.Successes+m.Failures, m.WindowCalls)
	require.Equal(t, m.Failures, m.WindowFailures)
	require.Equal(t, m.SlowCalls, m.WindowSlow)
	require.NotZero(t, m.SlowCalls)
}
