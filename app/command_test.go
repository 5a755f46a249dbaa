package app_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// run runs a subcommand of a program named shop.
func run(args []string, opts ...fx.Option) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = app.RunCommand(&stdout, &stderr, nil, "shop", args, opts...)
	return code, stdout.String(), stderr.String()
}

// own keeps what belongs to the modules of the test from a listing in which
// the built-in ones come too.
func own(text string, words ...string) string {
	var kept []string
	for line := range strings.Lines(text) {
		for _, w := range words {
			if strings.Contains(line, w) {
				kept = append(kept, line)
				break
			}
		}
	}
	return strings.Join(kept, "")
}

func shop() []fx.Option {
	payments := app.Module("payments", app.Exports(app.Bind[Payments](NewStripe)))
	return []fx.Option{
		app.Module("orders",
			config.Provide[Settings](),
			app.Imports(payments),
			app.Providers(NewOrders, NewMailer),
			app.Health(NewCheck),
			app.OnShutdown(NewFlush),
		),
	}
}

func TestCommandUsage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want int
	}{
		"help":             {[]string{"help"}, 0},
		"help_flag":        {[]string{"--help"}, 0},
		"unknown_command":  {[]string{"dance"}, 2},
		"unknown_flag":     {[]string{"config", "--dot"}, 2},
		"too_many":         {[]string{"graph", "--dot", "--dot"}, 2},
		"serve_takes_none": {[]string{"serve", "--port=1"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(tt.args)
			require.Equal(t, tt.want, code)
			golden(t, "command/"+name+".txt", out+errs)
		})
	}
}

func TestCommandGraph(t *testing.T) {
	t.Parallel()
	code, out, errs := run([]string{"graph"}, shop()...) // without settings
	require.Equal(t, 0, code, errs)
	_, ours, found := strings.Cut(out, "\norders ")
	require.True(t, found)
	golden(t, "command/graph.txt", "orders "+ours)

	code, out, _ = run([]string{"graph", "--dot"}, shop()...)
	require.Equal(t, 0, code)
	golden(t, "command/graph.dot", own(out, "digraph", "orders", "payments", "}"))

	code, out, errs = run([]string{"graph"}, app.Module("orders", app.Providers(NewOrders)))
	require.Equal(t, 1, code)
	require.Contains(t, out, "orders")
	require.Contains(t, errs, "1 fault in the graph")
}

func TestCommandConfig(t *testing.T) {
	t.Parallel()
	code, out, errs := run([]string{"config"}, append(shop(), testEnvironment("MAIL_FROM=a@example.com", "ADMIN_TOKEN=hush"))...)
	require.Equal(t, 0, code, errs)
	golden(t, "command/config.txt", own(out, "OWNER", "MAIL_", "ADMIN_", "HTTP_", "APP_START", "SHUTDOWN_FORCE"))
	require.NotContains(t, out, "hush")

	code, out, errs = run([]string{"config"}, append(shop(), testEnvironment("APP_START_TIMEOUT=soon"))...)
	require.Equal(t, 2, code)
	require.Contains(t, out, "MAIL_FROM")
	golden(t, "command/config_faults.txt", own(out, "MAIL_", "APP_START")+errs)
}

func TestCommandConfigExample(t *testing.T) {
	t.Parallel()
	code, out, errs := run([]string{"config", "--example"}, shop()...)
	require.Equal(t, 0, code, errs)
	require.Contains(t, out, "MAIL_FROM=")
	require.Contains(t, out, "HTTP_ADDR=127.0.0.1:3000")
}

func TestCommandRoutes(t *testing.T) {
	t.Parallel()
	opts := []fx.Option{app.Module("orders",
		config.Provide[Settings](), app.Providers(NewMailer), app.Controllers(NewListing), fx.Invoke(func(*Clock) {}))}
	code, out, errs := run([]string{"routes"}, append(opts, testEnvironment())...)
	require.Equal(t, 0, code, errs)
	golden(t, "command/routes.txt", out+errs)

	code, _, errs = run([]string{"routes"}, app.Module("orders", app.Providers(NewOrders)), testEnvironment())
	require.Equal(t, 1, code)
	require.Contains(t, errs, "1 fault in the graph")
}

func TestCommandServe(t *testing.T) {
	t.Parallel()
	code, _, errs := run(nil, append(shop(), testEnvironment())...)
	require.Equal(t, 2, code)
	require.Contains(t, errs, "MAIL_FROM")

	code, _, errs = run([]string{"serve"}, app.Module("orders", app.Providers(NewFailing), fx.Invoke(func(*Clock) {})), testEnvironment())
	require.Equal(t, 1, code)
	require.Regexp(t, `^shop: fixtures_test.go:\d+: app_test.NewFailing: the clock has stopped\n$`, errs)

	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal, 1)
		time.AfterFunc(time.Second, func() { signals <- syscall.SIGTERM })
		var out bytes.Buffer
		require.Equal(t, 0, app.RunCommand(&out, &out, signals, "shop", nil, testEnvironment(), app.WithoutListeners()))
	})
}

func TestSignalWhileConstructorsRun(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal, 1)
	hold, held := make(chan struct{}), make(chan struct{})
	slow := fx.Invoke(func() { signals <- syscall.SIGTERM; <-hold; close(held) })
	var out bytes.Buffer
	require.Equal(t, 143, app.RunCommand(&out, &out, signals, "shop", nil, slow, testEnvironment(), app.WithoutListeners()))
	close(hold)
	<-held
}

func TestCommandHealth(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path})
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	code, out, _ := run([]string{"health"}, testEnvironment("ADMIN_ADDR="+address))
	require.Equal(t, 0, code)
	require.JSONEq(t, `{"path":"/readyz"}`, out)

	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	status = http.StatusServiceUnavailable
	code, _, _ = run([]string{"health"}, testEnvironment("ADMIN_ADDR=:"+port, "MAIL_TYPO=x"))
	require.Equal(t, 1, code)

	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := taken.Addr().String()
	require.NoError(t, taken.Close())
	code, _, errs := run([]string{"health"}, testEnvironment("ADMIN_ADDR="+free))
	require.Equal(t, 1, code)
	require.Contains(t, errs, "ask "+free+" whether it is ready")
}
