package health

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module provides *Service with every check of the value group
// "health.checks", and adds its metrics to group "metrics.collectors".
var Module = fx.Module("health", config.Provide[Config](), fx.Provide(fromChecks))

type parts struct {
	fx.In

	Config    Config
	Stop      *shutdown.Service
	Log       *slog.Logger
	Checks    []Check `group:"health.checks"`
	Lifecycle fx.Lifecycle
}

type out struct {
	fx.Out

	Service   *Service
	Collector prometheus.Collector `group:"metrics.collectors"`
}

func fromChecks(in parts) (out, error) {
	s, err := NewService(in.Config, in.Stop, in.Log, in.Checks...)
	if err != nil {
		return out{}, err
	}
	in.Lifecycle.Append(fx.StopHook(s.Stop))
	return out{Service: s, Collector: s}, nil
}
