package resilience

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module provides *Runner from the REQUEST_* settings and the RESILIENCE_*
// variables, and adds its metrics to value group "metrics.collectors". Where
// they are in the graph, a *shutdown.Service stops retries once the process
// drains, a *shed.Shedder is asked before every call, and a *chaos.Injector
// injects into them. At stop it waits for abandoned calls.
var Module = fx.Module("resilience",
	config.Provide[Config](),
	fx.Supply(fx.Annotated{Group: "config.specs", Target: config.Reserve("resilience", prefix)}),
	fx.Provide(provide),
)

type in struct {
	fx.In

	Lifecycle fx.Lifecycle
	Breakers  *circuitbreaker.Service
	Retries   *retry.Service
	Config    Config
	Values    *config.Values    `optional:"true"`
	Shutdown  *shutdown.Service `optional:"true"`
	Shedder   *shed.Shedder     `optional:"true"`
	Chaos     *chaos.Injector   `optional:"true"`
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
	r := NewRunner(in.Breakers, in.Retries, in.Config, stopping, in.Log,
		WithShedder(in.Shedder), WithChaos(in.Chaos), WithOverrides(overridesOf(in.Values)))
	in.Lifecycle.Append(fx.StopHook(r.Stop))
	return out{Runner: r, Collector: r}
}

// overridesOf returns the variables that begin with RESILIENCE_.
func overridesOf(values *config.Values) []Override {
	if values == nil {
		return nil
	}
	var all []Override
	for _, v := range values.Reserved(prefix) {
		all = append(all, Override{Name: v.Name, Value: v.Value, Source: string(v.Source)})
	}
	return all
}
