package app_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
)

// fivePerMinute is the limit of scenario 29.
func fivePerMinute() ratelimit.Limit { return ratelimit.Limit{Requests: 5, Per: time.Minute} }

// Scenario 29: five in a minute are five, however they are asked.
func TestScenario29Throttle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(resiliencetest.OK("here"))
		a := play(t, []app.Mountable{app.Get("/stock", asks(d)).Name("stock").Throttle(fivePerMinute(), nil)})
		for left := 4; left >= 0; left-- {
			r := a.Get("/stock").Do().Status(http.StatusOK)
			require.Equal(t, fmt.Sprint(left), r.Header.Get("RateLimit-Remaining"))
		}
		time.Sleep(20 * time.Second)
		for _, path := range []string{"/stock", "/stock?x=1", "/stock?x=2"} {
			r := a.Get(path).Do().Status(http.StatusTooManyRequests)
			require.Equal(t, "rate-limited", problemType(r.Problem()))
			require.Equal(t, "40", r.Header.Get("Retry-After"))
			require.Equal(t, "5", r.Header.Get("RateLimit-Limit"))
			require.Equal(t, "0", r.Header.Get("RateLimit-Remaining"))
			require.Equal(t, "40", r.Header.Get("RateLimit-Reset"))
			require.Equal(t, "5", r.Header.Get("X-RateLimit-Limit"))
		}
		d.WantAttempts(t, 5)
		time.Sleep(40 * time.Second)
		a.Get("/stock").Do().Status(http.StatusOK)
	})
}

func TestScenario29ManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(resiliencetest.Slow(time.Second, resiliencetest.OK("here")))
		a := play(t, []app.Mountable{app.Get("/stock", asks(d)).Name("stock").Throttle(fivePerMinute(), nil)})
		answers := together(50, func(int) *apptest.Response { return a.Get("/stock").Do() })
		require.Equal(t, map[int]int{http.StatusOK: 5, http.StatusTooManyRequests: 45}, byStatus(answers))
		d.WantAttempts(t, 5)
	})
}

// A limit is no failure of the handler: a fallback does not turn a 429 into a
// 200, and the attempts of one request are one request.
func TestScenario29RetriesUseOneUnit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(unavailable()).Instead(resiliencetest.OK("instead"))
		a := play(t, []app.Mountable{
			app.Get("/stock", asks(d)).Name("stock").Throttle(fivePerMinute(), nil).
				UseResilience(resilience.Policy{EnableRetry: true, EnableFallback: true, FallbackResponse: &said{"instead"}}),
		})
		for left := 4; left >= 0; left-- {
			r := a.Get("/stock").Do().Status(http.StatusOK)
			require.Equal(t, "3", r.Header.Get("X-Resilience-Attempts"))
			require.Equal(t, "true", r.Header.Get("X-Resilience-Fallback"))
			require.Equal(t, fmt.Sprint(left), r.Header.Get("RateLimit-Remaining"))
		}
		r := a.Get("/stock").Do().Status(http.StatusTooManyRequests)
		require.Empty(t, r.Header.Get("X-Resilience-Fallback"))
		d.WantAttempts(t, 15)
	})
}

// silent keeps thousands of requests out of the output of a test.
func silent() fx.Option { return apptest.Env(map[string]string{"ACCESS_LOG": "off"}) }

// Scenario 30: what a stranger makes up does not become a metric.
func TestScenario30StrangersMakeNoSeries(t *testing.T) {
	t.Parallel()
	a := play(t, []app.Mountable{
		app.Get("/stock/:id", answersAtOnce).Name("stock").
			UseResilience(resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true}),
	}, silent())
	storm := func(round, n int) {
		for i := range n {
			a.Get(fmt.Sprintf("/made-up-%d-%d/%x", round, i, i*7919)).Do().Status(http.StatusNotFound)
			if i%10 == 0 {
				a.Get(fmt.Sprintf("/stock/made-up-%d-%d", round, i)).Do().Status(http.StatusOK)
			}
		}
		for i := range 50 {
			a.Request(fmt.Sprintf("MADE-UP%d", round*50+i), "/stock/7").Do()
			a.Request(fmt.Sprintf("MADE-UP%d", round*50+i), "/nothing").Do()
		}
	}
	storm(0, 10_000)
	first := metricsOf(a)
	storm(1, 1_000)
	second := metricsOf(a)
	require.Equal(t, series(first), series(second))
	require.NotContains(t, strings.ToLower(second), "made-up")
	require.Contains(t, second, `method="OTHER"`)
	require.Contains(t, second, `route="unmatched"`)
}

// series are the series of a scrape, without those of the runtime.
func series(scrape string) []string {
	var found []string
	name := regexp.MustCompile(`^(http|resilience|circuit|retry)\w*(\{[^}]*\})?`)
	for line := range strings.Lines(scrape) {
		if s := name.FindString(line); s != "" && !strings.Contains(s, "_bucket") {
			found = append(found, s)
		}
	}
	return found
}

// The heap does not grow with the requests that were served. It is measured
// alone: the test is not parallel.
func TestScenario30HeapIsFlat(t *testing.T) { //nolint:paralleltest // measures the heap
	a := play(t, []app.Mountable{
		app.Get("/stock/:id", answersAtOnce).Name("stock").UseResilience(resilience.Policy{
			EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true, FallbackResponse: &said{}, MaxConcurrent: 10,
		}),
	}, silent())
	serve := func(n int) {
		for i := range n {
			a.Get(fmt.Sprintf("/stock/%d", i)).Do()
		}
	}
	serve(1_000)
	before := liveHeap()
	const n = 10_000
	serve(n)
	grown := int64(liveHeap()) - int64(before) //nolint:gosec // far below
	require.Less(t, grown, int64(n*32), "bytes that are kept: not even four words for each request")
}

type item struct {
	ID string `path:"id"`
}

func answersAtOnce(_ context.Context, in *item) (*said, error) { return &said{in.ID}, nil }

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
