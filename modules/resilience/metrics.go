package resilience

import (
	"errors"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Indices of counters.attempts; the first three are those of
// [circuitbreaker.Outcome].
const (
	attemptRejected   = int(circuitbreaker.Excluded) + 1 // by the breaker
	attemptOverloaded = attemptRejected + 1              // by the bulkhead
	attemptOutcomes   = attemptOverloaded + 1
)

// Indices of counters.timeouts.
const (
	timeoutAttempt = iota
	timeoutTotal
	timeoutKinds
)

// reason says why a call was repeated or replaced.
type reason int

const (
	reasonOpen    reason = iota // a breaker refused
	reasonTimeout               // a deadline
	reasonPanic
	reasonStatus // the error has a status
	reasonError  // anything else: a connection, as a rule
	reasonCount
)

func (r reason) String() string {
	return [...]string{"open", "timeout", "panic", "status", "error"}[r]
}

func reasonOf(err error) reason {
	if errors.Is(err, circuitbreaker.ErrOpen) {
		return reasonOpen
	}
	if _, ok := errors.AsType[*TimeoutError](err); ok {
		return reasonTimeout
	}
	if _, ok := errors.AsType[*circuitbreaker.PanicError](err); ok {
		return reasonPanic
	}
	if _, ok := statusOf(err); ok {
		return reasonStatus
	}
	return reasonError
}

// counters are those of one pipeline.
type counters struct {
	attempts           [attemptOutcomes]atomic.Uint64
	timeouts           [timeoutKinds]atomic.Uint64
	retries, fallbacks [reasonCount]atomic.Uint64
}

type descs struct{ attempts, retries, fallbacks, timeouts, abandoned *prometheus.Desc }

func newDescs() descs {
	return descs{
		attempts: prometheus.NewDesc("resilience_attempts_total",
			"Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead).", []string{"route", "outcome"}, nil),
		retries: prometheus.NewDesc("resilience_retries_total",
			"Attempts beyond the first, by why the one before failed: timeout, panic, status, error.", []string{"route", "reason"}, nil),
		fallbacks: prometheus.NewDesc("resilience_fallback_total",
			"Answers given by a fallback, by reason: open, timeout, panic, status, error.", []string{"route", "reason"}, nil),
		timeouts: prometheus.NewDesc("resilience_timeouts_total",
			"Deadlines that cut a call, by kind: attempt, total.", []string{"route", "kind"}, nil),
		abandoned: prometheus.NewDesc("resilience_abandoned_handlers",
			"Calls that outlived a hard deadline and have not returned.", nil, nil),
	}
}

// Describe implements [prometheus.Collector].
func (r *Runner) Describe(ch chan<- *prometheus.Desc) {
	ch <- r.descs.attempts
	ch <- r.descs.retries
	ch <- r.descs.fallbacks
	ch <- r.descs.timeouts
	ch <- r.descs.abandoned
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series.
func (r *Runner) Collect(ch chan<- prometheus.Metric) {
	var abandoned int64
	for _, p := range r.Pipelines() {
		abandoned += p.bulkhead.abandoned.Load()
		count := func(desc *prometheus.Desc, n *atomic.Uint64, label string) {
			if v := n.Load(); v > 0 {
				ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(v), p.name, label)
			}
		}
		for i := range p.counters.attempts {
			count(r.descs.attempts, &p.counters.attempts[i], attemptName(i))
		}
		for i := range reasonCount {
			count(r.descs.retries, &p.counters.retries[i], i.String())
			count(r.descs.fallbacks, &p.counters.fallbacks[i], i.String())
		}
		count(r.descs.timeouts, &p.counters.timeouts[timeoutAttempt], KindAttempt)
		count(r.descs.timeouts, &p.counters.timeouts[timeoutTotal], KindTotal)
	}
	ch <- prometheus.MustNewConstMetric(r.descs.abandoned, prometheus.GaugeValue, float64(abandoned))
}

func attemptName(i int) string {
	switch i {
	case attemptRejected:
		return "rejected"
	case attemptOverloaded:
		return "overloaded"
	default:
		return circuitbreaker.Outcome(i).String() //nolint:gosec // 0 to 2
	}
}
