package retry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Service from the RETRY_* settings and adds its metrics to
// value group "metrics.collectors".
var Module = fx.Module("retry", config.Provide[Config](), fx.Provide(NewService, collector))

type collected struct {
	fx.Out

	Collector prometheus.Collector `group:"metrics.collectors"`
}

func collector(s *Service) collected { return collected{Collector: s} }
