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
		Addr: "127.0.0.1:4480", Seed: 1, Tickets: 1203, ThreadLimit: 3, HourlyLimit: 10_000, Window: time.Hour,
		Username: username, IntegrationCodes: []string{code}, Secret: config.Secret(secret),
		BadCodeStatus: http.StatusInternalServerError, MissingStatus: http.StatusOK,
	}, got)

	k, zero := newKit(t, got), newKit(t, simulator.Config{})
	require.Equal(t, zero.post("Companies/query", all).body, k.post("Companies/query", all).body)
	require.Equal(t, "127.0.0.1:4480", zero.Addr())
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := simulator.New(simulator.Config{
		Tickets: -1, ThreadLimit: -1, HourlyLimit: -1, Window: time.Millisecond, ReleaseLag: -1,
		BadCodeStatus: 200, MissingStatus: 500,
	})
	require.EqualError(t, err, `autotask simulator: tickets: -1 is not between 1 and 1000000
thread limit: -1 is not above 0
hourly limit: -1 is not above 0
window: 1ms is shorter than 1s
release lag: -1ns is negative
bad code status: 200 is neither 401 nor 500
missing status: 500 is neither 200 nor 404`)
}
