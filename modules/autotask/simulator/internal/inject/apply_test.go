package inject_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/inject"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestWithoutAPlan(t *testing.T) {
	t.Parallel()
	s := &server{inject.New(time.Now, pause.New()), t, 0}
	a := s.get()
	require.Equal(t, 200, a.Status)
	require.Equal(t, wire.Served, a.Cause)
	p, met := s.Plan()
	require.Empty(t, p.Rules)
	require.Empty(t, met)
	require.Empty(t, s.Hits())
}

// What a kind does to a request, and whether the request is done.
func TestKinds(t *testing.T) {
	t.Parallel()
	const deadlock = "Transaction (Process ID 61) was deadlocked on lock resources with another process and has been " +
		"chosen as the deadlock victim. Rerun the transaction."
	served := wire.JSON([]byte(body)).Misusing("unknown_property")
	tests := map[string]struct {
		rule fault.Rule
		path string // Tickets/7001 where it does not matter
		want wire.Answer
		done int
	}{
		"reset before": {fault.Rule{Kind: fault.ResetBefore}, "", wire.Answer{Cause: wire.Faulty}, 0},
		"reset after": {
			fault.Rule{Kind: fault.ResetAfter}, "", wire.Answer{Cause: wire.Faulty, Misuse: "unknown_property"}, 1,
		},
		"half body": {fault.Rule{Kind: fault.HalfBody}, "", cut(served, len(body)/2), 1},
		"slow body": {
			fault.Rule{Kind: fault.SlowBody, Duration: fault.Duration(time.Second)}, "", slow(served, time.Second), 1,
		},
		"page":        {fault.Rule{Kind: fault.HTMLPage}, "", wire.Page(503).Because(wire.Faulty), 0},
		"gateway":     {fault.Rule{Kind: fault.HTMLPage, Status: 502}, "", wire.Page(502).Because(wire.Faulty), 0},
		"empty":       {fault.Rule{Kind: fault.EmptyError}, "", wire.Answer{Status: 500, Cause: wire.Faulty}, 0},
		"stranger":    {fault.Rule{Kind: fault.Unauthorized}, "", wire.Answer{Status: 401, Cause: wire.Faulty}, 0},
		"nonsense":    {fault.Rule{Kind: "rain"}, "", wire.Answer{Cause: wire.Faulty}, 0},
		"old token":   {fault.Rule{Kind: fault.ExpiredToken}, "Tickets/Query/Next", failure(wire.TextBadToken), 0},
		"no token":    {fault.Rule{Kind: fault.ExpiredToken}, "Tickets/query", served, 1},
		"child token": {fault.Rule{Kind: fault.ExpiredToken}, "Tickets/query/next/", failure(wire.TextBadToken), 0},
		"deadlock":    {fault.Rule{Kind: fault.LockContention}, "", failure(deadlock), 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, tc.rule)
			path := "Tickets/7001"
			if tc.path != "" {
				path = tc.path
			}
			require.Equal(t, tc.want, s.send("GET", "Tickets", path))
			require.Equal(t, tc.done, s.done)
		})
	}
}

func cut(a wire.Answer, at int) wire.Answer {
	a.Cut = at
	return a.Because(wire.Faulty)
}

func slow(a wire.Answer, d time.Duration) wire.Answer {
	a.Trickle = d
	return a
}

func failure(text string) wire.Answer { return wire.Failure(text).Because(wire.Faulty) }

// A body without a middle breaks off before its first byte.
func TestHalfOfNearlyNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, fault.Rule{Kind: fault.HalfBody})
	for size, want := range []wire.Answer{
		{Cause: wire.Faulty},
		{Cause: wire.Faulty},
		{Status: 500, Body: []byte("xx"), Cut: 1, Cause: wire.Faulty},
		{Status: 500, Body: []byte("xxx"), Cut: 1, Cause: wire.Faulty},
	} {
		got := s.Decide(&wire.Call{}).Apply(t.Context(), func() wire.Answer {
			return wire.Answer{Status: 500, Body: []byte("xxx")[:size]}
		})
		require.Equal(t, want, got, "%d bytes", size)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, fault.Rule{Kind: fault.Latency, Duration: fault.Duration(250 * time.Millisecond)})
		began := time.Now()
		a := s.get()
		require.Equal(t, 250*time.Millisecond, time.Since(began))
		require.Equal(t, 200, a.Status)
		require.Equal(t, wire.Served, a.Cause)

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began = time.Now()
		require.Equal(t, wire.Answer{Cause: wire.Faulty}, s.Decide(&wire.Call{}).Apply(ctx, s.next))
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		require.Equal(t, 1, s.done, "whoever did not wait was not served")
	})
}

func TestExecutionTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		moves   []time.Duration // of the clock, one every minute
		patient time.Duration   // how long the client waits
		want    wire.Answer
		took    time.Duration
	}{
		"real time":    {nil, time.Hour, failure(wire.TextExecution), 5 * time.Minute},
		"moved enough": {[]time.Duration{4 * time.Minute}, time.Hour, failure(wire.TextExecution), time.Minute},
		"moved a little": {
			[]time.Duration{time.Minute, time.Minute}, time.Hour, failure(wire.TextExecution), 3 * time.Minute,
		},
		"put back":    {[]time.Duration{-time.Hour}, time.Hour, failure(wire.TextExecution), 6 * time.Minute},
		"client left": {nil, time.Minute, wire.Answer{Cause: wire.Faulty}, time.Minute},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { executionTimeout(t, tc.moves, tc.patient, tc.want, tc.took) })
		})
	}
}

func executionTimeout(t *testing.T, moves []time.Duration, patient time.Duration, want wire.Answer, took time.Duration,
) {
	t.Helper()
	var skew time.Duration // guarded by synctest.Wait: the injector reads it while nobody else runs
	i := inject.New(func() time.Time { return time.Now().Add(skew) }, pause.New())
	i.Set(fault.Plan{Rules: []fault.Rule{{Kind: fault.ExecutionTimeout}}})
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	began, answer := time.Now(), make(chan wire.Answer)
	go func() {
		answer <- i.Decide(&wire.Call{}).Apply(ctx, func() wire.Answer {
			t.Error("done")
			return wire.Answer{}
		})
	}()
	for _, move := range moves {
		time.Sleep(time.Minute)
		synctest.Wait()
		skew += move
		i.Moved()
		synctest.Wait()
	}
	require.Equal(t, want, <-answer)
	require.Equal(t, took, time.Since(began))
}

func TestWaitsEndWithTheRoom(t *testing.T) {
	t.Parallel()
	for _, kind := range []fault.Kind{fault.Latency, fault.ExecutionTimeout} {
		synctest.Test(t, func(t *testing.T) {
			room := pause.New()
			i := inject.New(time.Now, room)
			i.Set(fault.Plan{Rules: []fault.Rule{{Kind: kind, Duration: fault.Duration(time.Minute)}}})
			time.AfterFunc(time.Second, room.Close)
			began := time.Now()
			a := i.Decide(&wire.Call{}).Apply(t.Context(), func() wire.Answer {
				t.Error("done")
				return wire.Answer{}
			})
			require.Equal(t, wire.Answer{Cause: wire.Faulty}, a)
			require.Equal(t, time.Second, time.Since(began), kind)
		})
	}
}
