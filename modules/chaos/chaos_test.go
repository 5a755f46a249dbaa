package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/metrics"
)

func inStage(t *testing.T, stage config.Stage, rules ...chaos.Rule) *chaos.Injector {
	t.Helper()
	i, err := chaos.New(chaos.Config{}, stage, slog.New(slog.DiscardHandler), rules...)
	require.NoError(t, err)
	return i
}

// Where it is on, and where rules in the environment stop the start.
func TestStages(t *testing.T) {
	t.Parallel()
	const refused = `CHAOS_RULES="* fault=503 rate=1": would break things in production: remove it, or set CHAOS=on, or APP_ENV to what this is`
	tests := map[string]struct {
		mode    string
		stage   config.Stage
		wantOn  bool
		wantErr string // with rules in the environment
	}{
		"dev":             {"auto", config.Dev, true, ""},
		"test":            {"auto", config.Test, true, ""},
		"prod":            {"auto", config.Prod, false, refused},
		"no stage":        {"auto", "", false, refused},
		"strange stage":   {"auto", "staging", false, refused},
		"no mode in prod": {"", config.Prod, false, refused},
		"no mode in dev":  {"", config.Dev, true, ""},
		"on in prod":      {"on", config.Prod, true, ""},
		"on in dev":       {"on", config.Dev, true, ""},
		"off in prod":     {"off", config.Prod, false, ""},
		"off in dev":      {"off", config.Dev, false, ""},
		"strange mode":    {"yes", config.Dev, true, `CHAOS="yes": must be off, on or auto, for example CHAOS=auto`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := slog.New(slog.DiscardHandler)
			_, err := chaos.New(chaos.Config{Mode: tc.mode, Rules: "* fault=503 rate=1"}, tc.stage, log)
			if tc.wantErr != "" {
				require.EqualError(t, err, tc.wantErr)
			} else {
				require.NoError(t, err)
			}
			if name == "strange mode" {
				return
			}
			i, err := chaos.New(chaos.Config{Mode: tc.mode}, tc.stage, log, chaos.Rule{Route: "*", Rate: 1, Fault: errBoom})
			require.NoError(t, err, "rules in code are switched off alone")
			require.Equal(t, tc.wantOn, i.On())
			require.Equal(t, tc.wantOn, i.For("orders.create") != nil)
			require.Equal(t, tc.wantOn, len(i.Rules()) == 1)
			if tc.wantOn {
				require.NoError(t, i.SetRules())
			} else {
				require.ErrorIs(t, i.SetRules(), chaos.ErrOff)
			}
		})
	}
	var none *chaos.Injector
	require.Nil(t, none.For("orders.create"))
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern   string
		want, not []string
	}{
		"name":          {"orders.create", []string{"orders.create"}, []string{"orders.created", "orders", "a.orders.create"}},
		"all":           {"*", []string{"orders.create", "", "GET /a/b"}, nil},
		"group":         {"orders.*", []string{"orders.create", "orders."}, []string{"orders", "my.orders.create"}},
		"method":        {"*.create", []string{"orders.create", ".create"}, []string{"create", "orders.creates"}},
		"middle":        {"a*b*c", []string{"abc", "axbxc", "abbbc", "a/b/c"}, []string{"ac", "acb", "abcx", "xabc"}},
		"no overlap":    {"ab*ba", []string{"abba", "ab.ba"}, []string{"aba"}},
		"no part twice": {"*b*b", []string{"bb", "abxb"}, []string{"b", "ab"}},
		"stars":         {"a**b", []string{"ab", "axb"}, []string{"a"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInjector(t, chaos.Rule{Route: tc.pattern, Rate: 1, Fault: errBoom})
			for want, routes := range map[bool][]string{true: tc.want, false: tc.not} {
				for _, route := range routes {
					_, _, injected := i.For(route).Inject(t.Context())
					require.Equal(t, want, injected, "%s and %s", tc.pattern, route)
				}
			}
		})
	}
}

func TestInject(t *testing.T) {
	t.Parallel()
	hang := chaos.Rule{Behaviour: chaos.Hang}
	tests := map[string]struct {
		rules     []chaos.Rule
		want      any
		wantErr   error
		wantMade  bool // the call is to be made
		wantTook  time.Duration
		wantPanic bool
	}{
		"nothing":                 {wantMade: true},
		"latency":                 {rules: []chaos.Rule{{Latency: time.Second}}, wantMade: true, wantTook: time.Second},
		"latencies add up":        {rules: []chaos.Rule{{Latency: time.Second}, {Latency: time.Second}}, wantMade: true, wantTook: 2 * time.Second},
		"latency, then a fault":   {rules: []chaos.Rule{{Latency: time.Second, Fault: errBoom}}, wantErr: errBoom, wantTook: time.Second},
		"latency beyond the end":  {rules: []chaos.Rule{{Latency: time.Hour, Fault: errBoom}}, wantErr: context.DeadlineExceeded, wantTook: time.Minute},
		"fault":                   {rules: []chaos.Rule{{Fault: errBoom}}, wantErr: errBoom},
		"the first fault":         {rules: []chaos.Rule{{Fault: errBoom}, {Fault: context.Canceled}}, wantErr: errBoom},
		"outcome":                 {rules: []chaos.Rule{{Outcome: 42}}, want: 42},
		"behaviour that is good":  {rules: []chaos.Rule{{Behaviour: func(context.Context) error { return nil }}}, wantMade: true},
		"behaviour and outcome":   {rules: []chaos.Rule{{Behaviour: func(context.Context) error { return nil }, Outcome: 42}}, want: 42},
		"behaviour that fails":    {rules: []chaos.Rule{{Behaviour: func(context.Context) error { return errBoom }, Outcome: 42}}, wantErr: errBoom},
		"hang":                    {rules: []chaos.Rule{hang}, wantErr: context.DeadlineExceeded, wantTook: time.Minute},
		"panic":                   {rules: []chaos.Rule{{Behaviour: chaos.Panic}}, wantPanic: true},
		"another route":           {rules: []chaos.Rule{{Route: "other", Fault: errBoom}}, wantMade: true},
		"the key":                 {rules: []chaos.Rule{{Key: "tenant-7", Fault: errBoom}}, wantErr: errBoom},
		"another key":             {rules: []chaos.Rule{{Key: "tenant-8", Fault: errBoom}}, wantMade: true},
		"another key, then a key": {rules: []chaos.Rule{{Key: "tenant-8", Fault: context.Canceled}, {Fault: errBoom}}, wantErr: errBoom},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for n := range tc.rules {
					tc.rules[n].Rate = 1
					if tc.rules[n].Route == "" {
						tc.rules[n].Route = "orders.*"
					}
				}
				m := newInjector(t, tc.rules...).For("orders.create")
				ctx, cancel := context.WithTimeout(chaos.WithKey(t.Context(), "tenant-7"), time.Minute)
				defer cancel()
				if tc.wantPanic {
					require.PanicsWithValue(t, "injected by chaos", func() { _, _, _ = m.Inject(ctx) })
					return
				}
				start := time.Now()
				value, err, injected := m.Inject(ctx)
				require.Equal(t, tc.want, value)
				require.ErrorIs(t, err, tc.wantErr)
				require.Equal(t, !tc.wantMade, injected)
				require.Equal(t, tc.wantTook, time.Since(start))
			})
		})
	}
}

func TestNoKey(t *testing.T) {
	t.Parallel()
	m := newInjector(t, chaos.Rule{Route: "*", Key: "tenant-7", Rate: 1, Fault: errBoom}).For("orders.create")
	_, _, injected := m.Inject(t.Context())
	require.False(t, injected)
}

// Rules change under calls: a monkey that was handed out follows them.
func TestSetRules(t *testing.T) {
	t.Parallel()
	i := newInjector(t)
	m := i.For("orders.create")
	require.Same(t, m, i.For("orders.create"))
	inject := func() error {
		_, err, _ := m.Inject(t.Context())
		return err
	}
	require.NoError(t, inject())
	require.NoError(t, i.SetRules(chaos.Rule{Route: "orders.*", Rate: 1, Fault: errBoom}))
	require.ErrorIs(t, inject(), errBoom)
	require.EqualError(t, i.SetRules(chaos.Rule{Route: "*", Rate: 1}, chaos.Rule{Rate: math.NaN(), Fault: errBoom, Outcome: 1}),
		`set rules of chaos: rule for "*": injects nothing; set latency, fault, outcome or behaviour
rule for "": has no route; * is all of them
rule for "": its rate is no number
rule for "": has both a fault and an outcome; a call returns one of them`)
	require.ErrorIs(t, inject(), errBoom, "those before stay")
	require.Len(t, i.Rules(), 1)
	require.NoError(t, i.SetRules())
	require.NoError(t, inject())

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 500 {
				if n%10 == 0 {
					_ = i.SetRules(chaos.Rule{Route: "*", Rate: 0.5, Fault: errBoom})
				}
				_, _, _ = i.For("orders.get").Inject(t.Context())
			}
		})
	}
	all.Wait()
}

func TestFaultError(t *testing.T) {
	t.Parallel()
	require.Equal(t, http.StatusBadGateway, (&chaos.FaultError{Status: http.StatusBadGateway}).StatusCode())
	require.EqualError(t, &chaos.FaultError{Status: http.StatusBadGateway}, "injected by chaos: 502 Bad Gateway")
	require.Equal(t, http.StatusInternalServerError, (&chaos.FaultError{}).StatusCode())
	require.EqualError(t, &chaos.FaultError{}, "injected by chaos")
}

func TestLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	rule := chaos.Rule{Route: "*", Rate: 1, Fault: errBoom}
	for _, stage := range []config.Stage{config.Dev, config.Prod} {
		_, err := chaos.New(chaos.Config{}, stage, log, rule)
		require.NoError(t, err)
		_, err = chaos.New(chaos.Config{}, stage, log)
		require.NoError(t, err)
	}
	require.Equal(t, `level=WARN msg="chaos rules set" module=chaos rules=1
level=WARN msg="chaos is off: rules are left out" module=chaos rules=1
`, text.String())
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	i := newInjector(t,
		chaos.Rule{Route: "orders.create", Rate: 1, Latency: 1, Behaviour: func(context.Context) error { return nil }, Fault: errBoom},
		chaos.Rule{Route: "orders.get", Rate: 1, Outcome: 1},
		chaos.Rule{Route: "many*", Rate: 1, Fault: errBoom})
	require.Zero(t, testutil.CollectAndCount(i))
	for _, route := range []string{"orders.create", "orders.get", "orders.list"} {
		_, _, _ = i.For(route).Inject(t.Context())
	}
	problems, err := testutil.CollectAndLint(i)
	require.NoError(t, err)
	require.Empty(t, problems)
	for n := range 1000 {
		_, err, _ := i.For(fmt.Sprint("many", n)).Inject(t.Context())
		require.ErrorIs(t, err, errBoom)
	}
	require.Equal(t, 3+1+997+1, testutil.CollectAndCount(i), "and one that many share")
	got := injections(t, i)
	for series, want := range map[[2]string]float64{
		{"orders.create", chaos.KindLatency}:   1,
		{"orders.create", chaos.KindBehaviour}: 1,
		{"orders.create", chaos.KindFault}:     1,
		{"orders.get", chaos.KindOutcome}:      1,
		{"many0", chaos.KindFault}:             1,
		{"overflow", chaos.KindFault}:          3,
	} {
		require.InDelta(t, want, got[series], 0, series)
	}
}

// injections reads the metric, by route and kind.
func injections(t *testing.T, i *chaos.Injector) map[[2]string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(i))
	families, err := registry.Gather()
	require.NoError(t, err)
	all := make(map[[2]string]float64)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			labels := make(map[string]string)
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			all[[2]string{labels["route"], labels["kind"]}] = m.GetCounter().GetValue()
		}
	}
	return all
}

func TestParseRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, wantErr string
		want          int // rules
	}{
		"none":          {"", "", 0},
		"white space":   {" ;\n; ", "", 0},
		"two":           {"orders.create fault=503 rate=0.1; * latency=200ms rate=0.05 key=tenant-7", "", 2},
		"everything":    {"*\tlatency=1 behaviour=hang fault=error rate=10% key=k", "", 1},
		"no rate":       {"* fault=503", `rule for "*": has no rate, such as rate=0.1`, 0},
		"no route":      {"fault=503 rate=1", `rule with "fault": begins with the route; * is all of them`, 0},
		"nothing to do": {"* rate=1", `rule for "*": injects nothing; set latency, fault, outcome or behaviour`, 0},
		"rate":          {"* fault=503 rate=2", `rule for "*": rate: is above 1: write 2% or 0.02`, 0},
		"negative rate": {"* fault=503 rate=-1", `rule for "*": rate: must be a ratio such as 0.5 or 50%`, 0},
		"status":        {"* fault=200 rate=1", `rule for "*": fault: must be a status from 400 to 599, or error`, 0},
		"no status":     {"* fault=x rate=1", `rule for "*": fault: must be a status from 400 to 599, or error`, 0},
		"latency":       {"* latency=0 rate=1", `rule for "*": latency: must be above 0`, 0},
		"no latency":    {"* latency=soon rate=1", `rule for "*": latency: must be a duration such as 1500 (milliseconds), 30s or 5m`, 0},
		"behaviour":     {"* behaviour=sleep rate=1", `rule for "*": behaviour: must be hang or panic`, 0},
		"key":           {"* fault=503 rate=1 key=", `rule for "*": key: must not be empty`, 0},
		"unknown":       {"* fualt=503 rate=1", `rule for "*": fualt: is no setting: rate, latency, fault, behaviour and key are`, 0},
		"twice":         {"* fault=503 fault=504 rate=1", `rule for "*": fault: is there twice`, 0},
		"all faults":    {"* fault=1; x", "rule for \"*\": fault: must be a status from 400 to 599, or error\nrule for \"*\": has no rate, such as rate=0.1\nrule for \"x\": has no rate, such as rate=0.1", 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := chaos.ParseRules(tc.text)
			if tc.wantErr != "" {
				require.EqualError(t, err, tc.wantErr)
				return
			}
			require.NoError(t, err)
			require.Len(t, rules, tc.want)
		})
	}
	rules, err := chaos.ParseRules(tests["two"].text)
	require.NoError(t, err)
	require.Equal(t, []chaos.Rule{
		{Route: "orders.create", Rate: 0.1, Fault: &chaos.FaultError{Status: http.StatusServiceUnavailable}},
		{Route: "*", Rate: 0.05, Key: "tenant-7", Latency: 200 * time.Millisecond},
	}, rules)
	_, err = chaos.New(chaos.Config{Rules: "x"}, config.Dev, slog.New(slog.DiscardHandler))
	require.EqualError(t, err, `CHAOS_RULES="x": rule for "x": has no rate, such as rate=0.1, for example CHAOS_RULES=orders.create fault=503 rate=0.1`)
}

// Whatever is written, what comes of it is fit to be used, and a second reading
// of what was read comes to the same.
func FuzzParseRules(f *testing.F) {
	for _, text := range []string{
		"orders.create fault=503 rate=0.1; * latency=200ms rate=0.05 key=tenant-7",
		"* behaviour=panic rate=1", "*;;", "a b=c", "* rate=1e-9 latency=9223372036854ms", "* rate=NaN fault=error", "*** rate=100% fault=599",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := chaos.ParseRules(text)
		if err != nil {
			require.Nil(t, rules)
			return
		}
		for _, r := range rules {
			require.NoError(t, r.Validate())
			require.GreaterOrEqual(t, r.Rate, 0.0)
			require.LessOrEqual(t, r.Rate, 1.0)
			again, err := chaos.ParseRules(write(r))
			require.NoError(t, err)
			require.Len(t, again, 1)
			require.Equal(t, write(r), write(again[0]))
		}
	})
}

// write is a rule as text.
func write(r chaos.Rule) string {
	words := []string{r.Route, fmt.Sprintf("rate=%v", config.Ratio(r.Rate))}
	if r.Latency > 0 {
		words = append(words, "latency="+r.Latency.String())
	}
	if r.Key != "" {
		words = append(words, "key="+r.Key)
	}
	var status *chaos.FaultError
	switch {
	case !errors.As(r.Fault, &status):
	case status.Status == 0:
		words = append(words, "fault=error")
	default:
		words = append(words, fmt.Sprintf("fault=%d", status.Status))
	}
	if r.Behaviour != nil {
		words = append(words, "behaviour=hang") // functions cannot be told apart
	}
	return strings.Join(words, " ")
}

func TestModule(t *testing.T) { // sets the environment of the process
	t.Setenv("APP_ENV", "test")
	t.Setenv("CHAOS_RULES", "orders.* fault=503 rate=100%")
	var i *chaos.Injector
	var registry *prometheus.Registry
	app := fxtest.New(
		t, config.Module, metrics.Module, chaos.Module,
		fx.Supply(slog.New(slog.DiscardHandler)), fx.Populate(&i, &registry),
	)
	app.RequireStart()
	_, err, injected := i.For("orders.create").Inject(t.Context())
	require.True(t, injected)
	require.EqualError(t, err, "injected by chaos: 503 Service Unavailable")
	n, err := testutil.GatherAndCount(registry, "chaos_injections_total")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	app.RequireStop()
}
