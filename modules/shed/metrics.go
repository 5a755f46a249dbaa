package shed

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// Stats is what a shedder sees, and what it has refused since it was made.
type Stats struct {
	InFlight   int                                     // calls that were let in and are not done; 0 where there is no bound
	CPU        float64                                 // share of the processors, over about a second; 0 where it is not a sign
	Delay      time.Duration                           // wait that nine in ten goroutines stayed within; 0 where it is not a sign
	CPULevel   float64                                 // 0 to 3: up to 1 low priority is refused, up to 2 normal, up to 3 high
	DelayLevel float64                                 // the same
	Refused    map[string]map[bulkhead.Priority]uint64 // by reason; what never happened is left out
}

// Stats returns what is going on.
func (s *Shedder) Stats() Stats {
	if s == nil {
		return Stats{}
	}
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	stats := Stats{
		InFlight: int(s.inFlight.Load()), CPU: last.cpu, Delay: last.delay,
		CPULevel: s.cpu.level(), DelayLevel: s.delay.level(),
		Refused: make(map[string]map[bulkhead.Priority]uint64),
	}
	s.each(func(why reason, p bulkhead.Priority, n uint64) {
		if stats.Refused[why.String()] == nil {
			stats.Refused[why.String()] = make(map[bulkhead.Priority]uint64)
		}
		stats.Refused[why.String()][p] = n
	})
	return stats
}

// each calls yield with what was refused.
func (s *Shedder) each(yield func(reason, bulkhead.Priority, uint64)) {
	for why := range s.refused {
		for i := range s.refused[why] {
			if n := s.refused[why][i].Load(); n > 0 {
				yield(reason(why), bulkhead.Low+bulkhead.Priority(i), n)
			}
		}
	}
}

type descs struct{ refused, inFlight, cpu, delay, level *prometheus.Desc }

func newDescs() descs {
	return descs{
		refused: prometheus.NewDesc("shed_refused_total",
			"Calls refused because the process had too much to do.", []string{"reason", "priority"}, nil),
		inFlight: prometheus.NewDesc("shed_in_flight", "Calls that were let in and are not done.", nil, nil),
		cpu:      prometheus.NewDesc("shed_cpu_ratio", "Share of its processors that the process uses.", nil, nil),
		delay: prometheus.NewDesc("shed_queue_delay_seconds",
			"Wait for a processor that nine in ten goroutines stayed within.", nil, nil),
		level: prometheus.NewDesc("shed_level",
			"What is refused: up to 1 low priority, up to 2 normal, up to 3 high.", []string{"reason"}, nil),
	}
}

// Describe implements [prometheus.Collector].
func (s *Shedder) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.descs.refused
	ch <- s.descs.inFlight
	ch <- s.descs.cpu
	ch <- s.descs.delay
	ch <- s.descs.level
}

// Collect implements [prometheus.Collector]. A sign that is off has no series.
func (s *Shedder) Collect(ch chan<- prometheus.Metric) {
	stats := s.Stats()
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	if s.cfg.MaxInFlight > 0 {
		gauge(s.descs.inFlight, float64(stats.InFlight))
	}
	if s.cfg.CPUThreshold > 0 {
		gauge(s.descs.cpu, stats.CPU)
		gauge(s.descs.level, stats.CPULevel, ReasonCPU)
	}
	if s.cfg.QueueDelay > 0 {
		gauge(s.descs.delay, stats.Delay.Seconds())
		gauge(s.descs.level, stats.DelayLevel, ReasonQueueDelay)
	}
	s.each(func(why reason, p bulkhead.Priority, n uint64) {
		ch <- prometheus.MustNewConstMetric(s.descs.refused, prometheus.CounterValue, float64(n), why.String(), p.String())
	})
}
