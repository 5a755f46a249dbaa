package autotasktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func TestSocketIsLazyAndClosesByItself(t *testing.T) { //nolint:tparallel // goes on when its subtest is over
	t.Parallel()
	var url string
	t.Run("while the test runs", func(t *testing.T) {
		sim := autotasktest.New(t)
		require.Equal(t, "127.0.0.1:0", sim.Addr(), "no port before it is asked for")
		url = sim.URL()
		require.Equal(t, url+"/atservicesrest/", sim.ZoneURL())
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		status, body := get(t, client, sim.ZoneURL()+"v1.0/zoneInformation?user=api@holdfast-demo.example")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, `"url":"`+url+`/ATServicesRest/"`)
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t,
		autotasktest.Tickets(5),
		func(cfg *simulator.Config) { cfg.HourlyLimit, cfg.UsageLatency = 1, simulator.NoLatency },
	)
	status, body := get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/query/count?search="+
		`%7B"filter":%5B%7B"op":"exist","field":"id"%7D%5D%7D`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"queryCount":5}`, body)
	status, _ = get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/7001")
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestClientKeepsGivenHeaders(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, func(cfg *simulator.Config) { cfg.Tickets = 1 })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sim.example/atservicesrest/v1.0/tickets", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Secret", "mine")
	resp, err := sim.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, http.Header{"Secret": {"mine"}}, req.Header, "a transport changes no request")
}

func TestVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		sim.Latency(time.Hour)
		began := time.Now()
		status, _ := get(t, sim.Client(), "http://sim.example/atservicesrest/v1.0/tickets/7001")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, time.Hour, time.Since(began))
	})
}

// subject stands in for the t of a test that is looked at.
type subject struct {
	testing.TB

	cleanups []func()
	errors   []string
}

func (*subject) Helper()                    {}
func (s *subject) Cleanup(f func())         { s.cleanups = append(s.cleanups, f) }
func (s *subject) Context() context.Context { return context.Background() }

func (s *subject) Errorf(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func (s *subject) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

// end is the end of the test.
func (s *subject) end() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}

const api = "http://sim.example/atservicesrest/v1.0/"

func TestStrictFailsTheTest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts  []autotasktest.Option
		path  string
		calls int
		want  []string
	}{
		"misuse": {[]autotasktest.Option{autotasktest.Strict()}, "nonsense", 1, []string{
			"autotasktest: misuse of the protocol: unknown_path: GET /atservicesrest/v1.0/nonsense answered 404 " +
				"No HTTP resource was found that matches the request URI '" + api + "nonsense'.",
		}},
		"proper use": {[]autotasktest.Option{autotasktest.Strict()}, "tickets/7001", 1, nil},
		"not strict": {nil, "nonsense", 1, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &subject{TB: t}
			sim := autotasktest.New(s, append(tt.opts, autotasktest.Tickets(1))...)
			for range tt.calls {
				get(t, sim.Client(), api+tt.path)
			}
			require.Empty(t, s.errors, "not before its end")
			s.end()
			require.Equal(t, tt.want, s.errors)
		})
	}
}

func TestStrictTellsAFew(t *testing.T) {
	t.Parallel()
	s := &subject{TB: t}
	sim := autotasktest.New(s, autotasktest.Strict(), autotasktest.Tickets(1))
	for range 25 {
		get(t, sim.Client(), api+"nonsense")
	}
	s.end()
	require.Len(t, s.errors, 21)
	require.Equal(t, "autotasktest: and 5 more misuses of the protocol: map[unknown_path:25]", s.errors[20])
}

func TestWrongOptionEndsTheTest(t *testing.T) {
	t.Parallel()
	s := &subject{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		autotasktest.New(s, autotasktest.Faults(fault.Plan{Rules: []fault.Rule{{Kind: "flood"}}}), autotasktest.Zones(0))
	}()
	<-done
	require.Len(t, s.errors, 1)
	require.Contains(t, s.errors[0], "autotasktest: autotask simulator: zones: 0 is not between 1 and 99\nfaults: rule 1: kind: ")
	require.Empty(t, s.cleanups)
}

func TestOptionsOfTheTenant(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, autotasktest.Tickets(1), autotasktest.Zones(5, 14), autotasktest.Seed(2),
		autotasktest.Faults(fault.Plan{Rules: []fault.Rule{{Kind: fault.HTMLPage, Times: 1}}}),
		func(cfg *simulator.Config) {
			cfg.Username, cfg.IntegrationCodes, cfg.Secret = "me", []string{"A", "B"}, "mine"
		})
	status, _ := get(t, sim.Client(), api+"tickets/7001")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = get(t, sim.Client(), api+"tickets/7001")
	require.Equal(t, http.StatusOK, status, "its own credentials")
	require.NoError(t, sim.Move(14))
	status, _ = get(t, sim.Client(), "https://webservices14.autotask.net/atservicesrest/v1.0/tickets/7001")
	require.Equal(t, http.StatusOK, status)
	status, _ = get(t, sim.Client(), api+"tickets/7001")
	require.Equal(t, http.StatusUnauthorized, status)
}

// post sends a body and returns the id that is answered.
func post(t *testing.T, client *http.Client, method, path, body string) int64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, api+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(data))
	var id struct {
		ItemID int64 `json:"itemId"`
	}
	require.NoError(t, json.Unmarshal(data, &id))
	return id.ItemID
}

// watched makes a webhook that is told of changes of companies.
func watched(t *testing.T, client *http.Client, url string) {
	t.Helper()
	id := post(t, client, http.MethodPost, "CompanyWebhooks", fmt.Sprintf(`{"name":"c","webhookUrl":%q,"deactivationUrl":%q,"secretKey":"s",`+
		`"isActive":false,"isSubscribedToCreateEvents":false,"isSubscribedToUpdateEvents":true,"isSubscribedToDeleteEvents":false,`+
		`"sendThresholdExceededNotification":false}`, url, url))
	post(t, client, http.MethodPost, fmt.Sprintf("CompanyWebhooks/%d/Fields", id), `{"fieldID":`+fieldID(t, client, "phone")+`,"isDisplayAlwaysField":false,"isSubscribedField":true}`)
	post(t, client, http.MethodPatch, "CompanyWebhooks", fmt.Sprintf(`{"id":%d,"isActive":true}`, id))
}

// fieldID is the value under which webhooks of companies know a field.
func fieldID(t *testing.T, client *http.Client, name string) string {
	t.Helper()
	_, body := get(t, client, api+"CompanyWebhookFields/entityInformation/fields")
	var info struct {
		Fields []struct {
			Name   string `json:"name"`
			Values []struct {
				Value string `json:"value"`
				Label string `json:"label"`
			} `json:"picklistValues"`
		} `json:"fields"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &info))
	for _, f := range info.Fields {
		for _, v := range f.Values {
			if f.Name == "fieldID" && strings.EqualFold(v.Label, name) {
				return v.Value
			}
		}
	}
	require.Fail(t, "no such field", name)
	return ""
}

func TestReceive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t, autotasktest.Tickets(1), autotasktest.Strict())
		var got []string
		watched(t, sim.Client(), sim.Receive(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = append(got, string(body))
			if len(got) == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})))
		began := time.Now()
		post(t, sim.Client(), http.MethodPatch, "Companies", `{"id":0,"phone":"555"}`)
		require.NoError(t, sim.WaitWebhooks(t.Context()))
		require.Len(t, got, 2)
		require.Equal(t, got[0], got[1])
		require.Contains(t, got[0], `"Action":"Update"`)
		require.Equal(t, 30*time.Second, time.Since(began), "virtual time")
	})
}

// A test tells nobody but this machine.
func TestWebhooksStayOnThisMachine(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	sim := autotasktest.New(t, autotasktest.Tickets(1))
	watched(t, sim.Client(), receiver.URL)
	post(t, sim.Client(), http.MethodPatch, "Companies", `{"id":0,"phone":"555"}`)
	require.NoError(t, sim.WaitWebhooks(t.Context()))
	require.Equal(t, http.StatusOK, sim.Deliveries()[0].Status)

	sim = autotasktest.New(t, autotasktest.Tickets(1))
	watched(t, sim.Client(), "http://192.0.2.1/hook")
	post(t, sim.Client(), http.MethodPatch, "Companies", `{"id":0,"phone":"555"}`)
	for len(sim.Deliveries()) == 0 { // the first attempt; the next is in 30 s
		runtime.Gosched()
	}
	require.Contains(t, sim.Deliveries()[0].Error, "192.0.2.1:80 is no loopback address, and a test calls no other")
}

// A handler that breaks off has broken the connection, and nothing else.
func TestReceiveSurvivesItsHandler(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle func()
		want   string
	}{
		"require": {runtime.Goexit, "the handler ended its goroutine, as require and t.FailNow do"},
		"abort":   {func() { panic(http.ErrAbortHandler) }, "the handler panicked: net/http: abort Handler"},
		"a panic": {func() { panic("lost") }, "the handler panicked: lost"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, calls := autotasktest.New(t, autotasktest.Tickets(1)), 0
				watched(t, sim.Client(), sim.Receive(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					if calls++; calls == 1 {
						tt.handle()
					}
				})))
				post(t, sim.Client(), http.MethodPatch, "Companies", `{"id":0,"phone":"555"}`)
				require.NoError(t, sim.WaitWebhooks(t.Context()))
				got := sim.Deliveries()
				require.Len(t, got, 2)
				require.Zero(t, got[0].Status)
				require.Contains(t, got[0].Error, "read tcp: "+tt.want)
				require.Equal(t, http.StatusOK, got[1].Status, "the next attempt")
			})
		})
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	s := &subject{TB: t}
	sim := autotasktest.New(s, autotasktest.Strict(), autotasktest.Tickets(1))
	sim.Allow("unknown_path", "bad_query")
	for range 1001 { // more than are kept
		get(t, sim.Client(), api+"nonsense")
	}
	s.end()
	require.Empty(t, s.errors)

	s = &subject{TB: t}
	sim = autotasktest.New(s, autotasktest.Strict(), autotasktest.Tickets(1))
	sim.Allow("unknown_path")
	get(t, sim.Client(), api+"zoneInformation?user=nobody")
	for range 1001 {
		get(t, sim.Client(), api+"nonsense")
	}
	s.end()
	require.Equal(t, []string{"autotasktest: and 1 more misuses of the protocol: map[unknown_user:1]"}, s.errors)
}

func TestOptionHasTheTenantsCredentials(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t, autotasktest.Tickets(1), func(cfg *simulator.Config) {
		cfg.Username, cfg.IntegrationCodes, cfg.Secret = "me", []string{"A", "B"}, "mine"
	})
	var got autotask.Config
	var via autotask.Transport
	err := fx.New(fx.NopLogger, fx.Module("client", fx.Supply(autotask.Config{}), sim.Option(), fx.Populate(&got, &via))).Err()
	require.NoError(t, err)
	require.Equal(t, autotask.Config{Username: "me", IntegrationCode: "A", Secret: "mine"}, got)
	require.NotNil(t, via.RoundTripper)
}
