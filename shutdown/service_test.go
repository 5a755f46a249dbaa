package shutdown_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

func nothing(context.Context) error { return nil }

func TestNewServiceNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := shutdown.NewService(shutdown.Config{DrainTimeout: 1, CancelGrace: -1}, discard(),
		shutdown.Task{Name: "a", Run: nothing}, shutdown.Task{Name: "a", Run: nothing}, shutdown.Task{Priority: 101, Timeout: -1})
	for _, want := range []string{
		"SHUTDOWN_CANCEL_GRACE", "SHUTDOWN_TASK_TIMEOUT", "SHUTDOWN_FORCE_TIMEOUT",
		"the name is taken", "has no name", "has no Run", "priority 101", "timeout -1ns",
	} {
		require.ErrorContains(t, err, want)
	}
}

func TestUnregister(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		require.False(t, s.Unregister("a"))
		require.NoError(t, s.RegisterCleanupTask("a", func(context.Context) error { return errors.New("ran") }))
		require.Error(t, s.RegisterCleanupTask("a", nothing))
		require.True(t, s.Unregister("a"))
		require.NoError(t, s.RegisterCleanupTask("b", func(context.Context) error {
			if s.Unregister("b") {
				return errors.New("unregistered while running")
			}
			return nil
		}))
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		s.Finish()
	})
}

// A task that Register accepts runs; one that comes too late is told so.
func TestRegisterIsNeverLost(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newService(t, shutdown.DefaultConfig())
		var accepted, ran atomic.Int32
		var registrars sync.WaitGroup
		for g := range 2 {
			registrars.Go(func() {
				for i := range 500 { // more than a stop takes to begin
					err := s.RegisterCleanupTask(fmt.Sprintf("%d.%d", g, i), func(context.Context) error {
						ran.Add(1)
						return nil
					})
					if err != nil {
						if !errors.Is(err, shutdown.ErrShuttingDown) {
							t.Error(err)
						}
						return
					}
					accepted.Add(1)
				}
			})
		}
		s.Request("test")
		err := s.Wait(t.Context())
		registrars.Wait()
		s.Finish()
		require.NoError(t, err)
		require.Equal(t, accepted.Load(), ran.Load())
	}
}

// Work that Track accepts is over before the cleanup begins.
func TestTrackIsNeverLost(t *testing.T) {
	t.Parallel()
	for range 20 {
		var cleaning atomic.Bool
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "clean", Run: func(context.Context) error {
			cleaning.Store(true)
			return nil
		}})
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for {
					work, ok := s.Track("work")
					if !ok {
						return
					}
					if cleaning.Load() {
						t.Error("work goes on during the cleanup")
					}
					work.Done()
				}
			})
		}
		s.Request("test")
		err := s.Wait(t.Context())
		workers.Wait()
		s.Finish()
		require.NoError(t, err)
		require.Zero(t, s.InFlight())
	}
}

func TestDoneCountsOnce(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	const many = 200 // every stripe reuses its slots
	for range many {
		work, ok := s.Track("first")
		require.True(t, ok)
		work.Done()
		other, ok := s.Track("second")
		require.True(t, ok)
		work.Done()
		require.Equal(t, 1, s.InFlight())
		other.Done()
	}
	shutdown.Work{}.Done()
	require.Zero(t, s.InFlight())
}

func TestUnfinishedIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.NewTextHandler(&log, nil)))
		require.NoError(t, err)
		s.Ready()
		_, ok := s.Track("orders.import")
		require.True(t, ok)
		time.Sleep(time.Second)
		_, ok = s.Track("orders.export")
		require.True(t, ok)
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "the drain timed out: 2 in flight")
		s.Finish()
		require.Equal(t, []shutdown.Unfinished{
			{Kind: "request", Name: "orders.import", Age: 43 * time.Second},
			{Kind: "request", Name: "orders.export", Age: 42 * time.Second},
		}, s.Report().Unfinished)
		require.Contains(t, log.String(), `unfinished_requests="[orders.import (41s) orders.export (40s)]"`)
	})
}

func TestErrorsTellCallersToComeBack(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"refused": shutdown.ErrShuttingDown, "cut": shutdown.ErrShutdown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answer interface {
				error
				StatusCode() int
				RetryAfter() time.Duration
				Transient() bool
			}
			require.ErrorAs(t, fmt.Errorf("wrapped: %w", err), &answer)
			require.Equal(t, 503, answer.StatusCode())
			require.Equal(t, 5*time.Second, answer.RetryAfter())
			require.False(t, answer.Transient())
		})
	}
}

func TestStateNames(t *testing.T) {
	t.Parallel()
	want := []string{"starting", "ready", "grace", "draining", "cleanup", "stopped", "forced", "unknown"}
	for i, name := range want {
		require.Equal(t, name, shutdown.State(i).String())
	}
}

func BenchmarkTrack(b *testing.B) {
	s := newService(b, shutdown.DefaultConfig())
	b.Run("one core", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			work, _ := s.Track("orders.create")
			work.Done()
		}
	})
	b.Run("all cores", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				work, _ := s.Track("orders.create")
				work.Done()
			}
		})
	})
}
