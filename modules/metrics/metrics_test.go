package metrics_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/modules/metrics"
)

func scrape(t *testing.T, registry *prometheus.Registry) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	metrics.Handler(registry).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w
}

func options(name string) prometheus.CounterOpts {
	return prometheus.CounterOpts{Name: name, Help: "Things sold."}
}

func TestRuntimeAndProcess(t *testing.T) {
	t.Parallel()
	w := scrape(t, metrics.New())
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "\ngo_goroutines ")
	require.Contains(t, w.Body.String(), "\nprocess_start_time_seconds ")
}

// broken is a collector that fails.
type broken struct{}

func (broken) Describe(chan<- *prometheus.Desc) {}

func (broken) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.NewInvalidMetric(prometheus.NewDesc("broken", "Broken.", nil, nil), errors.New("out of paper"))
}

func TestBrokenCollectorHarmsNobody(t *testing.T) {
	t.Parallel()
	registry := metrics.New()
	sold := prometheus.NewCounter(options("sold_total"))
	sold.Inc()
	registry.MustRegister(broken{}, sold)
	first := scrape(t, registry)
	require.Equal(t, http.StatusOK, first.Code)
	require.Contains(t, first.Body.String(), "\nsold_total 1\n")
	require.Contains(t, scrape(t, registry).Body.String(), `promhttp_metric_handler_errors_total{cause="gathering"} 1`)
}

func TestModule(t *testing.T) {
	t.Parallel()
	supply := func(name string) fx.Option {
		return fx.Provide(fx.Annotate(func() prometheus.Collector { return prometheus.NewCounter(options(name)) }, fx.ResultTags(`group:"metrics.collectors"`)))
	}
	var registry *prometheus.Registry
	fxtest.New(t, metrics.Module, supply("a_total"), supply("b_total"), fx.Populate(&registry)).RequireStart().RequireStop()
	n, err := testutil.GatherAndCount(registry, "a_total", "b_total")
	require.NoError(t, err)
	require.Equal(t, 2, n)

	app := fx.New(fx.NopLogger, metrics.Module, supply("a_total"), supply("a_total"), fx.Populate(&registry))
	require.ErrorContains(t, app.Err(), "register metrics of *prometheus.counter: duplicate metrics collector registration attempted")
}

func ExampleNew() {
	registry := metrics.New()
	sold := prometheus.NewCounter(options("sold_total"))
	registry.MustRegister(sold)
	sold.Add(2)
	w := httptest.NewRecorder()
	metrics.Handler(registry).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	fmt.Println(w.Code, testutil.ToFloat64(sold))
	// Output: 200 2
}
