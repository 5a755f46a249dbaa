package metrics_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/metrics"
)

// collector collects with a function.
type collector struct {
	descs   []*prometheus.Desc
	collect func(*metrics.Batch)
}

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		ch <- desc
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) { c.collect(metrics.NewBatch(ch)) }

func TestBatchMatchesConstMetrics(t *testing.T) {
	t.Parallel()
	calls := prometheus.NewDesc("calls_total", "Calls.", []string{"outcome", "route"}, nil)
	level := prometheus.NewDesc("level", "Level.", []string{"route"}, nil)
	idle := prometheus.NewDesc("idle", "Idle.", nil, nil)
	values := []string{"plain", "", `quote " and \ backslash`, "new\nline", "Zürich 日本 🚀", "{a=\"b\"} 1", "\u0000tab\t"}
	ours, theirs := prometheus.NewPedanticRegistry(), prometheus.NewPedanticRegistry()
	ours.MustRegister(collector{[]*prometheus.Desc{calls, level, idle}, func(b *metrics.Batch) {
		ok := metrics.NewLabel("outcome", "ok")
		for i := range 20 * len(values) { // more than one block
			route := metrics.NewLabel("route", values[i%len(values)]+strconv.Itoa(i))
			b.Counter(calls, float64(i), ok, route)
			b.Gauge(level, -1.5*float64(i), route)
		}
		b.Gauge(idle, 0)
	}})
	success, depth := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "calls_total", Help: "Calls."}, []string{"route", "outcome"}),
		prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "level", Help: "Level."}, []string{"route"})
	theirs.MustRegister(success, depth, prometheus.NewGauge(prometheus.GaugeOpts{Name: "idle", Help: "Idle."}))
	for i := range 20 * len(values) {
		route := values[i%len(values)] + strconv.Itoa(i)
		success.WithLabelValues(route, "ok").Add(float64(i))
		depth.WithLabelValues(route).Set(-1.5 * float64(i))
	}
	require.Equal(t, page(t, theirs), page(t, ours))
}

// page is what a scrape reads of what r gathers alone.
func page(t *testing.T, r *prometheus.Registry) string {
	t.Helper()
	families, err := r.Gather()
	require.NoError(t, err)
	var all strings.Builder
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if c := metric.GetCounter(); c != nil {
				c.CreatedTimestamp = nil
			}
		}
		all.WriteString(family.String() + "\n")
	}
	return strings.Join(strings.Fields(all.String()), " ") // protobuf adds spaces at random
}

func TestLabelOddValues(t *testing.T) {
	t.Parallel()
	desc := prometheus.NewDesc("odd_total", "Odd.", []string{"name"}, nil)
	tests := map[string]struct{ value, want string }{
		"quotes":      {`a"b\c`, `odd_total{name="a\"b\\c"} 1`},
		"line":        {"a\nb", `odd_total{name="a\nb"} 1`},
		"unicode":     {"Zürich 🚀", `odd_total{name="Zürich 🚀"} 1`},
		"empty":       {"", `odd_total{name=""} 1`},
		"not unicode": {"a\xffb", "odd_total{name=\"a\uFFFDb\"} 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			label := metrics.NewLabel("name", test.value)
			registry := prometheus.NewPedanticRegistry()
			registry.MustRegister(collector{[]*prometheus.Desc{desc}, func(b *metrics.Batch) { b.Counter(desc, 1, label) }})
			require.Contains(t, scrape(t, registry).Body.String(), test.want+"\n")
			require.Equal(t, strings.ToValidUTF8(test.value, "\uFFFD"), label.Value())
		})
	}
}

func TestLabelIsSharedByScrapes(t *testing.T) {
	t.Parallel()
	desc := prometheus.NewDesc("shared_total", "Shared.", []string{"name"}, nil)
	label := metrics.NewLabel("name", "a")
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector{[]*prometheus.Desc{desc}, func(b *metrics.Batch) { b.Counter(desc, 1, label) }})
	var scrapes sync.WaitGroup
	for range 4 {
		scrapes.Go(func() {
			n, err := testutil.GatherAndCount(registry, "shared_total")
			if err != nil || n != 1 {
				t.Errorf("got %d series, %v", n, err)
			}
		})
	}
	scrapes.Wait()
}

func BenchmarkCollect(b *testing.B) {
	desc := prometheus.NewDesc("calls_total", "Calls.", []string{"outcome", "route"}, nil)
	ok, route := metrics.NewLabel("outcome", "ok"), metrics.NewLabel("route", "a")
	tests := map[string]func(chan<- prometheus.Metric, int){
		"batch": func(ch chan<- prometheus.Metric, n int) {
			batch := metrics.NewBatch(ch)
			for range n {
				batch.Counter(desc, 1, ok, route)
			}
		},
		"const metrics": func(ch chan<- prometheus.Metric, n int) {
			for range n {
				ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, 1, "ok", "a")
			}
		},
	}
	for name, collect := range tests {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ch := make(chan prometheus.Metric, 1000)
			go func() {
				collect(ch, b.N)
				close(ch)
			}()
			for range ch {
			}
		})
	}
}
