package circuitbreaker

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/metrics"
)

type descs struct {
	state, calls, slow, transitions *prometheus.Desc

	excluded, failure, rejected, success *metrics.Label
	from, to                             [3]*metrics.Label // by State
}

func newDescs() descs {
	outcome := func(value string) *metrics.Label { return metrics.NewLabel("outcome", value) }
	d := descs{
		state: prometheus.NewDesc("circuit_state",
			"State of a circuit breaker: 0 closed, 1 half-open, 2 open.", []string{"name"}, nil),
		calls: prometheus.NewDesc("circuit_calls_total",
			"Calls by outcome: success, failure, excluded, rejected.", []string{"name", "outcome"}, nil),
		slow: prometheus.NewDesc("circuit_slow_calls_total",
			"Calls that succeeded or failed and were slow.", []string{"name"}, nil),
		transitions: prometheus.NewDesc("circuit_transitions_total",
			"Changes of state.", []string{"name", "from", "to"}, nil),
		excluded: outcome(Excluded.String()), failure: outcome(Failure.String()),
		rejected: outcome("rejected"), success: outcome(Success.String()),
	}
	for _, state := range []State{Closed, HalfOpen, Open} {
		d.from[state] = metrics.NewLabel("from", state.String())
		d.to[state] = metrics.NewLabel("to", state.String())
	}
	return d
}

// Describe implements [prometheus.Collector].
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.descs.state
	ch <- s.descs.calls
	ch <- s.descs.slow
	ch <- s.descs.transitions
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series, and a breaker that has done nothing has none at all. Samples are sent
// in the order of a scrape, see [metrics.Batch].
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	batch := metrics.NewBatch(ch)
	var restless []moved
	for _, b := range s.breakers() {
		if m, ok := b.collect(&s.descs, batch); ok {
			restless = append(restless, m)
		}
	}
	for from := range s.descs.from {
		for _, m := range restless {
			for to, n := range m.moves[from] {
				if n > 0 {
					batch.Counter(s.descs.transitions, float64(n), s.descs.from[from], m.name, s.descs.to[to])
				}
			}
		}
	}
}

// moved is what a breaker tells of its changes of state, which are sorted by the
// state before they are by name.
type moved struct {
	name  *metrics.Label
	moves [3][3]uint64
}

// collect sends all but the changes of state, and returns them if there were
// any.
func (b *Breaker) collect(descs *descs, batch *metrics.Batch) (moved, bool) {
	b.mu.Lock()
	tallies, m, state := b.tallies, moved{b.label, b.moves}, b.State()
	hasMoved := m.moves != [3][3]uint64{}
	if m.name == nil && (tallies != nil || hasMoved) {
		b.label = metrics.NewLabel("name", b.name)
		m.name = b.label
	}
	b.mu.Unlock()
	if m.name == nil {
		return m, false
	}
	count := func(desc *prometheus.Desc, n uint64, labels ...*metrics.Label) {
		if n > 0 {
			batch.Counter(desc, float64(n), labels...)
		}
	}
	batch.Gauge(descs.state, float64(state), m.name)
	count(descs.calls, counted(tallies, int(Excluded)), m.name, descs.excluded)
	count(descs.calls, counted(tallies, int(Failure)), m.name, descs.failure)
	count(descs.calls, b.rejected.Load(), m.name, descs.rejected)
	count(descs.calls, counted(tallies, int(Success)), m.name, descs.success)
	count(descs.slow, counted(tallies, slowCalls), m.name)
	return m, hasMoved
}
