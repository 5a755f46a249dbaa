package shutdown

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	PriorityDatabase  = 10  // last writes to the database
	PriorityLast      = 1   // logs
)

// Task is something to clean up before the process ends.
type Task struct {
	// Name tells tasks apart in the report; it is required and unique.
	Name string
	// Priority is 1 to 100; higher runs earlier, equal runs side by side.
	// 0 means PriorityDefault.
	Priority int
	// DependsOn are the names of tasks that have to end before this one begins,
	// however they end. Dependencies beat priorities: a task that depends on one
	// of a lower band runs in that band, after it.
	DependsOn []string
	// Timeout ends the context of Run and, if Run does not return within 50 ms
	// then, abandons it. It counts from when Run begins. 0 means Config.TaskTimeout.
	Timeout time.Duration
	// Critical is true where nothing that depends on this task may run unless
	// this task has succeeded: where it fails or times out, the tasks that
	// depend on it are skipped, and those that depend on them. Without it they
	// run, and find the failure with DependencyError.
	Critical bool
	// Run does the work; it is required. Its context also ends shortly before the
	// force timeout. It must bear that what it cleans up has never started: tasks
	// run after a start that failed as well.
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
	if slices.Contains(t.DependsOn, "") {
		faults = append(faults, errors.New("depends on a task without a name"))
	}
	if t.Name != "" && slices.Contains(t.DependsOn, t.Name) {
		faults = append(faults, errors.New("depends on itself"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("cleanup task %q: %w", t.Name, err)
	}
	return nil
}

type dependencyKey struct{}

// DependencyError is what the tasks failed with that the running task depends
// on, joined: those that it names itself. It is nil when all of them went well.
// ctx is that of Task.Run.
func DependencyError(ctx context.Context) error {
	err, _ := ctx.Value(dependencyKey{}).(error)
	return err
}
