package metrics

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"
)

// Module provides *prometheus.Registry with every collector of the value group
// "metrics.collectors".
var Module = fx.Module("metrics", fx.Provide(fromCollectors))

type sources struct {
	fx.In

	Collectors []prometheus.Collector `group:"metrics.collectors"`
}

func fromCollectors(in sources) (*prometheus.Registry, error) {
	registry := New()
	for _, c := range in.Collectors {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of %T: %w", c, err)
		}
	}
	return registry, nil
}
