package chaos

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// counts are the injections of a route by kind.
type counts [kinds]atomic.Uint64

type descs struct{ injections *prometheus.Desc }

func newDescs() descs {
	return descs{injections: prometheus.NewDesc("chaos_injections_total",
		"What was injected: latency, behaviour, fault, outcome.", []string{"route", "kind"}, nil)}
}

// Describe implements [prometheus.Collector].
func (i *Injector) Describe(ch chan<- *prometheus.Desc) { ch <- i.descs.injections }

// Collect implements [prometheus.Collector]. What has never happened has no
// series; routes beyond the first 1000 share the label "overflow".
func (i *Injector) Collect(ch chan<- prometheus.Metric) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for route, c := range i.counts {
		for k := range c {
			if n := c[k].Load(); n > 0 {
				ch <- prometheus.MustNewConstMetric(i.descs.injections, prometheus.CounterValue, float64(n), route, kind(k).String())
			}
		}
	}
}
