package throttle_test

import (
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
)

// A12: admission with 10,000 requests in the window.
func BenchmarkAdmission(b *testing.B) {
	now := time.Now()
	l := limiter(b, 3, 1<<30, throttle.WithNow(func() time.Time { return now }))
	ctx := b.Context()
	for range 10_000 {
		lease, _ := l.Acquire(ctx, "Tickets", 5)
		lease.Release()
		now = now.Add(360 * time.Millisecond)
	}
	b.ReportAllocs()
	for b.Loop() {
		lease, err := l.Acquire(ctx, "Tickets", 5)
		if err != nil {
			b.Fatal(err)
		}
		lease.Release()
		now = now.Add(360 * time.Millisecond)
	}
}

func BenchmarkAdmissionParallel(b *testing.B) {
	l := limiter(b, 1000, 1<<30)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			lease, err := l.Acquire(b.Context(), "Tickets", 5)
			if err != nil {
				b.Error(err)
				return
			}
			lease.Release()
		}
	})
}
