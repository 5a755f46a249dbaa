package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// The defaults in the tags are those that New gives to zero values, and those of the documentation.
func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	values, err := config.Load(config.Environment{}, config.SpecOf[simulator.Config]())
	require.NoError(t, err)
	got, err := config.Get[simulator.Config](values)
	require.NoError(t, err)
	username, code, secret := simulator.Credentials()
	require.Equal(t, simulator.Config{
		Addr: "127.0.0.1:4480", Zones: []int{5}, Seed: 1, Tickets: 1203,
		Username: username, IntegrationCodes: []string{code}, Secret: config.Secret(secret),
		BadCodeStatus: http.StatusInternalServerError, MissingStatus: http.StatusOK, ReadOnlyFields: "ignore",
		HourlyLimit: 10_000, Window: time.Hour, SuspendedStatus: http.StatusTooManyRequests,
		ThreadLimit: 3, ThreadStatus: http.StatusTooManyRequests, RetryAfter: "none",
		UsageLatency: 1, ThreadLatency: simulator.NoLatency, WebhookSignature: "escaped", WebhookLimit: 50,
	}, got)

	k, zero := newKit(t, got), newKit(t, simulator.Config{})
	require.Equal(t, zero.post("Companies/query", all).body, k.post("Companies/query", all).body)
	require.Equal(t, "127.0.0.1:4480", zero.Addr())
}

func TestConfigFromTheEnvironment(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value string
		want  simulator.Scale
		fault string
	}{
		"none":      {"0", simulator.NoLatency, ""},
		"a tenth":   {"0.1", 0.1, ""},
		"negative":  {"-1", 0, "must be a number, from 0 to 100"},
		"too much":  {"101", 0, "must be a number, from 0 to 100"},
		"no number": {"NaN", 0, "must be a number, from 0 to 100"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := config.Environment{Vars: map[string]string{"AUTOTASK_SIMULATOR_USAGE_LATENCY": tt.value}}
			values, err := config.Load(env, config.SpecOf[simulator.Config]())
			if tt.fault != "" {
				require.ErrorContains(t, err, tt.fault)
				return
			}
			require.NoError(t, err)
			got, err := config.Get[simulator.Config](values)
			require.NoError(t, err)
			require.InDelta(t, float64(tt.want), float64(got.UsageLatency), 0)
		})
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := simulator.New(simulator.Config{
		Addr: "127.0.0.1:65535", Zones: []int{0, 7, 7},
		Tickets: -1, ThreadLimit: -1, HourlyLimit: -1, Window: time.Millisecond, ReleaseLag: -1, ForeignPerHour: -1,
		WebhookLimit: -1, BadCodeStatus: 200, MissingStatus: 500, ReadOnlyFields: "maybe", SuspendedStatus: 200,
		ThreadStatus: 403, RetryAfter: "soon", WebhookSignature: "none", UsageLatency: -2, ThreadLatency: 101,
		Faults: `{"rules":[{"kind":"flood"}]}`,
	})
	require.EqualError(t, err, `autotask simulator: tickets: -1 is not between 1 and 1000000
thread limit: -1 is not above 0
hourly limit: -1 is not above 0
window: 1ms is not between 1s and 24h0m0s
release lag: -1ns is negative
foreign per hour: -1 is not between 0 and 1000000000
webhook limit: -1 is not above 0
bad code status: 200 is none of [500 401]
missing status: 500 is none of [200 404]
read-only fields: maybe is none of [ignore refuse]
suspended status: 200 is none of [429 403 500]
thread status: 403 is none of [429 500]
retry after: soon is none of [none seconds date]
webhook signature: none is none of [escaped raw]
usage latency: -2 is not between 0 and 100
thread latency: 101 is not between 0 and 100
zones: 0 is not between 1 and 99
zones: 7 is there twice
addr: above port 65535 there is no room for 3 zones
faults: rule 1: kind: "flood" is none of latency, reset_before, reset_after, half_body, slow_body, html, empty_500, lock_contention, expired_token, execution_timeout, unauthorized`)

	for _, addr := range []string{"nowhere", "127.0.0.1:70000", "127.0.0.1:-1"} {
		require.ErrorContains(t, simulator.Config{Addr: addr}.Validate(), "addr: ", addr)
	}
	require.ErrorContains(t, simulator.Config{Zones: make([]int, 21)}.Validate(), "zones: 21 are more than 20")
	require.ErrorContains(t, simulator.Config{Window: 24*time.Hour + 1}.Validate(), "window: 24h0m0.000000001s is not between 1s and 24h0m0s")
	require.NoError(t, simulator.Config{Window: 24 * time.Hour}.Validate())
	require.ErrorContains(t, simulator.Config{Faults: "{"}.Validate(), "faults: ")
	require.NoError(t, simulator.Config{Addr: ":http"}.Validate())
}
