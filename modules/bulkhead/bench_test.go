package bulkhead_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

func BenchmarkEnterLeave(b *testing.B) {
	for _, bc := range []struct {
		name string
		cfg  bulkhead.Config
	}{
		{"no bound", bulkhead.Config{}},
		{"bound", bulkhead.Config{Max: 100}},
		{"queue", bulkhead.Config{Max: 100, Queue: 100}},
		{"adaptive", bulkhead.Config{Adaptive: true}},
	} {
		bulk := bulkhead.New(bc.cfg)
		b.Run(bc.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_ = bulk.Enter(ctx, bulkhead.Normal)
				bulk.Leave(time.Millisecond, true)
			}
		})
		b.Run(bc.name+"/parallel", func(b *testing.B) {
			ctx := b.Context()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_ = bulk.Enter(ctx, bulkhead.Normal)
					bulk.Leave(time.Millisecond, true)
				}
			})
		})
	}
}

func BenchmarkRefused(b *testing.B) {
	bulk := bulkhead.New(bulkhead.Config{Max: 1})
	require.NoError(b, bulk.Enter(b.Context(), bulkhead.Normal))
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = bulk.Enter(ctx, bulkhead.Normal)
	}
}
