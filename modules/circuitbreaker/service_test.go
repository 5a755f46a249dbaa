package circuitbreaker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/shutdown"
)

type local struct{}

func (local) Error() string   { return "full" }
func (local) StatusCode() int { return 503 }
func (local) Excluded() bool  { return true }

func TestClassify(t *testing.T) {
	t.Parallel()
	const success, failure, excluded = circuitbreaker.Success, circuitbreaker.Failure, circuitbreaker.Excluded
	tests := map[string]struct {
		err             error
		want            circuitbreaker.Outcome
		wantReplaceable bool
	}{
		"nil":              {nil, success, false},
		"unknown":          {errBoom, failure, true},
		"404":              {status(404), success, false},
		"wrapped 422":      {fmt.Errorf("create: %w", status(422)), success, false},
		"408":              {status(408), excluded, false},
		"429":              {status(429), excluded, false},
		"500":              {status(500), failure, true},
		"501":              {status(501), success, true},
		"502":              {status(502), failure, true},
		"504":              {status(504), failure, true},
		"deadline":         {context.DeadlineExceeded, failure, true},
		"cancelled":        {fmt.Errorf("query: %w", context.Canceled), excluded, false},
		"shutdown":         {shutdown.ErrShutdown, excluded, true},
		"another breaker":  {&circuitbreaker.OpenError{Name: "x"}, excluded, true},
		"local refusal":    {local{}, excluded, true},
		"panic":            {&circuitbreaker.PanicError{Value: "x"}, failure, true},
		"panic, cancelled": {&circuitbreaker.PanicError{Value: context.Canceled}, failure, true},
		"panic, excluded":  {&circuitbreaker.PanicError{Value: local{}}, failure, true},
		"connection reset": {io.ErrUnexpectedEOF, failure, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, circuitbreaker.Classify(tc.err))
			require.Equal(t, tc.wantReplaceable, circuitbreaker.Replaceable(tc.err))
		})
	}
}

func TestExecute(t *testing.T) {
	t.Parallel()
	errSpare := errors.New("no spare")
	tests := map[string]struct {
		call     func(context.Context) error
		fallback func(context.Context, error) error
		open     bool
		want     error
		wantNil  bool
		wantCode int
	}{
		"succeeds":                  {call: end(nil), wantNil: true},
		"fails without a fallback":  {call: end(errBoom), want: errBoom},
		"fails with a fallback":     {call: end(errBoom), fallback: spare(nil), wantNil: true},
		"client error":              {call: end(status(404)), fallback: spare(nil), want: status(404)},
		"cancelled":                 {call: end(context.Canceled), fallback: spare(nil), want: context.Canceled},
		"open without a fallback":   {open: true, want: circuitbreaker.ErrOpen},
		"open with a fallback":      {open: true, fallback: spare(nil), wantNil: true},
		"both fail":                 {call: end(errBoom), fallback: spare(errSpare), want: errSpare, wantCode: 503},
		"both fail, the reason":     {call: end(errBoom), fallback: spare(errSpare), want: errBoom, wantCode: 503},
		"fallback has its own code": {call: end(errBoom), fallback: spare(status(409)), want: errBoom, wantCode: 409},
		"fallback hands it on":      {call: end(errBoom), fallback: func(_ context.Context, err error) error { return err }, want: errBoom},
		"timeout":                   {call: hang, want: context.DeadlineExceeded},
		"timeout, and the fallback": {call: hang, fallback: spare(nil), wantNil: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, circuitbreaker.Config{})
				s.Get("a")
				if tc.open {
					s.ForceOpen("a", "test", 0)
				}
				start := time.Now()
				err := s.Execute(t.Context(), "a", tc.call, tc.fallback)
				require.LessOrEqual(t, time.Since(start), 60*time.Second)
				if tc.wantNil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, tc.want)
				var coded interface{ StatusCode() int }
				if tc.wantCode > 0 {
					require.ErrorAs(t, err, &coded)
					require.Equal(t, tc.wantCode, coded.StatusCode())
				}
			})
		})
	}
}

func TestNoFallbackForACallerThatHasGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := newService(t, circuitbreaker.Config{}).Execute(ctx, "a",
		func(context.Context) error { cancel(); return errBoom },
		func(context.Context, error) error { panic("not called") })
	require.ErrorIs(t, err, errBoom)
}

func hang(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func spare(err error) func(context.Context, error) error {
	return func(context.Context, error) error { return err }
}

func TestFallbackPanicIsForLogsOnly(t *testing.T) {
	t.Parallel()
	err := &circuitbreaker.FallbackError{Cause: status(504), Err: &circuitbreaker.PanicError{Value: http.ErrAbortHandler}}
	require.Equal(t, 503, err.StatusCode())
	require.NotErrorIs(t, err, http.ErrAbortHandler)
	require.ErrorIs(t, err, status(504))
	require.NotContains(t, err.Error(), "abort")
}

func TestScenario12RegisteredTwice(t *testing.T) {
	t.Parallel()
	s := newService(t, circuitbreaker.Config{MinThroughput: 7})
	first, err := s.Register("a", circuitbreaker.Config{ResetTimeout: time.Second})
	require.NoError(t, err)
	require.Equal(t, 7, first.Config().MinThroughput, "inherited")
	require.InDelta(t, 0.5, float64(first.Config().FailureThreshold), 0, "the default")
	again, err := s.Register("a", circuitbreaker.Config{ResetTimeout: time.Second, MinThroughput: 7})
	require.NoError(t, err)
	require.Same(t, first, again)
	require.Same(t, first, s.Get("a"))

	_, err = s.Register("a", circuitbreaker.Config{ResetTimeout: 2 * time.Second})
	require.ErrorContains(t, err, `"a" is registered twice`)
	require.ErrorContains(t, err, "for 1s")
	require.ErrorContains(t, err, "for 2s")
	_, err = s.Register("a", circuitbreaker.Config{ResetTimeout: time.Second, Classify: func(error) circuitbreaker.Outcome { return 0 }})
	require.ErrorContains(t, err, "own classification")
	_, err = s.Register("", circuitbreaker.Config{})
	require.Error(t, err)
}

func TestRefusedConfig(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	tests := map[string]circuitbreaker.Config{
		"MODE":                   {Mode: "sometimes"},
		"FAILURE_THRESHOLD":      {FailureThreshold: 1.5},
		"FAILURE_THRESHOLD nan":  {FailureThreshold: config.Ratio(nan)},
		"MIN_THROUGHPUT":         {MinThroughput: -1},
		"MIN_THROUGHPUT high":    {MinThroughput: 1_000_001},
		"SLIDING_WINDOW":         {SlidingWindow: -1},
		"SLIDING_WINDOW long":    {SlidingWindow: 2 * time.Hour},
		"CONSECUTIVE_FAILURES":   {ConsecutiveFailures: -1},
		"SLOW_CALL_DURATION":     {SlowCallDuration: -1},
		"SLOW_CALL_THRESHOLD":    {SlowCallThreshold: -0.1},
		"_TIMEOUT":               {Timeout: -1},
		"RESET_TIMEOUT":          {ResetTimeout: -1},
		"RESET_GROWTH":           {ResetGrowth: 0.9},
		"RESET_GROWTH nan":       {ResetGrowth: nan},
		"RESET_GROWTH infinite":  {ResetGrowth: math.Inf(1)},
		"MAX_RESET_TIMEOUT":      {MaxResetTimeout: -1},
		"MAX_RESET_TIMEOUT low":  {MaxResetTimeout: time.Second, ResetGrowth: 2},
		"RESET_JITTER":           {ResetJitter: 1.1},
		"HALF_OPEN_MAX_CALLS":    {HalfOpenMaxCalls: -1},
		"ADAPTIVE_K":             {AdaptiveK: 101},
		"ADAPTIVE_MAX_REJECTION": {AdaptiveMaxRejection: 2},
	}
	for name, cfg := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variable, _, _ := strings.Cut(name, " ")
			_, err := circuitbreaker.NewService(cfg, nil)
			require.ErrorContains(t, err, variable)
			_, err = newService(t, circuitbreaker.Config{}).Register("a", cfg)
			require.ErrorContains(t, err, variable)
			require.ErrorContains(t, err, `"a"`)
		})
	}
	_, err := circuitbreaker.NewService(circuitbreaker.Config{Timeout: -1, MinThroughput: -1}, nil)
	require.ErrorContains(t, err, "_TIMEOUT")
	require.ErrorContains(t, err, "MIN_THROUGHPUT", "all at once")
}

func TestSettings(t *testing.T) { // scenario 22
	t.Parallel()
	load := func(vars map[string]string) (circuitbreaker.Config, error) {
		values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[circuitbreaker.Config]())
		if err != nil {
			return circuitbreaker.Config{}, err
		}
		return config.Get[circuitbreaker.Config](values)
	}
	cfg, err := load(nil)
	require.NoError(t, err)
	s := newService(t, circuitbreaker.Config{})
	got := s.Get("a").Config()
	got.Classify = nil
	require.Equal(t, cfg, got, "tags and code agree on the defaults")

	for _, text := range []string{"45000", "45s", "0.75m"} {
		cfg, err = load(map[string]string{"CIRCUIT_BREAKER_TIMEOUT": text, "CIRCUIT_BREAKER_FAILURE_THRESHOLD": "25%"})
		require.NoError(t, err)
		require.Equal(t, 45*time.Second, cfg.Timeout)
		require.InDelta(t, 0.25, float64(cfg.FailureThreshold), 1e-9)
	}
	_, err = load(map[string]string{"CIRCUIT_BREAKER_FAILURE_THRESHOLD": "50", "CIRCUIT_BREAKER_TIMEOUT": "", "CIRCUIT_BREAKER_RESET_TIMEOUT": "0"})
	require.ErrorContains(t, err, "CIRCUIT_BREAKER_FAILURE_THRESHOLD")
	require.ErrorContains(t, err, "CIRCUIT_BREAKER_TIMEOUT")
	require.ErrorContains(t, err, "CIRCUIT_BREAKER_RESET_TIMEOUT")
}

func TestNamesAreBounded(t *testing.T) { // PX-18
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := newLines(nil)
		s, err := circuitbreaker.NewService(circuitbreaker.Config{}, slog.New(log))
		require.NoError(t, err)
		for i := range 1000 {
			require.Equal(t, fmt.Sprint(i), s.Get(fmt.Sprint(i)).Name())
		}
		shared := s.Get("one more")
		require.Equal(t, "overflow", shared.Name())
		require.Same(t, shared, s.Get("and another"))
		_, err = s.Register("a third", circuitbreaker.Config{})
		require.Error(t, err)
		require.Equal(t, "7", s.Get("7").Name())
		require.Len(t, s.All(), 1001)
		require.Len(t, log.all(), 1)
	})
}

func TestIdleNamesMakeRoom(t *testing.T) { // PX-18
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{ResetTimeout: 10 * time.Hour})
		_, err := s.Register("registered", circuitbreaker.Config{})
		require.NoError(t, err)
		kept := map[string]string{"open": "FFFFFFFFFF", "half-open": "FFFFFFFFFF", "busy": "S", "failing": "F", "cancelled": "I"}
		for name, script := range kept {
			play(t, s.Get(name), script)
		}
		s.Get("bypassed")
		s.Bypass("bypassed", "", hold)
		s.ForceOpen("half-open", "", time.Second)
		play(t, s.Get("idle"), "SF")
		for i := range 1000 - len(kept) - 3 {
			s.Get(fmt.Sprint(i))
		}
		time.Sleep(time.Hour - time.Second)
		play(t, s.Get("half-open"), "S")
		for _, name := range []string{"busy", "failing", "cancelled"} {
			play(t, s.Get(name), kept[name])
		}
		require.Equal(t, "overflow", s.Get("too early").Name())
		time.Sleep(time.Second)
		require.Equal(t, "overflow", s.Get("looked for a second ago").Name())
		time.Sleep(time.Minute)
		require.Equal(t, "new", s.Get("new").Name())

		var names []string
		for _, m := range s.All() {
			names = append(names, m.Name)
		}
		require.Equal(t, []string{"busy", "bypassed", "cancelled", "failing", "half-open", "new", "open", "overflow", "registered"}, names)
		require.EqualValues(t, 0, s.Get("idle").Metrics().Calls, "a new one of that name")
	})
}

func TestAllow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		for range 5 {
			done, err := s.Allow(ctx, "a")
			require.NoError(t, err)
			done(nil)
			done(errBoom)
		}
		done, err := s.Allow(ctx, "a")
		require.NoError(t, err)
		cancel()
		done(errBoom)
		m, _ := s.Metrics("a")
		require.EqualValues(t, 5, m.Successes)
		require.EqualValues(t, 1, m.Excluded)
		require.EqualValues(t, 6, m.Calls)
		_, err = s.Allow(ctx, "a")
		require.ErrorIs(t, err, context.Canceled)
		for range 5 {
			done, err = s.Allow(t.Context(), "a")
			require.NoError(t, err)
			done(errBoom)
		}
		_, err = s.Allow(t.Context(), "a")
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
	})
}

func TestSharedClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{SlowCallDuration: time.Second, HalfOpenMaxCalls: 1})
		b := s.Get("a")
		time.Sleep(time.Hour)
		for _, took := range []time.Duration{time.Second, time.Second + 1} {
			now := time.Since(s.Base())
			require.Equal(t, time.Hour, now)
			permit, err := b.AcquireAt(now, time.Minute)
			require.NoError(t, err)
			permit.DoneAt(now+took, circuitbreaker.Success, nil)
		}
		m := b.Metrics()
		require.EqualValues(t, 1, m.SlowCalls, "slow is longer than the setting")
		require.Equal(t, time.Now().Add(time.Second), m.LastSuccess)

		s.ForceOpen("a", "", time.Minute)
		now := time.Since(s.Base())
		_, err := b.AcquireAt(now+time.Minute-1, time.Second)
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
	})
}

func TestAllCircuitMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 2})
		got, err := json.Marshal(s.AllCircuitMetrics())
		require.NoError(t, err)
		require.JSONEq(t, `[]`, string(got))
		play(t, s.Get("open"), "S + FFFFFFFFF")
		play(t, s.Get("half-open"), "FFFFFFFFFF R S")
		play(t, s.Get("closed"), "SSSF I")
		play(t, s.Get("open"), "S R FF")
		got, err = json.MarshalIndent(s.AllCircuitMetrics(), "", "\t")
		require.NoError(t, err)
		want, err := os.ReadFile("testdata/contract.json")
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got), "got %s", got)
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{})
		_, ok := s.Metrics("upstream")
		require.False(t, ok)
		b := s.Get("upstream")
		play(t, b, "SSI + FFFFFFFF S")
		m, ok := s.Metrics("upstream")
		require.True(t, ok)
		now := time.Now()
		want := circuitbreaker.Metrics{
			Name: "upstream", State: circuitbreaker.Open, Since: now, Until: now.Add(30 * time.Second),
			Calls: 11, Successes: 2, Failures: 8, Excluded: 1, Rejected: 1,
			LastSuccess: now.Add(-time.Second), LastFailure: now, LastError: errBoom,
		}
		m.Config = circuitbreaker.Config{}
		require.Equal(t, want, m)
	})
}

func TestCollector(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 1, SlowCallDuration: time.Hour})
		s.Get("idle")
		s.Metrics("idle")
		s.ForceOpen(s.Get("forced").Name(), "", hold)
		play(t, s.Get("upstream"), "sI FFFFFFFFFF S R S")
		registry := prometheus.NewPedanticRegistry()
		require.NoError(t, registry.Register(s))
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP circuit_calls_total Calls by outcome: success, failure, excluded, rejected.
# TYPE circuit_calls_total counter
circuit_calls_total{name="upstream",outcome="excluded"} 1
circuit_calls_total{name="upstream",outcome="failure"} 9
circuit_calls_total{name="upstream",outcome="rejected"} 2
circuit_calls_total{name="upstream",outcome="success"} 2
# HELP circuit_state State of a circuit breaker: 0 closed, 1 half-open, 2 open.
# TYPE circuit_state gauge
circuit_state{name="forced"} 2
circuit_state{name="upstream"} 0
# HELP circuit_slow_calls_total Calls that succeeded or failed and were slow.
# TYPE circuit_slow_calls_total counter
circuit_slow_calls_total{name="upstream"} 1
# HELP circuit_transitions_total Changes of state.
# TYPE circuit_transitions_total counter
circuit_transitions_total{from="closed",name="forced",to="open"} 1
circuit_transitions_total{from="closed",name="upstream",to="open"} 1
circuit_transitions_total{from="half-open",name="upstream",to="closed"} 1
circuit_transitions_total{from="open",name="upstream",to="half-open"} 1
`)))
	})
}
