// Package simulator_test shows the simulator in tests of a client that has nothing to do with Holdfast: plain HTTP.
package simulator_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// api is where the real one is, too: sim.Client() needs no socket, and answers any host.
const api = "https://webservices5.autotask.net/ATServicesRest/V1.0/"

// post sends JSON and returns status and body.
func post(t *testing.T, client *http.Client, path, body string) (status int, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

const ticket = `{"companyID":0,"title":"Disk full","status":1,"priority":2,"externalID":"RMM-17"}`

// A create whose connection breaks has perhaps happened: look before you send it again.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, autotasktest.Strict(), autotasktest.Faults(fault.Plan{Rules: []fault.Rule{
		{Kind: fault.ResetAfter, Entity: "Tickets", Method: http.MethodPost, Path: "/Tickets$", Times: 1},
	}}))
	_, _, err := post(t, sim.Client(), "Tickets", ticket)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	_, count, err := post(t, sim.Client(), "Tickets/query/count", `{"filter":[{"op":"eq","field":"externalID","value":"RMM-17"}]}`)
	require.NoError(t, err)
	require.JSONEq(t, `{"queryCount":1}`, count, "it has happened")
}

func TestUsedUpHour(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	sim.AddExternal(10_000) // other integrations of the same tenant
	status, _, err := post(t, sim.Client(), "Tickets", ticket)
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, status)
	sim.Advance(61 * time.Minute) // nobody waits
	status, _, err = post(t, sim.Client(), "Tickets", ticket)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
}

func TestMovedTenant(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, autotasktest.Zones(5, 14))
	require.NoError(t, sim.Move(14))
	status, answer, err := post(t, sim.Client(), "Tickets", ticket)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, status, "zone 5 does not know it any more")
	require.Empty(t, answer)
}
