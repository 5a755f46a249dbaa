package stoptest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// mix is mostly fast, a fifth slow, and a little streamed.
func mix(slow string) []stoptest.Kind {
	return []stoptest.Kind{
		{Share: 75, Path: "/fast"},
		{Share: 20, Path: "/slow?ms=" + slow},
		{Share: 5, Path: "/stream?ms=" + slow, Ends: "end\n"},
	}
}

// The program is stopped again and again, each time at another moment of the load, by clients that know nothing of its
// readiness and go on to the very end.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	var sum stoptest.Tally
	for run := range either(2, 50) {
		out := stoptest.Trial{
			Command: command(
				t, "SHUTDOWN_HEALTH_GRACE_PERIOD=1s", "SHUTDOWN_DRAIN_TIMEOUT=4s", "SHUTDOWN_FORCE_TIMEOUT=10s",
			),
			Load:   stoptest.LoadConfig{Rate: either(100, 300), Kept: 0.5, Mix: mix(either("500", "1500")), Seed: uint64(run)},
			Before: either(500*time.Millisecond, 1600*time.Millisecond) + time.Duration(run%10)*37*time.Millisecond,
			Within: limit,
			Slack:  either(300*time.Millisecond, 0),
		}.Run(t)
		sum.Add(out)
		require.NoError(t, out.Clean(), "run %d\n%s", run, out)
		require.NoError(t, out.SaidClose(), "run %d\n%s", run, out)
		require.NoError(t, out.TurnedAway(), "run %d\n%s", run, out)
		require.NoError(t, out.Times(either(limit, 50*time.Millisecond), 950*time.Millisecond), "run %d\n%s", run, out)
		require.NoError(t, out.Ended(0, either(limit, 8*time.Second)), "run %d\n%s", run, out)
	}
	t.Logf("bar A1\n%s", &sum)
	lost := sum.Periods[stoptest.AtClose].Lost + sum.Periods[stoptest.After].Lost
	share := float64(lost) / float64(sum.Late())
	t.Logf("lost at the close or later: %d of %d late requests, %.3f %%", lost, sum.Late(), 100*share)
	require.LessOrEqual(t, share, either(0.05, 0.001))
}

// The same once with the clocks that are shipped, and requests that take twenty seconds.
func TestShippedDefaults(t *testing.T) {
	t.Parallel()
	if !full() {
		t.Skip("takes a minute: make prove-shutdown")
	}
	out := stoptest.Trial{
		Command: defaults(command(t)),
		Load: stoptest.LoadConfig{
			Rate: 100, Kept: 0.5, Mix: []stoptest.Kind{{Share: 95, Path: "/fast"}, {Share: 5, Path: "/slow?ms=20000"}},
		},
		Before: 12 * time.Second,
		Within: 2 * limit,
	}.Run(t)
	t.Logf("bar A2\n%s", out)
	require.NoError(t, out.Clean())
	require.NoError(t, out.SaidClose())
	require.NoError(t, out.TurnedAway())
	require.NoError(t, out.LateLosses(0.001))
	require.NoError(t, out.Times(50*time.Millisecond, 9500*time.Millisecond))
	require.NoError(t, out.Ended(0, 45*time.Second))
}
