package shutdown

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// hook is a function that runs when a phase begins.
type hook struct {
	name  string
	phase State
	run   func(context.Context) error
}

// registered is a task in the registry.
type registered struct {
	Task

	order   int
	removed map[string]bool // dependencies that were unregistered meanwhile
}

// registry holds what will run. What it has handed out it no longer accepts.
type registry struct {
	mu    sync.Mutex
	begun State // the last phase whose entries were taken
	count int   // of all tasks ever added
	tasks map[string]*registered
	hooks []hook
}

// addTask accepts unknown names in DependsOn unless strict; check finds them.
func (r *registry) addTask(t Task, strict bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun >= Cleanup {
		return fmt.Errorf("register cleanup task %q: %w", t.Name, ErrShuttingDown)
	}
	if r.tasks[t.Name] != nil {
		return fmt.Errorf("register cleanup task %q: the name is taken", t.Name)
	}
	added := &registered{Task: t, order: r.count}
	if strict {
		if err := r.fits(added); err != nil {
			return fmt.Errorf("register cleanup task %q: %w", t.Name, err)
		}
	}
	if r.tasks == nil {
		r.tasks = map[string]*registered{}
	}
	r.tasks[t.Name] = added
	r.count++
	return nil
}

// fits reports the unknown names that a new task depends on, and the cycle that
// it would close.
func (r *registry) fits(t *registered) error {
	faults := r.unknown(t)
	seen := map[string]bool{}
	var leadsBack func(string) bool
	leadsBack = func(name string) bool {
		if name == t.Name {
			return true
		}
		next := r.tasks[name]
		if next == nil || seen[name] {
			return false
		}
		seen[name] = true
		return slices.ContainsFunc(next.DependsOn, leadsBack)
	}
	for _, name := range t.DependsOn {
		if leadsBack(name) {
			faults = append(faults, fmt.Errorf("depends on %q, which depends on it", name))
		}
	}
	return errors.Join(faults...)
}

func (r *registry) unknown(t *registered) []error {
	var faults []error
	for _, name := range t.DependsOn {
		if r.tasks[name] == nil && !t.removed[name] {
			faults = append(faults, fmt.Errorf("depends on %q, which is not registered", name))
		}
	}
	return faults
}

// check reports every unknown name and every cycle.
func (r *registry) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	tasks := r.inOrder()
	var faults []error
	for _, t := range tasks {
		for _, err := range r.unknown(t) {
			faults = append(faults, fmt.Errorf("cleanup task %q %w", t.Name, err))
		}
	}
	return errors.Join(append(faults, cycles(tasks)...)...)
}

// removeTask reports whether there was such a task and it had not begun. Tasks
// that depend on it no longer do.
func (r *registry) removeTask(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun >= Cleanup || r.tasks[name] == nil {
		return false
	}
	delete(r.tasks, name)
	for _, t := range r.tasks {
		if slices.Contains(t.DependsOn, name) {
			if t.removed == nil {
				t.removed = map[string]bool{}
			}
			t.removed[name] = true
		}
	}
	return true
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

// takeHooks hands out the hooks of a phase, and closes it to others. That of
// Cleanup closes the registry.
func (r *registry) takeHooks(phase State) []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = max(r.begun, phase)
	var taken, left []hook
	for _, h := range r.hooks {
		if h.phase == phase {
			taken = append(taken, h)
		} else {
			left = append(left, h)
		}
	}
	r.hooks = left
	return taken
}

// takeTasks hands out the tasks, in order of registration, once.
func (r *registry) takeTasks() []*registered {
	r.mu.Lock()
	defer r.mu.Unlock()
	tasks := r.inOrder()
	r.tasks = nil
	return tasks
}

// close refuses everything further, and hands out what nobody has taken.
func (r *registry) close() ([]hook, []*registered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = Cleanup
	hooks, tasks := r.hooks, r.inOrder()
	r.hooks, r.tasks = nil, nil
	return hooks, tasks
}

// inOrder is called with the lock held.
func (r *registry) inOrder() []*registered {
	return slices.SortedFunc(maps.Values(r.tasks), func(a, b *registered) int { return cmp.Compare(a.order, b.order) })
}
