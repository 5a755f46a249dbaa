package autotask_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

type collectors struct {
	fx.In

	All []prometheus.Collector `group:"metrics.collectors"`
}

func TestModule(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	username, code, secret := simulator.Credentials()
	env := config.Environment{Vars: map[string]string{
		"AUTOTASK_USERNAME": username, "AUTOTASK_INTEGRATION_CODE": code, "AUTOTASK_SECRET": secret,
		"AUTOTASK_ZONE_URL": sim.ZoneURL(), "APP_ENV": "test",
	}}
	values, err := config.Load(env, config.SpecOf[autotask.Config](), config.SpecOf[circuitbreaker.Config](), config.SpecOf[retry.Config]())
	require.NoError(t, err)
	var client *autotask.Client
	var found collectors
	app := fxtest.New(
		t, autotask.Module, circuitbreaker.Module, retry.Module, fx.Supply(values),
		fx.Provide(func() *slog.Logger { return discard() }), fx.Populate(&client, &found), fx.NopLogger,
	)
	app.RequireStart()
	n, err := client.Companies.Count(t.Context(), query.New())
	require.NoError(t, err)
	require.Positive(t, n)
	require.Contains(t, found.All, prometheus.Collector(client))
	require.NoError(t, app.Stop(context.WithoutCancel(t.Context())))
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	firstTicket(t, client)
	_, err := client.Tickets.Get(t.Context(), 1<<40)
	require.Error(t, err)
	require.NoError(t, testutil.CollectAndCompare(client, strings.NewReader(`
# HELP autotask_budget_limit Hourly limit of requests.
# TYPE autotask_budget_limit gauge
autotask_budget_limit 10000
# HELP autotask_budget_used Requests that count towards the hourly limit.
# TYPE autotask_budget_used gauge
autotask_budget_used 2
# HELP autotask_requests_total Requests sent, by entity and how they ended.
# TYPE autotask_requests_total counter
autotask_requests_total{entity="Tickets",kind="not_found"} 1
autotask_requests_total{entity="Tickets",kind="ok"} 1
autotask_requests_total{entity="zoneInformation",kind="ok"} 1
# HELP autotask_threads_in_use Requests under way by entity.
# TYPE autotask_threads_in_use gauge
autotask_threads_in_use{entity="Tickets"} 0
# HELP autotask_waiting Calls that wait for a thread or the hourly limit.
# TYPE autotask_waiting gauge
autotask_waiting 0
`)))
}
