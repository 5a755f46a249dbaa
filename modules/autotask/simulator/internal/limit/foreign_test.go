package limit_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
)

func TestForeignRateIsSpreadEvenly(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	g.SetForeignRate(g.now, 7) // one every 8 min 34.285714 s
	steps := []struct {
		after time.Duration
		want  int
	}{
		{514_286*time.Millisecond - 1, 0},
		{1, 1},
		{514*time.Second + 285*time.Millisecond, 1},
		{time.Millisecond, 2},
		{time.Hour - 1_028_572*time.Millisecond - 1, 6},
		{1, 7},
		{514_286*time.Millisecond - 1, 7},
		{1, 7}, // one has come, and the first one has gone
		{1000 * time.Hour, 7},
	}
	for i, step := range steps {
		g.pass(step.after)
		require.Equal(t, step.want, g.rolling(), "step %d", i)
	}
}

// However often somebody asks, the same requests come.
func TestForeignRateIsTheSameAskedOrNot(t *testing.T) {
	t.Parallel()
	for _, perHour := range []int{1, 59, 3600, 4999, 7919, 100_003} {
		often, once := newGate(t, nil), newGate(t, nil)
		often.SetForeignRate(noon, perHour)
		once.SetForeignRate(noon, perHour)
		for i := range 2000 {
			often.pass(time.Duration(i) * 7 * time.Millisecond)
			often.rolling()
		}
		once.now = often.now
		require.Equal(t, once.rolling(), often.rolling(), "%d an hour", perHour)
	}
}

func TestForeignRateOfTheConfiguration(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.ForeignPerHour = 3600 })
	require.Zero(t, g.rolling(), "it begins with the first use")
	g.pass(10 * time.Second)
	require.Equal(t, 10, g.rolling())
	g.SetForeignRate(g.now, 7200)
	g.pass(10 * time.Second)
	require.Equal(t, 30, g.rolling())
	g.SetForeignRate(g.now, 0)
	g.pass(10 * time.Second)
	require.Equal(t, 30, g.rolling())
	g.Reset()
	require.Zero(t, g.rolling())
	g.pass(10 * time.Second)
	require.Equal(t, 10, g.rolling(), "the rate of the configuration is back")
}

// Foreign requests share the limit: they suspend the tenant, are refused meanwhile, and come back as room is made.
func TestForeignRateMeetsTheLimit(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.ForeignPerHour = 100, 200 })
	require.Zero(t, g.rolling())
	g.pass(30*time.Minute - time.Second)
	require.Equal(t, 99, g.rolling())
	g.pass(30*time.Minute + time.Second)
	require.Equal(t, 100, g.rolling(), "what came after the 100th was refused")
	require.Empty(t, g.refused("CODE", "Tickets").Misuse, "no fault of the caller")
	notices := g.Notices()
	require.Len(t, notices, 1)
	require.Equal(t, noon.Add(30*time.Minute), notices[0].At)
	g.pass(time.Hour - 1) // the first hundred has gone, and while it went the next has come
	require.Equal(t, 100, g.rolling())
	require.Len(t, g.Notices(), 100, "each that came first suspended the tenant again")
}

func TestForeignRateWithinReason(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.Window = math.MaxInt, time.Minute })
	g.SetForeignRate(g.now, math.MaxInt)
	g.pass(1000 * 24 * time.Hour)
	require.InDelta(t, 1_000_000_000/60, g.rolling(), 300)
	g.SetForeignRate(g.now, -5)
	g.pass(time.Minute)
	require.Zero(t, g.rolling())
}

// Of ten that come in one millisecond, as many are let in as there is room for.
func TestForeignRateFillsTheLimitExactly(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 105 })
	g.SetForeignRate(g.now, 36_000_000)
	g.pass(10 * time.Millisecond)
	require.Equal(t, 100, g.rolling())
	g.pass(10 * time.Millisecond)
	require.Equal(t, 105, g.rolling())
}

// A jump of the clock is lived through in a bounded number of steps, whatever comes in it: one that counted each
// millisecond would fill 14,174 blocks of buckets.
func TestAJumpIsABoundedNumberOfSteps(t *testing.T) { // AllocsPerRun panics in a parallel test
	cfg := usual()
	cfg.Hourly, cfg.ForeignPerHour = 1<<40, 1_000_000_000
	rolling := 0
	allocs := testing.AllocsPerRun(1, func() {
		g := limit.New(cfg)
		g.Rolling(noon)
		rolling = g.Rolling(noon.Add(24 * time.Hour))
	})
	require.Equal(t, 1_000_000_000, rolling)
	require.Less(t, allocs, 200.0)
}

// What comes in strides is complete, also where hours and the window are crossed.
func TestStridesAreComplete(t *testing.T) {
	t.Parallel()
	const perHour = 10_000_000
	tests := map[string]struct {
		window, jump time.Duration
		want         int
	}{
		"an hour":           {time.Hour, time.Hour, perHour},
		"a part of an hour": {time.Hour, 37 * time.Minute, perHour * 37 / 60},
		"many windows":      {time.Hour, 100*time.Hour + 7*time.Minute, perHour},
		"many hours":        {10 * time.Hour, 9 * time.Hour, 9 * perHour},
		"a step of hours":   {math.MaxInt64, 150 * 365 * 24 * time.Hour, 150 * 365 * 24 * perHour},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.Window = 1<<50, tc.window })
			g.SetForeignRate(g.now, perHour)
			g.pass(tc.jump)
			require.Equal(t, tc.want, g.rolling())
		})
	}
}

// What came in strides goes out of the window a stride late at most.
func TestStridesAreShort(t *testing.T) {
	t.Parallel()
	const perHour = 36_000_000 // 10 in a millisecond, 1000 in a stride
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 1 << 40 })
	g.SetForeignRate(g.now, perHour)
	g.pass(time.Hour)
	require.Equal(t, perHour, g.rolling())
	g.SetForeignRate(g.now, 0)
	g.pass(20 * time.Minute)
	require.Equal(t, perHour*2/3, g.rolling())
	g.pass(99 * time.Millisecond)
	require.Equal(t, perHour*2/3, g.rolling())
	g.pass(time.Millisecond)
	require.Equal(t, perHour*2/3-1000, g.rolling())
	g.pass(40*time.Minute - 100*time.Millisecond)
	require.Zero(t, g.rolling())
}

// Whoever asks often enough, 36 s apart, misses no millisecond.
func TestStridesAreNotNeededForAShortWhile(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 1 << 40 })
	g.SetForeignRate(g.now, 36_000_000)
	g.pass(59 * time.Minute)
	g.rolling()
	g.pass(36 * time.Second)
	g.SetForeignRate(g.now, 0)
	g.pass(time.Hour - 36*time.Second)
	for i := range 200 {
		require.Equal(t, 360_000-10*i, g.rolling(), "%d ms", i)
		g.pass(time.Millisecond)
	}
}
