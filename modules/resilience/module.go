package resilience

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module provides *Runner from the REQUEST_* settings, and adds its metrics to
// value group "metrics.collectors". Where a *shutdown.Service is in the graph,
// no retry begins once the process drains. At stop it waits for abandoned calls.
var Module = fx.Module("resilience", config.Provide[Config](), fx.Provide(provide))

type in struct {
	fx.In

	Lifecycle fx.Lifecycle
	Breakers  *circuitbreaker.Service
	Retries   *retry.Service
	Config    Config
	Shutdown  *shutdown.Service `optional:"true"`
	Log       *slog.Logger
}

type out struct {
	fx.Out

	Runner    *Runner
	Collector prometheus.Collector `group:"metrics.collectors"`
}

func provide(in in) out {
	var stopping func() bool
	if in.Shutdown != nil {
		stopping = func() bool { return in.Shutdown.State() >= shutdown.Draining }
	}
	r := NewRunner(in.Breakers, in.Retries, in.Config, stopping, in.Log)
	in.Lifecycle.Append(fx.StopHook(r.Stop))
	return out{Runner: r, Collector: r}
}
