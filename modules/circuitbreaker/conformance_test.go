package circuitbreaker_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// conformance is one row of [TestConformance].
type conformance struct {
	cfg         circuitbreaker.Config
	script      string // for play
	want        circuitbreaker.State
	wantRefused int
	then        func(*testing.T, *circuitbreaker.Service, *circuitbreaker.Breaker)
	skip        string // why it stands here and is not played
}

// r4 is the configuration of the cases CB-01 to CB-16.
func r4(changes ...func(*circuitbreaker.Config)) circuitbreaker.Config {
	cfg := circuitbreaker.Config{
		SlidingWindow: 20 * time.Second, MinThroughput: 5, FailureThreshold: 0.5,
		SlowCallDuration: 4 * time.Second, SlowCallThreshold: 0.5,
		ResetTimeout: 5 * time.Second, HalfOpenMaxCalls: 4,
	}
	for _, change := range changes {
		change(&cfg)
	}
	return cfg
}

// ratio is r4 with a minimum and a threshold of its own.
func ratio(minimum int, threshold float64) circuitbreaker.Config {
	return r4(func(c *circuitbreaker.Config) { c.MinThroughput, c.FailureThreshold = minimum, config.Ratio(threshold) })
}

const notListed = "no case has this number"

// TestConformance plays the cases that other libraries are tested for, every
// number from CB-01 to CB-36. What differs from them says why.
func TestConformance(t *testing.T) {
	t.Parallel()
	const closed, half, open = circuitbreaker.Closed, circuitbreaker.HalfOpen, circuitbreaker.Open
	inARow := r4(func(c *circuitbreaker.Config) { c.ConsecutiveFailures, c.MinThroughput = 3, 1000 })
	tests := map[string]conformance{
		"CB-01 minimum not reached":         {cfg: r4(), script: "FFFS", want: closed, then: wantWindow(4, 3, 0)},
		"CB-01 opens on a success":          {cfg: r4(), script: "FFFS S S", want: open, wantRefused: 1, then: wantCalls(2, 3, 1)},
		"CB-02 below the threshold":         {cfg: r4(), script: "S+S+S+F+F", want: closed},
		"CB-02 equality opens":              {cfg: r4(), script: "S+S+S+F+F+F", want: open},
		"CB-03 minimum not reached":         {cfg: r4(), script: "fsFS", want: closed, then: wantWindow(4, 2, 2)},
		"CB-03 slow calls open":             {cfg: r4(), script: "fsFS s", want: open},
		"CB-04 refused before, trial after": {cfg: r4(), script: "FFFFF S +++ S ++ S", want: half, wantRefused: 2, then: wantWindow(0, 0, 0)},
		"CB-05 opened for two hours":        {cfg: r4(), want: closed, then: openForTwoHours},
		"CB-06":                             {skip: notListed},
		"CB-07 trials are given out once":   {cfg: r4(), want: closed, then: trialsAreGivenOutOnce},
		"CB-08 half-open F F S F":           {cfg: r4(), script: "FFFFF R F", want: open},
		"CB-09 half-open, slow":             {cfg: r4(), script: "FFFFF R s", want: half},
		"CB-09 half the trials slow opens":  {cfg: r4(), script: "FFFFF R sSs", want: open},
		"CB-10":                             {skip: "one failed trial reopens, so F S S S cannot close"},
		"CB-10 closing empties the window":  {cfg: r4(), script: "FFFFF R SSSS S", want: closed, then: wantWindow(1, 0, 0)},
		"CB-11":                             {skip: notListed},
		"CB-12 excluded trials give back":   {cfg: r4(), script: "FFFFF R IIII SSS", want: half},
		"CB-12 and then close":              {cfg: r4(), script: "FFFFF R IIII SSSS", want: closed},
		"CB-13 forced open stays open":      {cfg: r4(), want: closed, then: forcedOpenStaysOpen},
		"CB-14 disabled":                    {cfg: r4(), want: closed, then: bypassRecordsNothing},
		"CB-15":                             {skip: notListed},
		"CB-16 same state, no change":       {cfg: r4(), want: closed, then: sameStateNoChange},
		"CB-17 F S F F":                     {cfg: inARow, script: "FSFF", want: closed},
		"CB-17 F S F F F":                   {cfg: inARow, script: "FSFFF", want: open},
		"CB-18 ratio 2/3, F S":              {cfg: ratio(3, 0.66), script: "FS", want: closed},
		"CB-18 ratio 2/3, F S F":            {cfg: ratio(3, 0.66), script: "FSF", want: open},
		"CB-19 ratio 3/4, alternating":      {cfg: ratio(4, 0.75), script: strings.Repeat("SF", 20), want: closed},
		"CB-19 two in a row, alternating": {
			cfg:    r4(func(c *circuitbreaker.Config) { c.ConsecutiveFailures, c.MinThroughput = 2, 1000 }),
			script: strings.Repeat("SF", 20), want: closed,
		},
		"CB-20":                          {skip: "one failed trial reopens, there is no threshold for trials"},
		"CB-21":                          {skip: "one failed trial reopens, there is no threshold for trials"},
		"CB-22 one failed trial reopens": {cfg: r4(), script: "FFFFF R SF S", want: open, wantRefused: 1},
		"CB-23":                          {skip: "one failed trial reopens, there is no threshold for trials"},
		"CB-24 hanging trials":           {cfg: r4(), want: half, script: "FFFFF R", then: hangingTrials},
		"CB-25":                          {skip: "a window is of whole seconds and the time open at least a millisecond"},
		"CB-26 (10,10,0,.1)":             {cfg: ratio(10, 0.1), script: "SSSSSSSSSS", want: closed},
		"CB-26 (10,10,.1,.1)":            {cfg: ratio(10, 0.1), script: "FSSSSSSSSS", want: open},
		"CB-26 (10,10,.2,.1)":            {cfg: ratio(10, 0.1), script: "FSSSSSSSSF", want: open},
		"CB-26 (11,10,.2,.1)":            {cfg: ratio(10, 0.1), script: "IFSSSSSSSSF", want: open},
		"CB-26 (9,10,.1,.1)":             {cfg: ratio(10, 0.1), script: "FSSSSSSSS", want: closed},
		"CB-27":                          {skip: notListed},
		"CB-28 ten seconds hold nine":    {cfg: tenSeconds(), script: "S+S+S+S+S+S+S+S+S+S+", want: closed, then: wantWindow(9, 0, 0)},
		"CB-28 and then eight":           {cfg: tenSeconds(), script: "S+S+S+S+S+S+S+S+S+S++", want: closed, then: wantWindow(8, 0, 0)},
		"CB-28 and nothing":              {cfg: tenSeconds(), script: "SS ++++++++++", want: closed, then: wantWindow(0, 0, 0)},
		"CB-29 how long to wait":         {cfg: r4(func(c *circuitbreaker.Config) { c.HalfOpenMaxCalls = 1 }), script: "FFFFF", want: open, then: tellsHowLongToWait},
		"CB-30":                          {skip: notListed},
		"CB-31 isolated":                 {cfg: r4(), want: closed, then: isolated},
		"CB-32 two result types":         {cfg: ratio(10, 0.5), want: closed, then: sharedBetweenTypes},
		"CB-33 counts as time passes":    {cfg: tenSeconds(), want: closed, then: countsAsTimePasses},
		"CB-33 total and mean time":      {skip: "a breaker keeps no durations: the histogram of the route does"},
		"CB-34 slow, 2 of 5":             {cfg: tenSeconds(), script: "sfSSS", want: closed, then: wantWindow(5, 1, 2)},
		"CB-34 mean time":                {skip: "a breaker keeps no durations: the histogram of the route does"},
		"CB-35":                          {skip: "real goroutines: TestCountsAreExactUnderLoad"},
		"CB-36 what wins":                {cfg: r4(), want: closed, then: excludedWins},
		"CB-36 precedence as a setting":  {skip: "there is one order, that of Classify; another is an own Config.Classify"},
		"old successes leave, then a success trips": {cfg: r4(), script: "SSSSSSSS +++++ ++++++++++ FFFFF ++++++ S", want: open},
		"a 4xx is a success for trials":             {cfg: r4(), script: "FFFFF R 4444", want: closed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.skip != "" {
				t.Skip(tc.skip)
			}
			synctest.Test(t, func(t *testing.T) { tc.play(t) })
		})
	}
	for n := range 36 {
		id := fmt.Sprintf("CB-%02d", n+1)
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(tests)), func(name string) bool {
			return strings.HasPrefix(name, id)
		}), "%s is not in the table", id)
	}
}

func (tc *conformance) play(t *testing.T) {
	t.Helper()
	s := newService(t, circuitbreaker.Config{})
	b, err := s.Register("upstream", tc.cfg)
	require.NoError(t, err)
	refused := play(t, b, tc.script)
	require.Equal(t, tc.want, b.State())
	require.Equal(t, tc.wantRefused, refused)
	if tc.then != nil {
		tc.then(t, s, b)
	}
}

func tenSeconds() circuitbreaker.Config {
	return circuitbreaker.Config{SlidingWindow: 10 * time.Second, MinThroughput: 1000, SlowCallDuration: 500 * time.Millisecond}
}

func wantWindow(calls, failures, slow uint64) func(*testing.T, *circuitbreaker.Service, *circuitbreaker.Breaker) {
	return func(t *testing.T, _ *circuitbreaker.Service, b *circuitbreaker.Breaker) {
		t.Helper()
		m := b.Metrics()
		require.Equal(t, []uint64{calls, failures, slow}, []uint64{m.WindowCalls, m.WindowFailures, m.WindowSlow})
		if calls > 0 {
			require.InDelta(t, float64(failures)/float64(calls), m.FailureRate, 1e-9)
			require.InDelta(t, float64(slow)/float64(calls), m.SlowRate, 1e-9)
		}
	}
}

func wantCalls(successes, failures, rejected uint64) func(*testing.T, *circuitbreaker.Service, *circuitbreaker.Breaker) {
	return func(t *testing.T, _ *circuitbreaker.Service, b *circuitbreaker.Breaker) {
		t.Helper()
		m := b.Metrics()
		require.Equal(t, []uint64{successes, failures, rejected}, []uint64{m.Successes, m.Failures, m.Rejected})
	}
}

// CB-05.
func openForTwoHours(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	s.ForceOpen("upstream", "", 2*time.Hour)
	time.Sleep(time.Hour)
	require.Equal(t, 1, play(t, b, "S"))
	time.Sleep(time.Hour + time.Second)
	require.Zero(t, play(t, b, "S"))
}

// CB-13.
func forcedOpenStaysOpen(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	s.ForceOpen("upstream", "", circuitbreaker.Hold)
	require.Equal(t, 1, play(t, b, "++++++ S"))
	time.Sleep(1000 * time.Hour)
	require.Equal(t, 1, play(t, b, "S"))
}

// CB-14.
func bypassRecordsNothing(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	s.Bypass("upstream", "", 0)
	counted := func() circuitbreaker.Metrics {
		m := b.Metrics()
		m.Config.Classify = nil
		return m
	}
	before := counted()
	s.Subscribe(func(circuitbreaker.Change) { t.Error("no event") })
	require.Zero(t, play(t, b, "FFFF FFFF SIf"))
	require.Equal(t, before, counted())
}

// CB-16. There is no verb for half-open, so no illegal one.
func sameStateNoChange(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	var got []circuitbreaker.Change
	s.Subscribe(func(c circuitbreaker.Change) { got = append(got, c) })
	s.Reset("upstream")
	s.Auto("upstream", "")
	s.ForceOpen("upstream", "", 0)
	s.ForceOpen("upstream", "", 0)
	require.Equal(t, circuitbreaker.Open, b.State())
	for _, i := range []int{0, 1, 3} {
		require.Equal(t, got[i].From, got[i].To)
	}
	require.NotEqual(t, got[2].From, got[2].To)
	require.Len(t, got, 4)
}

// CB-24.
func hangingTrials(t *testing.T, _ *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	permits := make([]circuitbreaker.Permit, 4)
	for i := range permits {
		var err error
		permits[i], err = b.Acquire()
		require.NoError(t, err)
	}
	require.Equal(t, 5, play(t, b, "SSSSS"))
	for i := range permits {
		permits[i].Done(circuitbreaker.Success, nil)
	}
	require.Equal(t, circuitbreaker.Closed, b.State())
}

// CB-31.
func isolated(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	inFlight, err := b.Acquire()
	require.NoError(t, err)
	s.ForceOpen("upstream", "", circuitbreaker.Hold)
	refused := refusal(t, b)
	require.True(t, refused.Held)
	require.Zero(t, refused.RetryAfter())
	require.ErrorContains(t, refused, "held open")
	inFlight.Done(circuitbreaker.Success, nil)
	time.Sleep(time.Hour)
	require.Equal(t, circuitbreaker.Open, b.State())
	s.ForceClose("upstream", "", 0)
	require.Zero(t, play(t, b, "S"))
}

// CB-36. What an error says of itself wins over its status, and an error counts
// as the one it wraps.
func excludedWins(t *testing.T, _ *circuitbreaker.Service, _ *circuitbreaker.Breaker) {
	t.Helper()
	require.Equal(t, circuitbreaker.Excluded, circuitbreaker.Classify(local{}))
	require.Equal(t, 503, local{}.StatusCode())
	require.Equal(t, circuitbreaker.Excluded, circuitbreaker.Classify(fmt.Errorf("call: %w", local{})))
	require.Equal(t, circuitbreaker.Success, circuitbreaker.Classify(fmt.Errorf("call: %w", status(404))))
}

// CB-07, PX-05.
func trialsAreGivenOutOnce(t *testing.T, _ *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	for range 2 {
		play(t, b, "FFFFF R")
		permits := make([]circuitbreaker.Permit, 4)
		for i := range permits {
			var err error
			permits[i], err = b.Acquire()
			require.NoError(t, err)
		}
		for range 2 {
			_, err := b.Acquire()
			require.ErrorIs(t, err, circuitbreaker.ErrOpen)
			require.ErrorIs(t, b.Peek(), circuitbreaker.ErrOpen)
		}
		permits[0].Done(circuitbreaker.Excluded, nil)
		require.NoError(t, b.Peek())
		again, err := b.Acquire()
		require.NoError(t, err)
		_, err = b.Acquire()
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
		again.Done(circuitbreaker.Failure, errBoom)
		require.Equal(t, circuitbreaker.Open, b.State())
		for i := range permits[1:] {
			permits[i+1].Done(circuitbreaker.Success, nil)
		}
		require.Equal(t, circuitbreaker.Open, b.State())
		time.Sleep(b.Config().ResetTimeout)
		play(t, b, "SSSS") // closed again, for the second round
		require.Equal(t, circuitbreaker.Closed, b.State())
	}
}

// CB-33.
func countsAsTimePasses(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	cfg := tenSeconds()
	cfg.SlidingWindow = 5 * time.Second
	require.NoError(t, s.Configure("upstream", cfg))
	play(t, b, "F")
	time.Sleep(100 * time.Millisecond)
	play(t, b, "S")
	time.Sleep(700*time.Millisecond - 501*time.Millisecond)
	play(t, b, "f ++++")
	wantWindow(3, 2, 1)(t, s, b)
	play(t, b, "+")
	wantWindow(0, 0, 0)(t, s, b)
	play(t, b, "S")
	wantWindow(1, 0, 0)(t, s, b)
	play(t, b, "+++++ S")
	wantWindow(1, 0, 0)(t, s, b)
}

// CB-29.
func tellsHowLongToWait(t *testing.T, _ *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	time.Sleep(time.Millisecond)
	open := refusal(t, b)
	require.Equal(t, 4999*time.Millisecond, open.RetryAfter())
	require.Equal(t, errBoom, open.Last)
	require.Equal(t, 503, open.StatusCode())
	require.Same(t, open, refusal(t, b), "one value per open period")
	require.Equal(t, error(open), b.Peek())
	time.Sleep(4500 * time.Millisecond)
	require.Equal(t, time.Second, open.RetryAfter(), "at least one second")
	time.Sleep(499 * time.Millisecond)
	permit, err := b.Acquire()
	require.NoError(t, err, "exactly at the end of the reset time")
	require.Equal(t, time.Second, refusal(t, b).RetryAfter(), "half-open and full")
	permit.Done(circuitbreaker.Failure, errBoom)
	require.NotSame(t, open, refusal(t, b))
}

func refusal(t *testing.T, b *circuitbreaker.Breaker) *circuitbreaker.OpenError {
	t.Helper()
	_, err := b.Acquire()
	var open *circuitbreaker.OpenError
	require.ErrorAs(t, err, &open)
	return open
}

// CB-32.
func sharedBetweenTypes(t *testing.T, s *circuitbreaker.Service, b *circuitbreaker.Breaker) {
	t.Helper()
	call := func(err error) (one, two error) {
		_, one = circuitbreaker.Do(t.Context(), s, "upstream", func(context.Context) (int, error) { return 0, err }, nil)
		_, two = circuitbreaker.Do(t.Context(), s, "upstream", func(context.Context) (string, error) { return "", err }, nil)
		return one, two
	}
	for range 5 {
		one, two := call(errBoom)
		require.ErrorIs(t, one, errBoom)
		require.ErrorIs(t, two, errBoom)
	}
	one, two := call(nil)
	require.ErrorIs(t, one, circuitbreaker.ErrOpen)
	require.ErrorIs(t, two, circuitbreaker.ErrOpen)
	play(t, b, "R")
	for range 2 {
		one, two = call(nil)
		require.NoError(t, one)
		require.NoError(t, two)
	}
	require.Equal(t, circuitbreaker.Closed, b.State())
}
