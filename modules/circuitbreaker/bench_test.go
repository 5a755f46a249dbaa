package circuitbreaker_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Each benchmark has one case for our breaker and one for gobreaker alone, so
// that a run compares them on the machine as it is. Scaling is -cpu 1,2.

func nop(context.Context) error { return nil }

func gobreakerNop() (struct{}, error) { return struct{}{}, nil }

// plainGobreaker is gobreaker as one would use it without us.
func plainGobreaker(reset time.Duration, trials uint32) *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name: "a", Interval: time.Minute, BucketPeriod: time.Second, Timeout: reset, MaxRequests: trials,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.TotalFailures > 0 },
	})
}

func BenchmarkClosed(b *testing.B) {
	b.Run("holdfast", func(b *testing.B) {
		breaker, ctx := newBreaker(b, circuitbreaker.Config{}), b.Context()
		b.ReportAllocs()
		for b.Loop() {
			_ = breaker.Do(ctx, nop)
		}
	})
	b.Run("holdfast in two steps", func(b *testing.B) {
		breaker := newBreaker(b, circuitbreaker.Config{})
		b.ReportAllocs()
		for b.Loop() {
			permit, _ := breaker.Acquire()
			permit.Done(circuitbreaker.Success, nil)
		}
	})
	b.Run("holdfast, the clock given", func(b *testing.B) {
		breaker := newBreaker(b, circuitbreaker.Config{})
		b.ReportAllocs()
		for b.Loop() {
			permit, _ := breaker.AcquireAt(time.Second, time.Second)
			permit.DoneAt(2*time.Second, circuitbreaker.Success, nil)
		}
	})
	b.Run("gobreaker", func(b *testing.B) {
		breaker := plainGobreaker(time.Minute, 1)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = breaker.Execute(gobreakerNop)
		}
	})
}

func BenchmarkClosedParallel(b *testing.B) {
	b.Run("holdfast", func(b *testing.B) {
		breaker, ctx := newBreaker(b, circuitbreaker.Config{}), b.Context()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = breaker.Do(ctx, nop)
			}
		})
	})
	b.Run("gobreaker", func(b *testing.B) {
		breaker := plainGobreaker(time.Minute, 1)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = breaker.Execute(gobreakerNop)
			}
		})
	})
}

func BenchmarkOpen(b *testing.B) {
	b.Run("holdfast", func(b *testing.B) {
		s, ctx := newService(b, circuitbreaker.Config{}), b.Context()
		breaker := s.Get("a")
		s.ForceOpen("a", "benchmark", circuitbreaker.Hold)
		b.ReportAllocs()
		for b.Loop() {
			_ = breaker.Do(ctx, nop)
		}
	})
	b.Run("gobreaker", func(b *testing.B) {
		breaker := plainGobreaker(time.Hour, 1)
		_, _ = breaker.Execute(func() (struct{}, error) { return struct{}{}, errBoom })
		b.ReportAllocs()
		for b.Loop() {
			_, _ = breaker.Execute(gobreakerNop)
		}
	})
}

func BenchmarkHalfOpen(b *testing.B) {
	b.Run("holdfast trial", func(b *testing.B) {
		s, ctx := newService(b, circuitbreaker.Config{HalfOpenMaxCalls: 1_000_000}), b.Context()
		breaker := s.Get("a")
		halfOpen := func() {
			s.ForceOpen("a", "benchmark", time.Millisecond)
			for breaker.State() != circuitbreaker.HalfOpen {
				runtime.Gosched()
			}
		}
		halfOpen()
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if n%999_999 == 999_998 { // one more would close it
				halfOpen()
			}
			_ = breaker.Do(ctx, nop)
		}
	})
	b.Run("holdfast full", func(b *testing.B) {
		s, ctx := newService(b, circuitbreaker.Config{HalfOpenMaxCalls: 1}), b.Context()
		breaker := s.Get("a")
		s.ForceOpen("a", "benchmark", time.Millisecond)
		for breaker.State() != circuitbreaker.HalfOpen {
			runtime.Gosched()
		}
		permit, err := breaker.Acquire()
		require.NoError(b, err)
		defer permit.Done(circuitbreaker.Success, nil)
		b.ReportAllocs()
		for b.Loop() {
			_ = breaker.Do(ctx, nop)
		}
	})
	b.Run("gobreaker trial", func(b *testing.B) {
		breaker := plainGobreaker(time.Nanosecond, 1<<31)
		_, _ = breaker.Execute(func() (struct{}, error) { return struct{}{}, errBoom })
		b.ReportAllocs()
		for b.Loop() {
			_, _ = breaker.Execute(gobreakerNop)
		}
	})
}

func BenchmarkFailing(b *testing.B) {
	b.Run("holdfast", func(b *testing.B) {
		breaker, ctx := newBreaker(b, circuitbreaker.Config{MinThroughput: 1_000_000, FailureThreshold: 1}), b.Context()
		_ = breaker.Do(ctx, nop)
		fail := end(errBoom)
		b.ReportAllocs()
		for b.Loop() {
			_ = breaker.Do(ctx, fail)
		}
	})
	b.Run("gobreaker", func(b *testing.B) {
		breaker := gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Interval: time.Minute, BucketPeriod: time.Second,
			ReadyToTrip: func(gobreaker.Counts) bool { return false },
		})
		fail := func() (struct{}, error) { return struct{}{}, errBoom }
		b.ReportAllocs()
		for b.Loop() {
			_, _ = breaker.Execute(fail)
		}
	})
}

func BenchmarkModes(b *testing.B) {
	tests := map[string]circuitbreaker.Config{
		"slow calls": {SlowCallDuration: time.Minute},
		"adaptive":   {Mode: circuitbreaker.ModeAdaptive},
	}
	for name, cfg := range tests {
		b.Run(name, func(b *testing.B) {
			breaker, ctx := newBreaker(b, cfg), b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_ = breaker.Do(ctx, nop)
			}
		})
	}
}

// BenchmarkAtRest reports the memory of one of 1,000 breakers, before and after
// their first calls.
func BenchmarkAtRest(b *testing.B) {
	for _, used := range []bool{false, true} {
		b.Run(fmt.Sprintf("used=%v", used), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				s := newService(b, circuitbreaker.Config{})
				for i := range 1000 {
					breaker := s.Get(fmt.Sprintf("upstream-%d", i))
					if used {
						_ = breaker.Do(b.Context(), nop)
						_ = breaker.Do(b.Context(), end(errBoom))
					}
				}
				b.ReportMetric(float64(heap()-before)/1000, "B/breaker")
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkCollect(b *testing.B) {
	s := newService(b, circuitbreaker.Config{HalfOpenMaxCalls: 1})
	for i := range 1000 {
		name := fmt.Sprintf("upstream-%d", i)
		breaker := s.Get(name)
		for _, err := range []error{nil, errBoom, context.Canceled} {
			_ = breaker.Do(b.Context(), end(err))
		}
		s.ForceOpen(name, "benchmark", 0)
		if !errors.Is(breaker.Do(b.Context(), nop), circuitbreaker.ErrOpen) {
			b.Fatal("not open")
		}
	}
	b.Run("collect", func(b *testing.B) {
		series := 0
		b.ReportAllocs()
		for b.Loop() {
			ch := make(chan prometheus.Metric, 20_000)
			s.Collect(ch)
			series = len(ch)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(series), "ns/series")
	})
	b.Run("gather", func(b *testing.B) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(s)
		series := 0
		b.ReportAllocs()
		for b.Loop() {
			families, err := registry.Gather()
			require.NoError(b, err)
			series = 0
			for _, f := range families {
				series += len(f.GetMetric())
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(series), "ns/series")
	})
}

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	s := newService(t, circuitbreaker.Config{})
	b, ctx := s.Get("a"), t.Context()
	slow, err := s.Register("slow", circuitbreaker.Config{SlowCallDuration: time.Second})
	require.NoError(t, err)
	adaptive, err := s.Register("adaptive", circuitbreaker.Config{Mode: circuitbreaker.ModeAdaptive})
	require.NoError(t, err)
	tests := map[string]struct {
		call func()
		open bool
	}{
		"two steps": {call: func() {
			if permit, err := b.Acquire(); err == nil {
				permit.Done(circuitbreaker.Success, nil)
			}
		}},
		"do":         {call: func() { _ = b.Do(ctx, nop) }},
		"slow calls": {call: func() { _ = slow.Do(ctx, nop) }},
		"adaptive":   {call: func() { _ = adaptive.Do(ctx, nop) }},
		"open":       {call: func() { _ = b.Do(ctx, nop) }, open: true},
	}
	for name, tc := range tests {
		s.Reset("a")
		if tc.open {
			s.ForceOpen("a", "test", 0)
		}
		tc.call()
		got := testing.AllocsPerRun(1000, tc.call)
		if raceEnabled {
			continue // the race detector makes sync.Pool forget on purpose
		}
		require.Zero(t, got, name)
	}
}
