package bulkhead_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// TestConformance plays the cases that other libraries are tested for. A case
// that does not run says why.
func TestConformance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run  func(*testing.T)
		skip string
	}{
		"BH-01 slots are given and given back":       {run: slots},
		"BH-01 events":                               {skip: "no listeners: what events would count is in Stats"},
		"BH-02":                                      {skip: "by design: a limit of 0 is none, as everywhere in a policy; there is no limit that refuses everything"},
		"BH-03 a wait has an end":                    {run: waitEnds},
		"BH-04 who is cancelled leaves at once":      {run: cancelled},
		"AL-01 rtt 1 s, 500 ms":                      {run: rtt(5, 21, 22, time.Second, 500*time.Millisecond)},
		"AL-01 rtt 2 s, 2 s":                         {run: rtt(10, 19, 18, 2*time.Second, 2*time.Second)},
		"AL-01 rtt 1.3 s, 1.3 s":                     {run: rtt(10, 20, 20, 1300*time.Millisecond, 1300*time.Millisecond)},
		"AL-03 10 running justify a limit of 40":     {run: headroom(10, 40)},
		"AL-03 100 running justify a limit of 300":   {run: headroom(100, 300)},
		"AL-03 1000 running justify a limit of 2000": {run: headroom(1000, 2000)},
		"AL-03 from above":                           {run: fromAbove},
		"SH-01 (2,3,3) 0":                            {run: queueOf(3, 2, false)},
		"SH-01 (3,3,3) 1":                            {run: queueOf(3, 3, true)},
		"SH-01 (100,60,100) 1":                       {run: queueOf(100, 100, true)},
		"SH-01 (5,10,20) 0":                          {run: queueOf(20, 5, false)},
		"SH-01 (80,60,100) .5":                       {skip: "by design: none is refused at random before the queue is full; who waits too long is, by CoDel"},
		"SH-01 (11,10,20) .1":                        {skip: "as (80,60,100)"},
		"PX-02 a panic frees the slot":               {run: freedBy(func() { panic("boom") })},
		"PX-02 the end of the goroutine frees it":    {run: freedBy(runtime.Goexit)},
		"PX-11 the wait ends with the client":        {run: cancelled},
		"PX-15 a change keeps the slots in use":      {run: changed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.skip != "" {
				t.Skip(tc.skip)
			}
			synctest.Test(t, tc.run)
		})
	}
}

func slots(t *testing.T) {
	t.Helper()
	b := newBulkhead(t, bulkhead.Config{Max: 2})
	enter(t, b, 2)
	requireReason(t, b.Enter(t.Context(), bulkhead.Critical), bulkhead.ReasonFull)
	b.Leave(0, true)
	require.Equal(t, 1, b.Stats().Running)
	b.Leave(0, true)
	require.Zero(t, b.Stats().Running)
	enter(t, b, 1)
	require.Equal(t, bulkhead.Stats{Limit: 2, Running: 1, Refused: bulkhead.Refused{Full: 1}}, b.Stats())
}

func waitEnds(t *testing.T) {
	t.Helper()
	b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 1, QueueTimeout: 50 * time.Millisecond})
	enter(t, b, 1)
	c := begin(t.Context(), b, bulkhead.Normal)
	require.Equal(t, 1, b.Stats().Waiting)
	time.Sleep(time.Second)
	synctest.Wait()
	requireReason(t, c.err, bulkhead.ReasonQueueTimeout)
	require.Equal(t, 50*time.Millisecond, c.took)
	require.Equal(t, bulkhead.Stats{Limit: 1, Running: 1, Refused: bulkhead.Refused{QueueTimeout: 1}}, b.Stats())
}

func cancelled(t *testing.T) {
	t.Helper()
	b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 2})
	enter(t, b, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	first := begin(ctx, b, bulkhead.Normal)
	second := begin(t.Context(), b, bulkhead.Normal)
	time.Sleep(time.Millisecond)
	cancel(context.DeadlineExceeded)
	synctest.Wait()
	require.True(t, first.done)
	require.Equal(t, time.Millisecond, first.took)
	require.ErrorIs(t, first.err, context.DeadlineExceeded)
	require.Equal(t, bulkhead.Stats{Limit: 1, Running: 1, Waiting: 1}, b.Stats(), "no slot is taken, and nothing refused")
	b.Leave(0, true)
	synctest.Wait()
	require.True(t, second.done)
	require.NoError(t, second.err)
	b.Leave(0, true)
	require.Zero(t, b.Stats().Running)
}

// sample is a window of calls that took so long, with so many running.
func sample(t *testing.T, b *bulkhead.Bulkhead, crowd int, took time.Duration) {
	t.Helper()
	time.Sleep(2 * time.Second)
	enter(t, b, crowd)
	for range 48 { // the fewest that a window may hold
		b.Leave(took, true)
		enter(t, b, 1)
	}
	for range crowd {
		b.Leave(0, true) // says nothing
	}
}

func rtt(crowd, want, wantNext int, took, next time.Duration) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		b := newBulkhead(t, bulkhead.Config{Max: 20, Adaptive: true, Min: 20})
		sample(t, b, crowd, time.Second)
		b.Configure(bulkhead.Config{Max: 200, Adaptive: true})
		require.Equal(t, 20, b.Stats().Limit)
		sample(t, b, crowd, took)
		require.Equal(t, want, b.Stats().Limit)
		sample(t, b, crowd, next)
		require.Equal(t, wantNext, b.Stats().Limit)
	}
}

func headroom(crowd, want int) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		b := newBulkhead(t, bulkhead.Config{Max: 10_000, Adaptive: true, Min: crowd})
		for range want {
			sample(t, b, crowd, time.Second)
		}
		require.Equal(t, want, b.Stats().Limit)
	}
}

func fromAbove(t *testing.T) {
	t.Helper()
	b := newBulkhead(t, bulkhead.Config{Adaptive: true, Min: 90})
	b.Configure(bulkhead.Config{Adaptive: true})
	require.Equal(t, 90, b.Stats().Limit)
	for range 60 {
		sample(t, b, 10, time.Second)
	}
	require.Equal(t, 40, b.Stats().Limit)
}

func queueOf(places, waiting int, wantRefused bool) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: places})
		enter(t, b, 1)
		for range waiting {
			begin(ctx, b, bulkhead.Normal)
		}
		require.Equal(t, waiting, b.Stats().Waiting)
		c := begin(ctx, b, bulkhead.Normal)
		require.Equal(t, wantRefused, c.done)
		if wantRefused {
			requireReason(t, c.err, bulkhead.ReasonFull)
		}
	}
}

func freedBy(end func()) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		b := newBulkhead(t, bulkhead.Config{Max: 1})
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { _ = recover() }()
			_ = b.Do(t.Context(), bulkhead.Normal, func(context.Context) error {
				require.Equal(t, 1, b.Stats().Running)
				end()
				return nil
			})
		}()
		<-done
		require.Zero(t, b.Stats().Running)
	}
}

func changed(t *testing.T) {
	t.Helper()
	b := newBulkhead(t, bulkhead.Config{Max: 3, Queue: 3})
	enter(t, b, 3)
	waiting := []*call{begin(t.Context(), b, bulkhead.Normal), begin(t.Context(), b, bulkhead.Normal)}
	b.Configure(bulkhead.Config{Max: 1, Queue: 1})
	require.Equal(t, bulkhead.Stats{Limit: 1, Running: 3, Waiting: 2}, b.Stats())
	b.Leave(0, true)
	b.Leave(0, true)
	synctest.Wait()
	require.Equal(t, bulkhead.Stats{Limit: 1, Running: 1, Waiting: 2}, b.Stats())
	b.Configure(bulkhead.Config{Max: 3, Queue: 1})
	synctest.Wait()
	for _, c := range waiting {
		require.True(t, c.done)
		require.NoError(t, c.err)
	}
	require.Equal(t, bulkhead.Stats{Limit: 3, Running: 3}, b.Stats())
}

func TestPriority(t *testing.T) {
	t.Parallel()
	for p := bulkhead.Low; p <= bulkhead.Critical; p++ {
		got, err := bulkhead.ParsePriority(strings.ToUpper(p.String()))
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	var zero bulkhead.Priority
	require.Equal(t, "normal", zero.String())
	require.Equal(t, "low", bulkhead.Priority(-100).String())
	require.Equal(t, "critical", bulkhead.Priority(100).String())
	_, err := bulkhead.ParsePriority("urgent")
	require.EqualError(t, err, `priority "urgent" is none of low, normal, high, critical`)
}
