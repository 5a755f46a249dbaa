package retry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics is what a [Service] has counted since the process started.
type Metrics struct {
	FirstTry  uint64            // operations whose first attempt succeeded
	Recovered uint64            // operations that succeeded after repetitions
	GivenUp   map[string]uint64 // operations that failed, by reason (the Reason constants)
	Retries   uint64            // attempts beyond the first
	Waited    time.Duration     // time planned between attempts
}

// reasons are the keys of Metrics.GivenUp, in the order of counters.givenUp.
var reasons = [...]string{ //nolint:gochecknoglobals // a constant array
	ReasonAttempts, ReasonDeadline, ReasonDuration, ReasonRetryAfter, ReasonBudget, ReasonCanceled, ReasonPermanent, ReasonAborted,
}

type counters struct {
	first, recovered, retries atomic.Uint64
	waited                    atomic.Int64
	givenUp                   [len(reasons)]atomic.Uint64
}

func (c *counters) giveUp(reason string) {
	for i, r := range reasons {
		if r == reason {
			c.givenUp[i].Add(1)
		}
	}
}

// Metrics returns what was counted. First attempts that package resilience
// makes itself, and which succeed, are counted there.
func (s *Service) Metrics() Metrics {
	m := Metrics{
		FirstTry: s.counters.first.Load(), Recovered: s.counters.recovered.Load(),
		Retries: s.counters.retries.Load(), Waited: time.Duration(s.counters.waited.Load()),
		GivenUp: map[string]uint64{},
	}
	for i, r := range reasons {
		if n := s.counters.givenUp[i].Load(); n > 0 {
			m.GivenUp[r] = n
		}
	}
	return m
}

type descs struct{ operations, retries, waited, givenUp, exhausted *prometheus.Desc }

func newDescs() descs {
	return descs{
		operations: prometheus.NewDesc("retry_operations_total",
			"Operations by outcome: first_try, recovered, given_up.", []string{"outcome"}, nil),
		retries: prometheus.NewDesc("retry_retries_total", "Attempts beyond the first.", nil, nil),
		waited:  prometheus.NewDesc("retry_wait_seconds_total", "Time planned between attempts.", nil, nil),
		givenUp: prometheus.NewDesc("retry_given_up_total", "Operations that failed, by reason.", []string{"reason"}, nil),
		exhausted: prometheus.NewDesc("resilience_retry_budget_exhausted_total",
			"Repetitions that the budget of a dependency refused.", []string{"dependency"}, nil),
	}
}

// Describe implements [prometheus.Collector].
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.descs.operations
	ch <- s.descs.retries
	ch <- s.descs.waited
	ch <- s.descs.givenUp
	ch <- s.descs.exhausted
}

// Collect implements [prometheus.Collector].
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	count := func(desc *prometheus.Desc, n float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, n, labels...)
	}
	m := s.Metrics()
	var failed uint64
	for reason, n := range m.GivenUp {
		failed += n
		count(s.descs.givenUp, float64(n), reason)
	}
	count(s.descs.operations, float64(m.FirstTry), "first_try")
	count(s.descs.operations, float64(m.Recovered), "recovered")
	count(s.descs.operations, float64(failed), "given_up")
	count(s.descs.retries, float64(m.Retries))
	count(s.descs.waited, m.Waited.Seconds())
	for _, b := range s.Budgets() {
		if b.Refused > 0 {
			count(s.descs.exhausted, float64(b.Refused), b.Dependency)
		}
	}
}
