package chaos_test

import (
	"testing"

	"github.com/holdfast-go/holdfast/modules/chaos"
)

func BenchmarkInject(b *testing.B) {
	for _, bc := range []struct {
		name  string
		rules []chaos.Rule
	}{
		{"on, no rule", nil},
		{"rule for another route", []chaos.Rule{{Route: "orders.get", Rate: 1, Fault: errBoom}}},
		{"rule that never strikes", []chaos.Rule{{Route: "*", Rate: 0, Fault: errBoom}}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			m := newInjector(b, bc.rules...).For("orders.create")
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_, _, _ = m.Inject(ctx)
			}
		})
	}
}
