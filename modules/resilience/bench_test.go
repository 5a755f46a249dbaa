package resilience_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"time"

	retrygo "github.com/avast/retry-go/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// nop is the cheapest Attempt.
type nop struct{}

func (nop) Do(context.Context) (any, error) { return nil, nil } //nolint:nilnil // measures the rest

func (nop) Fallback(context.Context, error) (any, error) { return nil, nil } //nolint:nilnil // never called

// waiter asks for Done, as database/sql and net/http do.
type waiter struct{ nop }

func (waiter) Do(ctx context.Context) (any, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	default:
		return nil, nil //nolint:nilnil // measures the rest
	}
}

// background has no Done channel, unlike the context of a test.
func background(tb testing.TB) context.Context {
	tb.Helper()
	return context.WithoutCancel(tb.Context())
}

func full() resilience.Policy {
	return resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, Safe: true, EnableFallback: true, FallbackResponse: 1,
		MaxConcurrent: 1000, Timeout: 10 * time.Second,
	}
}

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pipeline := compile(t, full())
	require.InDelta(t, 1, testing.AllocsPerRun(100, func() { pipeline.Run(ctx, nop{}) }), 0)
	plain := background(t)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { pipeline.Run(plain, waiter{}) }), 4.0)
}

func benchmark(b *testing.B, p resilience.Policy, a resilience.Attempt, ctx context.Context) { //nolint:revive // the context is what is measured
	b.Helper()
	pipeline := compile(b, p)
	b.ReportAllocs()
	for b.Loop() {
		pipeline.Run(ctx, a)
	}
}

func BenchmarkFull(b *testing.B) { benchmark(b, full(), nop{}, background(b)) }

func BenchmarkFullCancellable(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	benchmark(b, full(), nop{}, ctx)
}

func BenchmarkFullParallel(b *testing.B) {
	pipeline := compile(b, full())
	b.ReportAllocs()
	ctx := background(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			pipeline.Run(ctx, nop{})
		}
	})
}

func BenchmarkFullCalleeWaits(b *testing.B) { benchmark(b, full(), waiter{}, background(b)) }

func BenchmarkFullCalleeWaitsCancellable(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	benchmark(b, full(), waiter{}, ctx)
}

func BenchmarkAttemptTimeout(b *testing.B) {
	p := full()
	p.AttemptTimeout = time.Second
	benchmark(b, p, nop{}, background(b))
}

func BenchmarkHard(b *testing.B) {
	p := full()
	p.TimeoutMode = resilience.Hard
	benchmark(b, p, nop{}, background(b))
}

func BenchmarkNoTimeout(b *testing.B) {
	p := full()
	p.Timeout = resilience.NoTimeout
	benchmark(b, p, nop{}, background(b))
}

func BenchmarkOpen(b *testing.B) {
	parts := newParts(b, nil)
	pipeline, err := parts.runner.Compile("a", full())
	require.NoError(b, err)
	parts.breakers.ForceOpen("a", "benchmark", 1<<62)
	ctx := background(b)
	b.ReportAllocs()
	for b.Loop() {
		pipeline.Run(ctx, nop{})
	}
}

// BenchmarkStdlibTimeout is what the deadline alone costs with package context.
func BenchmarkStdlibTimeout(b *testing.B) {
	ctx := background(b)
	b.ReportAllocs()
	for b.Loop() {
		_, cancel := context.WithTimeout(ctx, time.Second)
		cancel()
	}
}

// BenchmarkByHand is the same composition of the libraries themselves: a
// semaphore, retry-go, gobreaker and context.WithTimeout.
func BenchmarkByHand(b *testing.B) {
	breaker := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{Name: "a"})
	slots := make(chan struct{}, 1000)
	ctx := background(b)
	b.ReportAllocs()
	for b.Loop() {
		select {
		case slots <- struct{}{}:
		default:
			b.Fatal("full")
		}
		_, err := retrygo.DoWithData(func() (any, error) {
			return breaker.Execute(func() (any, error) {
				ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
				defer cancel()
				return nop{}.Do(ctx)
			})
		}, retrygo.Attempts(3), retrygo.Context(ctx))
		<-slots
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCollect is the price of one series of a scrape.
func BenchmarkCollect(b *testing.B) {
	parts := newParts(b, nil)
	for i := range 1000 {
		pipeline, err := parts.runner.Compile(strconv.Itoa(i), resilience.Policy{})
		require.NoError(b, err)
		if i%2 == 0 { // the others are untouched and have none
			pipeline.Run(b.Context(), nop{})
		}
	}
	series := 0
	for b.Loop() {
		ch := make(chan prometheus.Metric, 10000)
		parts.runner.Collect(ch)
		series = len(ch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*series), "ns/series")
	b.ReportMetric(float64(series), "series")
}

// BenchmarkAtRest is the memory of a pipeline that nobody has called.
func BenchmarkAtRest(b *testing.B) {
	const pipelines = 10_000
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		runner := newParts(b, nil).runner
		for i := range pipelines {
			_, err := runner.Compile("route."+strconv.Itoa(i), resilience.Policy{Safe: true, EnableRetry: true, MaxConcurrent: 10})
			require.NoError(b, err)
		}
		b.ReportMetric(float64(heap()-before)/pipelines, "B/pipeline")
		runtime.KeepAlive(runner)
	}
}
