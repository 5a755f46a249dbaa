package health

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/metrics"
)

// collector is what the metrics of the checks are made from.
type collector struct {
	up, failures, duration *prometheus.Desc
	names                  []*metrics.Label // one per check, in their order
}

func newCollector(probes []*probe) collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"check"}, nil)
	}
	c := collector{
		up:       desc("health_check_up", "Whether a health check is up, by the thresholds: 1 or 0."),
		failures: desc("health_check_failures", "Failed runs of a health check in a row."),
		duration: desc("health_check_duration_seconds", "How long the last run of a health check took."),
	}
	for _, p := range probes {
		c.names = append(c.names, metrics.NewLabel("check", p.check.Name))
	}
	return c
}

// Describe implements [prometheus.Collector].
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.metrics.up
	ch <- s.metrics.failures
	ch <- s.metrics.duration
}

// Collect implements [prometheus.Collector]. It runs no check: a check that
// nobody has asked for has no series.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	batch := metrics.NewBatch(ch)
	for i, p := range s.probes {
		res, known := p.result()
		if !known {
			continue
		}
		value := 0.0
		if res.Status == Up {
			value = 1
		}
		batch.Gauge(s.metrics.up, value, s.metrics.names[i])
		batch.Gauge(s.metrics.failures, float64(res.Failures), s.metrics.names[i])
		batch.Gauge(s.metrics.duration, res.DurationMS/1000, s.metrics.names[i])
	}
}
