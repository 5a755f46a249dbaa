package shutdown_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// modelTask is a random task, and what became of it.
type modelTask struct {
	shutdown.Task

	result  shutdown.Result // where it runs and is not cut
	runs    int
	began   time.Duration
	told    error
	report  shutdown.TaskReport
	deps    []*modelTask // of those in DependsOn that were registered
	removed bool
}

// model is a random set of tasks. What it draws depends on the seed alone.
type model struct {
	*rand.Rand

	t0    time.Time
	mu    sync.Mutex
	tasks []*modelTask
	hold  chan struct{} // tasks that hang wait for it
}

func newModel(seed uint64) *model {
	m := &model{
		Rand: rand.New(rand.NewPCG(seed, seed)), //nolint:gosec // a test to be repeated
		hold: make(chan struct{}),
	}
	cycles := m.IntN(8) == 0
	for i := range 1 + m.IntN(24) {
		task := &modelTask{Task: shutdown.Task{
			Name:     fmt.Sprint(i),
			Priority: []int{0, 100, 80, 50, 50, 10, 1}[m.IntN(7)],
			Critical: m.IntN(4) == 0,
			Timeout:  []time.Duration{0, 0, time.Second, time.Minute}[m.IntN(4)],
		}}
		for range m.IntN(4) {
			if reach := i + m.IntN(2)*24; cycles && reach > 0 {
				task.DependsOn = append(task.DependsOn, fmt.Sprint(m.IntN(reach)))
			} else if i > 0 {
				task.DependsOn = append(task.DependsOn, fmt.Sprint(m.IntN(i)))
			}
		}
		task.DependsOn = slices.DeleteFunc(task.DependsOn, func(name string) bool { return name == task.Name })
		task.Run = m.behaviour(task)
		m.tasks = append(m.tasks, task)
	}
	return m
}

// behaviour is what a task does after its duration.
func (m *model) behaviour(task *modelTask) func(context.Context) error {
	kind, took := m.IntN(10), time.Duration(m.IntN(6000))*time.Millisecond
	task.result = shutdown.ResultOK
	if kind >= 6 {
		task.result = shutdown.ResultFailed
	}
	return func(ctx context.Context) error {
		m.mu.Lock()
		task.runs++
		task.began = time.Since(m.t0)
		task.told = shutdown.DependencyError(ctx)
		m.mu.Unlock()
		if kind == 9 {
			<-m.hold
		}
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return ctx.Err()
		}
		switch kind {
		case 8:
			panic("ouch")
		case 6, 7:
			return errors.New("boom")
		}
		return nil
	}
}

// register adds the tasks in random order, and takes some away again.
func (m *model) register(t *testing.T, s *shutdown.Service) {
	t.Helper()
	m.Shuffle(len(m.tasks), func(i, j int) { m.tasks[i], m.tasks[j] = m.tasks[j], m.tasks[i] })
	byName := map[string]*modelTask{}
	for _, task := range m.tasks {
		require.NoError(t, s.Register(task.Task))
		byName[task.Name] = task
	}
	for _, task := range m.tasks {
		if m.IntN(12) == 0 {
			task.removed = s.Unregister(task.Name)
		}
	}
	for _, task := range m.tasks {
		for _, name := range task.DependsOn {
			if need := byName[name]; need != nil && !need.removed {
				task.deps = append(task.deps, need)
			}
		}
	}
}

// needs are all that a task waits for, itself among them where it is in a cycle.
func (t *modelTask) needs(seen map[*modelTask]bool) map[*modelTask]bool {
	for _, need := range t.deps {
		if !seen[need] {
			seen[need] = true
			need.needs(seen)
		}
	}
	return seen
}

func (t *modelTask) ended() time.Duration { return t.began + t.report.Took }

// Whatever is registered: every task runs once or is skipped for a reason, after
// what it depends on and after the bands above its own, and the end is in time.
func TestRandomTasksKeepTheRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newModel(seed)
				defer time.Sleep(time.Hour) // also where the test fails
				defer close(m.hold)
				s := newService(t, shutdown.DefaultConfig())
				m.register(t, s)
				s.Ready()
				m.t0 = time.Now()
				s.Request("test")
				err := s.Wait(t.Context())
				require.NotErrorIs(t, err, shutdown.ErrForced)
				require.LessOrEqual(t, time.Since(m.t0), 59*time.Second+obedience)
				s.Finish()
				m.check(t, s.Report())
			})
		})
	}
}

func (m *model) check(t *testing.T, report shutdown.Report) {
	t.Helper()
	m.mu.Lock() // against those that were abandoned
	defer m.mu.Unlock()
	reports := map[string]shutdown.TaskReport{}
	for _, r := range report.Tasks {
		require.NotContains(t, reports, r.Name, "reported once")
		reports[r.Name] = r
	}
	for _, task := range m.tasks {
		task.report = reports[task.Name]
	}
	for _, task := range m.tasks {
		if task.removed {
			require.Zero(t, task.runs)
			require.Empty(t, task.report.Name)
			continue
		}
		m.checkOutcome(t, task)
		m.checkOrder(t, task)
	}
}

// checkOutcome wants one run, or the reason for none.
func (m *model) checkOutcome(t *testing.T, task *modelTask) {
	t.Helper()
	cycle := task.needs(map[*modelTask]bool{})[task]
	blocked := slices.ContainsFunc(task.deps, func(need *modelTask) bool {
		r := need.report.Result
		return r == shutdown.ResultSkipped || (need.Critical && r != shutdown.ResultOK)
	})
	if task.report.Result == shutdown.ResultSkipped {
		require.Zero(t, task.runs)
		require.Error(t, task.report.Err)
		late := task.report.Err.Error() == "no time was left"
		require.True(t, late || blocked || cycle, "task %s: %v", task.Name, task.report.Err)
		return
	}
	require.Equal(t, 1, task.runs, "task %s", task.Name)
	if task.report.Result != shutdown.ResultTimeout {
		require.Equal(t, task.result, task.report.Result)
	}
	if cycle {
		return
	}
	require.False(t, blocked, "task %s", task.Name)
	failed := slices.ContainsFunc(task.deps, func(need *modelTask) bool { return need.report.Result != shutdown.ResultOK })
	require.Equal(t, failed, task.told != nil, "task %s was told %v", task.Name, task.told)
}

// checkOrder wants a task after what it depends on, cycles aside, and after the
// bands above.
func (m *model) checkOrder(t *testing.T, task *modelTask) {
	t.Helper()
	if task.runs == 0 {
		return
	}
	for _, other := range m.tasks {
		if other.runs == 0 {
			continue
		}
		if slices.Contains(task.deps, other) && !other.needs(map[*modelTask]bool{})[task] {
			require.LessOrEqual(t, other.ended(), task.began, "%s needs %s", task.Name, other.Name)
		}
		if other.report.Priority > task.report.Priority {
			require.LessOrEqual(t, other.ended(), task.began, "%s is in a band above %s", other.Name, task.Name)
		}
	}
	if task.needs(map[*modelTask]bool{})[task] {
		return
	}
	band := task.Priority
	if band == 0 {
		band = shutdown.PriorityDefault
	}
	for _, need := range task.deps {
		band = min(band, need.report.Priority)
	}
	require.Equal(t, band, task.report.Priority, "task %s", task.Name)
}
