package shutdown

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// collector describes the metrics; their values are read from the Service.
type collector struct {
	state    *prometheus.Desc
	inFlight *prometheus.Desc
	attached *prometheus.Desc
	requests *prometheus.Desc
	phase    *prometheus.Desc
	task     *prometheus.Desc
	forced   *prometheus.Desc
}

func newCollector() collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("shutdown_"+name, help, labels, nil)
	}
	return collector{
		state: desc("state",
			"State of the process: 0 starting, 1 ready, 2 grace, 3 draining, 4 cleanup, 5 stopped, 6 forced."),
		inFlight: desc("in_flight", "Work in flight that a drain waits for."),
		attached: desc("attached", "Streams and workers that a drain waits for.", "kind"),
		requests: desc("requests", "Work since new one was refused: drained ended in time, cut was cancelled, refused came too late.", "outcome"),
		phase:    desc("phase_duration_seconds", "Time that a phase took, or has taken so far.", "phase"),
		task:     desc("task_duration_seconds", "Time that a hook, cleanup task or step took, by its result.", "task", "phase", "result"),
		forced:   desc("forced", "1 where the force timeout was reached."),
	}
}

// Describe implements prometheus.Collector.
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	m := s.metrics
	for _, d := range []*prometheus.Desc{m.state, m.inFlight, m.attached, m.requests, m.phase, m.task, m.forced} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	inFlight := s.InFlight()
	r, m := s.journal.snapshot(inFlight), s.metrics
	gauge(m.state, float64(r.State))
	gauge(m.inFlight, float64(inFlight))
	gauge(m.attached, float64(s.streams.count()), kindStream)
	gauge(m.attached, float64(s.workers.count()), kindWorker)
	gauge(m.requests, float64(r.Drained), "drained")
	gauge(m.requests, float64(r.Cut), "cut")
	gauge(m.requests, float64(s.work.refused()), "refused")
	for _, p := range r.Phases {
		gauge(m.phase, p.Took.Seconds(), p.Phase.String())
	}
	for labels, seconds := range taskSeconds(r.Tasks) {
		gauge(m.task, seconds, labels.task, labels.phase, labels.result)
	}
	forced := 0.0
	if r.Forced {
		forced = 1
	}
	gauge(m.forced, forced)
}

// maxTasks bounds the names of hooks, tasks and steps in labels. Further ones
// are counted together as otherTasks.
const (
	maxTasks   = 100
	otherTasks = "other"
)

type taskLabels struct{ task, phase, result string }

// taskSeconds adds up what has the same labels: steps may share a name.
func taskSeconds(tasks []TaskReport) map[taskLabels]float64 {
	sums, known := map[taskLabels]float64{}, map[string]bool{}
	for _, t := range tasks {
		name := strings.ToValidUTF8(t.Name, "�")
		if !known[name] && len(known) >= maxTasks {
			name = otherTasks
		}
		known[name] = true
		sums[taskLabels{name, t.Phase.String(), string(t.Result)}] += t.Took.Seconds()
	}
	return sums
}
