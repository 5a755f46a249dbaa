package shutdown_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// A function that obeys is waited for: it is not abandoned, and who comes next
// begins after it has ended.
func TestWhoObeysIsNotAbandoned(t *testing.T) {
	t.Parallel()
	obeys := func(after time.Duration) func(context.Context) error {
		return func(ctx context.Context) error { <-ctx.Done(); time.Sleep(after); return ctx.Err() }
	}
	tests := map[string]struct {
		run      func(context.Context) error
		want     shutdown.Result
		wantErr  string
		wantTook time.Duration // beyond its time
	}{
		"at once":     {obeys(0), shutdown.ResultTimeout, "context deadline exceeded", 0},
		"soon":        {obeys(20 * time.Millisecond), shutdown.ResultTimeout, "context deadline exceeded", 20 * time.Millisecond},
		"late":        {obeys(60 * time.Millisecond), shutdown.ResultTimeout, "did not return when its time was over", obedience},
		"and is done": {func(ctx context.Context) error { <-ctx.Done(); return nil }, shutdown.ResultOK, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg := shutdown.DefaultConfig()
				cfg.CancelGrace = 0
				s := newService(t, cfg)
				require.NoError(t, s.OnPhase("hook", shutdown.Cleanup, tt.run))
				require.NoError(t, s.Register(shutdown.Task{Name: "task", Priority: 80, Run: tt.run}))
				began := time.Now()
				var next time.Duration
				require.NoError(t, s.Register(shutdown.Task{Name: "next", Priority: 10, Run: func(context.Context) error {
					next = time.Since(began)
					return nil
				}}))
				s.Request("test")
				_ = s.Wait(t.Context()) // its outcome is in the report
				_ = s.Step(t.Context(), "step", tt.run)
				s.Finish()
				took := 5*time.Second + tt.wantTook
				require.Equal(t, 2*took, next)
				for i, r := range s.Report().Tasks {
					if i == 2 { // next
						continue
					}
					require.Equal(t, tt.want, r.Result, r.Name)
					require.Equal(t, took, r.Took, r.Name)
					if tt.wantErr != "" {
						require.EqualError(t, r.Err, tt.wantErr, r.Name)
					}
				}
				time.Sleep(time.Second)
			})
		})
	}
}

// Where little is left until the force timeout, half of it is for who comes next.
func TestPatienceLeavesTimeBeforeForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := shutdown.Config{EnableGraceful: true, ForceTimeout: 600 * time.Millisecond, TaskTimeout: time.Hour}
		hang := func(context.Context) error { time.Sleep(time.Hour); return nil }
		s := newService(t, cfg, shutdown.Task{Name: "hangs", Run: hang})
		began := time.Now()
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: hangs (timeout)")
		require.Equal(t, 595*time.Millisecond, time.Since(began), "its context ended at 590 ms")
		require.NoError(t, s.Step(t.Context(), "pool", nothing))
		s.Finish()
		time.Sleep(time.Hour)
	})
}

// A step that did its work is well, also where its context had ended before.
func TestStepThatIsDoneIsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, s.Step(ctx, "pool", nothing))
		require.ErrorIs(t, s.Step(ctx, "queue", func(ctx context.Context) error { return ctx.Err() }), context.Canceled)
		s.Finish()
		require.Equal(t, []string{"pool"}, s.Report().StepsCompleted)
		require.Equal(t, shutdown.ResultTimeout, s.Report().Tasks[1].Result)
	})
}

// Each failure is one warning, by its kind and with its details; nothing is an error.
func TestFailuresAreToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		boom := func(context.Context) error { return errors.New("boom") }
		var log lines
		s, err := shutdown.NewService(shutdown.DefaultConfig(), log.logger(),
			shutdown.Task{Name: "flush", Priority: 80, Run: boom},
			shutdown.Task{Name: "buffer", Run: func(context.Context) error { panic("ouch") }})
		require.NoError(t, err)
		require.NoError(t, s.OnPhase("server", shutdown.Draining, boom))
		s.Request("test")
		require.Error(t, s.Wait(t.Context()))
		require.Error(t, s.Step(t.Context(), "pool", boom))
		s.Finish()
		var told []string
		for line := range strings.Lines(log.String()) {
			if !strings.HasPrefix(line, "level=INFO") {
				told = append(told, line)
			}
		}
		require.Len(t, told, 4)
		for i, want := range []string{
			`level=WARN msg="phase hook failed" module=shutdown name=server phase=draining result=failed took=0s error=boom`,
			`level=WARN msg="cleanup task failed" module=shutdown name=flush phase=cleanup result=failed took=0s error=boom`,
			`level=WARN msg="cleanup task failed" module=shutdown name=buffer phase=cleanup result=failed took=0s error="panic: ouch" stack="goroutine `,
			`level=WARN msg="stop hook failed" module=shutdown name=pool phase=cleanup result=failed took=0s error=boom`,
		} {
			require.Contains(t, told[i], want)
		}
	})
}

// What goes well is told at debug, by its kind.
func TestEndsAreToldAtDebug(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lines
		s, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			shutdown.Task{Name: "flush", Run: nothing})
		require.NoError(t, err)
		require.NoError(t, s.OnPhase("server", shutdown.Draining, nothing))
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		require.NoError(t, s.Step(t.Context(), "pool", nothing))
		s.Finish()
		for _, want := range []string{`"phase hook ended"`, `"cleanup task ended"`, `"stop hook ended"`} {
			require.Contains(t, log.String(), want)
		}
	})
}

// What was accepted and never ran is in the report, whatever forced the stop.
func TestForcedBeforeCleanup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		never := func(context.Context) error { t.Error("ran"); return nil }
		require.NoError(t, s.OnPhase("consumers", shutdown.Grace, nothing))
		require.NoError(t, s.OnPhase("server", shutdown.Draining, never))
		require.NoError(t, s.Register(shutdown.Task{Name: "flush", Priority: 80, Run: never}))
		defer s.Hold()()
		s.Request("test")
		<-s.Forced()
		s.Finish()
		require.Equal(t, []shutdown.TaskReport{
			{Kind: "hook", Name: "consumers", Phase: shutdown.Grace, Result: shutdown.ResultOK},
			{Kind: "hook", Name: "server", Phase: shutdown.Draining, Result: shutdown.ResultSkipped, Err: shutdown.ErrForced},
			{Kind: "task", Name: "flush", Phase: shutdown.Cleanup, Priority: 80, Result: shutdown.ResultSkipped, Err: shutdown.ErrForced},
		}, s.Report().Tasks)
		require.Equal(t, []string{"server", "flush"}, s.Report().StepsFailed)
	})
}
