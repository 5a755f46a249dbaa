package shutdown_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/shutdown"
)

func load(t *testing.T, vars map[string]string) (*config.Values, error) {
	t.Helper()
	return config.Load(config.Environment{Vars: vars}, config.SpecOf[shutdown.Config]())
}

func TestDefaultConfigIsThatOfTheEnvironment(t *testing.T) {
	t.Parallel()
	values, err := load(t, nil)
	require.NoError(t, err)
	cfg, err := config.Get[shutdown.Config](values)
	require.NoError(t, err)
	require.Equal(t, shutdown.DefaultConfig(), cfg)
}

func TestConfigIsValidatedOnLoad(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"SHUTDOWN_FORCE_TIMEOUT": "30000"})
	require.ErrorContains(t, err, "SHUTDOWN_FORCE_TIMEOUT")
	require.ErrorContains(t, err, "42s")

	_, err = load(t, map[string]string{"SHUTDOWN_HEALTH_GRACE_PERIOD": "2000000h", "SHUTDOWN_DRAIN_TIMEOUT": "2000000h"})
	require.ErrorContains(t, err, "SHUTDOWN_DRAIN_TIMEOUT", "their sum is beyond what a duration holds")
}

func TestModule(t *testing.T) {
	t.Parallel()
	values, err := load(t, map[string]string{"SHUTDOWN_HEALTH_GRACE_PERIOD": "0"})
	require.NoError(t, err)
	var stop *shutdown.Service
	var collected struct {
		fx.In

		Collectors []prometheus.Collector `group:"metrics.collectors"`
	}
	app := fx.New(fx.NopLogger, fx.Supply(values, slog.New(slog.DiscardHandler)), shutdown.Module,
		fx.Supply(fx.Annotated{Group: "shutdown.tasks", Target: shutdown.Task{Name: "flush", Run: nothing}}),
		fx.Populate(&stop, &collected))
	require.NoError(t, app.Err())
	require.Equal(t, []prometheus.Collector{stop}, collected.Collectors)

	stop.Ready()
	began := time.Now()
	stop.Request("test")
	require.NoError(t, stop.Wait(t.Context()))
	stop.Finish()
	require.Equal(t, "flush", stop.Report().Tasks[0].Name)
	require.Less(t, time.Since(began), 10*time.Second, "the grace period came from the environment")
}
