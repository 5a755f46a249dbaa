package shutdown_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

func TestBands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		task := func(name string, priority int, took time.Duration) shutdown.Task {
			return shutdown.Task{Name: name, Priority: priority, Run: func(context.Context) error {
				time.Sleep(took)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name)
				return nil
			}}
		}
		s := newService(t, shutdown.DefaultConfig(),
			task("log", shutdown.PriorityLast, 0),
			task("database", shutdown.PriorityDatabase, time.Second),
			task("unnamed", 0, time.Second),
			task("outbox", shutdown.PriorityFlush, 2*time.Second),
			task("buffer", shutdown.PriorityFlush, time.Second),
			task("consumer", shutdown.PriorityIntake, time.Second),
		)
		began := time.Now()
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		require.Equal(t, []string{"consumer", "buffer", "outbox", "unnamed", "database", "log"}, order)
		require.Equal(t, 5*time.Second, time.Since(began), "a band runs side by side")
		s.Finish()
	})
}

func TestTasksFailAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		s := newService(t, shutdown.DefaultConfig(),
			shutdown.Task{Name: "fails", Priority: 90, Run: func(context.Context) error { return boom }},
			shutdown.Task{Name: "panics", Priority: 80, Run: func(context.Context) error { panic("ouch") }},
			shutdown.Task{Name: "exits", Priority: 70, Run: func(context.Context) error { runtime.Goexit(); return nil }},
			shutdown.Task{Name: "obeys", Priority: 60, Run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			shutdown.Task{Name: "hangs", Priority: 50, Timeout: time.Second, Run: func(context.Context) error { time.Sleep(time.Hour); return nil }},
			shutdown.Task{Name: "works", Priority: 10, Run: func(context.Context) error { return nil }},
		)
		began := time.Now()
		s.Request("test")
		err := s.Wait(t.Context())
		require.ErrorIs(t, err, shutdown.ErrTask)
		require.EqualError(t, err, "cleanup failed: fails (failed), panics (failed), exits (failed), obeys (timeout), hangs (timeout)")
		require.Equal(t, 6*time.Second+obedience, time.Since(began))
		tasks := s.Report().Tasks
		require.ErrorIs(t, tasks[0].Err, boom)
		require.ErrorContains(t, tasks[1].Err, "ouch")
		require.Equal(t, shutdown.TaskReport{Kind: "task", Name: "works", Phase: shutdown.Cleanup, Priority: 10, Result: shutdown.ResultOK}, tasks[5])
		s.Finish()
		time.Sleep(time.Hour)
	})
}

func TestTasksWithoutTimeAreSkipped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig(),
			shutdown.Task{Name: "long", Priority: 90, Timeout: time.Hour, Run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			shutdown.Task{Name: "next", Priority: 10, Run: func(context.Context) error { return nil }},
		)
		began := time.Now()
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: long (timeout), next (skipped)")
		require.Equal(t, 59*time.Second, time.Since(began), "a second is left for the stop hooks")
		s.Finish()
	})
}

func TestTimeoutCountsFromWhenTheTaskBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig(),
			shutdown.Task{Name: "first", Run: func(context.Context) error { time.Sleep(4 * time.Second); return nil }},
			shutdown.Task{Name: "second", DependsOn: []string{"first"}, Run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		)
		began := time.Now()
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: second (timeout)")
		require.Equal(t, 9*time.Second, time.Since(began))
		s.Finish()
	})
}

// The abandoned task is in nobody's way: others run, the one of the database
// last, and the report names it as long as it hangs.
func TestTaskThatBlocksForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		ran := map[string]time.Duration{}
		began := time.Now()
		note := func(name string) func(context.Context) error {
			return func(context.Context) error { ran[name] = time.Since(began); return nil }
		}
		s := newService(t, shutdown.DefaultConfig(),
			shutdown.Task{Name: "stuck", Priority: shutdown.PriorityFlush, Run: func(context.Context) error { <-hold; return nil }},
			shutdown.Task{Name: "after stuck", Priority: shutdown.PriorityFlush, DependsOn: []string{"stuck"}, Run: note("after stuck")},
			shutdown.Task{Name: "beside", Priority: shutdown.PriorityFlush, Run: note("beside")},
			shutdown.Task{Name: "database", Priority: shutdown.PriorityDatabase, Run: note("database")},
		)
		s.Ready()
		s.Request("SIGTERM")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: stuck (timeout)")
		require.Equal(t, map[string]time.Duration{"beside": 10 * time.Second, "after stuck": 15*time.Second + obedience, "database": 15*time.Second + obedience}, ran)
		s.Finish()
		report := s.Report()
		require.Equal(t, []string{"stuck"}, report.StepsFailed)
		require.Equal(t, []string{"beside", "after stuck", "database"}, report.StepsCompleted)
		require.Equal(t, []shutdown.Unfinished{{Kind: "task", Name: "stuck", Age: 5*time.Second + obedience}}, report.Unfinished)
		close(hold)
		synctest.Wait()
		require.Empty(t, s.Report().Unfinished)
	})
}

// However many tasks fail, what is said about it fits into a line.
func TestNamesOfFailedTasksAreBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, shutdown.DefaultConfig())
	for i := range 25 {
		task := shutdown.Task{Name: fmt.Sprint(i), Priority: 100 - i, Run: func(context.Context) error { return errors.New("boom") }}
		require.NoError(t, s.Register(task))
	}
	s.Request("test")
	require.ErrorContains(t, s.Wait(t.Context()), "18 (failed), 19 (failed), and 5 more")
	s.Finish()
	for _, attr := range s.Report().LogAttrs() {
		if list, ok := attr.Value.Any().([]string); ok {
			require.Len(t, list, 21, attr.Key)
		}
	}
}
