package shutdown

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result is how a hook or a cleanup task ended.
type Result string

// The results of hooks and tasks.
const (
	ResultOK      Result = "ok"      // returned nil
	ResultFailed  Result = "failed"  // returned an error or panicked
	ResultTimeout Result = "timeout" // was not done in its time
	ResultSkipped Result = "skipped" // never ran: there was no time left
)

// Report tells what a shutdown did so far.
type Report struct {
	Reason          string        // of the first Request; empty before it
	State           State         // now
	Started         time.Time     // T0; zero before the first Request
	Took            time.Duration // from T0 to the end of CLEANUP, or until now
	Phases          []PhaseReport // in order, those already entered
	Tasks           []TaskReport  // hooks and tasks in the order in which they ended
	InFlightAtStart int           // work in flight at T0
	Cut             int           // work in flight when Service.Context was cancelled
	InFlightAtEnd   int           // work in flight when CLEANUP began
	Unfinished      []Unfinished  // the names and ages of InFlightAtEnd
}

// PhaseReport is the time one phase took, or takes until now.
type PhaseReport struct {
	Phase State
	Took  time.Duration
}

// TaskReport is the end of one hook or cleanup task.
type TaskReport struct {
	Name     string
	Phase    State // Grace or Draining for a hook, Cleanup for a task
	Priority int   // 0 for a hook
	Result   Result
	Took     time.Duration
	Err      error // nil if Result is ResultOK
}

// journal writes the Report while the sequence runs.
type journal struct {
	mu      sync.Mutex
	report  Report
	entered time.Time // of the last phase
	ended   bool
	forced  bool
	partial bool // the drain was partial
}

func (j *journal) begin(reason string, inFlight int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.Reason = reason
	j.report.Started = time.Now()
	j.report.InFlightAtStart = inFlight
}

func (j *journal) enter(phase State) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closePhase()
	j.entered = time.Now()
	if phase == Forced {
		j.forced = true
	}
	if !j.ended {
		j.report.Phases = append(j.report.Phases, PhaseReport{Phase: phase})
	}
}

func (j *journal) closePhase() {
	if last := len(j.report.Phases) - 1; last >= 0 && !j.ended {
		j.report.Phases[last].Took = time.Since(j.entered)
	}
}

func (j *journal) drained(cut int, unfinished []Unfinished, partial bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.Cut = cut
	j.report.InFlightAtEnd = len(unfinished)
	j.report.Unfinished = unfinished
	j.partial = partial
}

func (j *journal) task(t TaskReport) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.Tasks = append(j.report.Tasks, t)
}

// end stops the clocks of the last phase and of the whole.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closePhase()
	j.ended = true
	if !j.report.Started.IsZero() {
		j.report.Took = time.Since(j.report.Started)
	}
}

func (j *journal) snapshot(now State) Report {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.ended && !j.report.Started.IsZero() {
		j.closePhase()
		j.report.Took = time.Since(j.report.Started)
	}
	r := j.report
	r.State = now
	r.Phases = slices.Clone(r.Phases)
	r.Tasks = slices.Clone(r.Tasks)
	r.Unfinished = slices.Clone(r.Unfinished)
	return r
}

// err says in what the shutdown failed.
func (j *journal) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var faults []error
	if j.partial {
		faults = append(faults, fmt.Errorf("%w: %d in flight", ErrDrain, max(j.report.Cut, j.report.InFlightAtEnd)))
	}
	var failed []string
	for _, t := range j.report.Tasks {
		if t.Result != ResultOK {
			failed = append(failed, fmt.Sprintf("%s (%s)", t.Name, t.Result))
		}
	}
	if len(failed) > 0 {
		faults = append(faults, fmt.Errorf("%w: %s", ErrTask, strings.Join(failed, ", ")))
	}
	if j.forced {
		faults = append(faults, ErrForced)
	}
	return errors.Join(faults...)
}
