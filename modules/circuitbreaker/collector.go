package circuitbreaker

import "github.com/prometheus/client_golang/prometheus"

type descs struct{ state, calls, slow, transitions *prometheus.Desc }

func newDescs() descs {
	return descs{
		state: prometheus.NewDesc("circuit_state",
			"State of a circuit breaker: 0 closed, 1 half-open, 2 open.", []string{"name"}, nil),
		calls: prometheus.NewDesc("circuit_calls_total",
			"Calls by outcome: success, failure, excluded, rejected.", []string{"name", "outcome"}, nil),
		slow: prometheus.NewDesc("circuit_slow_calls_total",
			"Calls that succeeded or failed and were slow.", []string{"name"}, nil),
		transitions: prometheus.NewDesc("circuit_transitions_total",
			"Changes of state.", []string{"name", "from", "to"}, nil),
	}
}

// Describe implements [prometheus.Collector].
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.descs.state
	ch <- s.descs.calls
	ch <- s.descs.slow
	ch <- s.descs.transitions
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series, and a breaker that has done nothing has none at all.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	for _, b := range s.breakers() {
		b.collect(s.descs, ch)
	}
}

func (b *Breaker) collect(descs descs, ch chan<- prometheus.Metric) {
	b.mu.Lock()
	tallies, moves, state := b.tallies, b.moves, b.State()
	b.mu.Unlock()
	if tallies == nil && moves == [3][3]uint64{} {
		return
	}
	ch <- prometheus.MustNewConstMetric(descs.state, prometheus.GaugeValue, float64(state), b.name)
	count := func(desc *prometheus.Desc, n uint64, labels ...string) {
		if n > 0 {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
		}
	}
	for _, outcome := range []Outcome{Success, Failure, Excluded} {
		count(descs.calls, counted(tallies, int(outcome)), b.name, outcome.String())
	}
	count(descs.calls, b.rejected.Load(), b.name, "rejected")
	count(descs.slow, counted(tallies, slowCalls), b.name)
	for from := range moves {
		for to, n := range moves[from] {
			count(descs.transitions, n, b.name, State(from).String(), State(to).String())
		}
	}
}
