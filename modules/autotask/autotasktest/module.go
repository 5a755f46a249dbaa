package autotasktest

import (
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// Option points the client of [autotask.Module] at the tenant, in process and with the demo credentials:
//
//	a := apptest.New(t, tickets.Module, sim.Option())
func (s *Sim) Option() fx.Option {
	return fx.Options(fx.Supply(autotask.Transport{RoundTripper: s.Transport()}), fx.Decorate(authorize))
}

func authorize(cfg autotask.Config) autotask.Config {
	username, code, secret := simulator.Credentials()
	cfg.Username, cfg.IntegrationCode, cfg.Secret = username, config.Secret(code), config.Secret(secret)
	return cfg
}
