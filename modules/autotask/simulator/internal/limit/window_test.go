package limit_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
)

func TestThresholdCountsWhatWasLetIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	for range 5 {
		g.request()
	}
	a := g.Threshold(g.now)
	require.Equal(t, 200, a.Status)
	require.JSONEq(t,
		`{"externalRequestThreshold":10000,"requestThresholdTimeframe":60,"currentTimeframeRequestCount":5}`,
		string(a.Body))
}

func TestThresholdTellsWholeMinutes(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Window = 61 * time.Second })
	require.Contains(t, string(g.Threshold(g.now).Body), `"requestThresholdTimeframe":2,`)
}

func TestRollingWindow(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.request()
	g.pass(30 * time.Minute)
	g.request()
	g.request()
	g.pass(30*time.Minute - time.Nanosecond)
	require.Equal(t, 3, g.rolling())
	g.pass(time.Nanosecond)
	require.Equal(t, 2, g.rolling(), "the first is an hour old")
	g.pass(30*time.Minute - time.Millisecond)
	require.Equal(t, 2, g.rolling())
	g.pass(time.Millisecond)
	require.Zero(t, g.rolling())
}

// The count is what a list of all arrivals says, in every millisecond and over many blocks of buckets.
func TestRollingIsExact(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.Window = 1<<40, 2*time.Second })
	var arrivals []time.Time
	for i := range 5000 {
		g.pass(time.Duration(i*i%7) * time.Millisecond)
		for range i % 3 {
			g.request()
			arrivals = append(arrivals, g.now)
		}
		for len(arrivals) > 0 && g.now.Sub(arrivals[0]) >= 2*time.Second {
			arrivals = arrivals[1:]
		}
		require.Equal(t, len(arrivals), g.rolling(), "step %d", i)
	}
}

func TestAClockThatStumblesBack(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.request()
	g.pass(-time.Second)
	g.request()
	require.Equal(t, 2, g.rolling())
	g.pass(time.Second + time.Hour - time.Millisecond)
	require.Equal(t, 2, g.rolling(), "the second counts as of the moment of the first")
	g.pass(time.Millisecond)
	require.Zero(t, g.rolling())
}

// A jump longer than any window, the largest numbers, and a window as long as can be.
func TestNothingOverflows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		window time.Duration
		want   int
	}{
		"shorter than a millisecond": {1, 1_000_000_000},
		"an hour":                    {time.Hour, 1_000_000_000},
		"292 years":                  {math.MaxInt64, 3_000_000_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, func(cfg *limit.Config) { cfg.Window, cfg.Hourly = tc.window, math.MaxInt })
			for range 3 {
				g.pass(24 * 365 * time.Hour)
				g.AddForeign(g.now, math.MaxInt)
			}
			require.Equal(t, tc.want, g.rolling())
			g.AddForeign(g.now, -1)
			require.Equal(t, tc.want, g.rolling())
			g.request()
		})
	}
}

func TestOneMomentTakesNoMoreThanItCanCount(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	for range 10 {
		g.AddForeign(g.now, math.MaxInt)
	}
	require.Equal(t, math.MaxUint32, g.rolling())
	g.pass(time.Hour)
	require.Zero(t, g.rolling())
	g.request()
}

// A window of ten hours knows ten milliseconds apart: what came within them goes with the first.
func TestLongWindowsAreCoarser(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Window = 10 * time.Hour })
	for range 2 {
		g.request()
		g.pass(9 * time.Millisecond)
		g.request()
		g.pass(time.Millisecond)
	}
	require.Equal(t, 4, g.rolling())
	g.pass(10*time.Hour - 20*time.Millisecond)
	require.Equal(t, 2, g.rolling())
	g.pass(9 * time.Millisecond)
	require.Equal(t, 2, g.rolling())
	g.pass(time.Millisecond)
	require.Zero(t, g.rolling())
}
