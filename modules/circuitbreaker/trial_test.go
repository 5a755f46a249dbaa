package circuitbreaker_test

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestScenario05OneFailedTrialReopens(t *testing.T) { // PX-06
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		stale, err := b.Acquire()
		require.NoError(t, err)
		play(t, b, "FFFFFFFFFF R")
		late, err := b.Acquire()
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		play(t, b, "F")
		require.Equal(t, circuitbreaker.Open, b.State())
		until := b.Metrics().Until
		require.Equal(t, 30*time.Second, time.Until(until))

		late.Done(circuitbreaker.Success, nil)
		stale.Done(circuitbreaker.Failure, errBoom)
		require.Equal(t, circuitbreaker.Open, b.State())
		require.Equal(t, until, b.Metrics().Until)
		time.Sleep(30*time.Second - 1)
		require.Equal(t, 1, play(t, b, "S"))
		time.Sleep(time.Nanosecond)
		require.Equal(t, 0, play(t, b, "S"))
	})
}

func TestStaleOutcomesDoNotReachTheNextWindow(t *testing.T) { // PX-06, C18
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		stale := make([]circuitbreaker.Permit, 50)
		for i := range stale {
			stale[i], _ = b.Acquire()
		}
		play(t, b, "FFFFFFFFFF R SSSSSSSSSS")
		require.Equal(t, circuitbreaker.Closed, b.State())
		for i := range stale {
			stale[i].Done(circuitbreaker.Failure, errBoom)
		}
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.Zero(t, b.Metrics().WindowCalls)
	})
}

func TestScenario08PanicAndGoexitCount(t *testing.T) { // PX-01, PX-03
	t.Parallel()
	tests := map[string]func(context.Context) error{
		"panic":  func(context.Context) error { panic("boom") },
		"Goexit": func(context.Context) error { runtime.Goexit(); return nil },
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBreaker(t, circuitbreaker.Config{})
				var calls sync.WaitGroup
				broken := func() {
					defer calls.Done()
					defer func() { _ = recover() }()
					_ = b.Do(t.Context(), call)
				}
				for range 10 {
					calls.Add(1)
					go broken()
				}
				calls.Wait()
				require.Equal(t, circuitbreaker.Open, b.State())
				play(t, b, "R")
				calls.Add(1)
				go broken()
				calls.Wait()
				require.Equal(t, circuitbreaker.Open, b.State())
				require.Zero(t, play(t, b, "R S"))
				require.EqualValues(t, 11, b.Metrics().Failures)
			})
		})
	}
}

func TestScenario08HungTrialIsEndedByItsLease(t *testing.T) { // PX-04, PX-07
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{HalfOpenMaxCalls: 1})
		play(t, b, "FFFFFFFFFF R")
		hung, err := b.AcquireFor(4 * time.Second)
		require.NoError(t, err)
		time.Sleep(5*time.Second - 1)
		require.Equal(t, circuitbreaker.HalfOpen, b.State())
		require.Equal(t, 1, play(t, b, "S"))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Equal(t, circuitbreaker.Open, b.State())
		play(t, b, "R S")
		require.Equal(t, circuitbreaker.Closed, b.State())
		before := b.Metrics().Calls
		hung.Done(circuitbreaker.Failure, errBoom)
		hung.Done(circuitbreaker.Failure, errBoom)
		require.Equal(t, before, b.Metrics().Calls, "a lease and its trial count once")
		require.Equal(t, circuitbreaker.Closed, b.State())
	})
}

func TestDoneTwiceIsOnce(t *testing.T) { // PX-07
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		permit, err := b.Acquire()
		require.NoError(t, err)
		permit.Done(circuitbreaker.Success, nil)
		permit.Done(circuitbreaker.Failure, errBoom)
		require.EqualValues(t, 1, b.Metrics().Calls)
		play(t, b, "FFFFFFFFFF R")
		trial, err := b.Acquire()
		require.NoError(t, err)
		twin := trial
		trial.Done(circuitbreaker.Success, nil)
		twin.Done(circuitbreaker.Failure, errBoom)
		require.Equal(t, circuitbreaker.HalfOpen, b.State())
	})
}

func TestLateTrialOfAResetBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := newLines(nil)
		s, err := circuitbreaker.NewService(circuitbreaker.Config{}, slog.New(log))
		require.NoError(t, err)
		b := s.Get("upstream")
		require.True(t, s.Reset("upstream"))
		require.Equal(t, []string{"circuit breaker controlled"}, log.all())
		play(t, b, "FFFFFFFFFF R")
		late, err := b.Acquire()
		require.NoError(t, err)
		s.Reset("upstream")
		late.Done(circuitbreaker.Failure, errBoom)
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.Len(t, log.all(), 3)
	})
}
