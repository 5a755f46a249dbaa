package circuitbreaker_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// A log handler may go out through a breaker of its own, whose name is new.
func TestLogHandlerMayAskForBreakers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // a deadlock is a mutex wait, which ends the test by its time limit
		var s *circuitbreaker.Service
		n := 0
		log := newLines(func() { n++; s.Get(fmt.Sprint("log ", n)) })
		s, err := circuitbreaker.NewService(circuitbreaker.Config{}, slog.New(log))
		require.NoError(t, err)
		for i := range 1001 {
			s.Get(fmt.Sprint(i))
		}
		require.Equal(t, []string{"too many circuit breakers, further names share one"}, log.all())
		time.Sleep(2 * time.Hour)
		_, err = s.Register("late", circuitbreaker.Config{})
		require.NoError(t, err)
		require.Equal(t, []string{"idle circuit breakers dropped"}, log.all())
	})
}

// An outcome that does not exist is a failure, and gives the slot of a trial back.
func TestUnknownOutcomeIsAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{
			HalfOpenMaxCalls: 1, Classify: func(error) circuitbreaker.Outcome { return 7 },
		})
		play(t, b, "FFFFFFFFFF")
		require.Equal(t, circuitbreaker.Open, b.State())
		play(t, b, "R F")
		require.Equal(t, circuitbreaker.Open, b.State())
		require.EqualValues(t, 11, b.Metrics().Failures)
		require.Zero(t, play(t, b, "R S"))
		require.Equal(t, circuitbreaker.Closed, b.State())
	})
}

// A time open that is over is no longer announced.
func TestHalfOpenByTimeHasNoNextAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(t, circuitbreaker.Config{})
		play(t, b, "FFFFFFFFFF")
		require.False(t, b.Metrics().Until.IsZero())
		play(t, b, "R")
		m := b.Metrics()
		require.Equal(t, circuitbreaker.HalfOpen, m.State)
		require.True(t, m.Until.IsZero())
		require.Zero(t, m.Trials)
	})
}

// A client's error type has a status of zero where there was no answer.
func TestNoStatus(t *testing.T) {
	t.Parallel()
	for _, none := range []status{0, -1, 99} {
		require.Equal(t, circuitbreaker.Failure, circuitbreaker.Classify(none))
		require.True(t, circuitbreaker.Replaceable(none))
		require.Equal(t, 503, (&circuitbreaker.FallbackError{Cause: errors.ErrUnsupported, Err: none}).StatusCode())
	}
}
