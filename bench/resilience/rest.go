package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/metrics"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/prometheus/client_golang/prometheus"
)

// atRest measures what many routes and breakers hold while nothing happens, and what it costs to read their metrics.
func atRest(m meter) ([]row, error) {
	h, err := newHoldfast()
	if err != nil {
		return nil, err
	}
	goroutines := runtime.NumGoroutine()
	perBreaker, err := heapEach(m.breakers, func(i int) error {
		_, err := h.breakers.Register(breakerName(i), circuitbreaker.Config{})
		return err
	})
	if err != nil {
		return nil, err
	}
	pipelines := make([]*resilience.Pipeline, m.routes)
	perRoute, err := heapEach(m.routes, func(i int) error {
		p := served()
		p.Name = breakerName(i % m.breakers)
		pipelines[i], err = h.runner.Compile("route."+strconv.Itoa(i), p)
		return err
	})
	if err != nil {
		return nil, err
	}
	added := float64(runtime.NumGoroutine() - goroutines)
	rows := []row{
		kibibytes(fmt.Sprintf("each of %d breakers", m.breakers), perBreaker).within(perBreaker, 4),
		kibibytes(fmt.Sprintf("each of %d routes, whole policy", m.routes), perRoute).within(perRoute, 4),
		row{what: "goroutines for all of them", figure: number(added)}.within(added, 0),
	}
	scraped, err := scrapes(m, h, pipelines)
	runtime.KeepAlive(pipelines)
	return append(rows, scraped...), err
}

func breakerName(i int) string { return "breaker." + strconv.Itoa(i) }

func kibibytes(what string, each float64) row {
	return row{what: what, figure: fmt.Sprintf("%.2f KiB", each)}
}

// heapEach returns how many KiB of the heap each of n things holds that fill makes.
func heapEach(n int, fill func(i int) error) (float64, error) {
	before := heap()
	for i := range n {
		if err := fill(i); err != nil {
			return 0, err
		}
	}
	return (heap() - before) / float64(n) / 1024, nil
}

// heap returns the bytes that are in use.
func heap() float64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools have let go
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

// scrapes measures the metrics of routes that nobody has called, and of routes that all have been.
func scrapes(m meter, h holdfast, pipelines []*resilience.Pipeline) ([]row, error) {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{h.breakers, h.retries, h.runner} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	untouched, err := seriesOf(registry, "route.")
	if err != nil {
		return nil, err
	}
	perUsed, err := heapEach(len(pipelines), func(i int) error { return pipelines[i].Run(context.Background(), call{}).Err })
	if err != nil {
		return nil, err
	}
	touched, err := seriesOf(registry, "route.")
	if err != nil {
		return nil, err
	}
	none := float64(untouched)
	rows := []row{
		row{what: "series of routes that were never called", figure: number(none)}.within(none, 0),
		kibibytes("what the first call of a route adds", perUsed),
		{what: "series of the same routes after one call each", figure: strconv.Itoa(touched)},
	}
	scraped, err := scraped(m, registry)
	return append(rows, scraped), err
}

// seriesOf counts the metrics with a label whose value begins with prefix.
func seriesOf(g prometheus.Gatherer, prefix string) (int, error) {
	families, err := g.Gather()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if len(label.GetValue()) >= len(prefix) && label.GetValue()[:len(prefix)] == prefix {
					n++
					break
				}
			}
		}
	}
	return n, nil
}

// scraped measures a scrape, beside one of as many counters of Prometheus's own client.
func scraped(m meter, registry *prometheus.Registry) (row, error) {
	ours := &page{handler: metrics.Handler(registry)}
	lines, err := ours.lines()
	if err != nil {
		return row{}, err
	}
	mine, err := ours.cpu(m)
	if err != nil {
		return row{}, err
	}
	theirs, err := (&page{handler: metrics.Handler(plainCounters(lines))}).cpu(m)
	if err != nil {
		return row{}, err
	}
	each := mine / float64(lines) / 1000
	return row{
		what: fmt.Sprintf("scrape of %d series, each", lines), ours: nanoseconds(mine / float64(lines)),
		peer: "as many counters of client_golang", theirs: nanoseconds(theirs / float64(lines)), figure: fmt.Sprintf("%.2f µs", each),
	}.within(each, 2.5), nil
}

// page is a page of metrics that is read again and again.
type page struct {
	handler http.Handler
	body    bytes.Buffer
}

func (p *page) read(n int) error {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", http.NoBody)
	for range n {
		p.body.Reset()
		w := &httptest.ResponseRecorder{Body: &p.body, Code: http.StatusOK}
		p.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			return fmt.Errorf("scrape: %s", http.StatusText(w.Code))
		}
	}
	return nil
}

// cpu returns the nanoseconds of processor time that one page takes: a scrape is so long that it would be interrupted, and
// it uses several goroutines.
func (p *page) cpu(m meter) (float64, error) {
	var all []float64
	for range max(least, min(9, m.pairs)) {
		before := cpuTime()
		if err := p.read(1); err != nil {
			return 0, err
		}
		all = append(all, float64(cpuTime()-before))
	}
	return quantile(all, 0.5), nil
}

// lines counts the series on the page.
func (p *page) lines() (n int, err error) {
	err = p.read(1)
	for line := range bytes.Lines(p.body.Bytes()) {
		if line[0] != '#' {
			n++
		}
	}
	return n, err
}

// plainCounters returns a registry with n counters whose labels are like ours.
func plainCounters(n int) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "calls_total", Help: "Calls."}, []string{"route", "outcome"})
	registry.MustRegister(counters)
	for i := range n {
		counters.WithLabelValues("route."+strconv.Itoa(i), "ok").Inc()
	}
	return registry
}
