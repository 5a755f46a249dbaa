package shutdown_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// obedience is what a function that ignores its context costs beyond its time.
const obedience = 50 * time.Millisecond

func TestSequenceTakes(t *testing.T) {
	t.Parallel()
	ungraceful := shutdown.DefaultConfig()
	ungraceful.EnableGraceful = false
	tests := map[string]struct {
		cfg           shutdown.Config
		work, cleanup time.Duration // they ignore their contexts
		taskTimeout   time.Duration
		want          []error
		wantTook      time.Duration
	}{
		"idle":                     {cfg: shutdown.DefaultConfig(), wantTook: 10 * time.Second},
		"request ends in grace":    {cfg: shutdown.DefaultConfig(), work: 9 * time.Second, wantTook: 10 * time.Second},
		"request ends":             {cfg: shutdown.DefaultConfig(), work: 25 * time.Second, wantTook: 25 * time.Second},
		"drain times out":          {cfg: shutdown.DefaultConfig(), work: time.Hour, want: []error{shutdown.ErrDrain}, wantTook: 42 * time.Second},
		"cut request answers":      {cfg: shutdown.DefaultConfig(), work: 41 * time.Second, want: []error{shutdown.ErrDrain}, wantTook: 41 * time.Second},
		"cleanup":                  {cfg: shutdown.DefaultConfig(), cleanup: 3 * time.Second, wantTook: 13 * time.Second},
		"task is abandoned":        {cfg: shutdown.DefaultConfig(), cleanup: time.Hour, want: []error{shutdown.ErrTask}, wantTook: 15*time.Second + obedience},
		"all hang":                 {cfg: shutdown.DefaultConfig(), work: time.Hour, cleanup: time.Hour, taskTimeout: time.Hour, want: []error{shutdown.ErrDrain, shutdown.ErrTask}, wantTook: 59*time.Second + obedience},
		"ungraceful":               {cfg: ungraceful, wantTook: 0},
		"ungraceful, work ends":    {cfg: ungraceful, work: time.Second, wantTook: time.Second},
		"ungraceful, work hangs":   {cfg: ungraceful, work: time.Hour, want: []error{shutdown.ErrDrain}, wantTook: 2 * time.Second},
		"ungraceful, still cleans": {cfg: ungraceful, cleanup: time.Second, wantTook: time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, tt.cfg, shutdown.Task{Name: "cleanup", Timeout: tt.taskTimeout, Run: func(context.Context) error {
					time.Sleep(tt.cleanup)
					return nil
				}})
				s.Ready()
				work, ok := s.Track("work")
				require.True(t, ok)
				time.AfterFunc(tt.work, work.Done)
				synctest.Wait()

				began := time.Now()
				s.Request("test")
				err := s.Wait(t.Context())

				require.Equal(t, tt.wantTook, time.Since(began))
				if len(tt.want) == 0 {
					require.NoError(t, err)
				}
				for _, want := range tt.want {
					require.ErrorIs(t, err, want)
				}
				s.Finish()
				require.Equal(t, tt.wantTook, time.Since(began), "nothing is waited for after that")
				time.Sleep(time.Hour) // lets go of what was abandoned
			})
		})
	}
}

func TestStatesFollowTheTimeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		require.Equal(t, shutdown.Starting, s.State())
		s.Ready()
		require.Equal(t, shutdown.Ready, s.State())
		work, ok := s.Track("slow")
		require.True(t, ok)

		s.Request("SIGTERM")
		require.Equal(t, shutdown.Grace, s.State())
		<-s.Requested()
		time.Sleep(10*time.Second - time.Nanosecond)
		early, ok := s.Track("in the last moment of grace")
		require.True(t, ok, "grace still serves")
		early.Done()

		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Equal(t, shutdown.Draining, s.State())
		require.True(t, s.Draining())
		_, ok = s.Track("late")
		require.False(t, ok)
		require.NoError(t, s.Context().Err())

		time.Sleep(30 * time.Second)
		synctest.Wait()
		require.Equal(t, shutdown.Draining, s.State(), "the cut work may still answer")
		require.ErrorIs(t, context.Cause(s.Context()), shutdown.ErrShutdown)

		time.Sleep(time.Second)
		work.Done()
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrDrain)
		require.Equal(t, shutdown.Cleanup, s.State())
		s.Ready()
		require.Equal(t, shutdown.Cleanup, s.State(), "there is no way back")
		s.Finish()
		require.Equal(t, shutdown.Stopped, s.State())

		report := s.Report()
		require.Equal(t, "SIGTERM", report.Reason)
		require.Equal(t, []shutdown.PhaseReport{
			{Phase: shutdown.Grace, Took: 10 * time.Second},
			{Phase: shutdown.Draining, Took: 31 * time.Second},
			{Phase: shutdown.Cleanup, Took: 0},
		}, report.Phases)
		require.Equal(t, 41*time.Second, report.Took)
		require.Equal(t, []int{1, 1, 0}, []int{report.InFlightAtStart, report.Cut, report.InFlightAtEnd})
	})
}

func TestGraceIsSkippedBeforeReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		began := time.Now()
		s.Request("start failed")
		require.NoError(t, s.Wait(t.Context()))
		require.Zero(t, time.Since(began))
		s.Finish()
	})
}

func TestForcedAlsoAfterCleanup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		began := time.Now()
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		<-s.Forced() // a stop hook of the owner hangs: Finish is not called
		require.Equal(t, 60*time.Second, time.Since(began))
		require.Equal(t, shutdown.Forced, s.State())
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrForced)
		s.Finish()
		require.Equal(t, shutdown.Forced, s.State())
	})
}

func TestFinishDisarmsForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Request("test")
		s.Finish()
		s.Finish()
		select {
		case <-s.Forced():
			require.Fail(t, "forced after Finish")
		case <-time.After(time.Hour):
		}
	})
}

func TestFinishWithoutRequest(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	s.Finish()
	require.Equal(t, shutdown.Stopped, s.State())
	require.Error(t, s.Context().Err())
	s.Request("too late")
	require.NoError(t, s.Wait(t.Context()))
	require.Empty(t, s.Reason())

	_, ok := s.Track("late")
	require.False(t, ok)
	require.ErrorIs(t, s.RegisterCleanupTask("late", nothing), shutdown.ErrShuttingDown)
	require.ErrorIs(t, s.OnPhase("late", shutdown.Draining, nothing), shutdown.ErrShuttingDown)
}

func TestFirstReasonWinsAndAllWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "once", Run: func(context.Context) error {
			runs++
			return nil
		}})
		s.Ready()
		s.Request("first")
		var waiters sync.WaitGroup
		for range 64 {
			waiters.Go(func() {
				s.Request("later")
				if err := s.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		waiters.Wait()
		s.Finish()
		require.Equal(t, 1, runs)
		require.Equal(t, "first", s.Reason())
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	require.ErrorIs(t, s.Wait(ctx), why)
}
