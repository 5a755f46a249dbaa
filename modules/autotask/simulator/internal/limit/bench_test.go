package limit_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
)

// BenchmarkEnterLeave is what every request costs: 100,000 a second of the simulation's time, far from any limit.
func BenchmarkEnterLeave(b *testing.B) {
	tests := map[string]func(*limit.Config){
		"plain":   func(*limit.Config) {},
		"lag":     func(cfg *limit.Config) { cfg.Lag = 10 * time.Microsecond },
		"latency": func(cfg *limit.Config) { cfg.UsageScale, cfg.ThreadScale = 1, 1 },
		"foreign": func(cfg *limit.Config) { cfg.ForeignPerHour = 5000 },
	}
	for name, change := range tests {
		b.Run(name, func(b *testing.B) {
			cfg := usual()
			cfg.Hourly = 1 << 40
			change(&cfg)
			g, now := limit.New(cfg), noon
			b.ReportAllocs()
			for b.Loop() {
				l, _, _, refused := g.Enter(now, "DEMOINTEGRATIONCODEHOLDFAST", "Tickets")
				if refused {
					b.Fatal("refused")
				}
				l.Leave(now)
				now = now.Add(10 * time.Microsecond)
			}
		})
	}
}

func BenchmarkEnterLeaveParallel(b *testing.B) {
	cfg := usual()
	cfg.Hourly, cfg.Threads = 1<<40, 1<<30
	g := limit.New(cfg)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l, _, _, _ := g.Enter(time.Now(), "DEMOINTEGRATIONCODEHOLDFAST", "Tickets")
			l.Leave(time.Now())
		}
	})
}

// BenchmarkWorstHour fills every millisecond of an hour and reports what the window then holds.
func BenchmarkWorstHour(b *testing.B) {
	for b.Loop() {
		cfg := usual()
		cfg.Hourly = 1 << 40
		before := heap()
		g := limit.New(cfg)
		for i := range 3_600_000 {
			l, _, _, _ := g.Enter(noon.Add(time.Duration(i)*time.Millisecond), "CODE", "Tickets")
			l.Leave(noon)
		}
		b.ReportMetric(float64(heap()-before)/1e6, "MB")
		require.Equal(b, 3_600_000, g.Rolling(noon.Add(time.Hour-time.Millisecond)))
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
