package shutdown

import (
	"context"
	"fmt"
	"slices"
)

// Register adds a cleanup task; one that was accepted will run, after a start
// that failed as well, or be skipped for a reason that the report tells. The error tells what is wrong with the
// task or that its name is taken, or matches ErrShuttingDown when CLEANUP has
// begun.
//
// Until Ready a task may depend on one that is registered later; Check finds
// names that nobody has. From Ready on Register itself refuses an unknown name
// and a cycle.
func (s *Service) Register(t Task) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if t.Priority == 0 {
		t.Priority = PriorityDefault
	}
	if t.Timeout == 0 {
		t.Timeout = s.cfg.TaskTimeout
	}
	t.DependsOn = slices.Clone(t.DependsOn)
	return s.registry.addTask(t, s.State() > Starting)
}

// RegisterCleanupTask is Register with default priority and timeout.
func (s *Service) RegisterCleanupTask(name string, fn func(context.Context) error) error {
	return s.Register(Task{Name: name, Run: fn})
}

// Unregister removes a cleanup task. Tasks that depend on it need not wait for
// it any more. It reports false when there is no such task or CLEANUP has begun.
func (s *Service) Unregister(name string) bool { return s.registry.removeTask(name) }

// Check reports every name in Task.DependsOn that no task has, and every cycle,
// all at once. What it finds does not hold up a stop: an unknown name counts as
// done, and the tasks of a cycle run one by one in order of registration.
func (s *Service) Check() error { return s.registry.check() }

// OnPhase adds a function that runs when phase Grace, Draining or Cleanup
// begins, beside the others of that phase. In Grace and Draining its context
// ends when the drain, including Config.CancelGrace, is over at the latest, and
// the drain waits for it; in Cleanup it ends after Config.TaskTimeout, and the
// tasks wait for it. A hook that has not returned 50 ms later is abandoned. The
// error matches ErrShuttingDown when the phase has begun.
func (s *Service) OnPhase(name string, phase State, fn func(context.Context) error) error {
	if phase != Grace && phase != Draining && phase != Cleanup {
		return fmt.Errorf("register hook %q: phase %s has no hooks, only grace, draining and cleanup have", name, phase)
	}
	if name == "" || fn == nil {
		return fmt.Errorf("register hook %q for phase %s: name and function are required", name, phase)
	}
	return s.registry.addHook(hook{name: name, phase: phase, run: fn})
}
