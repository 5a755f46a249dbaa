package chaos

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Injector from the CHAOS_* settings, and adds its metrics to
// value group "metrics.collectors".
var Module = fx.Module("chaos", config.Provide[Config](), fx.Provide(provide))

type out struct {
	fx.Out

	Injector  *Injector
	Collector prometheus.Collector `group:"metrics.collectors"`
}

func provide(cfg Config, log *slog.Logger) (out, error) {
	i, err := New(cfg, cfg.Env, log)
	if err != nil {
		return out{}, err
	}
	return out{Injector: i, Collector: i}, nil
}
