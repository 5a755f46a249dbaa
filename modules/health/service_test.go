package health_test

import (
	"bytes"
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

	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

// One process from start to exit, and what is answered on the way.
func TestStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		var runs atomic.Int32
		hold := make(chan struct{})
		require.NoError(t, stop.Register(shutdown.Task{Name: "hold", Timeout: 15 * time.Second, Run: func(context.Context) error {
			<-hold
			return nil
		}}))
		s := newService(t, health.Config{CacheFor: time.Millisecond}, stop, health.Check{
			Name: "queue", Run: func(context.Context) error { runs.Add(1); return nil },
		})
		ask := func() string {
			time.Sleep(2 * time.Millisecond) // past the cache
			all := []health.Report{s.Live(), s.Started(), s.Ready(t.Context()), s.Full(t.Context())}
			words := []string{all[0].State}
			for _, r := range all {
				words = append(words, r.Status)
			}
			return strings.Join(words, " ")
		}

		require.Equal(t, "starting ok error error error", ask())
		require.Zero(t, runs.Load(), "nothing is asked before it is started")
		stop.Ready()
		require.Equal(t, "ready ok ok ok ok", ask())
		require.EqualValues(t, 1, runs.Load(), "two reports within a millisecond")

		release, ok := stop.Track("request")
		require.True(t, ok)
		stop.Request("test")
		synctest.Wait()
		require.Equal(t, "grace ok ok shutting_down shutting_down", ask())
		require.EqualValues(t, 2, runs.Load(), "only /health still asks")
		time.Sleep(10 * time.Second)
		require.Equal(t, "draining ok ok shutting_down shutting_down", ask())
		release.Done()
		synctest.Wait()
		require.Equal(t, "cleanup ok ok shutting_down shutting_down", ask())
		require.EqualValues(t, 3, runs.Load(), "nothing is asked while it is being closed")
		close(hold)
		require.NoError(t, stop.Wait(t.Context()))
		stop.Finish()
		require.Equal(t, "stopped shutting_down ok shutting_down shutting_down", ask())
	})
}

func TestReadinessAsksWhatIsNotOptional(t *testing.T) {
	t.Parallel()
	down := errors.New("out of paper")
	s := newReady(t, health.Config{},
		health.Check{Name: "queue", Run: gives(nil)},
		health.Check{Name: "printer", Optional: true, Run: gives(down)},
		health.Check{Name: "database", Run: gives(down)}, // optional by Config.IncludeDB
	)
	ready := s.Ready(t.Context())
	require.Equal(t, health.StatusOK, ready.Status)
	require.Len(t, ready.Details, 1)

	full := s.Full(t.Context())
	require.Equal(t, health.StatusOK, full.Status)
	require.True(t, full.OK())
	require.True(t, full.Degraded)
	require.Len(t, full.Info, 1)
	require.Len(t, full.Error, 2)
	require.Len(t, full.Details, 3)
	require.Equal(t, health.Result{
		Status: health.Down, Message: "out of paper", Optional: true,
		DurationMS: full.Error["printer"].DurationMS, CheckedAt: full.Error["printer"].CheckedAt,
	}, full.Error["printer"])

	s = newReady(t, health.Config{IncludeDB: true}, health.Check{Name: "database", Run: gives(down)})
	require.Equal(t, health.StatusError, s.Ready(t.Context()).Status)
	require.False(t, s.Full(t.Context()).OK())
}

// A storm of probes costs one run of a check per second: acceptance 48.
func TestProbeStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs, parallel, most atomic.Int32
		s := newReady(t, health.Config{}, health.Check{Name: "database", Run: func(context.Context) error {
			most.Store(max(most.Load(), parallel.Add(1)))
			defer parallel.Add(-1)
			runs.Add(1)
			time.Sleep(100 * time.Millisecond)
			return nil
		}})
		storm := func() {
			var wg sync.WaitGroup
			for range 500 {
				wg.Go(func() {
					r := s.Full(t.Context())
					if !r.OK() {
						t.Error("not ok:", r)
					}
				})
			}
			wg.Wait()
		}
		start := time.Now()
		storm()
		require.Equal(t, 100*time.Millisecond, time.Since(start), "all wait for the one run")
		require.EqualValues(t, 1, runs.Load())

		time.Sleep(999 * time.Millisecond)
		storm()
		require.EqualValues(t, 1, runs.Load(), "the result is good for a second")
		time.Sleep(time.Millisecond)
		storm()
		require.EqualValues(t, 2, runs.Load())
		require.EqualValues(t, 1, most.Load())
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context) error{
		"ends with its context": func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("connect to 10.0.0.7: %w", ctx.Err())
		},
		"takes its time": func(context.Context) error {
			time.Sleep(10 * time.Second)
			return nil
		},
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var runs atomic.Int32
				s := newReady(t, health.Config{},
					health.Check{Name: "quick", Run: gives(nil)},
					health.Check{Name: "slow", Run: func(ctx context.Context) error {
						runs.Add(1)
						return run(ctx)
					}},
				)
				start := time.Now()
				r := s.Ready(t.Context())
				require.Equal(t, time.Second, time.Since(start))
				require.Equal(t, health.StatusError, r.Status)
				require.Equal(t, "timeout", r.Error["slow"].Message)
				require.Equal(t, health.Up, r.Info["quick"].Status)

				r = s.Ready(t.Context())
				require.Equal(t, time.Second, time.Since(start), "the result is kept")
				require.Equal(t, "timeout", r.Error["slow"].Message)
				require.EqualValues(t, 1, runs.Load())
			})
		})
	}
}

// A check that ignores its context is not started a second time beside itself,
// and is asked again when it has come back.
func TestHangingCheckRunsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		hang := make(chan struct{})
		s := newReady(t, health.Config{}, health.Check{Name: "disk", Timeout: 300 * time.Millisecond, Run: func(context.Context) error {
			runs.Add(1)
			<-hang
			return nil
		}})
		start := time.Now()
		for range 10 {
			require.Equal(t, "timeout", s.Ready(t.Context()).Error["disk"].Message)
			time.Sleep(5 * time.Second)
		}
		require.Equal(t, 50*time.Second+300*time.Millisecond, time.Since(start), "only the first probe waits")
		require.EqualValues(t, 1, runs.Load())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stuck := newReady(t, health.Config{},
			health.Check{Name: "disk", Run: func(context.Context) error { <-hang; return nil }},
			health.Check{Name: "queue", Run: gives(nil)},
		)
		require.False(t, stuck.Ready(t.Context()).OK())
		require.ErrorIs(t, stuck.Stop(ctx), context.DeadlineExceeded)
		time.Sleep(time.Second) // past the cache
		require.Equal(t, "stopped", stuck.Ready(t.Context()).Error["queue"].Message, "one that hangs keeps no other running")

		close(hang)
		synctest.Wait()
		require.True(t, s.Ready(t.Context()).OK())
		require.EqualValues(t, 2, runs.Load())
	})
}

func TestImpatientProbeHarmsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newReady(t, health.Config{}, health.Check{Name: "slow", Run: func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(500 * time.Millisecond):
				return nil
			}
		}})
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		require.Equal(t, "timeout", s.Ready(impatient).Error["slow"].Message)
		require.Equal(t, 100*time.Millisecond, time.Since(start))
		require.True(t, s.Ready(t.Context()).OK(), "the run goes on for those who wait")
		require.Equal(t, 500*time.Millisecond, time.Since(start))
	})
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var down atomic.Pointer[error]
		stop := newStop(t)
		stop.Ready()
		s, err := health.NewService(health.Config{}, stop, slog.New(slog.NewTextHandler(&out, nil)), health.Check{
			Name: "queue", Run: func(context.Context) error {
				if err := down.Load(); err != nil {
					return *err
				}
				return nil
			},
		})
		require.NoError(t, err)
		probe := func(times int) {
			for range times {
				s.Ready(t.Context())
				time.Sleep(time.Second)
			}
		}
		probe(3)
		require.Empty(t, out.String())
		refused := errors.New("dial postgres://shop:hush@db/orders: refused")
		down.Store(&refused)
		probe(3)
		require.Equal(t, 1, strings.Count(out.String(), "\n"), "one line for one outage")
		require.Contains(t, out.String(), `msg="health check failed" module=health check=queue error="dial postgres://***@db/orders: refused"`)
		down.Store(nil)
		probe(3)
		require.Equal(t, 2, strings.Count(out.String(), "\n"))
		require.Contains(t, out.String(), `msg="health check recovered" module=health check=queue`)
	})
}

func TestPanicIsDown(t *testing.T) {
	t.Parallel()
	s := newReady(t, health.Config{}, health.Check{Name: "queue", Run: func(context.Context) error { panic("no queue") }})
	require.Equal(t, "panic: no queue", s.Ready(t.Context()).Error["queue"].Message)
}

func TestAfterStop(t *testing.T) {
	t.Parallel()
	s := newReady(t, health.Config{}, health.Check{Name: "queue", Run: gives(nil)})
	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, s.Stop(t.Context()), "again")
	require.Equal(t, "stopped", s.Ready(t.Context()).Error["queue"].Message)
	require.True(t, s.Live().OK())
}

func TestUnfitChecks(t *testing.T) {
	t.Parallel()
	_, err := health.NewService(health.Config{}, newStop(t), slog.New(slog.DiscardHandler),
		health.Check{Run: gives(nil)},
		health.Check{Name: "a"},
		health.Check{Name: "b", Run: gives(nil), Timeout: -1},
		health.Check{Name: "b", Run: gives(nil)},
	)
	require.EqualError(t, err, `a health check needs a name
health check "a" has nothing to run
health check "b": timeout -1ns is negative
two health checks are named "b"`)
}

func BenchmarkReady(b *testing.B) {
	s := newReady(b, health.Config{CacheFor: time.Hour}, health.Check{Name: "database", Run: gives(nil)})
	b.ReportAllocs()
	for b.Loop() {
		s.Ready(b.Context())
	}
}
