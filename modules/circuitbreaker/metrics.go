package circuitbreaker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics is what a breaker has counted. Numbers that belong together are read
// one after the other, so under load they may differ by calls in between.
type Metrics struct {
	Name  string
	State State
	Since time.Time // of the state
	Until time.Time // while open: when trials begin

	// Since the process started.
	Calls     uint64 // Successes + Failures + Excluded: calls that were made and have ended
	Successes uint64
	Failures  uint64
	Excluded  uint64
	Rejected  uint64 // calls that were refused

	// In the window; zero unless closed.
	WindowCalls    uint64
	WindowFailures uint64
	FailureRate    float64 // 0 to 1

	Trials      int       // half-open: let through and not given back
	LastSuccess time.Time // to the second; zero is never
	LastFailure time.Time // to the second; zero is never
	LastError   error     // the last failure, nil after a change by hand
	Config      Config
}

// Metrics returns what the breaker has counted. It moves nothing.
func (b *Breaker) Metrics() Metrics {
	e := b.epoch.Load()
	m := Metrics{
		Name: b.name, State: b.stateIn(e), Since: e.since, Config: b.cfg,
		Successes: b.succeeded.Load(), Failures: b.failed.Load(),
		Excluded: b.excluded.Load(), Rejected: b.rejected.Load(),
		LastSuccess: b.at(b.lastSuccess.Load()), LastFailure: b.at(b.lastFailure.Load()),
	}
	m.Calls = m.Successes + m.Failures + m.Excluded
	switch e.state {
	case Closed:
		succeeded, failed := e.window.sum(b.second())
		m.WindowCalls, m.WindowFailures, m.FailureRate = succeeded+failed, failed, rate(succeeded, failed)
	case Open:
		m.Until = e.refusal.Until
	case HalfOpen:
		m.Trials = int(e.trials.Load())
	}
	b.mu.Lock()
	m.LastError = b.last
	b.mu.Unlock()
	return m
}

func (b *Breaker) at(stamp int64) time.Time {
	if stamp == 0 {
		return time.Time{}
	}
	return b.born.Add(time.Duration(stamp-1) * time.Second)
}

type descs struct{ state, calls, transitions *prometheus.Desc }

func newDescs() descs {
	return descs{
		state: prometheus.NewDesc("circuit_state",
			"State of a circuit breaker: 0 closed, 1 half-open, 2 open.", []string{"name"}, nil),
		calls: prometheus.NewDesc("circuit_calls_total",
			"Calls by outcome: success, failure, excluded, rejected.", []string{"name", "outcome"}, nil),
		transitions: prometheus.NewDesc("circuit_transitions_total",
			"Changes of state.", []string{"name", "from", "to"}, nil),
	}
}

// Describe implements [prometheus.Collector].
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.descs.state
	ch <- s.descs.calls
	ch <- s.descs.transitions
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	for _, b := range s.breakers() {
		ch <- prometheus.MustNewConstMetric(s.descs.state, prometheus.GaugeValue, float64(b.State()), b.name)
		count := func(desc *prometheus.Desc, n uint64, labels ...string) {
			if n > 0 {
				ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), append([]string{b.name}, labels...)...)
			}
		}
		count(s.descs.calls, b.succeeded.Load(), Success.String())
		count(s.descs.calls, b.failed.Load(), Failure.String())
		count(s.descs.calls, b.excluded.Load(), Excluded.String())
		count(s.descs.calls, b.rejected.Load(), "rejected")
		b.mu.Lock()
		moves := b.moves
		b.mu.Unlock()
		for from := range moves {
			for to, n := range moves[from] {
				count(s.descs.transitions, n, State(from).String(), State(to).String())
			}
		}
	}
}
