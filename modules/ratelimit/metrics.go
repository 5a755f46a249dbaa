package ratelimit

import "github.com/prometheus/client_golang/prometheus"

type descs struct{ calls, shared, keys, waiting *prometheus.Desc }

// newDescs has the name as a constant label: limiters with different names can be registered side by side.
func newDescs(name string) descs {
	label := prometheus.Labels{"name": name}
	return descs{
		calls: prometheus.NewDesc("ratelimit_calls_total",
			"Calls by outcome: allowed, limited, ended (the caller gave up waiting).", []string{"outcome"}, label),
		shared: prometheus.NewDesc("ratelimit_shared_total",
			"Calls of keys for which there was no place, so that they shared one limit.", nil, label),
		keys:    prometheus.NewDesc("ratelimit_keys", "Keys known.", nil, label),
		waiting: prometheus.NewDesc("ratelimit_waiting", "Callers that wait for a unit.", nil, label),
	}
}

// Describe implements [prometheus.Collector].
func (l *Limiter) Describe(ch chan<- *prometheus.Desc) {
	ch <- l.descs.calls
	ch <- l.descs.shared
	ch <- l.descs.keys
	ch <- l.descs.waiting
}

// Collect implements [prometheus.Collector]. No label comes from a key. What has never happened has no series.
func (l *Limiter) Collect(ch chan<- prometheus.Metric) {
	total, keys := l.counts()
	count := func(desc *prometheus.Desc, n uint64, labels ...string) {
		if n > 0 {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
		}
	}
	count(l.descs.calls, total.allowed, "allowed")
	count(l.descs.calls, total.limited, "limited")
	count(l.descs.calls, total.ended, "ended")
	count(l.descs.shared, total.strangers)
	if keys == 0 {
		return
	}
	ch <- prometheus.MustNewConstMetric(l.descs.keys, prometheus.GaugeValue, float64(keys))
	ch <- prometheus.MustNewConstMetric(l.descs.waiting, prometheus.GaugeValue, float64(total.waiting))
}

// counts sums over the shards.
func (l *Limiter) counts() (total counts, keys int) {
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		total.allowed += s.allowed
		total.limited += s.limited
		total.ended += s.ended
		total.strangers += s.strangers
		total.waiting += s.waiting
		keys += len(s.order)
		s.mu.Unlock()
	}
	return total, keys
}
