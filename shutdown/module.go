package shutdown

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Service from the SHUTDOWN_* settings, registers the tasks in
// value group "shutdown.tasks" and adds its metrics to group
// "metrics.collectors". Who runs the process calls Request, Wait and Finish.
//
// The tasks are registered when all is built, not given to NewService: what a
// task cleans up may need the *Service itself.
var Module = fx.Module("shutdown", config.Provide[Config](), fx.Provide(provide), fx.Invoke(register))

type out struct {
	fx.Out

	Service   *Service
	Collector prometheus.Collector `group:"metrics.collectors"`
}

func provide(cfg Config, log *slog.Logger) (out, error) {
	s, err := NewService(cfg, log)
	return out{Service: s, Collector: s}, err
}

type registration struct {
	fx.In

	Service *Service
	Tasks   []Task `group:"shutdown.tasks"`
}

func register(in registration) error {
	slices.SortFunc(in.Tasks, func(a, b Task) int { return cmp.Compare(a.Name, b.Name) }) // fx gives groups in any order
	errs := make([]error, 0, len(in.Tasks))
	for _, t := range in.Tasks {
		errs = append(errs, in.Service.Register(t))
	}
	return errors.Join(errs...)
}
