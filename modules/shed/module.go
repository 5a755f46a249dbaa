package shed

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Shedder from the SHED_* settings, and adds its metrics to
// value group "metrics.collectors".
var Module = fx.Module("shed", config.Provide[Config](), fx.Provide(provide))

type out struct {
	fx.Out

	Shedder   *Shedder
	Collector prometheus.Collector `group:"metrics.collectors"`
}

func provide(cfg Config, log *slog.Logger, lifecycle fx.Lifecycle) (out, error) {
	s, err := New(cfg, log)
	if err != nil {
		return out{}, err
	}
	lifecycle.Append(fx.StartStopHook(s.Start, s.Stop))
	return out{Shedder: s, Collector: s}, nil
}
