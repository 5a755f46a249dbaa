package autotasktest

import (
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
)

// Option points the client of [autotask.Module] at the tenant, in process and with the credentials of the tenant:
//
//	a := apptest.New(t, tickets.Module, sim.Option())
func (s *Sim) Option() fx.Option {
	return fx.Options(fx.Supply(autotask.Transport{RoundTripper: s.Transport()}), fx.Decorate(s.authorize))
}

func (s *Sim) authorize(cfg autotask.Config) autotask.Config {
	username, code, secret := s.credentials()
	cfg.Username, cfg.IntegrationCode, cfg.Secret = username, config.Secret(code), config.Secret(secret)
	return cfg
}
