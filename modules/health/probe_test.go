package health_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/health"
)

// 500 parallel probes cost at most one run of a check in the time for which a
// result is good.
func TestParallelProbes(t *testing.T) {
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
		start := time.Now()
		storm := func(at, wantTook time.Duration, wantRuns int) {
			time.Sleep(time.Until(start.Add(at)))
			var wg sync.WaitGroup
			for range 500 {
				wg.Go(func() {
					if r := s.Full(t.Context()); !r.OK() {
						t.Error("not ok:", r)
					}
				})
			}
			wg.Wait()
			require.Equal(t, at+wantTook, time.Since(start))
			require.EqualValues(t, wantRuns, runs.Load())
		}
		storm(0, 100*time.Millisecond, 1) // all wait for the one run
		storm(999*time.Millisecond, 0, 1)
		storm(time.Second, 100*time.Millisecond, 2)
		require.EqualValues(t, 1, most.Load())
	})
}

// A thousand probes a second, for five seconds, cost one run a second of each
// check, however it answers.
func TestProbeStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counts := make(map[string]*atomic.Int32)
		check := func(name string, run func(context.Context) error) health.Check {
			count := new(atomic.Int32)
			counts[name] = count
			return health.Check{Name: name, Run: func(ctx context.Context) error {
				count.Add(1)
				return run(ctx)
			}}
		}
		turn := 0
		s := newReady(t, health.Config{},
			check("well", gives(nil)),
			check("quick", func(context.Context) error { time.Sleep(30 * time.Millisecond); return nil }),
			check("refuses", gives(errRefused)),
			check("hangs", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
			check("flaps", func(context.Context) error {
				if turn++; turn%2 == 0 {
					return errRefused
				}
				return nil
			}),
		)
		public, detailed := s.Handler(), s.DetailedHandler()
		var wg sync.WaitGroup
		for i := range 5000 {
			handler, path := public, "/readyz"
			if i%3 == 0 {
				handler, path = detailed, "/health"
			}
			wg.Go(func() {
				if w := ask(t, handler, http.MethodGet, path); w.Code != http.StatusServiceUnavailable {
					t.Error("refuses and hangs are down, and it says", w.Code)
				}
			})
			time.Sleep(time.Millisecond)
		}
		for name, count := range counts {
			require.EqualValues(t, 5, count.Load(), name)
		}
		wg.Wait()
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run      func(context.Context) error
		want     time.Duration
		wantRuns int // of two questions
	}{
		"ends with its context": {func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("connect to 10.0.0.7: %w", ctx.Err())
		}, time.Second, 2},
		"says something else": {func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("closed")
		}, time.Second, 2},
		"takes its time": {func(context.Context) error {
			time.Sleep(10 * time.Second)
			return nil
		}, 1050 * time.Millisecond, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var runs atomic.Int32
				s := newReady(t, health.Config{},
					health.Check{Name: "quick", Run: gives(nil)},
					health.Check{Name: "slow", Run: func(ctx context.Context) error {
						runs.Add(1)
						return tc.run(ctx)
					}},
				)
				start := time.Now()
				r := s.Ready(t.Context())
				require.Equal(t, tc.want, time.Since(start))
				require.Equal(t, health.StatusError, r.Status)
				require.Equal(t, "timeout", r.Error["slow"].Message)
				require.Equal(t, health.Up, r.Info["quick"].Status)

				r = s.Ready(t.Context())
				require.Equal(t, time.Duration(tc.wantRuns)*tc.want, time.Since(start))
				require.Equal(t, "timeout", r.Error["slow"].Message)
				require.EqualValues(t, tc.wantRuns, runs.Load())
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
		require.Equal(t, 50*time.Second+350*time.Millisecond, time.Since(start), "only the first probe waits")
		require.EqualValues(t, 1, runs.Load())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stuck := newReady(t, health.Config{},
			health.Check{Name: "disk", Run: func(context.Context) error { <-hang; return nil }},
			health.Check{Name: "queue", Run: gives(nil)},
		)
		require.False(t, stuck.Ready(t.Context()).OK())
		err := stuck.Stop(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "health checks still run: disk: ", "it is named")

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

func TestBrokenChecks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run  func(context.Context) error
		want string
	}{
		"panics":            {func(context.Context) error { panic("no queue") }, "panic: no queue"},
		"ends itself":       {func(context.Context) error { runtime.Goexit(); return nil }, "ended its goroutine without returning"},
		"own deadline":      {gives(fmt.Errorf("read 10.0.0.7: %w", context.DeadlineExceeded)), "timeout"},
		"cancelled by none": {gives(context.Canceled), "context canceled"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newReady(t, health.Config{},
				health.Check{Name: "queue", Run: tc.run},
				health.Check{Name: "cache", Run: gives(nil)},
			)
			r := s.Ready(t.Context())
			require.Equal(t, tc.want, r.Error["queue"].Message)
			require.Equal(t, health.Up, r.Info["cache"].Status, "it harms nobody else")
		})
	}
}

// The error of a check is not ours: its text may be a panic.
func TestErrorThatPanics(t *testing.T) {
	t.Parallel()
	s := newReady(t, health.Config{}, health.Check{Name: "queue", Run: func(context.Context) error {
		var none *refusal
		return none
	}})
	require.Contains(t, s.Ready(t.Context()).Error["queue"].Message, "panic: ")
}

type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// The error may hold the body of somebody's answer: it is cut before it is looked at.
func TestLongError(t *testing.T) {
	t.Parallel()
	s := newReady(t, health.Config{}, health.Check{Name: "bank", Run: gives(errors.New(strings.Repeat(`{"self":"http://b/c"},`, 1<<20)))})
	require.Less(t, len(s.Ready(t.Context()).Error["bank"].Message), 1100)
}

// Runs begin no closer together than CacheFor, also after one that took longer than it may, and one by one.
func TestRunsKeepTheirDistance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		took  time.Duration // of the second run
		after error         // of those that follow
		cfg   health.Config
	}{
		"late, then refuses":   {1300 * time.Millisecond, errRefused, health.Config{DownAfter: 10}},
		"late, then well":      {1300 * time.Millisecond, nil, health.Config{}},
		"hangs, then refuses":  {70 * time.Second, errRefused, health.Config{}},
		"hangs, then is well":  {70 * time.Second, nil, health.Config{}},
		"in time, and refuses": {900 * time.Millisecond, errRefused, health.Config{DownAfter: 10}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var began []time.Time
				s := newReady(t, tc.cfg, health.Check{Name: "queue", Run: func(context.Context) error {
					began = append(began, time.Now())
					switch len(began) {
					case 1:
						return nil
					case 2:
						time.Sleep(tc.took)
					}
					return tc.after
				}})
				for range 80 * 20 {
					s.Ready(t.Context())
					time.Sleep(50 * time.Millisecond)
				}
				require.Greater(t, len(began), 5)
				for i := range began[1:] {
					require.GreaterOrEqual(t, began[i+1].Sub(began[i]), time.Second, i)
				}
			})
		})
	}
}

// A check that does not return is no chance: it is down at once, and needs its good runs to come back.
func TestHangIsDownAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := false
		s := newReady(t, health.Config{}, health.Check{Name: "queue", Run: func(context.Context) error {
			if hang {
				hang = false
				time.Sleep(70 * time.Second)
			}
			return nil
		}})
		s.Ready(t.Context())
		time.Sleep(2 * time.Second)
		hang = true
		require.False(t, s.Ready(t.Context()).OK())
		time.Sleep(80 * time.Second)
		require.False(t, s.Ready(t.Context()).OK(), "one good run is not enough")
		time.Sleep(2 * time.Second)
		require.True(t, s.Ready(t.Context()).OK())
	})
}

// What is optional must not hold up a stop: checks are told to end.
func TestStopCancelsWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		stop.Ready()
		s := newService(t, health.Config{}, stop, health.Check{Name: "bank", Timeout: 30 * time.Second, Optional: true, Run: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		s.Ready(t.Context())
		began := time.Now()
		require.NoError(t, s.Stop(t.Context()))
		require.Zero(t, time.Since(began))
		require.Empty(t, s.Full(t.Context()).Details, "that it was cancelled tells nothing of the bank")
	})
}

func TestAfterStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var queue thing
		s := newReady(t, health.Config{}, queue.check("queue"))
		require.True(t, s.Ready(t.Context()).OK())
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, s.Stop(t.Context()), "again")
		time.Sleep(time.Minute)
		require.True(t, s.Ready(t.Context()).OK(), "what is known is told")
		require.EqualValues(t, 1, queue.runs.Load())
		require.True(t, s.Live().OK())
	})
}
