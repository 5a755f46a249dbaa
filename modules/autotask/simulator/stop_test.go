package simulator_test

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// Stop ends whatever the simulation waits for, also where there was no Start.
func TestStopEndsWaits(t *testing.T) {
	t.Parallel()
	tests := waits()
	tests["a slow body"] = func(k kit) {
		require.NoError(k.t, k.SetFaults(plan(fault.Rule{Kind: fault.SlowBody, Duration: fault.Duration(time.Minute)})))
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := newKit(t, simulator.Config{Tickets: 1})
				prepare(k)
				began := time.Now()
				for range 2 { // one that waits, and one that would
					var wg sync.WaitGroup
					wg.Go(func() { require.ErrorIs(t, k.get("Tickets/7001").err, syscall.ECONNRESET) })
					synctest.Wait()
					require.NoError(t, k.Stop(t.Context()))
					wg.Wait()
				}
				require.Zero(t, time.Since(began))
			})
		})
	}
}

// Over sockets a stop does not wait for them either.
func TestStopEndsWaitsOfConnections(t *testing.T) {
	t.Parallel()
	for name, prepare := range waits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := started(t)
			prepare(overNetwork(t, s))
			ended := begin(t, s.URL()+"/atservicesrest/v1.0/tickets/query", strings.NewReader(all))
			stop, cancel := contextWithTimeout(t, 30*time.Second)
			defer cancel()
			require.NoError(t, s.Stop(stop))
			<-ended
		})
	}
}

func TestStartAfterStopGoesOn(t *testing.T) {
	t.Parallel()
	s := started(t)
	s.SetOutage(simulator.OutageUnavailable)
	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, s.Start(t.Context()))
	k := overNetwork(t, s)
	require.Equal(t, 503, k.read(s.URL()).status, "the outage is as it was ordered")
	s.Outage(false)
	s.Latency(time.Millisecond)
	require.Equal(t, 200, k.read(s.URL()).status, "and requests wait again")
}

// read reads a ticket from an origin.
func (k kit) read(origin string) reply {
	k.t.Helper()
	return k.do("GET", origin+"/ATServicesRest/V1.0/Tickets/7001", "")
}
