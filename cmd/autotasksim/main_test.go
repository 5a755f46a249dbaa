package main_test

import (
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// limit bounds everything that is waited for, far above what it takes.
const limit = time.Minute

// The tests drive the program as it is shipped, built once and without cgo.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "autotasksim")
	if err != nil {
		panic(err)
	}
	build = sync.OnceValues(func() (string, error) {
		return filepath.Join(dir, "autotasksim"), stoptest.Build(dir, "../autotasksim")
	})
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code) //nolint:forbidigo // goleak leaves it to its cleanup
	}))
}

// build returns the path of the program.
var build func() (string, error)

// start runs the program with nothing in its environment but vars, on a free port unless it is told another.
func start(t *testing.T, vars map[string]string, args ...string) *stoptest.Process {
	t.Helper()
	program, err := build()
	require.NoError(t, err)
	env := map[string]string{
		"LOG_FORMAT": "json", "AUTOTASK_SIMULATOR_ADDR": "127.0.0.1:0", "SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
	}
	maps.Copy(env, vars)
	return stoptest.Start(t, stoptest.Command{Path: program, Args: args, Env: env})
}

// run is start for a program that ends by itself.
func run(t *testing.T, vars map[string]string, args ...string) (code int, out, stderr string) {
	t.Helper()
	p := start(t, vars, args...)
	code = p.Wait(limit)
	return code, p.Stdout(), p.Stderr()
}

// listening is the line of the log that tells where it listens.
const listening = "simulated Autotask listening"

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	user, code, secret := simulator.Credentials()
	req.Header.Set("UserName", user)
	req.Header.Set("ApiIntegrationCode", code)
	req.Header.Set("Secret", secret)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// api is the address of calls, by the line of the log.
func api(line stoptest.Line) string { return line.Text("zone_url") + "v1.0/" }

const countTickets = `Tickets/query/count?search={"filter":[{"op":"exist","field":"id"}]}`

func TestServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	p := start(t, map[string]string{"AUTOTASK_SIMULATOR_TICKETS": "7"})
	line := p.Line(listening, "", "")
	status, body := get(t, api(line)+countTickets)
	require.Equal(t, http.StatusOK, status, body)
	require.JSONEq(t, `{"queryCount":7}`, body)
	status, body = get(t, line.Text("control"))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, simulator.Help, body, "the manual")
	stop(t, p)
	require.Len(t, p.Lines("stopped"), 1)
}

// stop ends the program by a signal, and requires that it stops in order. The line that says that it listens comes a moment
// before the start is over: a signal within that moment rolls the start back, and the exit code tells the signal.
func stop(t *testing.T, p *stoptest.Process) {
	t.Helper()
	p.Terminate()
	want := 0
	code := p.Wait(limit)
	if len(p.Lines("signal during the start: stopping what has started")) > 0 {
		want = 128 + int(syscall.SIGTERM)
	}
	require.Equal(t, want, code, p.Stderr())
}

func TestFlagsWinOverVariables(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"AUTOTASK_SIMULATOR_TICKETS": "7", "AUTOTASK_SIMULATOR_MISSING_STATUS": "404"}
	p := start(t, vars, "-tickets", "9", "--hourly-limit=2", "serve")
	line := p.Line(listening, "", "")
	status, body := get(t, api(line)+countTickets)
	require.Equal(t, http.StatusOK, status, body)
	require.JSONEq(t, `{"queryCount":9}`, body)
	status, _ = get(t, api(line)+"Tickets/1")
	require.Equal(t, http.StatusNotFound, status, "what no flag says is as in the environment")
	status, _ = get(t, api(line)+"Tickets/1")
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestFaultsFromAFile(t *testing.T) {
	t.Parallel()
	plan := file(t, `{"rules": [{"kind": "html", "status": 504, "times": 1}]}`+"\n")
	p := start(t, nil, "-faults", plan, "-tickets=5")
	line := p.Line(listening, "", "")
	status, _ := get(t, api(line)+countTickets)
	require.Equal(t, http.StatusGatewayTimeout, status)
	status, _ = get(t, api(line)+countTickets)
	require.Equal(t, http.StatusOK, status)
}

// file is the path of a file with that content.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := start(t, nil, "-tickets=300000")
	line := p.Line(listening, "", "")
	if took := time.Since(began); took > 3*time.Second { // a line for each second that it generates data
		progress := p.Lines("generating data")
		require.NotEmpty(t, progress)
		require.Less(t, progress[0].Number("done"), progress[0].Number("total"))
	}
	_, body := get(t, api(line)+countTickets)
	require.JSONEq(t, `{"queryCount":300000}`, body)
	stop(t, p)
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"-tickets", "5", "-help"}} {
		code, out, stderr := run(t, nil, args...)
		require.Zero(t, code, args)
		require.Empty(t, stderr)
		require.True(t, strings.HasPrefix(out, simulator.Help), args)
		for _, f := range config.SpecOf[simulator.Config]().Fields() {
			name := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(f.Name, "AUTOTASK_SIMULATOR_"), "_", "-"))
			require.Contains(t, out, "\n  -"+name+" ", "every setting has a flag")
			require.Contains(t, out, f.Desc)
		}
	}
}

func TestWrongCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no such flag":     {[]string{"-ticket", "5"}, "autotasksim: flag provided but not defined: -ticket\n"},
		"no value":         {[]string{"-tickets"}, "autotasksim: flag needs an argument: -tickets\n"},
		"no number":        {[]string{"-tickets", "many"}, `autotasksim: -tickets="many": must be a whole number, from 1 to 1000000, for example -tickets=1203` + "\n"},
		"too large":        {[]string{"-tickets=1000001"}, `autotasksim: -tickets="1000001": must be`},
		"no such word":     {[]string{"-missing-status=500"}, `autotasksim: -missing-status="500": must be one of`},
		"empty":            {[]string{"-addr="}, "autotasksim: -addr: is set but empty"},
		"no such file":     {[]string{"-faults", "/nowhere/plan.json"}, `autotasksim: invalid value "/nowhere/plan.json" for flag -faults: open`},
		"no plan":          {[]string{"-faults", file(t, "hello")}, "autotasksim: faults: not a JSON object"},
		"empty plan":       {[]string{"-faults", file(t, " ")}, "autotasksim: -faults: is set but empty"},
		"no such kind":     {[]string{"-faults", file(t, `{"rules":[{"kind":"flood"}]}`)}, `autotasksim: faults: rule 1: kind: "flood" is none of`},
		"a zone twice":     {[]string{"-zones=5,5"}, "autotasksim: zones: 5 is there twice\n"},
		"two that are":     {[]string{"-seed=x", "-window=x"}, "autotasksim: -seed=\"x\": must be"},
		"no such command":  {[]string{"-tickets=5", "sing"}, `autotasksim: unknown command "sing"`},
		"flags come first": {[]string{"config", "-tickets=5"}, "autotasksim: config does not take"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, stderr := run(t, nil, test.args...)
			require.Equal(t, 2, code, stderr)
			require.Empty(t, out)
			require.True(t, strings.HasPrefix(stderr, test.want), stderr)
			if strings.HasSuffix(test.want, "\n") {
				require.Equal(t, test.want, stderr, "one line and no more")
			}
		})
	}
}

func TestWrongEnvironment(t *testing.T) {
	t.Parallel()
	code, _, stderr := run(t, map[string]string{"AUTOTASK_SIMULATOR_TICKETS": "0"})
	require.Equal(t, 2, code)
	require.Contains(t, stderr, `AUTOTASK_SIMULATOR_TICKETS="0": must be`)
	code, _, _ = run(t, map[string]string{"AUTOTASK_SIMULATOR_TICKETS": "0"}, "-tickets=5", "config")
	require.Zero(t, code, "a flag makes up for it")
}

func TestConfigTellsTheSettings(t *testing.T) {
	t.Parallel()
	code, out, stderr := run(t, nil, "-tickets=11", "config")
	require.Zero(t, code, stderr)
	require.Regexp(t, `AUTOTASK_SIMULATOR_TICKETS +11 `, out)
	require.Regexp(t, `AUTOTASK_SIMULATOR_SEED +1 +default`, out)
	code, out, _ = run(t, nil, "graph")
	require.Zero(t, code)
	require.Contains(t, out, "simulator")
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	code, out, stderr := run(t, nil, "-addr", taken.Addr().String(), "-tickets=5")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, stderr, taken.Addr().String())
	require.Contains(t, stderr, "address already in use")
}
