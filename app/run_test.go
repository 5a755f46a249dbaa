package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/holdfast-go/holdfast/shutdown"
)

// journal notes what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string{}, j.lines...)
}

// hook appends a hook that notes its start and stop, and returns what they return.
func (j *journal) hook(name string, start, stop func(context.Context) error) fx.Option {
	note := func(what string, run func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			if ctx.Err() != nil {
				what += " (too late)"
			}
			j.add(what + " " + name)
			if run == nil {
				return nil
			}
			return run(ctx)
		}
	}
	return fx.Invoke(func(lc fx.Lifecycle) {
		lc.Append(fx.Hook{OnStart: note("start", start), OnStop: note("stop", stop)})
	})
}

func build(t *testing.T, opts ...fx.Option) *app.App {
	t.Helper()
	a, err := app.New("shop", append([]fx.Option{testEnvironment(), app.WithoutListeners()}, opts...)...)
	require.NoError(t, err)
	return a
}

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestStartStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var stop *shutdown.Service
		a := build(t, j.hook("database", nil, nil), j.hook("queue", nil, nil), fx.Populate(&stop))
		require.Equal(t, shutdown.Starting, stop.State())
		require.NoError(t, a.Start(t.Context()))
		require.NoError(t, a.Start(t.Context()), "a second start does nothing")
		require.Equal(t, shutdown.Ready, stop.State())
		require.NoError(t, a.Stop(t.Context()))
		require.NoError(t, a.Stop(t.Context()), "a second stop does nothing")
		require.Equal(t, shutdown.Stopped, stop.State())
		require.Equal(t, []string{"start database", "start queue", "stop queue", "stop database"}, j.all())
	})
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	require.NoError(t, build(t).Stop(t.Context()))
}

func TestStartRollsBack(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection refused")
	tests := map[string]struct {
		start    func(context.Context) error
		cancel   time.Duration // of the context of Start; 0 is never
		want     string
		wantTook time.Duration
	}{
		"hook fails":            {func(context.Context) error { return broken }, 0, "connection refused", 0},
		"hook panics":           {func(context.Context) error { panic("boom") }, 0, "panic: boom", 0},
		"hook ends its routine": {func(context.Context) error { runtime.Goexit(); return nil }, 0, "without returning", 0},
		"start takes too long":  {untilDone, 0, "APP_START_TIMEOUT", time.Minute},
		"caller gives up":       {untilDone, time.Second, "context canceled", time.Second},
		"hook ignores its time": {func(context.Context) error { time.Sleep(time.Hour); return nil }, 0, "did not return when its time was over", 62 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				a := build(t, j.hook("database", nil, nil), j.hook("queue", tt.start, nil), j.hook("never", nil, nil))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				began := time.Now()
				err := a.Start(ctx)
				require.ErrorContains(t, err, tt.want)
				require.ErrorContains(t, err, "OnStart hook of run_test.go:")
				require.Equal(t, tt.wantTook, time.Since(began))
				require.Equal(t, []string{"start database", "start queue", "stop database"}, j.all())
				time.Sleep(2 * time.Hour) // what was left behind ends
			})
		})
	}
}

func TestStopGoesOn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stop     func(context.Context) error
		want     string
		wantTook time.Duration
	}{
		"hook fails":            {func(context.Context) error { return errors.New("disk full") }, "disk full", 0},
		"hook panics":           {func(context.Context) error { panic("boom") }, "panic: boom", 0},
		"hook takes its time":   {untilDone, "deadline exceeded", 5 * time.Second},
		"hook ignores its time": {func(context.Context) error { time.Sleep(time.Hour); return nil }, "did not return", 7 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				a := build(t, j.hook("database", nil, nil), j.hook("queue", nil, tt.stop))
				require.NoError(t, a.Start(t.Context()))
				began := time.Now()
				err := a.Stop(t.Context())
				require.ErrorContains(t, err, tt.want)
				require.ErrorContains(t, err, "OnStop hook of run_test.go:")
				require.Equal(t, tt.wantTook, time.Since(began))
				require.Equal(t, []string{"start database", "start queue", "stop queue", "stop database"}, j.all())
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	type signal struct {
		at  time.Duration
		sig os.Signal
	}
	hang := func(context.Context) error { time.Sleep(time.Hour); return nil }
	slow := func(ctx context.Context) error { time.Sleep(10 * time.Second); return ctx.Err() }
	tests := map[string]struct {
		start, stop func(context.Context) error
		env         string
		signals     []signal
		act         func(*shutdown.Service, fx.Shutdowner)
		want        int
		wantTook    time.Duration
		wantStopped bool // the hook below was stopped
	}{
		"terminated": {signals: []signal{{time.Second, syscall.SIGTERM}}, want: 0, wantTook: time.Second, wantStopped: true},
		"interrupted, with grace": {
			env: "SHUTDOWN_HEALTH_GRACE_PERIOD=10000", signals: []signal{{time.Second, os.Interrupt}},
			want: 0, wantTook: 11 * time.Second, wantStopped: true,
		},
		"asked from inside": {act: func(s *shutdown.Service, _ fx.Shutdowner) { s.Request("enough") }, want: 0, wantStopped: true},
		"fx.Shutdowner": {
			act:  func(_ *shutdown.Service, s fx.Shutdowner) { _ = s.Shutdown(fx.ExitCode(7)) },
			want: 7, wantStopped: true,
		},
		"start fails":     {start: func(context.Context) error { return errors.New("no") }, want: 1, wantStopped: true},
		"stop hook fails": {stop: func(context.Context) error { return errors.New("no") }, signals: []signal{{time.Second, syscall.SIGTERM}}, want: 1, wantTook: time.Second, wantStopped: true},
		"signal during the start": {
			start: untilDone, signals: []signal{{time.Second, syscall.SIGTERM}},
			want: 143, wantTook: time.Second, wantStopped: true,
		},
		"second signal during the start": {
			start: hang, signals: []signal{{time.Second, os.Interrupt}, {2 * time.Second, os.Interrupt}},
			want: 130, wantTook: 2 * time.Second,
		},
		"signal during a start that does not care": {
			start: slow, signals: []signal{{9 * time.Second, syscall.SIGTERM}},
			want: 143, wantTook: 10 * time.Second, wantStopped: true,
		},
		"second signal": {
			stop: hang, signals: []signal{{time.Second, syscall.SIGTERM}, {3 * time.Second, os.Interrupt}},
			want: 130, wantTook: 3 * time.Second,
		},
		"copy of the signal": {
			stop: slow, signals: []signal{{time.Second, syscall.SIGTERM}, {1400 * time.Millisecond, syscall.SIGTERM}},
			want: 1, wantTook: 8 * time.Second, wantStopped: true, // the hook was late
		},
		"forced": {
			env: "SHUTDOWN_TASK_TIMEOUT=3600000", stop: hang, signals: []signal{{time.Second, syscall.SIGTERM}},
			want: 1, wantTook: 61 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				var stop *shutdown.Service
				var fxStop fx.Shutdowner
				a := build(t, testEnvironment(tt.env), fx.Populate(&stop, &fxStop),
					j.hook("database", nil, nil), j.hook("queue", tt.start, tt.stop))
				signals := make(chan os.Signal, 4)
				for _, s := range tt.signals {
					time.AfterFunc(s.at, func() { signals <- s.sig })
				}
				began := time.Now()
				go func() {
					synctest.Wait()
					if tt.act != nil {
						tt.act(stop, fxStop)
					}
				}()
				require.Equal(t, tt.want, app.RunWith(t.Context(), a, signals))
				require.Equal(t, tt.wantTook, time.Since(began))
				if tt.wantStopped {
					require.Contains(t, j.all(), "stop database")
				} else {
					require.NotContains(t, j.all(), "stop database")
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t, j.hook("database", nil, nil))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		require.Equal(t, 0, app.RunWith(ctx, a, nil))
		require.Equal(t, []string{"start database", "stop database"}, j.all())
	})
}

func TestLastLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := build(t, testEnvironment("LOG_LEVEL=info"), fx.Supply(logging.Output{Writer: &log}))
		require.NoError(t, a.Start(t.Context()))
		require.NoError(t, a.Stop(t.Context()))
		lines := bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n"))
		var last struct {
			Msg    string         `json:"msg"`
			Reason string         `json:"reason"`
			Phases map[string]any `json:"phases"`
		}
		require.NoError(t, json.Unmarshal(lines[len(lines)-1], &last))
		require.Equal(t, "stopped", last.Msg)
		require.Equal(t, "stop", last.Reason)
		require.Contains(t, last.Phases, "cleanup")
	})
}

func TestStopWaitsForTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t, j.hook("database", func(context.Context) error { time.Sleep(time.Second); return nil }, nil), j.hook("queue", nil, nil))
		started := make(chan error, 1)
		go func() { started <- a.Start(context.WithoutCancel(t.Context())) }()
		synctest.Wait()
		require.NoError(t, a.Stop(t.Context()))
		require.NoError(t, <-started)
		require.Equal(t, []string{"start database", "start queue", "stop queue", "stop database"}, j.all())
	})
}

func TestStartAfterStopFails(t *testing.T) {
	t.Parallel()
	a := build(t)
	require.NoError(t, a.Stop(t.Context()))
	require.ErrorContains(t, a.Start(t.Context()), "stopped before it was started")
}

func TestUnknownVariablesAreTold(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a := build(t, testEnvironment("LOG_LEVEL=warn", "SHUTDOWN_PATIENCE=3"), fx.Supply(logging.Output{Writer: &log}))
	require.NoError(t, a.Start(t.Context()))
	require.NoError(t, a.Stop(t.Context()))
	require.Contains(t, log.String(), `"names":["SHUTDOWN_PATIENCE"]`)
}
