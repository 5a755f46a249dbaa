package shutdown

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// page is a Report as JSON: the contract's record, and what is known besides.
// What is unfinished is bounded to 20 of a kind.
type page struct {
	Reason                 string     `json:"reason"`
	State                  string     `json:"state"`
	ShutdownInitiated      *time.Time `json:"shutdownInitiated"` // null before the stop
	ShutdownCompleted      *time.Time `json:"shutdownCompleted"` // null before its end
	TotalDuration          float64    `json:"totalDuration"`     // all durations are milliseconds
	ActiveRequestsAtStart  int        `json:"activeRequestsAtStart"`
	ActiveRequestsAtEnd    int        `json:"activeRequestsAtEnd"`
	DrainCompleted         bool       `json:"drainCompleted"`
	ForceShutdownTriggered bool       `json:"forceShutdownTriggered"`
	CleanupStepsCompleted  []string   `json:"cleanupStepsCompleted"`
	CleanupStepsFailed     []string   `json:"cleanupStepsFailed"`

	ActiveRequestsAtDrain int `json:"activeRequestsAtDrain"`
	DrainedRequests       int `json:"drainedRequests"`
	CutRequests           int `json:"cutRequests"`
	RefusedRequests       int `json:"refusedRequests"`
	StreamsAtStart        int `json:"streamsAtStart"`
	StreamsCut            int `json:"streamsCut"`
	WorkersAtStart        int `json:"workersAtStart"`
	WorkersCut            int `json:"workersCut"`

	Phases          []pagePhase      `json:"phases"`
	Tasks           []pageTask       `json:"tasks"`
	Unfinished      []pageUnfinished `json:"unfinished"`
	UnfinishedCount int              `json:"unfinishedCount"` // of all
}

type pagePhase struct {
	Phase    string  `json:"phase"`
	Duration float64 `json:"duration"`
}

type pageTask struct {
	Kind     string  `json:"kind"`
	Name     string  `json:"name"`
	Phase    string  `json:"phase"`
	Priority int     `json:"priority,omitempty"`
	Result   Result  `json:"result"`
	Duration float64 `json:"duration"`
	Error    string  `json:"error,omitempty"`
}

type pageUnfinished struct {
	Kind string  `json:"kind"`
	Name string  `json:"name"`
	Age  float64 `json:"age"`
}

// MarshalJSON implements json.Marshaler. Its names are those of the contract:
// shutdownInitiated, totalDuration, activeRequestsAtStart and so on. Lists are
// never null, and unfinished is bounded to 20 of a kind.
func (r Report) MarshalJSON() ([]byte, error) {
	p := page{
		Reason:                 r.Reason,
		State:                  r.State.String(),
		ShutdownInitiated:      moment(r.Started),
		ShutdownCompleted:      moment(r.Completed),
		TotalDuration:          milliseconds(r.Took),
		ActiveRequestsAtStart:  r.InFlightAtStart,
		ActiveRequestsAtEnd:    r.InFlightAtEnd,
		DrainCompleted:         r.DrainCompleted,
		ForceShutdownTriggered: r.Forced,
		CleanupStepsCompleted:  append([]string{}, r.StepsCompleted...),
		CleanupStepsFailed:     append([]string{}, r.StepsFailed...),
		ActiveRequestsAtDrain:  r.InFlightAtDrain,
		DrainedRequests:        r.Drained,
		CutRequests:            r.Cut,
		RefusedRequests:        r.Refused,
		StreamsAtStart:         r.StreamsAtStart,
		StreamsCut:             r.StreamsCut,
		WorkersAtStart:         r.WorkersAtStart,
		WorkersCut:             r.WorkersCut,
		UnfinishedCount:        len(r.Unfinished),
	}
	p.fill(r)
	return json.Marshal(p) //nolint:wrapcheck // nothing to add
}

// fill writes the lists.
func (p *page) fill(r Report) {
	p.Phases, p.Tasks, p.Unfinished = []pagePhase{}, []pageTask{}, []pageUnfinished{}
	for _, phase := range r.Phases {
		p.Phases = append(p.Phases, pagePhase{Phase: phase.Phase.String(), Duration: milliseconds(phase.Took)})
	}
	for _, t := range r.Tasks {
		line := pageTask{
			Kind: t.Kind, Name: t.Name, Phase: t.Phase.String(), Priority: t.Priority,
			Result: t.Result, Duration: milliseconds(t.Took),
		}
		if t.Err != nil {
			line.Error = t.Err.Error()
		}
		p.Tasks = append(p.Tasks, line)
	}
	for _, u := range firstOfKind(r.Unfinished) {
		p.Unfinished = append(p.Unfinished, pageUnfinished{Kind: u.Kind, Name: u.Name, Age: milliseconds(u.Age)})
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// LogAttrs is the report for one log line: the contract's metrics in snake_case,
// the durations of phases and tasks, and what is unfinished. Lists are bounded
// to 20 names each.
func (r Report) LogAttrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("reason", r.Reason),
		slog.String("state", r.State.String()),
		slog.Duration("total_duration", r.Took),
		slog.Int("active_requests_at_start", r.InFlightAtStart),
		slog.Int("active_requests_at_end", r.InFlightAtEnd),
		slog.Bool("drain_completed", r.DrainCompleted),
		slog.Bool("force_shutdown_triggered", r.Forced),
		slog.Int("drained", r.Drained),
		slog.Int("cut", r.Cut),
		slog.Int("refused", r.Refused),
		slog.Int("streams_at_start", r.StreamsAtStart),
		slog.Int("streams_cut", r.StreamsCut),
		slog.Int("workers_at_start", r.WorkersAtStart),
		slog.Int("workers_cut", r.WorkersCut),
		slog.Int("steps_completed", len(r.StepsCompleted)),
		slog.Any("steps_failed", bounded(r.StepsFailed)),
	}
	phases := make([]slog.Attr, 0, len(r.Phases))
	for _, p := range r.Phases {
		phases = append(phases, slog.Duration(p.Phase.String(), p.Took))
	}
	var tasks []string
	for _, t := range r.Tasks {
		tasks = append(tasks, t.line())
	}
	attrs = append(attrs, slog.GroupAttrs("phases", phases...), slog.Any("tasks", bounded(tasks)))
	return append(attrs, culprits(r.Unfinished)...)
}

// line is the end of a hook, task or step in a list, with the error where it failed.
func (t TaskReport) line() string {
	line := fmt.Sprintf("%s %s %s", t.Name, t.Result, t.Took.Round(time.Microsecond))
	if t.Err != nil {
		line += ": " + t.Err.Error()
	}
	return line
}

// culprits names what is unfinished, an attribute for each kind there is.
func culprits(all []Unfinished) []slog.Attr {
	var attrs []slog.Attr
	for _, kind := range kinds() {
		if list := names(all, kind); len(list) > 0 {
			attrs = append(attrs, slog.Any("unfinished_"+kind+"s", list))
		}
	}
	return attrs
}
