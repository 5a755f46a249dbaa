package retry_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	s, ctx := exact(), t.Context()
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = s.Do(ctx, retry.Standard, nop) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = retry.Do(ctx, s, retry.Standard, nopValue) }))
}

func nop(context.Context) error { return nil }

func nopValue(context.Context) (int, error) { return 1, nil }

func BenchmarkDoSuccess(b *testing.B) {
	s, ctx := exact(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Do(ctx, retry.Standard, nop)
	}
}

func BenchmarkDoValueSuccess(b *testing.B) {
	s, ctx := exact(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = retry.Do(ctx, s, retry.Standard, nopValue)
	}
}
