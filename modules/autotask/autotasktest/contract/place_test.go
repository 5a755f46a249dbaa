package contract_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// This file is the only one that knows the simulator as Go code, and only to start and to stop it.

// place is where the tenant is found.
type place struct {
	origin       string // of the lookup: http://127.0.0.1:4480
	user, secret string
	codes        []string
	local        bool // it is a simulator of this process, so its settings are known
	write        bool
}

// otherCode is a second integration of the tenant in this process.
const otherCode = "SECONDINTEGRATIONOFTHESUITE"

// findPlace is the Autotask of the flags, or a simulator that ends with the test.
func findPlace(t *testing.T) place {
	t.Helper()
	p := place{
		origin: strings.TrimSuffix(*flagURL, "/"), user: *flagUser, secret: *flagSecret,
		codes: strings.Split(*flagCode, ","), write: *flagWrite,
	}
	if p.origin != "" {
		return p
	}
	return startPlace(t, "ZONES=5,14,29")
}

// startPlace starts a simulator with settings such as "MISSING_STATUS=404" on free ports.
func startPlace(t *testing.T, settings ...string) place {
	t.Helper()
	vars := map[string]string{
		"AUTOTASK_SIMULATOR_ADDR":              "127.0.0.1:0",
		"AUTOTASK_SIMULATOR_USERNAME":          *flagUser,
		"AUTOTASK_SIMULATOR_SECRET":            *flagSecret,
		"AUTOTASK_SIMULATOR_INTEGRATION_CODES": *flagCode + "," + otherCode,
	}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		vars["AUTOTASK_SIMULATOR_"+name] = value
	}
	values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[simulator.Config]())
	require.NoError(t, err)
	cfg, err := config.Get[simulator.Config](values)
	require.NoError(t, err)
	sim, err := simulator.New(cfg)
	require.NoError(t, err)
	require.NoError(t, sim.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		require.NoError(t, sim.Stop(ctx))
	})
	return place{origin: sim.URL(), user: *flagUser, secret: *flagSecret, codes: []string{*flagCode, otherCode}, local: true}
}

// tenant opens connections for one case.
func (p place) tenant(t *testing.T) *tenant {
	t.Helper()
	kept := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(kept.CloseIdleConnections)
	at := &tenant{
		t: t, place: p,
		kept: client(kept),
		once: client(&http.Transport{DisableKeepAlives: true}),
	}
	a, err := at.try(http.MethodGet, p.origin+"/__sim/state", nil, anonymous)
	at.simulated = err == nil && a.status == http.StatusOK
	return at
}

func client(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
