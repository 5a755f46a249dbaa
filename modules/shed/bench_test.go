package shed_test

import (
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/shed"
)

func BenchmarkAdmit(b *testing.B) {
	for _, bc := range []struct {
		name string
		cfg  shed.Config
	}{
		{"off", shed.Config{}},
		{"cpu and delay", shed.Config{CPUThreshold: 1, QueueDelay: time.Second}},
		{"in flight", shed.Config{MaxInFlight: 1000}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			s := newShedder(b, bc.cfg)
			b.ReportAllocs()
			for b.Loop() {
				_ = s.Admit(normal)
				s.Done()
			}
		})
	}
}

// What the sampler does ten times in a second.
func BenchmarkLook(b *testing.B) {
	cpu, wait := shed.Process()
	b.ReportAllocs()
	for b.Loop() {
		_ = cpu()
		_ = wait()
	}
}
