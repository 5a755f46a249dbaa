package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
)

// operator is an admin server with all pages, and what they show.
type operator struct {
	t        *testing.T
	log      strings.Builder
	handler  http.Handler
	breakers *circuitbreaker.Service
	retries  *retry.Service
	runner   *resilience.Runner
	limiter  *ratelimit.Limiter
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	o := &operator{t: t}
	quiet := slog.New(slog.DiscardHandler)
	log := slog.New(slog.NewTextHandler(&o.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	var err error
	o.breakers, err = circuitbreaker.NewService(circuitbreaker.Config{}, quiet)
	require.NoError(t, err)
	o.retries = retry.NewService(retry.Config{}, quiet)
	o.runner = resilience.NewRunner(o.breakers, o.retries, resilience.Config{}, nil, quiet)
	o.limiter, err = ratelimit.New("orders.list", ratelimit.Limit{Requests: 2, Per: time.Minute})
	require.NoError(t, err)
	shedder, err := shed.New(shed.Config{}, quiet)
	require.NoError(t, err)
	pages := append(admin.Breakers(o.breakers, log),
		admin.Retries(o.retries),
		admin.Limits(o.runner, shedder, []*ratelimit.Limiter{o.limiter}),
		admin.Settings(o.runner, log))
	server, err := newServer(t, admin.Config{Addr: "127.0.0.1:0", Env: config.Dev}, pages...)
	require.NoError(t, err)
	o.handler = server.Handler()
	return o
}

func (o *operator) send(method, path, contentType, body string) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "localhost", "127.0.0.1:4711"
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

func (o *operator) get(path string) *httptest.ResponseRecorder { return o.send("GET", path, "", "") }

func (o *operator) post(path, body string) *httptest.ResponseRecorder {
	return o.send("POST", path, "application/json", body)
}

func object(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	require.Equal(t, "application/json", w.Header().Get("Content-Type"), w.Body.String())
	var got map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	return got
}

func TestBreakersAreShown(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	require.JSONEq(t, "[]", o.get("/breakers").Body.String())
	fail := func(context.Context) error { return errors.New("down") }
	for range 10 {
		_ = o.breakers.Execute(t.Context(), "orders", fail, nil)
	}
	_ = o.breakers.Execute(t.Context(), "orders", fail, nil)
	got := object(t, o.get("/breakers/orders"))
	for member, want := range map[string]any{
		"circuitName": "orders", "state": "OPEN", "totalCalls": 10.0, "failedCalls": 10.0, "successfulCalls": 0.0,
		"rejectedCalls": 1.0, "excludedCalls": 0.0, "slowCalls": 0.0, "control": "auto", "lastError": "down",
	} {
		require.Equal(t, want, got[member], member)
	}
	require.NotNil(t, got["nextAttemptTime"])
	require.NotNil(t, got["config"])
	require.NotContains(t, got, "controlUntil")
	require.Equal(t, http.StatusNotFound, o.get("/breakers/nothing").Code)
	require.Equal(t, http.StatusMethodNotAllowed, o.send("DELETE", "/breakers/orders", "", "").Code)
}

// Every verb changes the breaker and is one event in the log.
func TestBreakersAreControlled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		verb, body  string
		wantControl string
		wantFor     time.Duration // 0: no end is shown
		wantLog     string
	}{
		"open":                {"open", `{"for":"5m","reason":"the vendor asked"}`, "open", 5 * time.Minute, `verb=open who=127.0.0.1:4711 for=5m0s reason="the vendor asked"`},
		"open, milliseconds":  {"open", `{"for":"90000"}`, "open", 90 * time.Second, "for=1m30s"},
		"open, number":        {"open", `{"for":90000}`, "open", 90 * time.Second, "for=1m30s"},
		"open, hold":          {"open", `{"for":"hold"}`, "open", 0, "for=hold"},
		"close":               {"close", `{"for":"1m","reason":"known"}`, "closed", time.Minute, "verb=close"},
		"close until further": {"close", `{}`, "closed", 0, "verb=close who=127.0.0.1:4711 for=default"},
		"bypass":              {"bypass", `{"for":"1m"}`, "bypass", time.Minute, "verb=bypass"},
		"auto":                {"auto", `{"reason":"over"}`, "auto", 0, "reason=over"},
		"reset":               {"reset", ``, "auto", 0, "verb=reset"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOperator(t)
				_, err := o.breakers.Register("orders", circuitbreaker.Config{})
				require.NoError(t, err)
				w := o.post("/breakers/orders/"+tt.verb, tt.body)
				require.Equal(t, http.StatusOK, w.Code, w.Body.String())
				got := object(t, w)
				require.Equal(t, tt.wantControl, got["control"])
				if tt.wantFor == 0 {
					require.NotContains(t, got, "controlUntil")
				} else {
					require.Equal(t, time.Now().Add(tt.wantFor).Format(time.RFC3339Nano), got["controlUntil"])
				}
				require.Equal(t, 1, strings.Count(o.log.String(), "\n"))
				require.Contains(t, o.log.String(), `level=INFO msg="breaker changed by an operator" module=admin breaker=orders`)
				require.Contains(t, o.log.String(), tt.wantLog)
			})
		})
	}
}

// What a write may not be: nothing changes, and nothing is logged.
func TestWritesAreRefused(t *testing.T) {
	t.Parallel()
	const kind = "application/json"
	long := strings.Repeat("x", 257)
	tests := map[string]struct {
		method, path, contentType, body string
		want                            int
	}{
		"form":                {"POST", "/breakers/orders/open", "application/x-www-form-urlencoded", "", 415},
		"text":                {"POST", "/breakers/orders/open", "text/plain", `{"for":"5m"}`, 415},
		"no type":             {"POST", "/breakers/orders/open", "", "", 415},
		"bad type":            {"POST", "/breakers/orders/open", "application/json;;", "", 415},
		"read":                {"GET", "/breakers/orders/open", "", "", 405},
		"unknown verb":        {"POST", "/breakers/orders/explode", kind, "{}", 404},
		"unknown name":        {"POST", "/breakers/nothing/open", kind, "{}", 404},
		"unknown member":      {"POST", "/breakers/orders/open", kind, `{"until":"5m"}`, 400},
		"no JSON":             {"POST", "/breakers/orders/open", kind, `open`, 400},
		"an array":            {"POST", "/breakers/orders/open", kind, `[]`, 400},
		"two objects":         {"POST", "/breakers/orders/open", kind, `{}{}`, 400},
		"no time":             {"POST", "/breakers/orders/open", kind, `{"for":"soon"}`, 400},
		"zero":                {"POST", "/breakers/orders/open", kind, `{"for":"0s"}`, 400},
		"negative":            {"POST", "/breakers/orders/open", kind, `{"for":"-5m"}`, 400},
		"too long":            {"POST", "/breakers/orders/open", kind, `{"for":"745h"}`, 400},
		"overflow":            {"POST", "/breakers/orders/open", kind, `{"for":99999999999999999999}`, 400},
		"a time for reset":    {"POST", "/breakers/orders/reset", kind, `{"for":"5m"}`, 400},
		"a time for auto":     {"POST", "/breakers/orders/auto", kind, `{"for":"5m"}`, 400},
		"long reason":         {"POST", "/breakers/orders/open", kind, `{"reason":"` + long + `"}`, 400},
		"large body":          {"POST", "/breakers/orders/open", kind, `{"reason":"` + strings.Repeat("x", 5<<10) + `"}`, 413},
		"unknown route":       {"POST", "/routes/nothing/settings", kind, `{"setting":"timeout","value":"2s"}`, 404},
		"no setting":          {"POST", "/routes/orders.list/settings", kind, `{"value":"2s"}`, 400},
		"unknown setting":     {"POST", "/routes/orders.list/settings", kind, `{"setting":"timeouts","value":"2s"}`, 400},
		"bad value":           {"POST", "/routes/orders.list/settings", kind, `{"setting":"timeout","value":"soon"}`, 400},
		"impossible value":    {"POST", "/routes/orders.list/settings", kind, `{"setting":"attempt_timeout","value":"1h"}`, 400},
		"value and unset":     {"POST", "/routes/orders.list/settings", kind, `{"setting":"timeout","value":"2s","unset":true}`, 400},
		"reason of a setting": {"POST", "/routes/orders.list/settings", kind, `{"setting":"timeout","value":"2s","reason":"` + long + `"}`, 400},
		"settings by a form":  {"POST", "/routes/orders.list/settings", "multipart/form-data", "", 415},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOperator(t)
			_, err := o.breakers.Register("orders", circuitbreaker.Config{})
			require.NoError(t, err)
			_, err = o.runner.Compile("orders.list", resilience.Policy{})
			require.NoError(t, err)
			before := o.get("/breakers").Body.String()
			settings, _ := o.runner.Settings("orders.list")

			w := o.send(tt.method, tt.path, tt.contentType, tt.body)

			require.Equal(t, tt.want, w.Code, w.Body.String())
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			require.Empty(t, o.log.String())
			require.Equal(t, before, o.get("/breakers").Body.String())
			now, _ := o.runner.Settings("orders.list")
			require.Equal(t, settings, now)
		})
	}
}

// Names are segments of a path, whatever is in them.
func TestNamesOfAnyKind(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a/b", "a b", "..", ".", "ä?x=1#y", "%2F", "a//b", `"quoted"`, "https://api.example/v1", "verb/open"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOperator(t)
			_, err := o.breakers.Register(name, circuitbreaker.Config{})
			require.NoError(t, err)
			path := "/breakers/" + strings.ReplaceAll(url.PathEscape(name), ".", "%2E")
			require.Equal(t, name, object(t, o.get(path))["circuitName"])
			require.Equal(t, "open", object(t, o.post(path+"/open", "{}"))["control"])
		})
	}
}

func TestSettingsAreChanged(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	pipeline, err := o.runner.Compile("orders.list", resilience.Policy{Timeout: 5 * time.Second})
	require.NoError(t, err)

	w := o.post("/routes/orders.list/settings", `{"setting":"timeout","value":"2s","reason":"slow database"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, 2*time.Second, pipeline.Policy().Timeout)
	var settings []resilience.Setting
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &settings))
	require.Equal(t, "2s", valueOf(settings, "TIMEOUT").Value)
	require.NotEqual(t, "code", valueOf(settings, "TIMEOUT").Source)
	require.Equal(t, `level=INFO msg="setting changed by an operator" module=admin route=orders.list setting=timeout value=2s `+
		"unset=false who=127.0.0.1:4711 reason=\"slow database\"\n", o.log.String())

	w = o.post("/routes/orders.list/settings", `{"setting":"timeout","unset":true}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, 5*time.Second, pipeline.Policy().Timeout)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &settings))
	require.Equal(t, "code", valueOf(settings, "TIMEOUT").Source)
	require.Equal(t, 2, strings.Count(o.log.String(), "\n"))
}

func valueOf(settings []resilience.Setting, name string) resilience.Setting {
	for _, s := range settings {
		if s.Name == name {
			return s
		}
	}
	return resilience.Setting{}
}

func TestRetriesAreShown(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	require.JSONEq(t, `{"budgets":[],"operations":[]}`, o.get("/retries").Body.String())
	policy := retry.Policy{MaxAttempts: 2, BaseDelay: time.Nanosecond, Dependency: "orders"}
	_ = o.retries.Do(t.Context(), policy, func(context.Context) error { return transient{} })
	got := object(t, o.get("/retries"))
	require.Len(t, got["operations"], 1)
	require.Len(t, got["budgets"], 1)
}

// transient is an error worth a retry.
type transient struct{}

func (transient) Error() string   { return "try again" }
func (transient) Transient() bool { return true }

func TestLimitsAreShown(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	_, err := o.runner.Compile("orders.list", resilience.Policy{MaxConcurrent: 7})
	require.NoError(t, err)
	for range 3 {
		_, _ = o.limiter.Allow(t.Context(), "ann")
	}
	_, _ = o.limiter.Allow(t.Context(), "bob")
	var got admin.Limited
	require.NoError(t, json.Unmarshal(o.get("/limits").Body.Bytes(), &got))
	require.Equal(t, []admin.RateLimit{{Name: "orders.list", Limit: "2/1m", Keys: 2, Allowed: 3, Limited: 1}}, got.RateLimits)
	require.Len(t, got.Bulkheads, 1)
	require.Equal(t, 7, got.Bulkheads[0].Limit)
	require.False(t, got.Shedding.Enabled)
}
