package shutdown_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// badLog is a log whose writer hangs, like a pipe that nobody reads, or panics.
type badLog struct {
	slog.Handler

	hold chan struct{} // nil panics
}

func (h badLog) Enabled(context.Context, slog.Level) bool { return true }
func (h badLog) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h badLog) Handle(context.Context, slog.Record) error {
	if h.hold == nil {
		panic("no disk")
	}
	<-h.hold
	return nil
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// The stop goes on while its log hangs: all tasks run, in time.
func TestStopWhileTheLogHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := badLog{hold: make(chan struct{})}
		var ran []time.Duration
		began := time.Now()
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(log),
			shutdown.Task{Name: "first", Priority: 90, Run: func(context.Context) error { ran = append(ran, time.Since(began)); panic("ouch") }},
			shutdown.Task{Name: "second", Priority: 80, Run: func(context.Context) error { ran = append(ran, time.Since(began)); return nil }},
		)
		require.NoError(t, err)
		s.Ready()
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: first (failed)")
		require.Equal(t, []time.Duration{10 * time.Second, 10 * time.Second}, ran, "the log has cost a moment of GRACE and nothing later")
		<-s.Forced()
		require.Equal(t, 60*time.Second, time.Since(began))
		require.ErrorIs(t, context.Cause(s.Context()), shutdown.ErrShutdown)
		s.Finish()
		close(log.hold)
	})
}

// A log that begins to hang at the very end costs 100 ms.
func TestForcedWhileTheLogHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := badLog{hold: make(chan struct{}, 100)}
		for range 5 { // the lines of a stop until its cleanup has ended, and that of its task
			log.hold <- struct{}{}
		}
		began := time.Now()
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(log), shutdown.Task{Name: "task", Run: nothing})
		require.NoError(t, err)
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		<-s.Forced()
		require.Equal(t, 60*time.Second+100*time.Millisecond, time.Since(began))
		s.Finish()
		close(log.hold)
	})
}

// A warning that nobody reads does not hold up the start.
func TestNewServiceWhileTheLogHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := badLog{hold: make(chan struct{})}
		cfg := shutdown.DefaultConfig()
		cfg.ForceTimeout = 43 * time.Second
		began := time.Now()
		_, err := shutdown.NewService(cfg, slog.New(log))
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		close(log.hold)
	})
}

func TestLogThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(badLog{}), shutdown.Task{Name: "task", Run: nothing})
		require.NoError(t, err)
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		s.Finish()
	})
}

func TestForcedNamesEveryCulprit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		hang := func(context.Context) error { <-hold; return nil }
		var log lines
		s, err := shutdown.NewService(shutdown.DefaultConfig(), log.logger(),
			shutdown.Task{Name: "flush", Priority: 80, Run: hang}, shutdown.Task{Name: "close", Run: hang})
		require.NoError(t, err)
		require.NoError(t, s.OnPhase("server", shutdown.Draining, hang))
		s.Ready()
		for i := range 25 {
			_, ok := s.Track(fmt.Sprintf("work %02d", i))
			require.True(t, ok)
		}
		_, err = s.Stream(t.Context(), "chat", &conn{hold: hold})
		require.NoError(t, err)
		_, err = s.Worker(t.Context(), "jobs")
		require.NoError(t, err)
		s.Request("test")
		require.Error(t, s.Wait(t.Context()))
		go func() { _ = s.Step(t.Context(), "OnStop hook", hang) }()
		<-s.Forced()
		s.Finish()
		line := log.String()
		line = line[strings.Index(line, `msg="shutdown forced"`):]
		for _, want := range []string{
			"after=1m0s", "work 00 (1m0s)", "work 19 (1m0s) and 5 more",
			`unfinished_streams="[chat (1m0s)]"`, `unfinished_workers="[jobs (1m0s)]"`, `unfinished_hooks="[server (50s)]"`,
			`unfinished_tasks="[flush (17.95s) close (12.9s)]"`, `unfinished_steps="[OnStop hook (7.85s)]"`,
		} {
			require.Contains(t, line, want)
		}
		require.NotContains(t, line, "work 20")
		close(hold)
	})
}

// At debug the line is followed by what all goroutines do.
func TestForcedDumpsGoroutinesAtDebug(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lines
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		require.NoError(t, err)
		s.Request("test")
		<-s.Forced()
		s.Finish()
		require.Contains(t, log.String(), "TestForcedDumpsGoroutinesAtDebug")
		require.NoError(t, testutil.CollectAndCompare(s, strings.NewReader(`
# HELP shutdown_forced 1 where the force timeout was reached.
# TYPE shutdown_forced gauge
shutdown_forced 1
`), "shutdown_forced"))
	})
}

func TestLittleRoomIsAWarning(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		force time.Duration
		want  string
	}{
		"enough": {force: 47 * time.Second},
		"little": {
			force: 46 * time.Second,
			want:  "level=WARN msg=\"SHUTDOWN_FORCE_TIMEOUT leaves little room for the cleanup\" module=shutdown force_timeout=46s room=4s\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lines
			cfg := shutdown.DefaultConfig()
			cfg.ForceTimeout = tt.force
			_, err := shutdown.NewService(cfg, log.logger())
			require.NoError(t, err)
			require.Equal(t, tt.want, log.String())
		})
	}
}
