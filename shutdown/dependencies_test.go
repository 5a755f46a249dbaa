package shutdown_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// course is the order in which tasks began and ended.
type course struct {
	mu    sync.Mutex
	steps []string
}

func (c *course) add(step string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, step)
}

// task takes a second.
func (c *course) task(name string, priority int, dependsOn ...string) shutdown.Task {
	return shutdown.Task{Name: name, Priority: priority, DependsOn: dependsOn, Run: func(context.Context) error {
		c.add("+" + name)
		time.Sleep(time.Second)
		c.add("-" + name)
		return nil
	}}
}

func TestTasksRunInOrderOfPrioritiesAndDependencies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tasks    func(c *course) []shutdown.Task
		want     []string
		wantTook time.Duration
	}{
		"in a band": {
			tasks: func(c *course) []shutdown.Task {
				return []shutdown.Task{c.task("socket", 50, "queue"), c.task("queue", 50, "producer"), c.task("producer", 50)}
			},
			want:     []string{"+producer", "-producer", "+queue", "-queue", "+socket", "-socket"},
			wantTook: 3 * time.Second,
		},
		"from a lower band to a higher": {
			tasks: func(c *course) []shutdown.Task {
				return []shutdown.Task{c.task("pool", 10, "flush"), c.task("flush", 80)}
			},
			want:     []string{"+flush", "-flush", "+pool", "-pool"},
			wantTook: 2 * time.Second,
		},
		"dependencies beat bands": {
			tasks: func(c *course) []shutdown.Task {
				return []shutdown.Task{c.task("top", 100, "low"), c.task("middle", 50), c.task("low", 10)}
			},
			want:     []string{"+middle", "-middle", "+low", "-low", "+top", "-top"},
			wantTook: 3 * time.Second,
		},
		"along a chain": {
			tasks: func(c *course) []shutdown.Task {
				return []shutdown.Task{c.task("a", 100, "b"), c.task("b", 90, "c"), c.task("other", 90), c.task("c", 5)}
			},
			want:     []string{"+other", "-other", "+c", "-c", "+b", "-b", "+a", "-a"},
			wantTook: 4 * time.Second,
		},
		"named twice": {
			tasks: func(c *course) []shutdown.Task {
				return []shutdown.Task{c.task("a", 0, "b", "b"), c.task("b", 0)}
			},
			want:     []string{"+b", "-b", "+a", "-a"},
			wantTook: 2 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var c course
				s := newService(t, shutdown.DefaultConfig(), tt.tasks(&c)...)
				began := time.Now()
				s.Request("test")
				require.NoError(t, s.Wait(t.Context()))
				require.Equal(t, tt.want, c.steps)
				require.Equal(t, tt.wantTook, time.Since(began))
				s.Finish()
			})
		})
	}
}

func TestFailedDependency(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	hang := func(context.Context) error { time.Sleep(time.Hour); return nil }
	tests := map[string]struct {
		critical  bool
		run       func(context.Context) error
		wantCause error // nil is any
		wantRun   bool
	}{
		"fails":             {run: func(context.Context) error { return boom }, wantCause: boom, wantRun: true},
		"panics":            {run: func(context.Context) error { panic("ouch") }, wantRun: true},
		"hangs":             {run: hang, wantRun: true},
		"critical, fails":   {run: func(context.Context) error { return boom }, critical: true, wantCause: boom},
		"critical, panics":  {run: func(context.Context) error { panic("ouch") }, critical: true},
		"critical, hangs":   {run: hang, critical: true},
		"critical, is well": {run: nothing, critical: true, wantRun: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var told error
				ran := false
				s := newService(t, shutdown.DefaultConfig(),
					shutdown.Task{Name: "first", Critical: tt.critical, Run: tt.run},
					shutdown.Task{Name: "second", DependsOn: []string{"first"}, Run: func(ctx context.Context) error {
						ran, told = true, shutdown.DependencyError(ctx)
						return nil
					}},
					shutdown.Task{Name: "third", DependsOn: []string{"second"}, Run: nothing},
					shutdown.Task{Name: "last", Priority: shutdown.PriorityLast, Run: nothing},
				)
				s.Request("test")
				_ = s.Wait(t.Context())
				s.Finish()
				require.Equal(t, tt.wantRun, ran)
				tasks := s.Report().Tasks
				require.Len(t, tasks, 4)
				require.Equal(t, shutdown.ResultOK, tasks[3].Result, "the last does not depend on it")
				if tt.wantRun {
					require.Equal(t, tasks[0].Result != shutdown.ResultOK, told != nil)
				} else {
					require.Equal(t, shutdown.ResultSkipped, tasks[1].Result)
					require.ErrorContains(t, tasks[1].Err, `"first", on which it depends, is critical`)
					require.Equal(t, shutdown.ResultSkipped, tasks[2].Result)
					require.ErrorContains(t, tasks[2].Err, `"second", on which it depends, was skipped`)
					told = tasks[2].Err
				}
				if tt.wantCause != nil {
					require.ErrorIs(t, told, tt.wantCause)
				}
				time.Sleep(time.Hour) // lets go of what was abandoned
			})
		})
	}
}

func TestDependencyErrorJoinsAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told error
		fail := func(text string) func(context.Context) error {
			return func(context.Context) error { return errors.New(text) }
		}
		s := newService(t, shutdown.DefaultConfig(),
			shutdown.Task{Name: "a", Run: fail("no disk")},
			shutdown.Task{Name: "b", Run: fail("no net")},
			shutdown.Task{Name: "c", Run: nothing},
			shutdown.Task{Name: "d", DependsOn: []string{"a", "b", "c", "a"}, Run: func(ctx context.Context) error {
				told = shutdown.DependencyError(ctx)
				return nil
			}},
		)
		s.Request("test")
		require.Error(t, s.Wait(t.Context()))
		s.Finish()
		require.EqualError(t, told, "cleanup task \"a\": no disk\ncleanup task \"b\": no net")
		require.NoError(t, shutdown.DependencyError(t.Context()))
	})
}

func TestCheckNamesEveryUnknownNameAndCycle(t *testing.T) {
	t.Parallel()
	var c course
	s := newService(t, shutdown.DefaultConfig())
	for _, task := range []shutdown.Task{
		c.task("a", 0, "b"), c.task("b", 0, "c"), c.task("c", 0, "a"),
		c.task("x", 0, "y"), c.task("y", 0, "x"),
		c.task("fine", 0, "a"), c.task("lost", 0, "nobody", "nowhere"),
	} {
		require.NoError(t, s.Register(task), "before Ready")
	}
	require.EqualError(t, s.Check(), `cleanup task "lost" depends on "nobody", which is not registered
cleanup task "lost" depends on "nowhere", which is not registered
cleanup tasks "a", "b", "c" depend on each other
cleanup tasks "x", "y" depend on each other`)
	for _, name := range []string{"lost", "b", "y"} {
		require.True(t, s.Unregister(name))
	}
	require.NoError(t, s.Check(), "what was removed counts as done")

	_, err := shutdown.NewService(shutdown.DefaultConfig(), discard(), c.task("a", 0, "nobody"), c.task("b", 0, "b"))
	require.ErrorContains(t, err, `depends on "nobody"`)
	require.ErrorContains(t, err, "depends on itself")
}

func TestRegisterFromReadyOnRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	var c course
	s := newService(t, shutdown.DefaultConfig(), c.task("a", 0, "b"), c.task("b", 0))
	s.Ready()
	require.EqualError(t, s.Register(c.task("late", 0, "nobody")), `register cleanup task "late": depends on "nobody", which is not registered`)
	require.NoError(t, s.Register(c.task("late", 0, "a")))
	require.True(t, s.Unregister("b"))
	require.EqualError(t, s.Register(c.task("b", 0, "late")), `register cleanup task "b": depends on "late", which depends on it`)
	require.NoError(t, s.Register(c.task("b", 0)))
	require.NoError(t, s.Check())
}

// What nobody checked does not hold up a stop.
func TestUncheckedTasksStillRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c course
		s := newService(t, shutdown.DefaultConfig())
		for _, task := range []shutdown.Task{
			c.task("lost", 90, "nobody"),
			c.task("a", 50, "b"), c.task("b", 50, "c"), c.task("c", 50, "a"),
			c.task("behind", 50, "c"),
		} {
			require.NoError(t, s.Register(task))
		}
		began := time.Now()
		s.Request("test")
		require.NoError(t, s.Wait(t.Context()))
		require.Equal(t, []string{"+lost", "-lost", "+a", "-a", "+b", "-b", "+c", "-c", "+behind", "-behind"}, c.steps)
		require.Equal(t, 5*time.Second, time.Since(began))
		s.Finish()
	})
}
