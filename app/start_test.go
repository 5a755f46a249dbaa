package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
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

// deaf is a hook that takes a second, whatever its context.
func deaf(context.Context) error { time.Sleep(time.Second); return nil }

// Nothing starts any more when the start was told to end, also where the hooks do
// not look at their contexts: no hook, no readiness, no GRACE.
func TestStartThatIsToldToEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		first    func(*shutdown.Service, fx.Shutdowner) // in the hook of the queue
		start    func(context.Context) error            // of the queue, after first
		at       time.Duration                          // of second; 0 is never
		second   func(*shutdown.Service, chan<- os.Signal)
		want     int
		wantTook time.Duration
		wantLast string // the queue was stopped too
		failed   bool
	}{
		"by a signal": {
			start: deaf, at: time.Second / 2, second: func(_ *shutdown.Service, s chan<- os.Signal) { s <- syscall.SIGTERM },
			want: 143, wantTook: time.Second, wantLast: "stop queue",
		},
		"by a request": {
			start: deaf, at: time.Second / 2, second: func(s *shutdown.Service, _ chan<- os.Signal) { s.Request("enough") },
			want: 0, wantTook: time.Second, wantLast: "stop queue",
		},
		"by a request, and obeys": {
			start: untilDone, at: time.Second / 2, second: func(s *shutdown.Service, _ chan<- os.Signal) { s.Request("enough") },
			want: 0, wantTook: time.Second / 2,
		},
		"by a request, and obeys with the error of the context": {
			start: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			at:    time.Second / 2, second: func(s *shutdown.Service, _ chan<- os.Signal) { s.Request("enough") },
			want: 0, wantTook: time.Second / 2,
		},
		"by a hook": {first: func(s *shutdown.Service, _ fx.Shutdowner) { s.Request("enough") }, wantLast: "stop queue"},
		"by a hook that cannot register any more": {
			first: func(s *shutdown.Service, _ fx.Shutdowner) { s.Request("enough") },
			start: func(context.Context) error { return shutdown.ErrShuttingDown },
		},
		"by fx.Shutdowner": {
			first: func(_ *shutdown.Service, s fx.Shutdowner) { _ = s.Shutdown(fx.ExitCode(7)) },
			want:  7, wantLast: "stop queue",
		},
		"by a hook that fails too": {
			first: func(s *shutdown.Service, _ fx.Shutdowner) { s.Request("enough") },
			start: func(context.Context) error { return errors.New("disk full") },
			want:  1, failed: true,
		},
		"and does not": {
			first: func(s *shutdown.Service, _ fx.Shutdowner) { s.Request("enough") },
			start: func(context.Context) error { time.Sleep(time.Hour); return nil },
			want:  1, wantTook: 2 * time.Second, failed: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				var log lines
				var stop *shutdown.Service
				var asker fx.Shutdowner
				a := build(t, testEnvironment("LOG_LEVEL=info", "SHUTDOWN_HEALTH_GRACE_PERIOD=10000"), fx.Supply(logging.Output{Writer: &log}),
					fx.Populate(&stop, &asker), j.hook("database", nil, nil), j.task("flush", nil),
					j.hook("queue", func(ctx context.Context) error {
						if tt.first != nil {
							tt.first(stop, asker)
							synctest.Wait()
							require.NotContains(t, j.all(), "clean flush", "no task runs beside the start")
						}
						if tt.start != nil {
							return tt.start(ctx)
						}
						return nil
					}, nil),
					j.hook("never", nil, nil))
				signals := make(chan os.Signal, 1)
				if tt.second != nil {
					time.AfterFunc(tt.at, func() { tt.second(stop, signals) })
				}
				began := time.Now()
				require.Equal(t, tt.want, app.RunWith(t.Context(), a, signals), log.String())
				require.Equal(t, tt.wantTook, time.Since(began))
				want := []string{"start database", "start queue", "clean flush"}
				if tt.wantLast != "" {
					want = append(want, tt.wantLast)
				}
				require.Equal(t, append(want, "stop database"), j.all())
				require.Equal(t, tt.failed, strings.Contains(log.String(), "start failed"), log.String())
				require.Contains(t, log.String(), `"msg":"stopped"`)
				require.Equal(t, tt.failed, strings.Contains(log.String(), `"level":"ERROR"`), log.String())
				time.Sleep(2 * time.Hour) // what was left behind ends
			})
		})
	}
}

// A request before the first hook: nothing has started, nothing does.
func TestRequestBeforeTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var stop *shutdown.Service
		a := build(t, fx.Populate(&stop), j.hook("database", nil, nil), j.task("flush", nil))
		stop.Request("enough")
		require.Equal(t, 0, app.RunWith(t.Context(), a, nil))
		require.Equal(t, []string{"clean flush"}, j.all())
		require.Equal(t, shutdown.Stopped, stop.State())
	})
}

// The same with listeners: the routes are never served, and nothing is "shutting down".
func TestStartWithListenersThatIsToldToEnd(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{"in a hook": "hook", "in the last hook but the server's": "last"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j journal
			var log lines
			var asker fx.Shutdowner
			ask := func(context.Context) error { return asker.Shutdown(fx.ExitCode(7)) }
			opts := []fx.Option{testEnvironment("LOG_LEVEL=info"), fx.Supply(logging.Output{Writer: &log}), fx.Populate(&asker), j.hook("database", ask, nil)}
			if at == "hook" {
				opts = append(opts, j.hook("queue", nil, nil))
			}
			a, err := app.New("shop", opts...)
			require.NoError(t, err)
			require.Equal(t, 7, app.RunWith(t.Context(), a, nil), log.String())
			require.Equal(t, []string{"start database", "stop database"}, j.all())
			require.NotContains(t, log.String(), `"level":"ERROR"`)
			require.NotContains(t, log.String(), `"server":"http"`)
		})
	}
}

// One line is the error of a start that failed. The tasks ran: what they failed
// with is a warning, for their modules never started.
func TestFailedStartIsOneError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var log lines
		var queue *bytes.Buffer
		a := build(t, testEnvironment("LOG_LEVEL=info"), fx.Supply(logging.Output{Writer: &log}), j.hook("pool", nil, nil),
			j.hook("database", func(context.Context) error { return errors.New("connection refused") }, nil),
			j.hook("queue", func(context.Context) error { queue = &bytes.Buffer{}; return nil }, nil),
			j.task("flush", func(context.Context) error { queue.WriteString("x"); return nil }))
		require.Equal(t, 1, app.RunWith(t.Context(), a, nil))
		require.Equal(t, []string{"start pool", "start database", "clean flush", "stop pool"}, j.all())
		err := a.Start(t.Context())
		require.ErrorContains(t, err, "connection refused")
		require.NotErrorIs(t, err, shutdown.ErrTask)
		lines := logLines(t, &log)
		levels := map[string][]string{}
		for _, line := range lines {
			levels[line.Level] = append(levels[line.Level], line.Msg)
		}
		require.Equal(t, []string{"start failed"}, levels["ERROR"])
		require.Equal(t, []string{"cleanup task failed"}, levels["WARN"])
		require.Contains(t, levels["INFO"], "stopped")
	})
}

type logLine struct {
	Level string `json:"level"`
	Msg   string `json:"msg"`
	Error string `json:"error"`
}

func logLines(t *testing.T, log *lines) (found []logLine) {
	t.Helper()
	for text := range strings.Lines(log.String()) {
		var line logLine
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		found = append(found, line)
	}
	return found
}

// What a stop hook fails with during the rollback is an error all the same.
func TestRollbackThatFails(t *testing.T) {
	t.Parallel()
	full := func(context.Context) error { return errors.New("disk full") }
	tests := map[string]struct {
		end  func(*shutdown.Service, chan<- os.Signal)
		want int
	}{
		"after a request": {func(s *shutdown.Service, _ chan<- os.Signal) { s.Request("enough") }, 1},
		"after a signal":  {func(_ *shutdown.Service, s chan<- os.Signal) { s <- syscall.SIGTERM }, 143},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				var log lines
				var stop *shutdown.Service
				a := build(t, testEnvironment("LOG_LEVEL=error"), fx.Supply(logging.Output{Writer: &log}), fx.Populate(&stop),
					j.hook("database", nil, full), j.hook("queue", untilDone, nil))
				signals := make(chan os.Signal, 1)
				time.AfterFunc(time.Second, func() { tt.end(stop, signals) })
				require.Equal(t, tt.want, app.RunWith(t.Context(), a, signals))
				lines := logLines(t, &log)
				require.Len(t, lines, 1)
				require.Contains(t, lines[0].Error, "disk full")
			})
		})
	}
}

// An OnStart hook that obeys is not left behind, whatever SHUTDOWN_CANCEL_GRACE is.
func TestStartHookThatObeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		takes    time.Duration // to obey
		want     string
		wantTook time.Duration // beyond the time of the start
	}{
		"soon": {20 * time.Millisecond, "APP_START_TIMEOUT", 20 * time.Millisecond},
		"late": {60 * time.Millisecond, "did not return when its time was over", 50 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				a := build(t, testEnvironment("SHUTDOWN_CANCEL_GRACE=0"), j.hook("queue", func(ctx context.Context) error {
					defer time.Sleep(tt.takes)
					return untilDone(ctx)
				}, nil))
				began := time.Now()
				err := a.Start(t.Context())
				require.ErrorContains(t, err, tt.want)
				require.Equal(t, tt.want == "APP_START_TIMEOUT", !strings.Contains(err.Error(), "did not return"))
				require.Equal(t, time.Minute+tt.wantTook, time.Since(began))
				time.Sleep(time.Hour)
			})
		})
	}
}

// hungLog is a log that can be made to hang, like a pipe that nobody reads, or to panic.
type hungLog struct {
	hold  chan struct{} // nil panics
	armed atomic.Bool
}

func (h *hungLog) Write(line []byte) (int, error) {
	if !h.armed.Load() {
		return len(line), nil
	}
	if h.hold == nil {
		panic("no disk")
	}
	<-h.hold
	return len(line), nil
}

// A log that hangs or panics does not keep the process, whenever it begins to.
// The lock of a log that hangs is nothing for a bubble: the clock is the real one.
func TestStopWithABadLog(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		hangs bool // else it panics
		at    string
	}{
		"hangs from the start":        {true, "start"}, // there is an unknown variable to tell
		"hangs before the stop":       {true, "stop"},
		"hangs before its last line":  {true, "last"},
		"panics from the start":       {false, "start"},
		"panics before the stop":      {false, "stop"},
		"panics before its last line": {false, "last"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j journal
			log := &hungLog{}
			if tt.hangs {
				log.hold = make(chan struct{})
				defer close(log.hold)
			}
			arm := func(at string) { log.armed.CompareAndSwap(false, tt.at == at) }
			a := build(t, testEnvironment("LOG_LEVEL=info", "SHUTDOWN_PATIENCE=3"), fx.Supply(logging.Output{Writer: log}),
				j.hook("database", nil, func(context.Context) error { arm("last"); return nil }))
			signals := make(chan os.Signal, 1)
			code := make(chan int, 1)
			arm("start")
			go func() {
				if err := a.Start(t.Context()); err != nil {
					t.Error(err)
				}
				arm("stop")
				signals <- syscall.SIGTERM
				code <- app.RunWith(context.WithoutCancel(t.Context()), a, signals)
			}()
			select {
			case got := <-code:
				require.Contains(t, []int{0, 143}, got) // the signal may still meet the start
			case <-time.After(30 * time.Second):
				require.Fail(t, "the log keeps the process")
			}
			require.Equal(t, []string{"start database", "stop database"}, j.all())
		})
	}
}

type thing struct{}

func newThing() *thing { return &thing{} }
func useThing(*thing)  {}

// Hooks of fx.Annotate carry the name of the constructor, and two hooks of one
// place are told apart.
func TestNamesOfHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var stop *shutdown.Service
		fails := func(context.Context, *thing) error { return errors.New("disk full") }
		a := build(t, fx.Populate(&stop), fx.Supply(logging.Output{Writer: io.Discard}), j.hook("one", nil, nil),
			fx.Module("outer", fx.Provide(fx.Annotate(newThing, fx.As(new(any)), fx.As(fx.Self()), fx.OnStop(fails))), fx.Invoke(fx.Annotate(useThing, fx.OnStop(fails)))),
			j.hook("two", nil, nil))
		require.NoError(t, a.Start(t.Context()))
		err := a.Stop(t.Context())
		require.ErrorContains(t, err, "OnStop hook of app_test.newThing: disk full")
		require.ErrorContains(t, err, "OnStop hook of app_test.useThing: disk full")
		names := map[string]int{}
		for _, r := range stop.Report().Tasks {
			names[r.Name]++
			require.NotContains(t, r.Name, "annotated.go")
		}
		for name, n := range names {
			require.Equal(t, 1, n, name)
		}
	})
}
