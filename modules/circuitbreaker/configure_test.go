package circuitbreaker_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestConfigureKeepsWhatIsUnderWay(t *testing.T) { // PX-15
	t.Parallel()
	cfg := func(change func(*circuitbreaker.Config)) circuitbreaker.Config {
		c := circuitbreaker.Config{HalfOpenMaxCalls: 3}
		change(&c)
		return c
	}
	tests := map[string]struct {
		before string
		cfg    circuitbreaker.Config
		after  string
		want   circuitbreaker.State
	}{
		"open stays open for the rest of its time": {
			"FFFFFFFFFF ++++++++++", cfg(func(c *circuitbreaker.Config) { c.ResetTimeout = time.Second }), "+++++++++++++++++++ S", circuitbreaker.Open,
		},
		"and then goes on": {
			"FFFFFFFFFF ++++++++++", cfg(func(c *circuitbreaker.Config) { c.ResetTimeout = time.Hour }), "++++++++++++++++++++ S", circuitbreaker.HalfOpen,
		},
		"with the new number of trials": {
			"FFFFFFFFFF", cfg(func(c *circuitbreaker.Config) { c.HalfOpenMaxCalls = 2 }), strings.Repeat("+", 30) + "SS", circuitbreaker.Closed,
		},
		"trials under way stay as many": {
			"FFFFFFFFFF R S", cfg(func(c *circuitbreaker.Config) { c.HalfOpenMaxCalls = 5 }), "SS", circuitbreaker.Closed,
		},
		"the next ones are as many as they should": {
			"FFFFFFFFFF R S", cfg(func(c *circuitbreaker.Config) { c.HalfOpenMaxCalls = 1 }), "F R S", circuitbreaker.Closed,
		},
		"the window stays":           {"FFFFF", cfg(func(c *circuitbreaker.Config) { c.MinThroughput = 6 }), "F", circuitbreaker.Open},
		"a success notices":          {"FFFFF", cfg(func(c *circuitbreaker.Config) { c.MinThroughput = 6 }), "S", circuitbreaker.Open},
		"a threshold that is higher": {"FFFFSSSSS", cfg(func(c *circuitbreaker.Config) { c.FailureThreshold = 0.6 }), "F", circuitbreaker.Closed},
		"in a row":                   {"FFF", cfg(func(c *circuitbreaker.Config) { c.ConsecutiveFailures = 4 }), "F", circuitbreaker.Open},
		"in a row, interrupted":      {"FFFF", cfg(func(c *circuitbreaker.Config) { c.ConsecutiveFailures = 4 }), "SFFF", circuitbreaker.Closed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 3})
				b := s.Get("upstream")
				play(t, b, tc.before)
				before := b.Metrics()
				require.NoError(t, s.Configure("upstream", tc.cfg))
				after := b.Metrics()
				require.Equal(t, tc.cfg.Or(before.Config).String(), after.Config.String())
				before.Config, after.Config = circuitbreaker.Config{}, circuitbreaker.Config{}
				require.Equal(t, before, after)
				play(t, b, tc.after)
				require.Equal(t, tc.want, b.State())
			})
		})
	}
}

func TestConfigureResizesTheWindow(t *testing.T) {
	t.Parallel()
	seconds := func(n int) circuitbreaker.Config {
		return circuitbreaker.Config{SlidingWindow: time.Duration(n) * time.Second, MinThroughput: 1000}
	}
	tests := map[string]struct {
		script    string // one call in each second
		from, to  int
		want      uint64 // at once
		wantLater uint64 // two seconds and calls later
	}{
		"longer":                {"S+S+S+S+S", 3, 10, 3, 5},
		"longer, not full":      {"S+S", 3, 10, 2, 4},
		"shorter":               {"S+S+S+S+S", 10, 2, 2, 2},
		"the same":              {"S+S+S+S+S", 3, 3, 3, 3},
		"longer after a break":  {"S+S+S+++", 5, 10, 2, 4},
		"long after":            {"SSS" + strings.Repeat("+", 100), 5, 200, 0, 2},
		"shorter after a break": {"S+S+S++S", 10, 2, 1, 2},
		"from one second":       {"S+S", 1, 5, 1, 3},
		"to one second":         {"S+SS", 5, 1, 2, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, seconds(tc.from))
				b := s.Get("upstream")
				play(t, b, tc.script)
				require.NoError(t, s.Configure("upstream", seconds(tc.to)))
				require.Equal(t, tc.want, b.Metrics().WindowCalls)
				play(t, b, "+S+S")
				require.Equal(t, tc.wantLater, b.Metrics().WindowCalls)
			})
		})
	}
}

func TestConfigureKeepsTrialsThatRun(t *testing.T) { // PX-15
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{HalfOpenMaxCalls: 2})
		b := s.Get("upstream")
		play(t, b, "FFFFFFFFFF R")
		one, err := b.Acquire()
		require.NoError(t, err)
		two, err := b.Acquire()
		require.NoError(t, err)
		require.NoError(t, s.Configure("upstream", circuitbreaker.Config{HalfOpenMaxCalls: 7, SlowCallDuration: time.Second}))
		require.Equal(t, 1, play(t, b, "S"))
		time.Sleep(2 * time.Second) // slow by the new setting, not by the one they began with
		one.Done(circuitbreaker.Success, nil)
		two.Done(circuitbreaker.Success, nil)
		require.Equal(t, circuitbreaker.Closed, b.State())
		require.Zero(t, b.Metrics().SlowCalls)
		play(t, b, "FFFFFFFFFF R SSSSSS")
		require.Equal(t, circuitbreaker.HalfOpen, b.State())
		play(t, b, "S")
		require.Equal(t, circuitbreaker.Closed, b.State())
	})
}

func TestConfigureIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	s := newService(t, circuitbreaker.Config{})
	require.ErrorIs(t, s.Configure("upstream", circuitbreaker.Config{}), circuitbreaker.ErrUnknown)
	b, err := s.Register("upstream", circuitbreaker.Config{MinThroughput: 5})
	require.NoError(t, err)
	err = s.Configure("upstream", circuitbreaker.Config{MinThroughput: 7, ResetGrowth: 0.5, HalfOpenMaxCalls: -1})
	require.ErrorContains(t, err, "RESET_GROWTH")
	require.ErrorContains(t, err, "HALF_OPEN_MAX_CALLS")
	require.Equal(t, 5, b.Config().MinThroughput)

	require.NoError(t, s.Configure("upstream", circuitbreaker.Config{MinThroughput: 7}))
	again, err := s.Register("upstream", circuitbreaker.Config{MinThroughput: 5})
	require.NoError(t, err, "what was declared is still what is declared")
	require.Same(t, b, again)
	require.Equal(t, 7, b.Config().MinThroughput)
}

func TestTimeOpenGrows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  circuitbreaker.Config
		want []time.Duration // of the open periods in a row
	}{
		"not at all": {circuitbreaker.Config{}, []time.Duration{30 * time.Second, 30 * time.Second, 30 * time.Second}},
		"doubles":    {circuitbreaker.Config{ResetGrowth: 2, MaxResetTimeout: 100 * time.Second}, []time.Duration{30 * time.Second, time.Minute, 100 * time.Second, 100 * time.Second}},
		"by half":    {circuitbreaker.Config{ResetGrowth: 1.5, ResetTimeout: 2 * time.Second}, []time.Duration{2 * time.Second, 3 * time.Second, 4500 * time.Millisecond}},
		"to the end": {circuitbreaker.Config{ResetGrowth: 10, ResetTimeout: time.Hour, MaxResetTimeout: 1<<63 - 1}, []time.Duration{time.Hour, 10 * time.Hour, 100 * time.Hour}},
		"unlimited":  {circuitbreaker.Config{ResetTimeout: 1<<63 - 1}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.cfg.HalfOpenMaxCalls = 1
				b := newBreaker(t, tc.cfg)
				for round := range 2 {
					play(t, b, "FFFFFFFFFF")
					for i, want := range tc.want {
						require.Equal(t, want, time.Until(b.Metrics().Until), "round %d, period %d", round, i)
						time.Sleep(want)
						if i < len(tc.want)-1 {
							play(t, b, "F")
						}
					}
					if tc.want == nil {
						require.Zero(t, b.Metrics().Until)
						require.Equal(t, 1, play(t, b, "S"))
						return
					}
					play(t, b, "S") // closes, and the next period is short again
				}
			})
		})
	}
}

func TestTimeOpenIsSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, circuitbreaker.Config{MinThroughput: 1, ResetJitter: 0.1})
		b := s.Get("upstream")
		low, high := time.Hour, time.Duration(0)
		for range 1000 {
			play(t, b, "F")
			wait := time.Until(b.Metrics().Until)
			low, high = min(low, wait), max(high, wait)
			s.Reset("upstream")
		}
		require.Greater(t, low, 27*time.Second-1)
		require.Less(t, low, 28*time.Second, "of 1000, one is below: the chance that none is, is 10⁻⁷⁷")
		require.Less(t, high, 33*time.Second+1)
		require.Greater(t, high, 32*time.Second)
		s.ForceOpen("upstream", "", 0)
		require.Equal(t, 30*time.Second, time.Until(b.Metrics().Until), "by hand it is exact")
	})
}

func TestImpossibleConfig(t *testing.T) {
	t.Parallel()
	s := newService(t, circuitbreaker.Config{})
	_, err := s.Register("a", circuitbreaker.Config{ResetGrowth: 2, ResetTimeout: time.Hour})
	require.ErrorContains(t, err, "MAX_RESET_TIMEOUT", "300 s are the default")
	_, err = s.Register("a", circuitbreaker.Config{ResetTimeout: time.Hour})
	require.NoError(t, err, "without growth the cap means nothing")
}
