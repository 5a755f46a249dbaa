package main_test

import (
	"flag"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

var update = flag.Bool("update", false, "write .env.example anew")

// unreachable is a database that nobody serves.
const unreachable = "postgres://nobody@127.0.0.1:1/none"

// credentials are settings that production takes.
func credentials() map[string]string {
	username, code, secret := simulator.Credentials()
	return map[string]string{
		"AUTOTASK_USERNAME":         username,
		"AUTOTASK_INTEGRATION_CODE": code,
		"AUTOTASK_SECRET":           secret,
		"TICKETDESK_API_KEYS":       "key-of-the-tests",
	}
}

// with returns vars and more of them: NAME=value.
func with(vars map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, vars)
	for _, setting := range more {
		name, value, _ := strings.Cut(setting, "=")
		all[name] = value
	}
	return all
}

func TestExampleFile(t *testing.T) {
	t.Parallel()
	const file = "../../.env.example"
	code, got, stderr := run(t, nil, "ticketdesk", "config", "--example")
	require.Zero(t, code)
	require.Empty(t, stderr)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644)) //nolint:gosec // to be read by everybody
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "go test ./cmd/ticketdesk -run TestExampleFile -update writes it anew")
	for _, secret := range []string{"AUTOTASK_SECRET", "AUTOTASK_INTEGRATION_CODE", "TICKETDESK_API_KEYS", "DATABASE_URL", "ADMIN_TOKEN"} {
		require.Contains(t, got, "\n#"+secret+"=\n", "no secret has a value")
	}
}

func TestCommandsNeedNothing(t *testing.T) {
	t.Parallel()
	stages := map[string]map[string]string{
		"development":                    {"APP_ENV": "dev", "DATABASE_URL": unreachable},
		"production":                     with(credentials(), "DATABASE_URL="+unreachable),
		"production without credentials": {"DATABASE_URL": unreachable},
	}
	commands := map[string]struct {
		args []string
		want []string
	}{
		"routes": {[]string{"routes"}, []string{
			"GET     /api/v1/companies          companies.list",
			"GET     /api/v1/companies/:id      companies.get",
			"GET     /api/v1/tickets            tickets.list",
			"POST    /api/v1/tickets            tickets.create",
			"GET     /api/v1/tickets/:id        tickets.get",
			"PATCH   /api/v1/tickets/:id        tickets.update",
			"GET     /api/v1/tickets/:id/notes  tickets.notes",
			"POST    /api/v1/tickets/:id/notes  tickets.add_note",
		}},
		"graph":        {[]string{"graph"}, []string{"\ntickets ", "\nauth ", "\nautotask ", "imports      autotask, store, auth", "reliability (built in)"}},
		"graph as dot": {[]string{"graph", "--dot"}, []string{`digraph "ticketdesk" {`, `"tickets" -> "autotask";`, `"companies" -> "store";`}},
	}
	for stage, vars := range stages {
		for name, command := range commands {
			t.Run(name+" in "+stage, func(t *testing.T) {
				t.Parallel()
				p := launch(t, vars, "ticketdesk", command.args...)
				require.Zero(t, p.Wait(limit), p.Stderr())
				for _, want := range command.want {
					require.Contains(t, p.Stdout(), want)
				}
				left, err := os.ReadDir(p.Dir())
				require.NoError(t, err)
				require.Empty(t, left, "no database is made")
			})
		}
	}
}

func TestEveryRouteHasAPolicy(t *testing.T) {
	t.Parallel()
	_, out, _ := run(t, credentials(), "ticketdesk", "routes")
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "GET":
			require.Contains(t, line, "timeout 10s (soft), fallback, breaker  0 ")
		case "POST", "PATCH":
			require.Contains(t, line, "timeout 30s (soft), breaker            1 ")
		default:
			require.Equal(t, "METHOD", fields[0])
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	code, out, stderr := run(t, with(credentials(), "HTTP_ADDR=:8080", "DATABASE_URL="+unreachable), "ticketdesk", "config")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	shown := map[string][]string{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		shown[fields[1]] = fields[2:]
	}
	require.Equal(t, []string{":8080", "environment"}, shown["HTTP_ADDR"])
	require.Equal(t, []string{"127.0.0.1:9090", "default"}, shown["ADMIN_ADDR"])
	require.Equal(t, []string{"prod", "default"}, shown["APP_ENV"])
	require.Equal(t, []string{"***", "environment"}, shown["AUTOTASK_SECRET"])
	require.Equal(t, []string{"***", "environment"}, shown["TICKETDESK_API_KEYS"])
	require.Equal(t, []string{"***", "environment"}, shown["DATABASE_URL"])
	demo := regexp.MustCompile(`AUTOTASK_SIMULATOR_INTEGRATION_CODES .*`) // the code is public there
	for name, secret := range credentials() {
		if name != "AUTOTASK_USERNAME" {
			require.NotContains(t, demo.ReplaceAllString(out, ""), secret, name)
		}
	}
}

// missing are the settings without which production refuses to start.
var missing = []string{"TICKETDESK_API_KEYS", "AUTOTASK_USERNAME", "AUTOTASK_INTEGRATION_CODE", "AUTOTASK_SECRET"}

func TestProductionWithoutCredentials(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"serve"}, {"config"}} {
		code, _, stderr := run(t, nil, "ticketdesk", args...)
		require.Equal(t, 2, code, args)
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		require.Equal(t, "ticketdesk: 4 settings are wrong:", lines[0])
		require.Len(t, lines, 1+len(missing))
		for i, name := range missing {
			require.True(t, strings.HasPrefix(lines[i+1], "  "+name+": is not set"), lines[i+1])
		}
	}
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	code, out, stderr := run(t, map[string]string{ //nolint:gosec // the password is made up
		"APP_ENV":                           "test",
		"HTTP_ADDR":                         "3000",
		"AUTOTASK_TIMEOUT":                  "soon",
		"AUTOTASK_THREAD_LIMIT":             "0",
		"AUTOTASK_ZONE_URL":                 "http://example.com/",
		"AUTOTASK_USRNAME":                  "api@example.com",
		"CIRCUIT_BREAKER_FAILURE_THRESHOLD": "50",
		"DATABASE_URL":                      "oracle://shop:hidden-word@db/shop",
		"ACCESS_LOG":                        "",
		"TICKETDESK_API_KEYS":               "short",
		"ADMIN_ADDR":                        ":9090",
	}, "ticketdesk")
	require.Equal(t, 2, code)
	require.Empty(t, out)
	require.True(t, strings.HasPrefix(stderr, "ticketdesk: 10 settings are wrong:\n"), stderr)
	for _, want := range []string{
		`HTTP_ADDR="3000": is not host:port, for example HTTP_ADDR=:3000`,
		`AUTOTASK_TIMEOUT="soon": must be a duration`,
		`AUTOTASK_THREAD_LIMIT="0": must be`,
		`AUTOTASK_ZONE_URL`,
		`AUTOTASK_USRNAME: is no setting: did you mean AUTOTASK_USERNAME?`,
		`CIRCUIT_BREAKER_FAILURE_THRESHOLD="50"`,
		`DATABASE_URL="***"`,
		`ACCESS_LOG: is set but empty`,
		`TICKETDESK_API_KEYS="***": has a key of fewer than 8 characters`,
		`ADMIN_TOKEN`,
	} {
		require.Contains(t, stderr, "\n  "+want)
	}
	require.NotContains(t, stderr, "hidden-word")
	require.NotContains(t, stderr, "short,")
}
