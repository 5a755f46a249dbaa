package resilience

import (
	"cmp"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/metrics"
)

// descs is what is known of the metrics before anything happens.
type descs struct {
	abandoned *prometheus.Desc
	columns   []column // those of one metric are neighbours, sorted by label
	order     *order
}

// order is the pipelines by name as of the last scrape: they seldom change, and
// to sort thousands of them takes longer than to read them.
type order struct {
	mu     sync.Mutex
	sorted []*Pipeline // replaced, never changed
}

func (o *order) of(r *Runner) []*Pipeline {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.holds(r) {
		o.sorted = r.Pipelines()
	}
	return o.sorted
}

// holds reports whether the pipelines of r are still the same.
func (o *order) holds(r *Runner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(o.sorted) == len(r.pipelines) &&
		!slices.ContainsFunc(o.sorted, func(p *Pipeline) bool { return r.pipelines[p.name] != p })
}

// column is the series of one metric that differ by their route alone. The
// other label, if there is one, comes before the route in the alphabet: all that
// a column holds stands together in a scrape.
type column struct {
	desc  *prometheus.Desc
	label *metrics.Label // nil is none
	gauge bool
	read  func(*reading) uint64 // of a route; 0 is no series, except of a gauge
}

// reading is what the columns are filled from.
type reading struct {
	*counters

	limits LimitMetrics
}

// by is one label value, and where its number is found.
type by struct {
	value string
	read  func(*reading) uint64
}

func newDescs() descs {
	d := descs{order: new(order), abandoned: prometheus.NewDesc("resilience_abandoned_handlers",
		"Calls that outlived a hard deadline and have not returned.", nil, nil)}
	d.counter("resilience_attempts_total",
		"Attempts by outcome: success, failure, excluded, rejected (breaker), overloaded (bulkhead), shed.", "outcome", attempts()...)
	d.counter("resilience_retries_total",
		"Attempts beyond the first, by why the one before failed: timeout, panic, status, error.", "reason",
		reasons(func(r *reading, why reason) uint64 { return r.retries[why].Load() })...)
	d.counter("resilience_fallback_total",
		"Answers given by a fallback, by reason: open, timeout, panic, status, error.", "reason",
		reasons(func(r *reading, why reason) uint64 { return r.fallbacks[why].Load() })...)
	d.counter("resilience_timeouts_total",
		"Deadlines that cut a call, by kind: attempt, total.", "kind",
		by{KindAttempt, func(r *reading) uint64 { return r.timeouts[timeoutAttempt].Load() }},
		by{KindTotal, func(r *reading) uint64 { return r.timeouts[timeoutTotal].Load() }})
	d.counter("resilience_hedges_total",
		"Attempts that joined a slow one: begun, and won because they answered first.", "result",
		by{"begun", func(r *reading) uint64 { return r.hedges[hedgeBegun].Load() }},
		by{"won", func(r *reading) uint64 { return r.hedges[hedgeWon].Load() }})
	d.gauge("resilience_bulkhead_limit", "Calls that may run at once.",
		func(m *LimitMetrics) int { return m.Limit })
	d.gauge("resilience_bulkhead_running", "Calls that run, abandoned ones too.",
		func(m *LimitMetrics) int { return m.Running })
	d.gauge("resilience_bulkhead_waiting", "Calls that wait for a slot.",
		func(m *LimitMetrics) int { return m.Waiting })
	d.counter("resilience_bulkhead_refused_total",
		"Calls that got no slot, by reason: full, queue-timeout, codel, evicted.", "reason", refusals()...)
	return d
}

func (d *descs) counter(name, help, label string, values ...by) {
	desc := prometheus.NewDesc(name, help, []string{label, "route"}, nil)
	slices.SortFunc(values, func(a, b by) int { return cmp.Compare(a.value, b.value) })
	for _, v := range values {
		d.columns = append(d.columns, column{desc: desc, label: metrics.NewLabel(label, v.value), read: v.read})
	}
}

func (d *descs) gauge(name, help string, read func(*LimitMetrics) int) {
	d.columns = append(d.columns, column{
		desc: prometheus.NewDesc(name, help, []string{"route"}, nil), gauge: true,
		read: func(r *reading) uint64 { return uint64(max(read(&r.limits), 0)) },
	})
}

func attempts() []by {
	all := make([]by, attemptOutcomes)
	for i := range all {
		all[i] = by{attemptName(i), func(r *reading) uint64 { return r.attemptsBy(i) }}
	}
	return all
}

func refusals() []by {
	var all []by
	for i, refused := range new(RefusedCounts).list() {
		all = append(all, by{refused.reason, func(r *reading) uint64 { return r.limits.Refused.list()[i].n }})
	}
	return all
}

func reasons(read func(*reading, reason) uint64) []by {
	all := make([]by, reasonCount)
	for why := range reasonCount {
		all[why] = by{why.String(), func(r *reading) uint64 { return read(r, why) }}
	}
	return all
}

// Describe implements [prometheus.Collector].
func (r *Runner) Describe(ch chan<- *prometheus.Desc) {
	var last *prometheus.Desc
	for i := range r.descs.columns {
		if desc := r.descs.columns[i].desc; desc != last {
			ch <- desc
			last = desc
		}
	}
	ch <- r.descs.abandoned
}

// Collect implements [prometheus.Collector]. What has never happened has no
// series. Every route is read once; the samples are sent column by column,
// which is the order of a scrape, see [metrics.Batch].
func (r *Runner) Collect(ch chan<- prometheus.Metric) {
	c := collection{columns: r.descs.columns, points: make([][]point, len(r.descs.columns))}
	abandoned := 0
	for _, p := range r.descs.order.of(r) {
		limits, _ := p.limits()
		abandoned += limits.Abandoned
		c.read(p, limits)
	}
	batch := metrics.NewBatch(ch)
	c.send(batch)
	batch.Gauge(r.descs.abandoned, float64(abandoned))
}

// collection is all that one scrape has read.
type collection struct {
	columns []column
	points  [][]point // by column
	reading reading   // of the route at hand
}

// point is the value of one series.
type point struct {
	route *metrics.Label
	n     uint64
}

func (c *collection) read(p *Pipeline, limits LimitMetrics) {
	c.reading = reading{&p.counters, limits}
	busy := limits.Running+limits.Waiting > 0 // a bulkhead that is in use
	for i := range c.columns {
		col := &c.columns[i]
		if col.gauge && !busy {
			continue
		}
		if n := col.read(&c.reading); n > 0 || col.gauge {
			if len(c.points[i]) == cap(c.points[i]) {
				c.points[i] = slices.Grow(c.points[i], max(len(c.points[i]), 16)) // append grows by a quarter
			}
			c.points[i] = append(c.points[i], point{p.counters.route(p.name), n})
		}
	}
}

func (c *collection) send(batch *metrics.Batch) {
	for i := range c.columns {
		col := &c.columns[i]
		for _, at := range c.points[i] {
			if col.gauge {
				batch.Gauge(col.desc, float64(at.n), at.route)
			} else {
				batch.Counter(col.desc, float64(at.n), col.label, at.route)
			}
		}
	}
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
