package circuitbreaker_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func nop(context.Context) error { return nil }

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	s := newService(t, circuitbreaker.Config{})
	b, ctx := s.Get("a"), t.Context()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		permit, err := b.Acquire()
		if err == nil {
			permit.Done(circuitbreaker.Success, nil)
		}
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = b.Do(ctx, nop) }))
	s.ForceOpen("a", "test", 0)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = b.Do(ctx, nop) }))
}

func BenchmarkAcquireDone(b *testing.B) {
	breaker := newBreaker(b, circuitbreaker.Config{})
	b.ReportAllocs()
	for b.Loop() {
		permit, _ := breaker.Acquire()
		permit.Done(circuitbreaker.Success, nil)
	}
}

func BenchmarkDoClosed(b *testing.B) {
	breaker, ctx := newBreaker(b, circuitbreaker.Config{}), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = breaker.Do(ctx, nop)
	}
}

func BenchmarkDoClosedParallel(b *testing.B) {
	breaker, ctx := newBreaker(b, circuitbreaker.Config{}), b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = breaker.Do(ctx, nop)
		}
	})
}

func BenchmarkDoOpen(b *testing.B) {
	s, ctx := newService(b, circuitbreaker.Config{}), b.Context()
	breaker := s.Get("a")
	s.ForceOpen("a", "benchmark", 1<<62)
	b.ReportAllocs()
	for b.Loop() {
		_ = breaker.Do(ctx, nop)
	}
}

func BenchmarkDoFailing(b *testing.B) {
	breaker, ctx := newBreaker(b, circuitbreaker.Config{MinThroughput: 1_000_000, FailureThreshold: 1}), b.Context()
	_ = breaker.Do(ctx, nop)
	fail := end(errBoom)
	b.ReportAllocs()
	for b.Loop() {
		_ = breaker.Do(ctx, fail)
	}
}
