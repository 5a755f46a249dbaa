package database

import (
	"io/fs"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

// Module provides *Service from DATABASE_URL and DB_*, opened in OnStart and
// closed in OnStop, with all Migrations of value group "database.migrations"
// and a Guard where somebody provides one. It adds the collector to value
// group "metrics.collectors".
var Module = fx.Module("database", config.Provide[Config](), fx.Provide(provide, collector))

// Migrate adds migrations to those that *Service applies:
//
//	//go:embed migrations
//	var files embed.FS
//
//	var Module = app.Module("orders", app.Imports(database.Migrate("orders", files)), …)
//
// files holds a folder for each dialect, at its root or in one named
// migrations.
func Migrate(owner string, files fs.FS) fx.Option {
	return fx.Supply(fx.Annotated{
		Group:  "database.migrations",
		Target: Migrations{Owner: owner, FS: files},
	})
}

type params struct {
	fx.In

	Config     Config
	Log        *slog.Logger
	Guard      Guard        `optional:"true"`
	Migrations []Migrations `group:"database.migrations"`
	Lifecycle  fx.Lifecycle
}

func provide(p params) (*Service, error) {
	s, err := New(p.Config, p.Guard, p.Log, p.Migrations...)
	if err != nil {
		return nil, err
	}
	p.Lifecycle.Append(fx.StartStopHook(s.Start, s.Stop))
	return s, nil
}

type collected struct {
	fx.Out

	Collector prometheus.Collector `group:"metrics.collectors"`
}

func collector(s *Service) collected { return collected{Collector: s} }
