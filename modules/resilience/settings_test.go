package resilience_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// overriding returns parts whose runner sees the variables, "NAME=value" each.
func overriding(tb testing.TB, cfg resilience.Config, variables ...string) parts {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(tb, err)
	var overrides []resilience.Override
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		overrides = append(overrides, resilience.Override{Name: name, Value: value, Source: "environment"})
	}
	return parts{breakers: breakers, runner: resilience.NewRunner(
		breakers, retry.NewService(retry.Config{}, nil), cfg, nil, nil, resilience.WithOverrides(overrides))}
}

// safe is a policy that everything goes with.
func safe() resilience.Policy {
	return resilience.Policy{Safe: true, EnableRetry: true, EnableCircuitBreaker: true, EnableFallback: true, FallbackResponse: "spare"}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		variables []string
		policy    resilience.Policy
		setting   string
		want      string
		source    string
	}{
		"nothing":                {nil, safe(), "TIMEOUT", "30s", "default REQUEST_TIMEOUT"},
		"code":                   {nil, resilience.Policy{Timeout: time.Second}, "TIMEOUT", "1s", "code"},
		"route":                  {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=5s"}, resilience.Policy{Timeout: time.Second}, "TIMEOUT", "5s", "RESILIENCE_ORDERS_GET_TIMEOUT (environment)"},
		"group":                  {[]string{"RESILIENCE_ORDERS_TIMEOUT=6000"}, resilience.Policy{Timeout: time.Second}, "TIMEOUT", "6s", "RESILIENCE_ORDERS_TIMEOUT (environment)"},
		"route before group":     {[]string{"RESILIENCE_ORDERS_TIMEOUT=6s", "RESILIENCE_ORDERS_GET_TIMEOUT=5s"}, safe(), "TIMEOUT", "5s", "RESILIENCE_ORDERS_GET_TIMEOUT (environment)"},
		"group of the registrar": {[]string{"RESILIENCE_SHOP_TIMEOUT=6s"}, resilience.Policy{Group: "shop"}, "TIMEOUT", "6s", "RESILIENCE_SHOP_TIMEOUT (environment)"},
		"no timeout":             {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=none"}, safe(), "TIMEOUT", "none", "RESILIENCE_ORDERS_GET_TIMEOUT (environment)"},
		"switched off":           {[]string{"RESILIENCE_ORDERS_GET_RETRY=off"}, safe(), "RETRY", "off", "RESILIENCE_ORDERS_GET_RETRY (environment)"},
		"switched on":            {[]string{"RESILIENCE_ORDERS_GET_RETRY=on"}, resilience.Policy{Safe: true, Off: resilience.Retry}, "RETRY", "on", "RESILIENCE_ORDERS_GET_RETRY (environment)"},
		"statuses":               {[]string{"RESILIENCE_ORDERS_GET_RETRY_ON_STATUS=500, 503"}, safe(), "RETRY_ON_STATUS", "500,503", "RESILIENCE_ORDERS_GET_RETRY_ON_STATUS (environment)"},
		"delay":                  {[]string{"RESILIENCE_ORDERS_GET_BASE_DELAY=20"}, safe(), "BASE_DELAY", "20ms", "RESILIENCE_ORDERS_GET_BASE_DELAY (environment)"},
		"breaker":                {[]string{"RESILIENCE_ORDERS_GET_FAILURE_THRESHOLD=25%"}, safe(), "FAILURE_THRESHOLD", "0.25", "RESILIENCE_ORDERS_GET_FAILURE_THRESHOLD (environment)"},
		"shared breaker":         {[]string{"RESILIENCE_CRM_MIN_THROUGHPUT=7"}, resilience.Policy{Name: "crm", EnableCircuitBreaker: true}, "MIN_THROUGHPUT", "7", "RESILIENCE_CRM_MIN_THROUGHPUT (environment)"},
		"mode":                   {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT_MODE=hard"}, safe(), "TIMEOUT_MODE", "hard", "RESILIENCE_ORDERS_GET_TIMEOUT_MODE (environment)"},
		"priority":               {[]string{"RESILIENCE_ORDERS_GET_PRIORITY=critical"}, safe(), "PRIORITY", "critical", "RESILIENCE_ORDERS_GET_PRIORITY (environment)"},
		"hedge":                  {[]string{"RESILIENCE_ORDERS_GET_HEDGE_DELAY=1s", "RESILIENCE_ORDERS_GET_HEDGE_MAX=2"}, safe(), "HEDGE_MAX", "2", "RESILIENCE_ORDERS_GET_HEDGE_MAX (environment)"},
		"buffer":                 {[]string{"RESILIENCE_ORDERS_GET_MAX_REQUEST_BUFFER=10"}, safe(), "MAX_REQUEST_BUFFER", "10", "RESILIENCE_ORDERS_GET_MAX_REQUEST_BUFFER (environment)"},
		"jitter":                 {[]string{"RESILIENCE_ORDERS_GET_JITTER_MODE=full"}, safe(), "JITTER_MODE", "full", "RESILIENCE_ORDERS_GET_JITTER_MODE (environment)"},
		"inherited":              {nil, safe(), "MAX_ATTEMPTS", "3", "default RETRY_MAX_ATTEMPTS"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overriding(t, resilience.Config{}, tc.variables...)
			_, err := p.runner.Compile("orders.get", tc.policy)
			require.NoError(t, err)
			require.NoError(t, p.runner.Check())
			got := setting(t, p.runner, "orders.get", tc.setting)
			require.Equal(t, tc.want, got.Value)
			require.Equal(t, tc.source, got.Source)
		})
	}
}

func setting(tb testing.TB, r *resilience.Runner, route, name string) resilience.Setting {
	tb.Helper()
	all, ok := r.Settings(route)
	require.True(tb, ok)
	i := slices.IndexFunc(all, func(s resilience.Setting) bool { return s.Name == name })
	require.GreaterOrEqual(tb, i, 0, name)
	return all[i]
}

// Every setting can be written the way it is shown.
func TestEverySettingReadsWhatItShows(t *testing.T) {
	t.Parallel()
	p := newParts(t, nil)
	_, err := p.runner.Compile("orders.get", resilience.Policy{
		Safe: true, EnableRetry: true, EnableCircuitBreaker: true, EnableFallback: true, FallbackResponse: 1,
		AttemptTimeout: 10 * time.Second, MaxConcurrent: 3, MaxQueue: 2, QueueTimeout: time.Second, Adaptive: true,
		Hedge: resilience.Hedge{Delay: time.Second, Max: 1}, TimeoutMode: resilience.Hard,
	})
	require.NoError(t, err)
	shown, ok := p.runner.Settings("orders.get")
	require.True(t, ok)
	require.Len(t, shown, len(resilience.Settings()))
	var variables []string
	for _, s := range shown {
		variables = append(variables, "RESILIENCE_ORDERS_GET_"+s.Name+"="+s.Value)
	}
	again := overriding(t, resilience.Config{}, variables...)
	_, err = again.runner.Compile("orders.get", resilience.Policy{Safe: true, Off: resilience.Fallback})
	require.NoError(t, err)
	require.NoError(t, again.runner.Check())
	written, _ := again.runner.Settings("orders.get")
	for i, s := range written {
		require.Equal(t, shown[i].Value, s.Value, s.Name)
		require.Contains(t, s.Source, "RESILIENCE_ORDERS_GET_"+s.Name)
	}
	for _, info := range resilience.Settings() {
		require.NotEmpty(t, info.Desc, info.Name)
		require.NotEmpty(t, info.Allowed, info.Name)
		require.NotEmpty(t, info.Field, info.Name)
	}
}

func TestRefusedOverrides(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		variables []string
		policy    resilience.Policy
		want      []string
	}{
		"no duration":       {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=soon"}, safe(), []string{"RESILIENCE_ORDERS_GET_TIMEOUT=soon (environment)", "duration"}},
		"zero":              {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=0"}, safe(), []string{"write none for no deadline"}},
		"negative":          {[]string{"RESILIENCE_ORDERS_GET_ATTEMPT_TIMEOUT=-1"}, safe(), []string{"RESILIENCE_ORDERS_GET_ATTEMPT_TIMEOUT", "must not be negative"}},
		"overflow":          {[]string{"RESILIENCE_ORDERS_GET_MAX_CONCURRENT=99999999999"}, safe(), []string{"MAX_CONCURRENT", "whole number"}},
		"a year and more":   {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=10000h"}, safe(), []string{"RESILIENCE_ORDERS_GET_TIMEOUT (environment)", "more than a year"}},
		"attempt > timeout": {[]string{"RESILIENCE_ORDERS_ATTEMPT_TIMEOUT=1m"}, safe(), []string{"RESILIENCE_ORDERS_ATTEMPT_TIMEOUT (environment)", "is not below Timeout 30s"}},
		"retry, not safe":   {[]string{"RESILIENCE_ORDERS_GET_RETRY=on"}, resilience.Policy{}, []string{"RESILIENCE_ORDERS_GET_RETRY (environment)", "not idempotent"}},
		"hedge, not safe":   {[]string{"RESILIENCE_ORDERS_GET_HEDGE_MAX=1"}, resilience.Policy{}, []string{"RESILIENCE_ORDERS_GET_HEDGE_MAX (environment)", "hedging on a route"}},
		"no fallback":       {[]string{"RESILIENCE_ORDERS_GET_FALLBACK=on"}, resilience.Policy{}, []string{"there is no fallback to switch on"}},
		"queue alone":       {[]string{"RESILIENCE_ORDERS_GET_MAX_QUEUE=5"}, safe(), []string{"a queue without a bound"}},
		"bare percentage":   {[]string{"RESILIENCE_ORDERS_GET_FAILURE_THRESHOLD=50"}, safe(), []string{"50%"}},
		"jitter":            {[]string{"RESILIENCE_ORDERS_GET_JITTER_MODE=some"}, safe(), []string{"JitterMode"}},
		"mode":              {[]string{"RESILIENCE_ORDERS_GET_TIMEOUT_MODE=medium"}, safe(), []string{"one of: soft, hard"}},
		"status":            {[]string{"RESILIENCE_ORDERS_GET_RETRY_ON_STATUS=many"}, safe(), []string{"502,503,504"}},
		"all at once": {
			[]string{"RESILIENCE_ORDERS_GET_TIMEOUT=soon", "RESILIENCE_ORDERS_GET_MAX_QUEUE=5", "RESILIENCE_ORDERS_GET_RETRY=maybe"},
			safe(),
			[]string{"soon", "a queue without a bound", "must be on or off"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := overriding(t, resilience.Config{}, tc.variables...).runner.Compile("orders.get", tc.policy)
			for _, text := range tc.want {
				require.ErrorContains(t, err, text)
			}
			var fault resilience.Fault
			require.ErrorAs(t, err, &fault)
			require.NotEmpty(t, fault.Setting)
		})
	}
}

func TestStrayOverrides(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ variable, want string }{
		"setting":   {"RESILIENCE_ORDERS_GET_TIMEUOT", "Write RESILIENCE_ORDERS_GET_TIMEOUT"},
		"route":     {"RESILIENCE_ORDRES_GET_TIMEOUT", "Write RESILIENCE_ORDERS_GET_TIMEOUT"},
		"anything":  {"RESILIENCE_XYZ", "names no route, group or setting"},
		"breaker's": {"RESILIENCE_CRM_TIMEOUT", "names no"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overriding(t, resilience.Config{}, tc.variable+"=5s")
			_, err := p.runner.Compile("orders.get", resilience.Policy{Name: "crm"})
			require.NoError(t, err)
			err = p.runner.Check()
			require.ErrorContains(t, err, tc.variable)
			require.ErrorContains(t, err, tc.want)
		})
	}
	p := overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_MAX_RESET_TIMEOUT=5m")
	for _, route := range []string{"orders", "orders.max"} {
		_, err := p.runner.Compile(route, resilience.Policy{})
		require.NoError(t, err)
	}
	require.ErrorContains(t, p.runner.Check(), "may mean orders MAX_RESET_TIMEOUT or orders.max RESET_TIMEOUT")
}

func TestChangeAtRunTime(t *testing.T) { // RC-01
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_GET_TIMEOUT=2s")
		pipeline, err := p.runner.Compile("orders.get", safe())
		require.NoError(t, err)
		other, err := p.runner.Compile("orders.list", resilience.Policy{})
		require.NoError(t, err)
		before, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		defer before.Leave()

		require.NoError(t, p.runner.Set("orders.get", "timeout", "10s", "slow today"))
		require.Equal(t, 10*time.Second, pipeline.Policy().Timeout)
		require.Equal(t, "run time: slow today", setting(t, p.runner, "orders.get", "TIMEOUT").Source)
		require.Equal(t, 30*time.Second, other.Policy().Timeout)
		at, _ := before.Context().Deadline()
		require.Equal(t, 2*time.Second, time.Until(at), "a call in flight ends as it began")
		require.Equal(t, 2*time.Second, before.Policy().Timeout)

		require.NoError(t, p.runner.Set("orders", "attemptTimeout", "3s", ""))
		require.Equal(t, 3*time.Second, pipeline.Policy().AttemptTimeout)
		require.Equal(t, 3*time.Second, other.Policy().AttemptTimeout)

		require.ErrorContains(t, p.runner.Unset("orders.get", "TIMEOUT", ""), "AttemptTimeout 3s is not below Timeout 2s")
		require.Equal(t, 10*time.Second, pipeline.Policy().Timeout)
		require.NoError(t, p.runner.Unset("orders", "ATTEMPT_TIMEOUT", ""))
		require.NoError(t, p.runner.Unset("orders.get", "TIMEOUT", ""))
		require.Equal(t, 2*time.Second, pipeline.Policy().Timeout)
		require.Equal(t, "RESILIENCE_ORDERS_GET_TIMEOUT (environment)", setting(t, p.runner, "orders.get", "TIMEOUT").Source)
	})
}

func TestRefusedChanges(t *testing.T) { // RC-02
	t.Parallel()
	shared := resilience.Policy{Name: "crm", EnableCircuitBreaker: true}
	tests := map[string]struct {
		name, setting, value string
		want                 string
	}{
		"unknown route":     {"orders.gte", "TIMEOUT", "1s", "no route"},
		"unknown setting":   {"orders.get", "TIMEUOT", "1s", "no setting"},
		"no duration":       {"orders.get", "TIMEOUT", "soon", "duration"},
		"attempt > timeout": {"orders.get", "ATTEMPT_TIMEOUT", "1m", "is not below"},
		"at start only":     {"orders.get", "TIMEOUT_MODE", "hard", "read at start only"},
		"retry was off":     {"orders.plain", "RETRY", "on", "was off at start"},
		"hedge was off":     {"orders.get", "HEDGE_MAX", "1", "was off at start"},
		"a group's route":   {"orders", "ATTEMPT_TIMEOUT", "29s999ms", ""},
		"shared breaker":    {"crm.one", "MIN_THROUGHPUT", "3", "shares the breaker"},
		"all who share":     {"crm", "MIN_THROUGHPUT", "3", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParts(t, nil)
			for route, policy := range map[string]resilience.Policy{
				"orders.get": safe(), "orders.plain": {Safe: true}, "crm.one": shared, "crm.two": shared,
			} {
				_, err := p.runner.Compile(route, policy)
				require.NoError(t, err)
			}
			before, _ := p.runner.Settings("orders.get")
			err := p.runner.Set(tc.name, tc.setting, tc.value, "test")
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
			after, _ := p.runner.Settings("orders.get")
			require.Equal(t, before, after, "the old one stays")
			require.NoError(t, p.runner.Set("orders.get", "PRIORITY", "high", "what was refused is forgotten"))
			require.NoError(t, p.runner.Set("crm", "RESET_TIMEOUT", "3s", "what was refused is forgotten"))
		})
	}
	r := newParts(t, nil).runner
	require.ErrorIs(t, r.Set("x", "TIMEOUT", "1s", ""), resilience.ErrUnknownRoute)
	require.ErrorIs(t, r.Unset("x", "TIMEUOT", ""), resilience.ErrUnknownSetting)
}

func TestChangesAreEventsInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	r := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil, slog.New(slog.NewTextHandler(&log, nil)))
	_, err = r.Compile("orders.get", resilience.Policy{})
	require.NoError(t, err)
	require.NoError(t, r.Set("orders.get", "TIMEOUT", "2s", "slow"))
	require.Error(t, r.Set("orders.get", "TIMEOUT", "soon", "slow"))
	require.NoError(t, r.Unset("orders.get", "TIMEOUT", "fast again"))
	require.NoError(t, r.Off("incident"))
	require.NoError(t, r.Off("incident"))
	require.Contains(t, log.String(), `msg="setting changed" module=resilience name=orders.get setting=TIMEOUT reason=slow value=2s`)
	require.Contains(t, log.String(), `msg="setting restored"`)
	require.Contains(t, log.String(), `msg="resilience switched" module=resilience on=false reason=incident`)
	require.Equal(t, 3, strings.Count(log.String(), "\n"))
}

func TestWhatOutlivesAChange(t *testing.T) { // PX-15
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		policy := safe()
		policy.MaxConcurrent, policy.EnableRetry, policy.EnableFallback = 2, false, false
		pipeline, err := p.runner.Compile("orders.get", policy)
		require.NoError(t, err)
		one, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		require.NoError(t, p.runner.Set("orders.get", "MAX_CONCURRENT", "1", ""))
		_, err = pipeline.Enter(t.Context())
		var full *resilience.OverloadedError
		require.ErrorAs(t, err, &full, "the call inside has its slot still")
		require.Equal(t, 1, full.Limit)
		one.Leave()

		for range 10 {
			pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { return nil, errBoom }})
		}
		m, _ := p.breakers.Metrics("orders.get")
		require.Equal(t, circuitbreaker.Open, m.State)
		time.Sleep(10 * time.Second)
		require.NoError(t, p.runner.Set("orders.get", "MIN_THROUGHPUT", "20", ""))
		m, _ = p.breakers.Metrics("orders.get")
		require.Equal(t, circuitbreaker.Open, m.State)
		require.Equal(t, 20*time.Second, time.Until(m.Until))
		require.Equal(t, 20, m.Config.MinThroughput)
	})
}

func TestGlobalSwitch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := overriding(t, resilience.Config{Mode: "off"})
		policy := safe()
		policy.MaxConcurrent, policy.Timeout = 1, 10*time.Second
		pipeline, err := p.runner.Compile("orders.get", policy)
		require.NoError(t, err)
		require.False(t, p.runner.Enabled())
		p.breakers.ForceOpen("orders.get", "test", time.Hour)
		held, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		calls, start := 0, time.Now()
		result := pipeline.Run(t.Context(), answers(time.Minute, &calls, nil))
		require.Equal(t, 1, calls, "neither bulkhead nor breaker nor retry")
		require.Equal(t, resilience.Result{Value: "spare", Attempts: 1, Fallback: true}, result)
		require.Equal(t, 10*time.Second, time.Since(start), "the deadline stays")
		held.Leave()

		require.NoError(t, p.runner.On("test"))
		require.True(t, p.runner.Enabled())
		require.Equal(t, 0, pipeline.Run(t.Context(), answers(instantly, &calls, nil)).Attempts, "the breaker is open")
		_, err = config.Load(config.Environment{Vars: map[string]string{"RESILIENCE": "maybe"}}, config.SpecOf[resilience.Config]())
		require.ErrorContains(t, err, "RESILIENCE")
	})
}

// What the switch takes away says so; what it leaves has its own source.
func TestSourcesWhileSwitchedOff(t *testing.T) {
	t.Parallel()
	p := overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_GET_TIMEOUT=2s")
	policy := safe()
	policy.MaxConcurrent = 3
	_, err := p.runner.Compile("orders.get", policy)
	require.NoError(t, err)
	require.NoError(t, p.runner.Off("test"))
	require.Equal(t, resilience.Setting{Name: "RETRY", Value: "off", Source: "RESILIENCE=off"}, setting(t, p.runner, "orders.get", "RETRY"))
	require.Equal(t, resilience.Setting{Name: "MAX_CONCURRENT", Value: "0", Source: "RESILIENCE=off"}, setting(t, p.runner, "orders.get", "MAX_CONCURRENT"))
	require.Equal(t, "RESILIENCE_ORDERS_GET_TIMEOUT (environment)", setting(t, p.runner, "orders.get", "TIMEOUT").Source)
	require.NoError(t, p.runner.On("test"))
	require.Equal(t, resilience.Setting{Name: "RETRY", Value: "on", Source: "code"}, setting(t, p.runner, "orders.get", "RETRY"))
}

// A stream has no deadline, whatever its group is given.
func TestSourcesOfAStream(t *testing.T) {
	t.Parallel()
	p := overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_TIMEOUT=2s")
	for route, streaming := range map[string]bool{"orders.watch": true, "orders.get": false} {
		_, err := p.runner.Compile(route, resilience.Policy{Streaming: streaming})
		require.NoError(t, err)
	}
	require.NoError(t, p.runner.Check())
	require.Equal(t, resilience.Setting{Name: "TIMEOUT", Value: "none", Source: "code"}, setting(t, p.runner, "orders.watch", "TIMEOUT"))
	require.Equal(t, "2s", setting(t, p.runner, "orders.get", "TIMEOUT").Value)
}

// The weakest first: default, code, group, breaker, route, and all of run time
// above all variables.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	const name = "MIN_THROUGHPUT"
	variables := []string{"RESILIENCE_ORDERS_" + name + "=12", "RESILIENCE_CRM_" + name + "=13", "RESILIENCE_ORDERS_GET_" + name + "=14"}
	policy := resilience.Policy{Name: "crm", EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{MinThroughput: 11}}
	for n, want := range []string{"11", "12", "13", "14"} {
		p := overriding(t, resilience.Config{}, variables[:n]...)
		pipeline, err := p.runner.Compile("orders.get", policy)
		require.NoError(t, err)
		require.Equal(t, want, setting(t, p.runner, "orders.get", name).Value)
		for i, owner := range []string{"orders", "crm", "orders.get"} {
			require.NoError(t, p.runner.Set(owner, name, []string{"21", "22", "23"}[i], ""))
			require.Equal(t, 21+i, pipeline.Policy().Breaker.MinThroughput, "run time, %s", owner)
		}
		for _, owner := range []string{"orders.get", "crm", "orders"} {
			require.NoError(t, p.runner.Unset(owner, name, ""))
		}
		require.Equal(t, want, setting(t, p.runner, "orders.get", name).Value, "as before")
		m, _ := p.breakers.Metrics("crm")
		require.Equal(t, want, strconv.Itoa(m.Config.MinThroughput), "the breaker, too")
	}
}

// A route that is compiled after a change shares a breaker as it is now, or not at
// all.
func TestShareABreakerThatWasChanged(t *testing.T) {
	t.Parallel()
	shared := resilience.Policy{Name: "crm", EnableCircuitBreaker: true}
	p := newParts(t, nil)
	_, err := p.runner.Compile("one", shared)
	require.NoError(t, err)
	require.NoError(t, p.runner.Set("one", "MIN_THROUGHPUT", "3", ""))
	_, err = p.runner.Compile("two", shared)
	require.ErrorContains(t, err, "changed at run time")
	require.NoError(t, p.runner.Unset("one", "MIN_THROUGHPUT", ""))
	require.NoError(t, p.runner.Set("crm", "MIN_THROUGHPUT", "3", ""))
	_, err = p.runner.Compile("two", shared)
	require.NoError(t, err)
	m, _ := p.breakers.Metrics("crm")
	require.Equal(t, 3, m.Config.MinThroughput)
}

// Zero in a variable never means something other than zero.
func TestZeroIsRefusedWhereItInherits(t *testing.T) {
	t.Parallel()
	for _, info := range resilience.Settings() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			p := overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_GET_"+info.Name+"=0")
			if _, err := p.runner.Compile("orders.get", safe()); err == nil {
				require.Contains(t, []string{"0", "0s"}, setting(t, p.runner, "orders.get", info.Name).Value)
			}
			p = overriding(t, resilience.Config{}, "RESILIENCE_ORDERS_GET_"+info.Name+"=")
			_, err := p.runner.Compile("orders.get", safe())
			require.ErrorContains(t, err, "RESILIENCE_ORDERS_GET_"+info.Name, "set but empty")
		})
	}
}

// The hosts of a client have names that nobody knows at start.
func TestExpect(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ variable, want string }{
		"host":             {"RESILIENCE_BILLING_API_EXAMPLE_COM_TIMEOUT", ""},
		"host and port":    {"RESILIENCE_BILLING_LOCALHOST_8080_MAX_ATTEMPTS", ""},
		"group":            {"RESILIENCE_BILLING_TIMEOUT", ""},
		"no setting":       {"RESILIENCE_BILLING_API_EXAMPLE_COM_TIMEUOT", "names no setting of billing"},
		"misspelt setting": {"RESILIENCE_BILLING_ATEMPT_TIMEOUT", "Write RESILIENCE_BILLING_ATTEMPT_TIMEOUT"},
		"another group":    {"RESILIENCE_BILING_API_EXAMPLE_COM_TIMEOUT", "names no route or group"},
		"no host":          {"RESILIENCE_BILLING__TIMEOUT", "names no setting of billing"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := overriding(t, resilience.Config{}, tc.variable+"=5")
			policy := resilience.Policy{Group: "billing"}
			_, err := p.runner.Compile("billing.other", policy)
			require.NoError(t, err)
			p.runner.Expect("billing")
			p.runner.Expect("billing")
			if tc.want != "" {
				require.ErrorContains(t, p.runner.Check(), tc.want)
				return
			}
			require.NoError(t, p.runner.Check())
			_, err = p.runner.Compile("billing.api.example.com", policy)
			require.NoError(t, err)
			require.NoError(t, p.runner.Check())
		})
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	p := newParts(t, nil)
	require.False(t, p.runner.Remove("a"))
	_, err := p.runner.Compile("a", resilience.Policy{})
	require.NoError(t, err)
	require.True(t, p.runner.Remove("a"))
	_, ok := p.runner.Pipeline("a")
	require.False(t, ok)
	_, err = p.runner.Compile("a", resilience.Policy{})
	require.NoError(t, err)
	_, ok = p.runner.Settings("b")
	require.False(t, ok)
}

func FuzzOverride(f *testing.F) {
	for _, seed := range []string{"", "0", "-1", "5s", "50%", "on", "none", "502,503", "9223372036854775807", "1e309", "NaN", "hard", "critical"} {
		f.Add("TIMEOUT", seed)
		f.Add("MAX_ATTEMPTS", seed)
	}
	names := make([]string, 0, len(resilience.Settings()))
	for _, info := range resilience.Settings() {
		names = append(names, info.Name)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if i := len(name) + len(value); !slices.Contains(names, name) {
			name = names[i%len(names)]
		}
		p := overriding(t, resilience.Config{}, "RESILIENCE_A_"+name+"="+value)
		pipeline, err := p.runner.Compile("a", safe())
		if err != nil {
			require.ErrorContains(t, err, "RESILIENCE_A_"+name)
			return
		}
		policy := pipeline.Policy()
		require.GreaterOrEqual(t, policy.Timeout, resilience.NoTimeout)
		require.GreaterOrEqual(t, policy.AttemptTimeout, time.Duration(0))
		require.GreaterOrEqual(t, policy.MaxConcurrent, 0)
		shown := setting(t, p.runner, "a", name).Value
		again := overriding(t, resilience.Config{}, "RESILIENCE_A_"+name+"="+shown)
		_, err = again.runner.Compile("a", safe())
		require.NoError(t, err)
		require.Equal(t, shown, setting(t, again.runner, "a", name).Value)
	})
}
