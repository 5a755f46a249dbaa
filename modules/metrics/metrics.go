// Package metrics makes the program's Prometheus registry.
//
// A package with metrics of its own makes its service a prometheus.Collector
// and adds it to the value group "metrics.collectors"; it never sees the
// registry.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// New returns a registry that holds the metrics of the Go runtime and of the
// process (go_*, process_*).
func New() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister( // a new registry cannot refuse them
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}

// Handler serves the registry in the Prometheus text format, or OpenMetrics
// where the scraper asks for it. A collector that fails costs its own metrics
// and no others, and counts in promhttp_metric_handler_errors_total. At most
// four scrapes run at a time, each for at most 10 s; beyond that the answer is
// 503.
func Handler(registry *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		Registry:            registry,
		EnableOpenMetrics:   true,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
}
