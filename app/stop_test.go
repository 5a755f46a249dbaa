package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/holdfast-go/holdfast/shutdown"
)

// task appends a cleanup task that notes its run.
func (j *journal) task(name string, run func(context.Context) error, after ...string) fx.Option {
	return fx.Invoke(func(stop *shutdown.Service) error {
		return stop.Register(shutdown.Task{Name: name, DependsOn: after, Run: func(ctx context.Context) error {
			j.add("clean " + name)
			if run == nil {
				return nil
			}
			return run(ctx)
		}})
	})
}

// A start that fails cleans up like any stop: the tasks, then the hooks of what had started.
func TestFailedStartRunsTheCleanupTasks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t,
			j.hook("database", nil, nil), j.task("flush", nil),
			j.hook("queue", func(context.Context) error { return errors.New("connection refused") }, nil))
		require.ErrorContains(t, a.Start(t.Context()), "connection refused")
		require.Equal(t, []string{"start database", "start queue", "clean flush", "stop database"}, j.all())
		require.NoError(t, a.Stop(t.Context()), "there is nothing left to stop")
	})
}

func TestFaultyTasksRefuseTheStart(t *testing.T) {
	t.Parallel()
	var j journal
	tests := map[string]struct {
		tasks fx.Option
		want  []string
	}{
		"unknown":   {j.task("flush", nil, "outbox"), []string{"flush", "outbox"}},
		"cycle":     {fx.Options(j.task("flush", nil, "outbox"), j.task("outbox", nil, "flush")), []string{"flush", "outbox"}},
		"duplicate": {fx.Options(j.task("flush", nil), j.task("flush", nil)), []string{"flush", "taken"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := app.New("shop", testEnvironment(), app.WithoutListeners(), tt.tasks)
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestTaskThatAHookRegistersIsChecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var stop *shutdown.Service
		a := build(t, fx.Populate(&stop), j.hook("queue", func(context.Context) error {
			return stop.Register(shutdown.Task{Name: "flush", DependsOn: []string{"outbox"}, Run: func(context.Context) error { return nil }})
		}, nil))
		require.ErrorContains(t, a.Start(t.Context()), `"outbox"`)
		require.Equal(t, []string{"start queue", "stop queue"}, j.all())
	})
}

// The cleanup tasks come first, the stop hooks in reverse after them.
func TestOrderOfAStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t, j.hook("database", nil, nil), j.task("outbox", nil), j.task("flush", nil, "outbox"), j.hook("queue", nil, nil))
		require.NoError(t, a.Start(t.Context()))
		require.NoError(t, a.Stop(t.Context()))
		require.Equal(t, []string{"start database", "start queue", "clean outbox", "clean flush", "stop queue", "stop database"}, j.all())
	})
}

// report is the page /shutdown of the admin listener.
func report(t *testing.T, a *app.App) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/shutdown", http.NoBody)
	a.AdminHandler().ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	var page map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	return page
}

func TestShutdownPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t, j.task("flush", nil), j.hook("queue", nil, func(context.Context) error { return errors.New("disk full") }))
		require.NoError(t, a.Start(t.Context()))
		require.Nil(t, report(t, a)["shutdownInitiated"])
		require.Error(t, a.Stop(t.Context()))
		page := report(t, a)
		require.NotNil(t, page["shutdownInitiated"])
		require.Equal(t, true, page["drainCompleted"])
		require.Equal(t, false, page["forceShutdownTriggered"])
		require.Contains(t, page["cleanupStepsCompleted"], "flush")
		require.Len(t, page["cleanupStepsFailed"], 1, "the hook of the queue")
	})
}

// What hangs is named in the last line of the log: a request, a stream, a task, a hook.
func TestEveryCulpritIsNamed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		taskTimeout string // milliseconds, of tasks and hooks
		want        string
		wantTook    time.Duration
	}{
		"each is left behind":  {"5000", "did not return", 44050 * time.Millisecond}, // drain 30, cancel 2, task 5 + 0.05, hook 5 + 2
		"the process is ended": {"3600000", shutdown.ErrForced.Error(), time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				var log lines
				var stop *shutdown.Service
				release := make(chan struct{})
				hang := func(context.Context) error { <-release; return nil }
				a := build(t, testEnvironment("LOG_LEVEL=info", "SHUTDOWN_TASK_TIMEOUT="+tt.taskTimeout), fx.Supply(logging.Output{Writer: &log}),
					fx.Populate(&stop), j.hook("queue", nil, hang), j.task("flush", hang))
				signals := make(chan os.Signal, 1)
				var asked time.Time
				time.AfterFunc(time.Second, func() {
					stop.Track("orders.create")
					if _, err := stop.Stream(context.WithoutCancel(t.Context()), "chat", nil); err != nil {
						t.Error(err)
					}
					asked = time.Now()
					signals <- syscall.SIGTERM
				})
				require.Equal(t, 1, app.RunWith(t.Context(), a, signals))
				require.Equal(t, tt.wantTook, time.Since(asked))
				lines := strings.Split(strings.TrimSpace(log.String()), "\n")
				last := lines[len(lines)-1]
				for _, want := range []string{
					`"msg":"stopped"`, `"level":"ERROR"`, tt.want, "orders.create", "chat", "flush", "OnStop hook of run_test.go",
				} {
					require.Contains(t, last, want)
				}
				close(release)
				time.Sleep(time.Hour)
			})
		})
	}
}

// The sequence takes its time, whatever becomes of the context of Stop: no OnStop
// hook runs before the tasks.
func TestStopWithAContextThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		a := build(t, testEnvironment("SHUTDOWN_HEALTH_GRACE_PERIOD=10000"), j.hook("database", nil, nil),
			j.task("last write", func(ctx context.Context) error { return ctx.Err() }))
		require.NoError(t, a.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		require.NotErrorIs(t, a.Stop(ctx), shutdown.ErrTask)
		require.Equal(t, 10*time.Second, time.Since(began))
		require.Equal(t, []string{"start database", "clean last write", "stop (too late) database"}, j.all())
	})
}

// Where the state is forced, the error tells, also where the last hook ends at that
// very moment.
func TestForcedAtTheVeryEnd(t *testing.T) {
	t.Parallel()
	for range 200 { // either may be first
		synctest.Test(t, func(t *testing.T) {
			var j journal
			var stop *shutdown.Service
			a := build(t, testEnvironment("SHUTDOWN_TASK_TIMEOUT=3600000"), fx.Populate(&stop), fx.Supply(logging.Output{Writer: io.Discard}),
				j.hook("queue", nil, func(context.Context) error { time.Sleep(time.Minute); return nil }))
			require.NoError(t, a.Start(t.Context()))
			err := a.Stop(t.Context())
			require.Equal(t, stop.State() == shutdown.Forced, errors.Is(err, shutdown.ErrForced))
			time.Sleep(time.Hour)
		})
	}
}

// A signal that meets the very end of the start does not hide how the stop went.
func TestSignalAtTheEndOfTheStart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		second bool
		want   int
	}{
		"forced":        {want: 1},
		"second signal": {second: true, want: 130},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				synctest.Test(t, func(t *testing.T) {
					var j journal
					a := build(t, testEnvironment("SHUTDOWN_TASK_TIMEOUT=3600000"), fx.Supply(logging.Output{Writer: io.Discard}),
						j.hook("queue", nil, func(context.Context) error { time.Sleep(time.Hour); return nil }))
					require.NoError(t, a.Start(t.Context()))
					signals := make(chan os.Signal, 2)
					signals <- syscall.SIGTERM // while the end of the start is still to be seen
					if tt.second {
						time.AfterFunc(5*time.Second, func() { signals <- os.Interrupt })
					}
					require.Equal(t, tt.want, app.RunWith(t.Context(), a, signals))
					time.Sleep(2 * time.Hour)
				})
			}
		})
	}
}

// breakListener ends a listening socket of this process behind the back of its owner.
func breakListener(t *testing.T, addr string) {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	for fd := range 1 << 12 {
		name, err := syscall.Getsockname(fd)
		in, ok := name.(*syscall.SockaddrInet4)
		if err != nil || !ok || strconv.Itoa(in.Port) != port {
			continue
		}
		if on, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN); err == nil && on == 1 {
			require.NoError(t, syscall.Shutdown(fd, syscall.SHUT_RDWR))
			return
		}
	}
	require.Fail(t, "the listening socket is not among the files of this process")
}

// A server that ends by itself stops the process in order, and the exit code tells.
func TestServeErrorStopsTheProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("it looks for a socket by its number: run it on Linux")
	}
	var j journal
	a, err := app.New("shop", testEnvironment("LOG_LEVEL=error"), fx.Supply(logging.Output{Writer: io.Discard}), j.hook("database", nil, nil), j.task("flush", nil))
	require.NoError(t, err)
	code := make(chan int, 1)
	require.NoError(t, a.Start(t.Context()))
	go func() { code <- app.RunWith(t.Context(), a, nil) }()
	breakListener(t, a.Addr())
	require.Equal(t, 1, <-code)
	require.Equal(t, []string{"start database", "clean flush", "stop database"}, j.all())
}

// An event stream whose handler knows nothing of a stop is over when DRAINING begins, and the stop is clean.
func TestEventStreamDoesNotHoldTheStop(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	routes := []app.Mountable{app.Raw(http.MethodGet, "/events", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/event-stream")
		c.Response().Flush()
		close(began)
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}).Name("events")}
	a, err := app.New("shop", testEnvironment(), fx.Supply(logging.Output{Writer: io.Discard}),
		app.Module("shop", app.Controllers(func() *scenario { return &scenario{routes} })))
	require.NoError(t, err)
	require.NoError(t, a.Start(t.Context()))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Addr()+"/events", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	<-began
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(context.WithoutCancel(t.Context())) }()
	_, err = io.ReadAll(res.Body)
	require.NoError(t, err, "its end is that of the body")
	require.NoError(t, res.Body.Close())
	require.NoError(t, <-stopped)
}
