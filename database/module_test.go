package database_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"
	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func TestModule(t *testing.T) {
	t.Parallel()
	var (
		s          *database.Service
		collectors struct {
			fx.In

			All []prometheus.Collector `group:"metrics.collectors"`
		}
		guarded string
	)
	values, err := config.Load(config.Environment{Vars: map[string]string{
		"DATABASE_URL": url(t, "sqlite"), "APP_ENV": "test", "DB_SLOW_QUERY_THRESHOLD_MS": "2s",
	}}, config.SpecOf[database.Config]())
	require.NoError(t, err)
	app := fxtest.New(t,
		fx.NopLogger, fx.Supply(values), fx.Provide(quiet), database.Module,
		database.Migrate("library", testdata(t)), database.Migrate("shop", shop(t, "shop").FS),
		fx.Provide(func(*slog.Logger) database.Guard {
			return func(ctx context.Context, _ database.Mode, name string, fn func(context.Context) error) error {
				guarded = name
				return fn(ctx)
			}
		}),
		fx.Populate(&s, &collectors),
	)
	require.ErrorIs(t, s.Ping(t.Context()), database.ErrNotStarted, "constructors do no I/O")
	app.RequireStart()
	require.NoError(t, s.Ping(t.Context()))
	require.NoError(t, s.Do(t.Context(), "authors.save", func(tx *gorm.DB) error {
		return tx.Create(&Author{Name: "Ursula"}).Error
	}))
	require.Equal(t, "authors.save", guarded)
	require.Equal(t, []prometheus.Collector{s}, collectors.All)
	app.RequireStop()
	require.ErrorIs(t, s.Ping(t.Context()), database.ErrNotStarted)
}

func TestModuleWithoutAnythingOptional(t *testing.T) {
	t.Parallel()
	values, err := config.Load(config.Environment{Vars: map[string]string{"DATABASE_URL": ":memory:"}}, config.SpecOf[database.Config]())
	require.NoError(t, err)
	app := fxtest.New(t, fx.NopLogger, fx.Supply(values), fx.Provide(quiet), database.Module, fx.Invoke(func(*database.Service) {}))
	app.RequireStart()
	app.RequireStop()
}
