package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// limit bounds everything that is waited for, far above what it takes.
const limit = time.Minute

// object is a JSON object.
type object = map[string]any

// newTicket is what Autotask wants at least, and an id to know it by.
func newTicket(externalID string) object {
	return object{"companyID": 174, "title": "Scanner offline", "priority": 2, "status": 1, "externalID": externalID}
}

// client sends requests over connections that it keeps.
type client struct {
	t    *testing.T
	http *http.Client
}

func newClient(t *testing.T) client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return client{t, &http.Client{Transport: transport, Timeout: limit}}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	code   int
	header http.Header
	body   []byte
	took   time.Duration
}

func (c client) get(url string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, url, nil)
}

// do sends one request, with a body where there is one, and headers such as "Accept: text/plain". A request without an answer fails the test.
func (c client) do(method, url string, body object, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(method, url, body, headers...)
	require.NoError(c.t, err)
	return a
}

// try is do for other goroutines than the test's own.
func (c client) try(method, url string, body object, headers ...string) (answer, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, content)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return answer{c.t, resp.StatusCode, resp.Header, got, time.Since(began)}, err
}

func (a answer) status(want int) answer {
	a.t.Helper()
	require.Equal(a.t, want, a.code, string(a.body))
	return a
}

func (a answer) json(into any) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, into), string(a.body))
}

// detail is the sentence of a problem.
func (a answer) detail() string {
	a.t.Helper()
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"), string(a.body))
	var problem struct {
		Detail string `json:"detail"`
		Status int    `json:"status"`
	}
	a.json(&problem)
	require.Equal(a.t, a.code, problem.Status)
	return problem.Detail
}

// fallback tells whether the answer stands in for that of Autotask.
func (a answer) fallback() bool { return a.header.Get("X-Resilience-Fallback") == "true" }

// upstream is a running autotasksim.
type upstream struct {
	*stoptest.Process
	client
	zone, control string
}

func startUpstream(t *testing.T) upstream {
	t.Helper()
	p := launch(t, map[string]string{
		"APP_ENV": "test", "LOG_FORMAT": "json", "AUTOTASK_SIMULATOR_ADDR": "127.0.0.1:0", "SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
	}, "autotasksim")
	e := p.Line("simulated Autotask listening", "", "")
	return upstream{p, newClient(t), e.Text("zone_url"), e.Text("control")}
}

// order makes a control call.
func (u upstream) order(name string, body object) {
	u.t.Helper()
	u.do(http.MethodPost, u.control+name, body).status(http.StatusOK)
}

func (u upstream) stats() (s simulator.Stats) {
	u.t.Helper()
	u.get(u.control + "stats").status(http.StatusOK).json(&s)
	return s
}

// desk is a running ticketdesk.
type desk struct {
	*stoptest.Process
	client
	url, admin string
}

// startDesk starts ticketdesk in front of an Autotask, with settings that suit a test.
func startDesk(t *testing.T, autotask upstream, settings ...string) desk {
	t.Helper()
	p := launch(t, with(with(
		credentials(), "APP_ENV=test", "LOG_FORMAT=json", "HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0",
		"AUTOTASK_ZONE_URL="+autotask.zone,
	), settings...), "ticketdesk")
	p.Ready()
	return desk{Process: p, client: newClient(t), url: p.URL(), admin: p.AdminURL()}
}

// read reads below /api/v1.
func (d desk) read(path string) answer {
	d.t.Helper()
	return d.get(d.url + "/api/v1" + path)
}

// write writes below /api/v1, with a key.
func (d desk) write(method, path string, body object) answer {
	d.t.Helper()
	return d.do(method, d.url+"/api/v1"+path, body, "X-API-Key: key-of-the-tests")
}

// metric is the sum of a metric over its labels, in whole numbers.
func (d desk) metric(name string) (sum int64) {
	d.t.Helper()
	for line := range strings.Lines(string(d.get(d.admin + "/metrics").status(http.StatusOK).body)) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if labelled, _, _ := strings.Cut(series, "{"); labelled != name {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		require.NoError(d.t, err, line)
		sum += int64(n)
	}
	return sum
}
