package prove_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
)

// application is one that serves on 127.0.0.1, and what it logs.
type application struct {
	url, admin string

	mu  sync.Mutex
	log bytes.Buffer
}

// Write takes a line of the log.
func (a *application) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(line)
}

// records returns what was logged with a message.
func (a *application) records(tb testing.TB, message string) (found []map[string]any) {
	tb.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for lines := bufio.NewScanner(bytes.NewReader(a.log.Bytes())); lines.Scan(); {
		record := map[string]any{}
		require.NoError(tb, json.Unmarshal(lines.Bytes(), &record))
		if record["msg"] == message {
			found = append(found, record)
		}
	}
	return found
}

// start starts an application on free ports and stops it when the test ends.
func start(tb testing.TB, vars map[string]string, opts ...fx.Option) *application {
	tb.Helper()
	env := map[string]string{
		"APP_ENV": "test", "HTTP_ADDR": "127.0.0.1:0", "ADMIN_ADDR": "127.0.0.1:0", "LOG_FORMAT": "json",
		"DATABASE_URL": "file::memory:", "SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
	}
	maps.Copy(env, vars)
	own := &application{}
	a, err := app.New("prove", append([]fx.Option{
		app.WithEnvironment(config.Environment{Vars: env}),
		fx.Supply(logging.Output{Writer: own}),
	}, opts...)...)
	require.NoError(tb, err)
	require.NoError(tb, a.Start(tb.Context()))
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), time.Minute)
		defer cancel()
		require.NoError(tb, a.Stop(ctx))
	})
	own.url, own.admin = "http://"+a.Addr(), "http://"+a.AdminAddr()
	return own
}

// count adds up the samples of a metric whose labels hold all of with.
func (a *application) count(tb testing.TB, metric string, with ...string) (sum float64) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, a.admin+"/metrics", nil)
	require.NoError(tb, err)
	got, err := send(browser(tb), req)
	require.NoError(tb, err)
next:
	for line := range strings.Lines(got.text) {
		if !strings.HasPrefix(line, metric+"{") {
			continue
		}
		for _, label := range with {
			if !strings.Contains(line, label) {
				continue next
			}
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
		require.NoError(tb, err)
		sum += value
	}
	return sum
}

// browser is a plain client with room for many connections.
func browser(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	text   string
}

// fetch makes a call.
func fetch(ctx context.Context, c *http.Client, url string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return reply{}, err
	}
	return send(c, req)
}

func send(c *http.Client, req *http.Request) (reply, error) {
	resp, err := c.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(text)}, err
}
