package resilience

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

type descs struct{ attempts, retries, fallbacks, timeouts, hedges, abandoned, limit, running, waiting, refused *prometheus.Desc }

func newDescs() descs {
	of := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return descs{
		attempts: of("resilience_attempts_total",
			"Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead), shed.", "route", "outcome"),
		retries: of("resilience_retries_total",
			"Attempts beyond the first, by why the one before failed: timeout, panic, status, error.", "route", "reason"),
		fallbacks: of("resilience_fallback_total",
			"Answers given by a fallback, by reason: open, timeout, panic, status, error.", "route", "reason"),
		timeouts: of("resilience_timeouts_total",
			"Deadlines that cut a call, by kind: attempt, total.", "route", "kind"),
		hedges: of("resilience_hedges_total",
			"Attempts that joined a slow one: begun, and won because they answered first.", "route", "result"),
		abandoned: of("resilience_abandoned_handlers",
			"Calls that outlived a hard deadline and have not returned."),
		limit: of("resilience_bulkhead_limit",
			"Calls that may run at once.", "route"),
		running: of("resilience_bulkhead_running",
			"Calls that run, abandoned ones too.", "route"),
		waiting: of("resilience_bulkhead_waiting",
			"Calls that wait for a slot.", "route"),
		refused: of("resilience_bulkhead_refused_total",
			"Calls that got no slot, by reason: full, queue-timeout, codel, evicted.", "route", "reason"),
	}
}

func (d *descs) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.attempts, d.retries, d.fallbacks, d.timeouts, d.hedges, d.abandoned, d.limit, d.running, d.waiting, d.refused,
	}
}

// Describe implements [prometheus.Collector].
func (r *Runner) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range r.descs.all() {
		ch <- desc
	}
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series.
func (r *Runner) Collect(ch chan<- prometheus.Metric) {
	abandoned := 0
	for _, p := range r.list() {
		c := collection{descs: &r.descs, route: p.name, ch: ch}
		c.counters(&p.counters)
		if limits, ok := p.limits(); ok {
			abandoned += limits.Abandoned
			c.limits(limits)
		}
	}
	ch <- prometheus.MustNewConstMetric(r.descs.abandoned, prometheus.GaugeValue, float64(abandoned))
}

// collection sends the series of one route.
type collection struct {
	descs *descs
	route string
	ch    chan<- prometheus.Metric
}

func (c *collection) counters(n *counters) {
	d := c.descs
	for outcome := range attemptOutcomes {
		c.count(d.attempts, n.attemptsBy(outcome), attemptName(outcome))
	}
	for i := range reasonCount {
		c.count(d.retries, n.retries[i].Load(), i.String())
		c.count(d.fallbacks, n.fallbacks[i].Load(), i.String())
	}
	c.count(d.timeouts, n.timeouts[timeoutAttempt].Load(), KindAttempt)
	c.count(d.timeouts, n.timeouts[timeoutTotal].Load(), KindTotal)
	c.count(d.hedges, n.hedges[hedgeBegun].Load(), "begun")
	c.count(d.hedges, n.hedges[hedgeWon].Load(), "won")
}

// limits sends the state of a bulkhead that was used.
func (c *collection) limits(m LimitMetrics) {
	if m.Running+m.Waiting > 0 {
		c.gauge(c.descs.limit, m.Limit)
		c.gauge(c.descs.running, m.Running)
		c.gauge(c.descs.waiting, m.Waiting)
	}
	for _, refused := range m.Refused.list() {
		c.count(c.descs.refused, refused.n, refused.reason)
	}
}

func (c *collection) count(desc *prometheus.Desc, n uint64, label string) {
	if n > 0 {
		c.ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), c.route, label)
	}
}

func (c *collection) gauge(desc *prometheus.Desc, n int) {
	c.ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), c.route)
}

func attemptName(i int) string {
	switch i {
	case attemptRejected:
		return "rejected"
	case attemptOverloaded:
		return "overloaded"
	case attemptShed:
		return "shed"
	default:
		return circuitbreaker.Outcome(i).String() //nolint:gosec // 0 to 2
	}
}
