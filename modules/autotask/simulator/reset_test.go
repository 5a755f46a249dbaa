package simulator_test

import (
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// waits are the ways in which a request waits before it is done.
func waits() map[string]func(k kit) {
	rule := func(r fault.Rule) func(k kit) {
		return func(k kit) { require.NoError(k.t, k.SetFaults(plan(r))) }
	}
	return map[string]func(k kit){
		"latency":         func(k kit) { k.Latency(time.Minute) },
		"a slow fault":    rule(fault.Rule{Kind: fault.Latency, Duration: fault.Duration(time.Minute)}),
		"an aborted call": rule(fault.Rule{Kind: fault.ExecutionTimeout}),
		"an outage":       func(k kit) { k.SetOutage(simulator.OutageHang) },
	}
}

// during has a create wait while change happens. The create is a misuse, too.
func during(t *testing.T, prepare, change func(k kit)) (k kit, waited reply) {
	t.Helper()
	k = newKit(t, simulator.Config{Tickets: 1})
	prepare(k)
	var wg sync.WaitGroup
	wg.Go(func() { waited = k.post("Tickets", ticket(`,"nonsense":1`)) })
	synctest.Wait()
	change(k)
	wg.Wait()
	return k, waited
}

func TestAResetMeetsARequestThatWaits(t *testing.T) {
	t.Parallel()
	for name, prepare := range waits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fresh := newKit(t, simulator.Config{Tickets: 1}).Stats()
				k, waited := during(t, prepare, func(k kit) {
					k.Advance(time.Second)
					k.Reset()
				})
				require.ErrorIs(t, waited.err, syscall.ECONNRESET)
				require.Equal(t, fresh, k.Stats(), "nothing was done, and nothing counted")
				require.Empty(t, k.Requests())
				require.Empty(t, k.Violations())
			})
		})
	}
}

func TestARestoreMeetsARequestThatWaits(t *testing.T) {
	t.Parallel()
	for name, prepare := range waits() {
		if name == "an aborted call" || name == "an outage" {
			continue // which are over by themselves, and have done nothing
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var rows int
				k, waited := during(t, prepare, func(k kit) {
					rows = k.Stats().Rows
					k.Restore(k.Snapshot())
				})
				require.ErrorIs(t, waited.err, syscall.ECONNRESET)
				require.Equal(t, rows, k.Stats().Rows, "nothing was done")
				require.Len(t, k.Requests(), 1, "counters go on")
				require.Zero(t, k.Requests()[0].Status)
				require.Empty(t, k.Violations(), "nobody has looked at it")
			})
		})
	}
}

// A request that has waited meets no rule of a plan that is not its own.
func TestAResetMeetsAPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, Faults: `{"rules":[{"kind":"html","times":1}]}`})
		k.Latency(time.Minute)
		var wg sync.WaitGroup
		wg.Go(func() { k.get("Tickets/7001") })
		synctest.Wait()
		k.Reset()
		wg.Wait()
		require.Equal(t, http.StatusServiceUnavailable, k.get("Tickets/7001").status, "the first of the plan")
	})
}

// The five minutes of an aborted execution begin anew with the clock, at once and not when the old ones are over.
func TestAResetMovesTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var began time.Time
		ahead := func(k kit) {
			k.Advance(hour)
			waits()["an aborted call"](k)
		}
		during(t, ahead, func(k kit) {
			time.Sleep(time.Minute)
			k.Reset()
			began = time.Now()
		})
		require.Equal(t, 5*time.Minute, time.Since(began))
	})
}

func TestResetsAgainstTraffic(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 5, HourlyLimit: 1 << 40, ThreadLimit: 100})
	fresh, clean := k.Stats(), k.Snapshot()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				k.post("Tickets", ticket(fmt.Sprintf(`,"externalID":"%d-%d"`, i, n)))
				k.Advance(time.Minute)
				k.AddExternal(1)
				k.SetForeignRate(n)
				k.Stats()
			}
		})
	}
	for range 50 {
		k.Reset()
		k.Restore(clean)
	}
	wg.Wait()
	k.Reset()
	require.Equal(t, fresh, k.Stats())
	require.WithinDuration(t, time.Now(), k.Now(), time.Minute)
	k.get("Tickets/7001")
	require.Equal(t, 1, k.Stats().Rolling)
	k.Advance(hour)
	require.Zero(t, k.Stats().Rolling, "no request of another time holds the window back")
}

func TestASnapshotOfAnotherSimulator(t *testing.T) {
	t.Parallel()
	k, other := newKit(t, simulator.Config{Tickets: 1}), newKit(t, simulator.Config{Tickets: 9})
	before := k.Stats().Rows
	k.Restore(other.Snapshot())
	require.Equal(t, before, k.Stats().Rows)
}
