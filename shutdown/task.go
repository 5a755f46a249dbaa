package shutdown

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Priorities of cleanup tasks: bands from what must stop first to what others
// still need. Any number from 1 to 100 may be used; 0 means PriorityDefault.
const (
	PriorityIntake    = 100 // consumers and other intake
	PriorityFlush     = 80  // outboxes, producers, buffers
	PriorityCaches    = 60  // caches and schedulers
	PriorityDefault   = 50  // tasks that set none
	PriorityOutbound  = 40  // clients of other services
	PriorityTelemetry = 20  // metrics and traces
	PriorityDatabase  = 10  // connection pools
	PriorityLast      = 1   // logs
)

// Task is something to clean up before the process ends.
type Task struct {
	// Name tells tasks apart in the report; it is required and unique.
	Name string
	// Priority is 1 to 100; higher runs earlier, equal runs side by side.
	// 0 means PriorityDefault.
	Priority int
	// Timeout ends the context of Run and, if Run does not return then, abandons
	// it. 0 means Config.TaskTimeout.
	Timeout time.Duration
	// Run does the work; it is required. Its context also ends shortly before the
	// force timeout.
	Run func(context.Context) error
}

// Validate reports what is wrong with the task.
func (t Task) Validate() error {
	var faults []error
	if t.Name == "" {
		faults = append(faults, errors.New("has no name"))
	}
	if t.Run == nil {
		faults = append(faults, errors.New("has no Run"))
	}
	if t.Priority < 0 || t.Priority > 100 {
		faults = append(faults, fmt.Errorf("priority %d is not in 1 to 100", t.Priority))
	}
	if t.Timeout < 0 {
		faults = append(faults, fmt.Errorf("timeout %s is negative", t.Timeout))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("cleanup task %q: %w", t.Name, err)
	}
	return nil
}

// hook is a function that runs when a phase begins.
type hook struct {
	name  string
	phase State
	run   func(context.Context) error
}

// registry holds what will run. What it has handed out it no longer accepts.
type registry struct {
	mu    sync.Mutex
	begun State // the last phase whose entries were taken
	tasks []Task
	hooks []hook
}

func (r *registry) addTask(t Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun >= Cleanup {
		return fmt.Errorf("register cleanup task %q: %w", t.Name, ErrShuttingDown)
	}
	if slices.ContainsFunc(r.tasks, func(other Task) bool { return other.Name == t.Name }) {
		return fmt.Errorf("register cleanup task %q: the name is taken", t.Name)
	}
	r.tasks = append(r.tasks, t)
	return nil
}

func (r *registry) removeTask(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := len(r.tasks)
	if r.begun < Cleanup {
		r.tasks = slices.DeleteFunc(r.tasks, func(t Task) bool { return t.Name == name })
	}
	return len(r.tasks) < before
}

func (r *registry) addHook(h hook) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun >= h.phase {
		return fmt.Errorf("register hook %q for phase %s: %w", h.name, h.phase, ErrShuttingDown)
	}
	if slices.ContainsFunc(r.hooks, func(other hook) bool { return other.name == h.name && other.phase == h.phase }) {
		return fmt.Errorf("register hook %q for phase %s: the name is taken", h.name, h.phase)
	}
	r.hooks = append(r.hooks, h)
	return nil
}

// takeHooks returns the hooks of a phase, and closes it to others.
func (r *registry) takeHooks(phase State) []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = phase
	return slices.DeleteFunc(slices.Clone(r.hooks), func(h hook) bool { return h.phase != phase })
}

// takeBands returns the tasks by falling priority, in order of registration
// within a band, and closes the registry.
func (r *registry) takeBands() [][]Task {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = Cleanup
	slices.SortStableFunc(r.tasks, func(a, b Task) int { return cmp.Compare(b.Priority, a.Priority) })
	var bands [][]Task
	for i, t := range r.tasks {
		if i == 0 || t.Priority != r.tasks[i-1].Priority {
			bands = append(bands, nil)
		}
		bands[len(bands)-1] = append(bands[len(bands)-1], t)
	}
	return bands
}
