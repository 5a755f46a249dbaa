package resilience

import "github.com/holdfast-go/holdfast/modules/bulkhead"

// LimitMetrics is the state of what bounds the calls of one pipeline.
type LimitMetrics struct {
	Name      string        `json:"name"`      // the route
	Limit     int           `json:"limit"`     // calls that may run at once, as of now; 0 is no bound
	Adaptive  bool          `json:"adaptive"`  // the limit moves
	Running   int           `json:"running"`   // calls that run, abandoned ones too
	Abandoned int           `json:"abandoned"` // calls that outlived a hard deadline and have not returned
	MaxQueue  int           `json:"maxQueue"`  // calls that may wait
	Waiting   int           `json:"waiting"`   // calls that do
	Priority  string        `json:"priority"`  // of the calls: low, normal, high or critical
	Refused   RefusedCounts `json:"refused"`   // since the start
}

// RefusedCounts counts the calls that got no slot, by reason.
type RefusedCounts struct {
	Full         uint64 `json:"full"`         // no slot, and no place in the queue
	QueueTimeout uint64 `json:"queueTimeout"` // waited for QueueTimeout
	Codel        uint64 `json:"codel"`        // waited in a queue that has been standing
	Evicted      uint64 `json:"evicted"`      // a call of higher priority took its place
}

type refusal struct {
	reason string
	n      uint64
}

func (r *RefusedCounts) list() [4]refusal {
	return [...]refusal{
		{bulkhead.ReasonFull, r.Full},
		{bulkhead.ReasonQueueTimeout, r.QueueTimeout},
		{bulkhead.ReasonCodel, r.Codel},
		{bulkhead.ReasonEvicted, r.Evicted},
	}
}

// Limits returns the state of every pipeline that bounds its calls, sorted by
// name.
func (r *Runner) Limits() []LimitMetrics {
	all := make([]LimitMetrics, 0)
	for _, p := range r.Pipelines() {
		if m, ok := p.limits(); ok {
			all = append(all, m)
		}
	}
	return all
}

// limits returns the state of the bulkhead, and whether there is one.
func (p *Pipeline) limits() (LimitMetrics, bool) {
	slots := p.slots.Load()
	if slots == nil {
		return LimitMetrics{}, false
	}
	policy := &p.plan.Load().policy
	stats := slots.Stats()
	return LimitMetrics{
		Name: p.name, Limit: stats.Limit, Adaptive: policy.Adaptive,
		Running: stats.Running, Abandoned: stats.Abandoned,
		MaxQueue: policy.MaxQueue, Waiting: stats.Waiting, Priority: policy.Priority.String(),
		Refused: RefusedCounts{
			Full: stats.Refused.Full, QueueTimeout: stats.Refused.QueueTimeout,
			Codel: stats.Refused.Codel, Evicted: stats.Refused.Evicted,
		},
	}, true
}
