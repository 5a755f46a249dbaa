package interceptors

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics finds the series of a request by one lookup in a map that is
// read without a lock. The map is as large as routes × methods × classes: no
// part of the key is chosen by a client.
type requestMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.GaugeFunc

	mu     sync.Mutex // held to replace the map
	series atomic.Pointer[map[seriesKey]series]
}

type seriesKey struct {
	route, method string
	class         int
}

type series struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

func newRequestMetrics(inFlight func() float64) *requestMetrics {
	m := &requestMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total",
			Help: "Requests by route pattern, method and class of status; a client that left counts as 4xx (499).",
		}, []string{"route", "method", "code_class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_request_duration_seconds",
			Help:    "Time from the first to the last interceptor.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "http_in_flight",
			Help: "Requests being served.",
		}, inFlight),
	}
	m.series.Store(&map[seriesKey]series{})
	return m
}

// Describe implements prometheus.Collector.
func (m *requestMetrics) Describe(ch chan<- *prometheus.Desc) {
	m.requests.Describe(ch)
	m.duration.Describe(ch)
	m.inFlight.Describe(ch)
}

// Collect implements prometheus.Collector.
func (m *requestMetrics) Collect(ch chan<- prometheus.Metric) {
	m.requests.Collect(ch)
	m.duration.Collect(ch)
	m.inFlight.Collect(ch)
}

func (m *requestMetrics) observe(route, method string, status int, took time.Duration) {
	key := seriesKey{route: route, method: knownMethod(method), class: status / 100}
	s, ok := (*m.series.Load())[key]
	if !ok {
		s = m.add(key)
	}
	s.requests.Inc()
	s.duration.Observe(took.Seconds())
}

func (m *requestMetrics) add(key seriesKey) series {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := series{
		requests: m.requests.WithLabelValues(key.route, key.method, strconv.Itoa(key.class)+"xx"),
		duration: m.duration.WithLabelValues(key.route, key.method),
	}
	next := maps.Clone(*m.series.Load())
	next[key] = s
	m.series.Store(&next)
	return s
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "OTHER"
	}
}
