package shutdown_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

func TestHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		began := time.Now()
		var at []time.Duration
		note := func(took time.Duration) func(context.Context) error {
			return func(context.Context) error {
				at = append(at, time.Since(began))
				time.Sleep(took)
				return nil
			}
		}
		require.NoError(t, s.OnPhase("consumers", shutdown.Grace, note(0)))
		require.NoError(t, s.OnPhase("server", shutdown.Draining, note(7*time.Second)))
		require.Error(t, s.OnPhase("server", shutdown.Draining, note(0)), "the name is taken")
		require.Error(t, s.OnPhase("pool", shutdown.Ready, note(0)), "nothing is stopped there")
		require.Error(t, s.OnPhase("", shutdown.Grace, note(0)))

		s.Request("test")
		synctest.Wait()
		require.ErrorIs(t, s.OnPhase("late", shutdown.Grace, note(0)), shutdown.ErrShuttingDown)
		require.NoError(t, s.Wait(t.Context()))
		require.Equal(t, 17*time.Second, time.Since(began), "the drain waits for its hooks")
		require.Equal(t, []time.Duration{0, 10 * time.Second}, at)
		s.Finish()
		require.Equal(t, shutdown.PhaseReport{Phase: shutdown.Draining, Took: 7 * time.Second}, s.Report().Phases[1])
	})
}

func TestHookThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		began := time.Now()
		require.NoError(t, s.OnPhase("server", shutdown.Draining, func(ctx context.Context) error {
			<-ctx.Done()
			require.Equal(t, 42*time.Second, time.Since(began))
			time.Sleep(time.Minute)
			return nil
		}))
		s.Request("test")
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrTask)
		require.Equal(t, 42*time.Second+obedience, time.Since(began))
		require.Equal(t, shutdown.ResultTimeout, s.Report().Tasks[0].Result)
		s.Finish()
		time.Sleep(time.Hour)
	})
}

// The hooks of CLEANUP run side by side, and the tasks wait for them.
func TestHooksOfCleanup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		took     time.Duration // it ignores its context
		wantTask time.Duration
		want     error
	}{
		"returns": {took: 2 * time.Second, wantTask: 12 * time.Second},
		"hangs":   {took: time.Hour, wantTask: 15*time.Second + obedience, want: shutdown.ErrTask},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, shutdown.DefaultConfig())
				s.Ready()
				began := time.Now()
				var task time.Duration
				require.NoError(t, s.RegisterCleanupTask("task", func(context.Context) error { task = time.Since(began); return nil }))
				require.NoError(t, s.OnPhase("first", shutdown.Cleanup, func(context.Context) error { time.Sleep(tt.took); return nil }))
				require.NoError(t, s.OnPhase("second", shutdown.Cleanup, func(context.Context) error {
					require.Equal(t, 10*time.Second, time.Since(began))
					require.ErrorIs(t, s.RegisterCleanupTask("late", nothing), shutdown.ErrShuttingDown)
					return nil
				}))
				s.Request("test")
				require.ErrorIs(t, s.Wait(t.Context()), tt.want)
				s.Finish()
				require.Equal(t, tt.wantTask, task)
				time.Sleep(time.Hour) // lets go of what was abandoned
			})
		})
	}
}
