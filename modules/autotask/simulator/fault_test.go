package simulator_test

import (
	"context"
	"io"
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

// plan is a plan of one rule.
func plan(r fault.Rule) fault.Plan { return fault.Plan{Rules: []fault.Rule{r}} }

func TestS50ByScript(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Faults: `{"rules":[{"kind":"html","entity":"tickets","after":1,"times":1,"status":502}]}`})
	for _, want := range []int{200, 502, 200} {
		require.Equal(t, want, k.get("Tickets/7001").status)
	}
	require.Equal(t, 200, k.get("Companies/0").status)
	p, hit := k.Faults()
	require.Equal(t, fault.HTMLPage, p.Rules[0].Kind)
	require.Equal(t, []int{1}, hit)
	st := k.Stats()
	require.Equal(t, []int{1}, st.Faults)
	require.Equal(t, int64(1), st.Faulty)
	require.Zero(t, st.Refused)
	require.Equal(t, 4, st.Rolling, "it is counted")

	require.NoError(t, k.SetFaults(fault.Plan{}))
	require.Empty(t, k.Stats().Faults)
	k.Reset()
	require.Equal(t, []int{0}, k.Stats().Faults, "as at the start")
	require.ErrorContains(t, k.SetFaults(plan(fault.Rule{Kind: "flood"})), `autotask simulator: set faults: rule 1: kind: "flood" is none of`)
}

func TestS50SetFaultsKeepsNothingOfTheCaller(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	p := plan(fault.Rule{Kind: fault.HTMLPage})
	require.NoError(t, k.SetFaults(p))
	p.Rules[0].Kind = fault.Unauthorized
	require.Equal(t, 503, k.get("Tickets/7001").status)
}

func TestS50AmbiguousCreate(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.NoError(t, k.SetFaults(fault.Plan{Rules: []fault.Rule{
		{Kind: fault.ResetBefore, Method: "POST", Times: 1}, {Kind: fault.ResetAfter, Method: "POST", Times: 1},
	}}))
	rows := k.Stats().Rows
	require.ErrorIs(t, k.post("Tickets", ticket("")).err, syscall.ECONNRESET)
	require.Equal(t, rows, k.Stats().Rows, "nothing was done")
	require.NoError(t, k.SetFaults(plan(fault.Rule{Kind: fault.ResetAfter, Method: "POST", Times: 1})))
	require.ErrorIs(t, k.post("Tickets", ticket("")).err, syscall.ECONNRESET)
	require.Equal(t, rows+1, k.Stats().Rows, "everything was done")
}

func TestS50HalfBody(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	whole := k.get("Tickets/7001").body
	require.NoError(t, k.SetFaults(plan(fault.Rule{Kind: fault.HalfBody})))
	r := k.get("Tickets/7001")
	require.Equal(t, 200, r.status)
	require.ErrorIs(t, r.err, io.ErrUnexpectedEOF)
	require.Equal(t, whole[:len(whole)/2], r.body)
}

// Half of a large answer arrives, too, however slowly it is read.
func TestS50HalfOfALargeBody(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Config{Addr: "127.0.0.1:0", Tickets: 500, UsageLatency: simulator.NoLatency})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	defer func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) }()
	k := overNetwork(t, s)
	url := s.URL() + "/ATServicesRest/V1.0/Tickets/query"
	whole := k.do(http.MethodPost, url, all).body
	require.NoError(t, s.SetFaults(plan(fault.Rule{Kind: fault.HalfBody})))
	for range 20 {
		r := k.do(http.MethodPost, url, all)
		require.ErrorIs(t, r.err, io.ErrUnexpectedEOF)
		require.Len(t, r.body, len(whole)/2)
	}
}

// A body with fewer bytes than a slow one has pieces takes its time all the same.
func TestS50SlowShortBody(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"Tickets/query/count", "ThresholdInformation/x", "Tickets/7001"} {
		synctest.Test(t, func(t *testing.T) {
			k := newKit(t, simulator.Config{Tickets: 1})
			require.NoError(t, k.SetFaults(plan(fault.Rule{Kind: fault.SlowBody, Duration: fault.Duration(7 * time.Second)})))
			began := time.Now()
			require.NoError(t, k.post(path, all).err)
			require.Equal(t, 7*time.Second, time.Since(began), path)
		})
	}
}

func TestS50SlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 1})
		whole := k.get("Tickets/7001").body
		require.NoError(t, k.SetFaults(plan(fault.Rule{Kind: fault.SlowBody, Duration: fault.Duration(10 * time.Second), Times: 2})))
		began := time.Now()
		r := k.get("Tickets/7001")
		require.NoError(t, r.err)
		require.Equal(t, whole, r.body)
		require.Equal(t, 10*time.Second, time.Since(began))

		ctx, cancel := contextWithTimeout(t, 3*time.Second)
		defer cancel()
		r = k.send(ctx, http.MethodGet, api+"Tickets/7001", "")
		require.ErrorIs(t, r.err, context.DeadlineExceeded)
		require.Less(t, len(r.body), len(whole))
		require.Equal(t, 13*time.Second, time.Since(began))
		require.Equal(t, 200, k.get("Tickets/7001").status, "the thread was free before the first byte")
	})
}

func TestS50ExecutionTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1})
		require.NoError(t, k.SetFaults(plan(fault.Rule{Kind: fault.ExecutionTimeout})))
		began := time.Now()
		require.Equal(t, 500, k.get("Tickets/7001").status)
		require.Equal(t, 5*time.Minute, time.Since(began))

		var wg sync.WaitGroup
		wg.Go(func() { k.get("Tickets/7001") })
		synctest.Wait()
		k.Advance(5 * time.Minute)
		wg.Wait()
		require.Equal(t, 5*time.Minute, time.Since(began), "a clock that is moved far enough ends it")
	})
}

// Over sockets the same faults are seen by net/http's own client.
func TestS50OverSockets(t *testing.T) {
	t.Parallel()
	s := started(t)
	k := overNetwork(t, s)
	url := s.URL() + "/ATServicesRest/V1.0/Tickets/7001"
	whole := k.do(http.MethodGet, url, "").body
	tests := []struct {
		rule fault.Rule
		want string
		err  error
	}{
		{fault.Rule{Kind: fault.HalfBody}, whole[:len(whole)/2], io.ErrUnexpectedEOF},
		{fault.Rule{Kind: fault.SlowBody, Duration: fault.Duration(50 * time.Millisecond)}, whole, nil},
		{fault.Rule{Kind: fault.ResetBefore}, "", syscall.ECONNRESET},
	}
	for _, tt := range tests {
		require.NoError(t, s.SetFaults(plan(tt.rule)))
		began := time.Now()
		r := k.do(http.MethodGet, url, "")
		require.GreaterOrEqual(t, time.Since(began), time.Duration(tt.rule.Duration))
		require.Equal(t, tt.want, r.body, tt.rule.Kind)
		require.ErrorIs(t, r.err, tt.err, tt.rule.Kind)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 1, RetryAfter: "seconds", SuspendedStatus: 403, SuspendedText: "Enough.", UsageLatency: simulator.NoLatency})
	k.get("Tickets/7001")
	r := k.get("Tickets/7001")
	require.Equal(t, 403, r.status)
	require.JSONEq(t, `{"errors":["Enough."]}`, r.body)
	require.Equal(t, "3600", r.header.Get("Retry-After"))
	require.Len(t, k.Notices(), 1)
	require.Equal(t, "api@holdfast-demo.example", k.Notices()[0].To)

	k = newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 1, RetryAfter: "date", UsageLatency: simulator.NoLatency})
	k.Advance(30 * hour)
	k.get("Tickets/7001")
	r = k.get("Tickets/7001")
	date, err := http.ParseTime(r.header.Get("Date"))
	require.NoError(t, err)
	require.WithinDuration(t, k.Now(), date, time.Minute, "the clock of the simulation")
	until, err := http.ParseTime(r.header.Get("Retry-After"))
	require.NoError(t, err)
	require.InDelta(t, hour, until.Sub(date), float64(time.Minute))

	k = newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 1, UsageLatency: simulator.NoLatency})
	k.get("Tickets/7001")
	require.Empty(t, k.get("Tickets/7001").header.Get("Retry-After"), "as Autotask")
}

func TestS35UsageLatency(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		scale          simulator.Scale
		half, quarters time.Duration
	}{
		"as Autotask": {0, time.Second / 2, time.Second},
		"a tenth":     {0.1, 50 * time.Millisecond, 100 * time.Millisecond},
		"none":        {simulator.NoLatency, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := newKit(t, simulator.Config{Tickets: 1, UsageLatency: tt.scale})
				k.Latency(time.Second)
				for _, step := range []struct {
					external int
					want     time.Duration
				}{{0, 0}, {5000, tt.half}, {2500, tt.quarters}} {
					k.AddExternal(step.external)
					began := time.Now()
					k.get("Tickets/7001")
					require.Equal(t, time.Second+step.want, time.Since(began))
				}
			})
		})
	}
}

func TestS37ForeignTraffic(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, ForeignPerHour: 3600})
	k.Stats() // begins to count
	k.Advance(30 * time.Minute)
	require.InDelta(t, 1830, k.Stats().Rolling, 30) // and what a slow machine adds
	k.SetForeignRate(0)
	k.Advance(hour)
	require.Zero(t, k.Stats().Rolling)
	k.SetForeignRate(-1)
	require.Contains(t, k.do(http.MethodGet, sim+"state", "").body, `"foreignPerHour": 0`)
	k.Reset()
	require.Contains(t, k.do(http.MethodGet, sim+"state", "").body, `"foreignPerHour": 3600`)
}
