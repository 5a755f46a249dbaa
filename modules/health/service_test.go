package health_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
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
	require.Len(t, ready.Details, 3, "all are told")

	full := s.Full(t.Context())
	require.Equal(t, health.StatusOK, full.Status)
	require.True(t, full.OK())
	require.True(t, full.Degraded)
	require.Len(t, full.Info, 1)
	require.Len(t, full.Error, 2)
	require.Len(t, full.Details, 3)
	require.Equal(t, health.Result{
		Status: health.Down, Failures: 1, Message: "out of paper", Optional: true,
		DurationMS: full.Error["printer"].DurationMS, CheckedAt: full.Error["printer"].CheckedAt,
	}, full.Error["printer"])

	s = newReady(t, health.Config{IncludeDB: true}, health.Check{Name: "database", Run: gives(down)})
	require.Equal(t, health.StatusError, s.Ready(t.Context()).Status)
	require.False(t, s.Full(t.Context()).OK())
}

// Dependencies go down one by one: readiness follows those that are required,
// liveness none.
func TestOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		names := []string{"database", "queue", "bank", "printer"}
		things := make(map[string]*thing)
		var checks []health.Check
		for _, name := range names {
			things[name] = new(thing)
			check := things[name].check(name)
			check.Optional = name == "printer"
			checks = append(checks, check)
		}
		s := newReady(t, health.Config{IncludeDB: true}, checks...)
		settled := func() health.Report {
			for range 4 {
				require.True(t, s.Live().OK())
				require.True(t, s.Started().OK())
				s.Full(t.Context())
				time.Sleep(1100 * time.Millisecond)
			}
			return s.Ready(t.Context())
		}
		require.True(t, settled().OK())
		for _, name := range names {
			things[name].away.Store(true)
			r := settled()
			require.Equal(t, name == "printer", r.OK(), name)
			require.Equal(t, []string{name}, slices.Collect(maps.Keys(r.Error)))
			require.Equal(t, r.OK(), r.Degraded)
			things[name].away.Store(false)
			require.True(t, settled().OK(), name)
		}
	})
}

// Readiness reports what it can do without, and does not wait for it.
func TestReadinessDoesNotWaitForOptional(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var takes atomic.Int64
		s := newReady(t, health.Config{},
			health.Check{Name: "queue", Run: gives(nil)},
			health.Check{Name: "printer", Optional: true, Run: func(context.Context) error {
				time.Sleep(time.Duration(takes.Load()))
				return nil
			}},
		)
		requireReady := func(wantTook time.Duration, wantKnown int) {
			t.Helper()
			start := time.Now()
			r := s.Ready(t.Context())
			require.Equal(t, wantTook, time.Since(start))
			require.True(t, r.OK())
			require.Len(t, r.Info, wantKnown)
		}
		takes.Store(int64(500 * time.Millisecond))
		requireReady(100*time.Millisecond, 1)
		time.Sleep(500 * time.Millisecond)
		requireReady(0, 2)
		time.Sleep(time.Second)
		requireReady(100*time.Millisecond, 2) // what was known last
		time.Sleep(time.Second)
		takes.Store(int64(99 * time.Millisecond))
		requireReady(99*time.Millisecond, 2)

		time.Sleep(time.Second)
		takes.Store(int64(500 * time.Millisecond))
		start := time.Now()
		require.Len(t, s.Full(t.Context()).Info, 2)
		require.Equal(t, 500*time.Millisecond, time.Since(start), "/health waits for all")
	})
}

// A stop that is requested while a probe waits for a check is in its answer,
// which does not wait any longer.
func TestStopUnderAProbe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path string
		want time.Duration
	}{
		"readiness": {"/readyz", 400 * time.Millisecond},
		"all":       {"/health", time.Second / 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := newStop(t)
				stop.Ready()
				s := newService(t, health.Config{}, stop, health.Check{Name: "queue", Run: func(context.Context) error {
					time.Sleep(time.Second / 2)
					return nil
				}})
				start := time.Now()
				time.AfterFunc(400*time.Millisecond, func() { stop.Request("test") })
				w := ask(t, s.Handler(), http.MethodGet, tc.path)
				require.Equal(t, tc.want, time.Since(start))
				require.Equal(t, http.StatusServiceUnavailable, w.Code)
				require.Contains(t, w.Body.String(), `"status":"shutting_down","state":"grace"`)
				require.NoError(t, stop.Wait(t.Context()))
			})
		})
	}
}

// The state is looked at after the checks: here the last one of them asks for
// the stop itself, so that nothing is left to wait for.
func TestStopByACheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		stop.Ready()
		s := newService(t, health.Config{}, stop, health.Check{Name: "queue", Run: func(context.Context) error {
			stop.Request("test")
			return nil
		}})
		require.Equal(t, health.StatusShuttingDown, s.Ready(t.Context()).Status)
		require.NoError(t, stop.Wait(t.Context()))
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	require.NoError(t, health.Config{}.Validate())
	require.NoError(t, health.Config{DegradedAfter: 3}.Validate())
	require.EqualError(t, health.Config{DownAfter: 1}.Validate(),
		`HEALTH_DEGRADED_AFTER="2": must not be above HEALTH_DOWN_AFTER, which is 1, for example HEALTH_DEGRADED_AFTER=1`)
	_, err := health.NewService(health.Config{DegradedAfter: 4}, newStop(t), slog.New(slog.DiscardHandler), health.Check{Name: "a"})
	require.ErrorContains(t, err, "must not be above HEALTH_DOWN_AFTER, which is 3")
	require.ErrorContains(t, err, `health check "a" has nothing to run`)
}

func TestUnfitChecks(t *testing.T) {
	t.Parallel()
	_, err := health.NewService(health.Config{}, newStop(t), slog.New(slog.DiscardHandler),
		health.Check{Run: gives(nil)},
		health.Check{Name: "a"},
		health.Check{Name: "b", Run: gives(nil), Timeout: -1},
		health.Check{Name: "b", Run: gives(nil)},
		health.Check{Name: "a\nb", Run: gives(nil)},
		health.Check{Name: "a\xff", Run: gives(nil)},
		health.Check{Name: strings.Repeat("x", 65), Run: gives(nil)},
	)
	require.EqualError(t, err, `a health check needs a name
health check "a" has nothing to run
health check "b": timeout -1ns is negative
two health checks are named "b"
the name of health check "a\nb" is not printable text of at most 64 bytes
the name of health check "a\xff" is not printable text of at most 64 bytes
the name of health check "`+strings.Repeat("x", 64)+`" is not printable text of at most 64 bytes`)
}
