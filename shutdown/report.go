package shutdown

import "time"

// Result is how a hook, a cleanup task or a step ended.
type Result string

// The results of hooks, tasks and steps.
const (
	ResultOK      Result = "ok"      // returned nil, in its time or shortly after
	ResultFailed  Result = "failed"  // returned an error or panicked
	ResultTimeout Result = "timeout" // did not return in its time, or with an error when that was over
	ResultSkipped Result = "skipped" // never ran; its error says why
)

// Report tells what a shutdown did so far. What was in flight when new work was
// refused is InFlightAtDrain, which is Drained and Cut together and what still
// runs. As JSON its durations are milliseconds.
type Report struct {
	Reason    string        // of the first Request; empty before it
	State     State         // now
	Started   time.Time     // T0; zero before the first Request
	Completed time.Time     // the moment of STOPPED or FORCED; zero before it
	Took      time.Duration // from T0 to Completed, or until now
	Phases    []PhaseReport // in order, those already entered
	Tasks     []TaskReport  // hooks, tasks and steps in the order in which they ended

	InFlightAtStart int // work in flight at T0
	InFlightAtDrain int // work in flight when DRAINING began
	Drained         int // of InFlightAtDrain, what ended before it was cut
	Cut             int // work in flight when Service.Context was cancelled
	InFlightAtEnd   int // work in flight when CLEANUP began
	Refused         int // work that Track refused

	StreamsAtStart int // attached at T0
	StreamsCut     int // attached when Service.Context was cancelled
	WorkersAtStart int // attached at T0
	WorkersCut     int // attached when Service.Context was cancelled

	DrainCompleted bool     // DRAINING ended, and without ErrDrain
	Forced         bool     // the force timeout was reached
	StepsCompleted []string // the names of Tasks that went well
	StepsFailed    []string // the names of the others

	// Unfinished is everything that has not ended at this moment, by kind and
	// the oldest first: work in flight, streams and workers, and hooks, tasks
	// and steps that run or were abandoned.
	Unfinished []Unfinished
}

// PhaseReport is the time one phase took, or takes until now.
type PhaseReport struct {
	Phase State // Grace, Draining, or Cleanup, which includes the steps
	Took  time.Duration
}

// TaskReport is the end of one hook, cleanup task or step.
type TaskReport struct {
	Kind     string // "hook", "task" or "step"
	Name     string
	Phase    State // that of a hook, else Cleanup
	Priority int   // at which a task ran; 0 for a hook and a step
	Result   Result
	Took     time.Duration
	Err      error // nil if Result is ResultOK
}
