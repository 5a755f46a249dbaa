package main

import (
	"context"
	"log/slog"
	"strings"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// development brings a simulated Autotask along where APP_ENV=dev and no credentials are set, so that the service can be
// tried on any machine. Everywhere else it changes nothing.
func development() fx.Option {
	return fx.Options(config.Provide[simulator.Config](), fx.Decorate(simulate))
}

// simulated is what simulate needs.
type simulated struct {
	fx.In

	Autotask  autotask.Config
	Simulator simulator.Config
	App       app.Config
	Lifecycle fx.Lifecycle
	Log       *slog.Logger
}

func simulate(in simulated) (autotask.Config, error) {
	cfg := in.Autotask
	if cfg.Env != config.Dev || cfg.Username != "" || cfg.IntegrationCode != "" || cfg.Secret != "" {
		return cfg, nil
	}
	upstream, err := simulator.New(in.Simulator)
	if err != nil {
		return cfg, err
	}
	in.Lifecycle.Append(fx.StartStopHook(func(ctx context.Context) error {
		if err := upstream.Start(ctx); err != nil {
			return err
		}
		in.Log.WarnContext(ctx, "no Autotask credentials are set: a simulated Autotask answers instead",
			slog.String("routes", local(in.App.HTTPAddr)), slog.String("admin", local(in.App.AdminAddr)),
			slog.String("autotask", upstream.URL()), slog.String("try", "curl "+local(in.App.HTTPAddr)+"/api/v1/tickets/7001"))
		return nil
	}, upstream.Stop))
	cfg.Username = in.Simulator.Username
	cfg.IntegrationCode = config.Secret(in.Simulator.IntegrationCodes[0])
	cfg.Secret = in.Simulator.Secret
	cfg.APIURL = "http://" + in.Simulator.Addr + "/atservicesrest/v1.0/"
	return cfg, nil
}

// local is the URL of an address on this machine.
func local(addr string) string {
	if strings.HasPrefix(addr, ":") {
		addr = "localhost" + addr
	}
	return "http://" + addr
}
