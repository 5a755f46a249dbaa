package shutdown_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// The scenarios of a stop at the full length of the defaults: 10 s of grace,
// 30 s of drain, 2 s to answer, 60 s at most.

// serve is a handler that needs the time, unless its context ends.
func serve(s *shutdown.Service, took time.Duration) error {
	work, ok := s.Track("GET /slow")
	if !ok {
		return shutdown.ErrShuttingDown
	}
	defer work.Done()
	select {
	case <-time.After(took):
		return nil
	case <-s.Context().Done():
		return context.Cause(s.Context())
	}
}

// Requests that came in time are answered: in full where there is time, else
// with the cause of the cut.
func TestScenarioSlowRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at, took time.Duration // from T0
		want     error
		wantEnd  time.Duration // from T0
	}{
		"20 s, sent at 9 s":  {at: 9 * time.Second, took: 20 * time.Second, wantEnd: 29 * time.Second},
		"30 s, sent at 9 s":  {at: 9 * time.Second, took: 30 * time.Second, wantEnd: 39 * time.Second},
		"60 s, sent at 0 s":  {took: 60 * time.Second, want: shutdown.ErrShutdown, wantEnd: 40 * time.Second},
		"60 s, sent at 9 s":  {at: 9 * time.Second, took: 60 * time.Second, want: shutdown.ErrShutdown, wantEnd: 40 * time.Second},
		"fast, sent at 11 s": {at: 11 * time.Second, want: shutdown.ErrShuttingDown, wantEnd: 11 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, shutdown.DefaultConfig())
				s.Ready()
				t0 := time.Now()
				s.Request("SIGTERM")
				time.Sleep(tt.at)
				require.ErrorIs(t, serve(s, tt.took), tt.want)
				require.Equal(t, tt.wantEnd, time.Since(t0))
				err := s.Wait(t.Context())
				s.Finish()
				require.Equal(t, errors.Is(tt.want, shutdown.ErrShutdown), errors.Is(err, shutdown.ErrDrain))
				require.Less(t, time.Since(t0), time.Minute)
			})
		})
	}
}

// Without work in flight the drain takes no time: grace and cleanup are all.
func TestScenarioNothingInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "flush", Run: func(context.Context) error {
			time.Sleep(3 * time.Second)
			return nil
		}})
		s.Ready()
		s.Request("SIGTERM")
		require.NoError(t, s.Wait(t.Context()))
		s.Finish()
		report := s.Report()
		require.Equal(t, []shutdown.PhaseReport{
			{Phase: shutdown.Grace, Took: 10 * time.Second},
			{Phase: shutdown.Draining, Took: 0},
			{Phase: shutdown.Cleanup, Took: 3 * time.Second},
		}, report.Phases)
		require.Equal(t, 13*time.Second, report.Took)
		require.True(t, report.DrainCompleted)
	})
}

// Handler, stream, hooks, task, stop hook and a closing connection hang: the
// process is gone at 60 s all the same.
func TestScenarioEverythingHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		hang := func(context.Context) error { <-hold; return nil }
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "task", Timeout: time.Hour, Run: hang})
		for _, phase := range []shutdown.State{shutdown.Grace, shutdown.Draining, shutdown.Cleanup} {
			require.NoError(t, s.OnPhase("hook of "+phase.String(), phase, hang))
		}
		s.Ready()
		_, ok := s.Track("handler")
		require.True(t, ok)
		_, err := s.Stream(t.Context(), "socket", &conn{hold: hold})
		require.NoError(t, err)
		_, err = s.Worker(t.Context(), "worker")
		require.NoError(t, err)
		t0 := time.Now()
		s.Request("SIGTERM")
		require.Error(t, s.Wait(t.Context()))
		require.Equal(t, 59*time.Second+obedience, time.Since(t0), "most of a second is left for the stop hooks")
		stopHook := make(chan error, 1)
		go func() { stopHook <- s.Step(t.Context(), "stop hook", hang) }()

		<-s.Forced()
		require.Equal(t, 60*time.Second, time.Since(t0))
		require.Error(t, <-stopHook)
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrForced)
		s.Finish()
		report := s.Report()
		var unfinished []string
		for _, u := range report.Unfinished {
			unfinished = append(unfinished, u.Kind+" "+u.Name)
		}
		require.Equal(t, []string{
			"request handler", "stream socket", "worker worker",
			"hook hook of grace", "hook hook of draining", "hook hook of cleanup", "task task", "step stop hook",
		}, unfinished)
		require.True(t, report.Forced)
		require.Equal(t, shutdown.Forced, report.State)
		require.Equal(t, 60*time.Second, report.Took)
		close(hold)
	})
}

// Many ask at one moment: one sequence, one report, and all who wait return.
func TestScenarioManyAskAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "once", Run: func(context.Context) error {
			runs.Add(1)
			return nil
		}})
		s.Ready()
		reasons := make(chan string, 64)
		var askers sync.WaitGroup
		for i := range cap(reasons) {
			askers.Go(func() {
				s.Request(fmt.Sprint(i))
				if err := s.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				s.Finish()
				reasons <- s.Reason()
			})
		}
		askers.Wait()
		close(reasons)
		first := s.Report().Reason
		for reason := range reasons {
			require.Equal(t, first, reason)
		}
		require.EqualValues(t, 1, runs.Load())
		require.Len(t, s.Report().Tasks, 1)
	})
}

// A websocket that says goodbye when it is told holds nobody up; one that does
// not is closed at the end of the cancel grace.
func TestScenarioOpenWebsocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		t0 := time.Now()
		var polite, deaf conn
		goodbye, gone := make(chan time.Duration, 1), make(chan time.Duration, 1)
		stream, err := s.Stream(t.Context(), "polite", &polite)
		require.NoError(t, err)
		context.AfterFunc(stream.Context(), func() { goodbye <- time.Since(t0); stream.Done() })
		other, err := s.Stream(t.Context(), "deaf", closer(func() error { gone <- time.Since(t0); return deaf.Close() }))
		require.NoError(t, err)

		s.Request("SIGTERM")
		require.Equal(t, 10*time.Second, <-goodbye)
		require.Equal(t, 42*time.Second, <-gone)
		other.Done()
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrDrain)
		s.Finish()
		require.Equal(t, 42*time.Second, time.Since(t0))
		require.Zero(t, polite.closed.Load())
	})
}

type closer func() error

func (c closer) Close() error { return c() }
