package shutdown

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// journal holds the state and writes the Report while the sequence runs. One
// lock for both, so that the report knows each state that the process was in.
type journal struct {
	state atomic.Int32 // a copy of report.State to be read at any rate

	mu      sync.Mutex
	report  Report
	entered time.Time // the last state
	partial bool      // the drain was
	drained bool      // Report.Drained is final
}

func (j *journal) begin(reason string, t0 time.Time, requests, streams, workers int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := &j.report
	r.Reason, r.Started = reason, t0
	r.InFlightAtStart, r.StreamsAtStart, r.WorkersAtStart = requests, streams, workers
}

// enter moves on to a later state, unless the end was reached.
func (j *journal) enter(next State) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.report.State >= next || j.report.State >= Stopped {
		return false
	}
	now := time.Now()
	j.tick(now)
	j.report.State, j.entered = next, now
	j.state.Store(int32(next))
	switch {
	case next >= Stopped:
		j.report.Completed, j.report.Forced = now, next == Forced
	case next >= Grace:
		j.report.Phases = append(j.report.Phases, PhaseReport{Phase: next})
	}
	return true
}

// tick brings the clocks of what is running up to now.
func (j *journal) tick(now time.Time) {
	last := len(j.report.Phases) - 1
	if last < 0 || !j.report.Completed.IsZero() {
		return
	}
	j.report.Took = now.Sub(j.report.Started)
	j.report.Phases[last].Took = now.Sub(j.entered)
}

// drain notes what was in flight when new work was refused.
func (j *journal) drain(inFlight int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.InFlightAtDrain = inFlight
}

// cut notes what was left at the end of the drain.
func (j *journal) cut(requests, streams, workers int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := &j.report
	r.Cut, r.StreamsCut, r.WorkersCut = requests, streams, workers
	r.Drained = r.InFlightAtDrain - requests
	j.drained = true
}

// end notes what was left at the end of the cancel grace.
func (j *journal) end(inFlight int, partial bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.InFlightAtEnd = inFlight
	j.report.DrainCompleted = !partial
	j.partial = partial
}

func (j *journal) task(t TaskReport) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := &j.report
	r.Tasks = append(r.Tasks, t)
	if t.Result == ResultOK {
		r.StepsCompleted = append(r.StepsCompleted, t.Name)
	} else {
		r.StepsFailed = append(r.StepsFailed, t.Name)
	}
}

func (j *journal) reason() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.report.Reason
}

// snapshot needs the work in flight now for what was drained so far.
func (j *journal) snapshot(inFlight int) Report {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tick(time.Now())
	r := j.report
	if r.State >= Draining && !j.drained {
		r.Drained = max(r.InFlightAtDrain-inFlight, 0)
	}
	r.Phases = slices.Clone(r.Phases)
	r.Tasks = slices.Clone(r.Tasks)
	r.StepsCompleted = slices.Clone(r.StepsCompleted)
	r.StepsFailed = slices.Clone(r.StepsFailed)
	return r
}

// err says in what the shutdown failed.
func (j *journal) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var faults []error
	if j.partial {
		faults = append(faults, fmt.Errorf("%w: %s", ErrDrain, j.left()))
	}
	var failed []string
	for _, t := range j.report.Tasks {
		if t.Result != ResultOK {
			failed = append(failed, fmt.Sprintf("%s (%s)", t.Name, t.Result))
		}
	}
	if len(failed) > 0 {
		faults = append(faults, fmt.Errorf("%w: %s", ErrTask, strings.Join(bounded(failed), ", ")))
	}
	if j.report.Forced {
		faults = append(faults, ErrForced)
	}
	return errors.Join(faults...)
}

func (j *journal) left() string {
	left := fmt.Sprintf("%d in flight", j.report.Cut)
	if n := j.report.StreamsCut; n > 0 {
		left += fmt.Sprintf(", streams: %d", n)
	}
	if n := j.report.WorkersCut; n > 0 {
		left += fmt.Sprintf(", workers: %d", n)
	}
	return left
}
