package autotask

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
)

// metrics counts requests; what is in use is read off the limiter when it is asked for.
type metrics struct {
	requests *prometheus.CounterVec
	limiter  *throttle.Limiter
	used     *prometheus.Desc
	limit    *prometheus.Desc
	waiting  *prometheus.Desc
	threads  *prometheus.Desc
}

func newMetrics(limiter *throttle.Limiter) *metrics {
	return &metrics{
		limiter: limiter,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "autotask_requests_total", Help: "Requests sent, by entity and how they ended.",
		}, []string{"entity", "kind"}),
		used:    prometheus.NewDesc("autotask_budget_used", "Requests that count towards the hourly limit.", nil, nil),
		limit:   prometheus.NewDesc("autotask_budget_limit", "Hourly limit of requests.", nil, nil),
		waiting: prometheus.NewDesc("autotask_waiting", "Calls that wait for a thread or the hourly limit.", nil, nil),
		threads: prometheus.NewDesc("autotask_threads_in_use", "Requests under way by entity.", []string{"entity"}, nil),
	}
}

func (m *metrics) count(entity string, err error) {
	m.requests.WithLabelValues(entity, kind(err)).Inc()
}

// kind is the label of how a request ended.
func kind(err error) string {
	if err == nil {
		return "ok"
	}
	if d, ok := apierror.Of(err); ok {
		return d.Kind.String()
	}
	return "canceled" // the one error of package apierror without details
}

// Describe and Collect make a Client a [prometheus.Collector].
func (c *Client) Describe(ch chan<- *prometheus.Desc) {
	c.metrics.requests.Describe(ch)
	for _, d := range []*prometheus.Desc{c.metrics.used, c.metrics.limit, c.metrics.waiting, c.metrics.threads} {
		ch <- d
	}
}

// Collect sends the metrics.
func (c *Client) Collect(ch chan<- prometheus.Metric) {
	m := c.metrics
	m.requests.Collect(ch)
	stats := m.limiter.Stats()
	gauge := func(d *prometheus.Desc, value int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	gauge(m.used, stats.Used)
	gauge(m.limit, stats.Limit)
	gauge(m.waiting, stats.Waiting)
	for entity, n := range stats.Threads {
		gauge(m.threads, n, entity)
	}
}
