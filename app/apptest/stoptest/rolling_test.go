package stoptest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// A client that looks at readiness never sees that a program stops.
func TestAwareClientSeesNothing(t *testing.T) {
	t.Parallel()
	var sum stoptest.Tally
	for run := range either(2, 20) {
		out := stoptest.Trial{
			Command: command(t, "SHUTDOWN_HEALTH_GRACE_PERIOD="+either("2s", "1s"), "SHUTDOWN_FORCE_TIMEOUT=10s"),
			Load:    stoptest.LoadConfig{Rate: either(100, 300), Kept: 0.5, Mix: mix(either("500", "1500")), Seed: uint64(run)},
			Aware:   true,
			Before:  either(300*time.Millisecond, 1600*time.Millisecond) + time.Duration(run%10)*37*time.Millisecond,
			Within:  limit,
			Slack:   either(300*time.Millisecond, 0),
		}.Run(t)
		sum.Add(out)
		require.NoError(t, out.Unbroken(), "run %d\n%s", run, out)
		require.NoError(t, out.Clean(), "run %d\n%s", run, out)
		require.Positive(t, out.Held, "it was held back when the program was not ready")
	}
	t.Logf("readiness-aware client\n%s", &sum)
}

// Two replicas behind a proxy are restarted in turn, again and again, under load.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	balancer := stoptest.NewBalancer(0)
	defer balancer.Close()
	settings := command(t, "SHUTDOWN_HEALTH_GRACE_PERIOD="+either("2s", "500ms"), "SHUTDOWN_FORCE_TIMEOUT=10s")
	add := func() *stoptest.Process {
		p := stoptest.Serve(t, settings)
		require.NoError(t, balancer.Add(t.Context(), p.URL(), p.AdminURL()))
		return p
	}
	replicas := []*stoptest.Process{add(), add()}
	proxy, err := stoptest.NewProxy(t.Context(), balancer)
	require.NoError(t, err)
	defer proxy.Close()
	load, err := stoptest.NewLoad(stoptest.LoadConfig{
		Rate: either(40, 200), Kept: 0.5, Mix: mix(either("400", "1000")), Pick: stoptest.To(proxy.Addr()),
	})
	require.NoError(t, err)
	defer load.Stop()

	began, rounds := time.Now(), either(3, 20)
	for range rounds {
		for i, old := range replicas {
			old.Terminate()
			require.Zero(t, old.Wait(limit))
			balancer.Remove(old.URL())
			replicas[i] = add()
		}
	}
	out := stoptest.Outcome{Requests: load.Stop(), Signalled: time.Now()}
	var failed int
	for _, r := range out.All {
		if r.Failed() {
			failed++
		}
	}
	t.Logf("%d rounds of 2 restarts in %s: %d requests, %d failed", rounds, time.Since(began).Round(time.Millisecond), len(out.All), failed)
	require.NoError(t, out.Unbroken(), fmt.Sprint(&out))
}
