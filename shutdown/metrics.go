package shutdown

import "github.com/prometheus/client_golang/prometheus"

// collector describes the metrics; their values are read from the Service.
type collector struct {
	state    *prometheus.Desc
	inFlight *prometheus.Desc
	task     *prometheus.Desc
}

func newCollector() collector {
	return collector{
		state: prometheus.NewDesc("shutdown_state",
			"State of the process: 0 starting, 1 ready, 2 grace, 3 draining, 4 cleanup, 5 stopped, 6 forced.", nil, nil),
		inFlight: prometheus.NewDesc("shutdown_in_flight",
			"Work in flight that a drain waits for.", nil, nil),
		task: prometheus.NewDesc("shutdown_task_duration_seconds",
			"Time that a hook or cleanup task took, by its result.", []string{"task", "phase", "result"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.metrics.state
	ch <- s.metrics.inFlight
	ch <- s.metrics.task
}

// Collect implements prometheus.Collector.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(s.metrics.state, prometheus.GaugeValue, float64(s.State()))
	ch <- prometheus.MustNewConstMetric(s.metrics.inFlight, prometheus.GaugeValue, float64(s.InFlight()))
	for _, t := range s.Report().Tasks {
		ch <- prometheus.MustNewConstMetric(s.metrics.task, prometheus.GaugeValue, t.Took.Seconds(), t.Name, t.Phase.String(), string(t.Result))
	}
}
