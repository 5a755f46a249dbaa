package cache

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Stats is what a [Cache] has counted since it was made.
type Stats struct {
	Hits         uint64 // calls answered by a fresh value
	Misses       uint64 // calls that began a load
	Coalesced    uint64 // calls that joined a load
	Stale        uint64 // failures that a stale value covered up
	LoadFailures uint64 // loads that returned an error
	Evictions    uint64 // values displaced by others
	Entries      int    // values kept, those that are too old included
	Loading      int    // loads under way
}

type counters struct {
	hits, misses, coalesced, stale, failures, evictions atomic.Uint64
}

// Stats returns what was counted.
func (c *Cache[K, V]) Stats() Stats {
	c.entries.CleanUp() // what is being displaced, else counted as an entry
	c.mu.Lock()
	loading := len(c.running)
	c.mu.Unlock()
	return Stats{
		Hits: c.counters.hits.Load(), Misses: c.counters.misses.Load(), Coalesced: c.counters.coalesced.Load(),
		Stale: c.counters.stale.Load(), LoadFailures: c.counters.failures.Load(), Evictions: c.counters.evictions.Load(),
		Entries: c.entries.EstimatedSize(), Loading: loading,
	}
}

type descs struct{ requests, stale, failures, evictions, entries *prometheus.Desc }

func newDescs(name string) descs {
	labels := prometheus.Labels{"cache": name}
	return descs{
		requests: prometheus.NewDesc("cache_requests_total",
			"Calls by result: hit, miss (began a load), coalesced (joined one).", []string{"result"}, labels),
		stale:     prometheus.NewDesc("cache_stale_total", "Failures that a stale value covered up.", nil, labels),
		failures:  prometheus.NewDesc("cache_load_failures_total", "Loads that returned an error.", nil, labels),
		evictions: prometheus.NewDesc("cache_evictions_total", "Values displaced by others.", nil, labels),
		entries:   prometheus.NewDesc("cache_entries", "Values kept.", nil, labels),
	}
}

// Describe implements [prometheus.Collector].
func (c *Cache[K, V]) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.descs.requests
	ch <- c.descs.stale
	ch <- c.descs.failures
	ch <- c.descs.evictions
	ch <- c.descs.entries
}

// Collect implements [prometheus.Collector].
func (c *Cache[K, V]) Collect(ch chan<- prometheus.Metric) {
	count := func(desc *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
	}
	s := c.Stats()
	count(c.descs.requests, s.Hits, "hit")
	count(c.descs.requests, s.Misses, "miss")
	count(c.descs.requests, s.Coalesced, "coalesced")
	count(c.descs.stale, s.Stale)
	count(c.descs.failures, s.LoadFailures)
	count(c.descs.evictions, s.Evictions)
	ch <- prometheus.MustNewConstMetric(c.descs.entries, prometheus.GaugeValue, float64(s.Entries))
}
