package main_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// What make run starts: on SQLite, with a simulated Autotask, and with a line to try.
func TestDevelopment(t *testing.T) {
	t.Parallel()
	routes, admin, sim := stoptest.FreeAddr(t), stoptest.FreeAddr(t), stoptest.FreeAddr(t)
	p := launch(t, map[string]string{
		"APP_ENV": "dev", "LOG_FORMAT": "json", "HTTP_ADDR": routes, "ADMIN_ADDR": admin, "AUTOTASK_SIMULATOR_ADDR": sim,
		"SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
	}, "ticketdesk")
	hint := p.Line("no Autotask credentials are set: a simulated Autotask answers instead", "", "")
	require.Equal(t, "http://"+routes, hint.Text("routes"))
	require.Equal(t, "http://"+admin, hint.Text("admin"))
	require.Equal(t, "http://"+sim, hint.Text("autotask"))
	require.Len(t, p.Lines("no Autotask credentials are set: a simulated Autotask answers instead"), 1)

	p.Line("listening", "server", "http")
	c := newClient(t)
	url, ok := strings.CutPrefix(hint.Text("try"), "curl ")
	require.True(t, ok)
	c.get(url).status(http.StatusOK)
	c.do(http.MethodPost, "http://"+routes+"/api/v1/tickets", newTicket("DEV-1"), "X-API-Key: dev-key").status(http.StatusCreated)
	require.FileExists(t, p.Dir()+"/holdfast.db")

	p.Terminate()
	require.Zero(t, p.Wait(limit))
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken := listen(t).Addr().String()
	for _, setting := range []string{"HTTP_ADDR", "ADMIN_ADDR"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			vars := with(credentials(), "APP_ENV=test", "LOG_FORMAT=json", "HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0", setting+"="+taken)
			code, out, stderr := run(t, vars, "ticketdesk")
			require.Equal(t, 1, code)
			require.Empty(t, out)
			var failures []string
			for line := range strings.Lines(stderr) {
				if strings.Contains(line, `"level":"ERROR"`) {
					failures = append(failures, line)
				}
			}
			require.Len(t, failures, 1, stderr)
			require.Contains(t, failures[0], "listen on "+taken+": address already in use; set "+setting)
		})
	}
}

func TestPortOfTheSimulatorInUse(t *testing.T) {
	t.Parallel()
	taken := listen(t).Addr().String()
	code, _, stderr := run(t, map[string]string{"AUTOTASK_SIMULATOR_ADDR": taken}, "autotasksim")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, taken)
	require.Contains(t, stderr, "address already in use")
}
