package database

import (
	"database/sql"

	"github.com/prometheus/client_golang/prometheus"
)

// poolMetrics are the figures of sql.DBStats that an operator acts on.
func poolMetrics() []poolMetric {
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	return []poolMetric{
		{
			"max_connections", "Most connections the pool may hold.", gauge,
			func(s sql.DBStats) float64 { return float64(s.MaxOpenConnections) },
		},
		{
			"open_connections", "Connections that are open.", gauge,
			func(s sql.DBStats) float64 { return float64(s.OpenConnections) },
		},
		{
			"in_use_connections", "Connections that somebody uses.", gauge,
			func(s sql.DBStats) float64 { return float64(s.InUse) },
		},
		{
			"idle_connections", "Connections that nobody uses.", gauge,
			func(s sql.DBStats) float64 { return float64(s.Idle) },
		},
		{
			"waits_total", "Times somebody waited for a connection.", counter,
			func(s sql.DBStats) float64 { return float64(s.WaitCount) },
		},
		{
			"wait_seconds_total", "Time spent waiting for a connection.", counter,
			func(s sql.DBStats) float64 { return s.WaitDuration.Seconds() },
		},
		{
			"closed_idle_total", "Connections closed because they were idle.", counter,
			func(s sql.DBStats) float64 { return float64(s.MaxIdleClosed + s.MaxIdleTimeClosed) },
		},
		{
			"closed_lifetime_total", "Connections closed because they were old.", counter,
			func(s sql.DBStats) float64 { return float64(s.MaxLifetimeClosed) },
		},
	}
}

type poolMetric struct {
	name, help string
	kind       prometheus.ValueType
	value      func(sql.DBStats) float64
}

func (m poolMetric) desc() *prometheus.Desc {
	return prometheus.NewDesc("db_pool_"+m.name, m.help, []string{"pool"}, nil)
}

// Describe makes *Service a prometheus.Collector of db_pool_*. The label pool
// is main on Postgres and MySQL, writer and reader on SQLite.
func (s *Service) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range poolMetrics() {
		ch <- m.desc()
	}
}

// Collect gives the figures of this moment, and none while nothing is open.
func (s *Service) Collect(ch chan<- prometheus.Metric) {
	h := s.current.Load()
	if h == nil {
		return
	}
	for _, p := range h.pools {
		stats := p.stats()
		for _, m := range poolMetrics() {
			ch <- prometheus.MustNewConstMetric(m.desc(), m.kind, m.value(stats), p.name)
		}
	}
}
