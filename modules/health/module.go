package health

import (
	"log/slog"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module provides *Service with every check of the value group
// "health.checks".
var Module = fx.Module("health", config.Provide[Config](), fx.Provide(fromChecks))

type parts struct {
	fx.In

	Config    Config
	Stop      *shutdown.Service
	Log       *slog.Logger
	Checks    []Check `group:"health.checks"`
	Lifecycle fx.Lifecycle
}

func fromChecks(in parts) (*Service, error) {
	s, err := NewService(in.Config, in.Stop, in.Log, in.Checks...)
	if err != nil {
		return nil, err
	}
	in.Lifecycle.Append(fx.StopHook(s.Stop))
	return s, nil
}
