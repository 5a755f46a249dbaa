package limit_test

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestThreadsPerCodeAndEntity(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	first, _ := g.enter("ONE", "Tickets")
	g.enter("ONE", "Tickets")
	g.enter("ONE", "Tickets")
	a := g.refused("ONE", "Tickets")
	require.Equal(t, 429, a.Status)
	require.Equal(t, wire.Threads, a.Cause)
	require.Equal(t, "thread_limit", a.Misuse)
	require.Empty(t, a.RetryAfter)
	require.JSONEq(t, `{"errors":["The Autotask API thread threshold of 3 threads has been exceeded. `+
		`Method: getThresholdAndUsageInfo"]}`, string(a.Body))
	g.enter("TWO", "Tickets")
	g.enter("ONE", "TicketNotes")
	for range 10 {
		g.enter("ONE", "")
	}
	require.Equal(t, 16, g.rolling(), "what the thread limit refuses is counted")
	require.Equal(t, map[string]int{"Tickets": 4, "TicketNotes": 1}, g.Peaks())
	first.Leave(g.now)
	g.enter("ONE", "Tickets")
	g.refused("ONE", "Tickets")
}

func TestThreadsByAnotherStatus(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Threads, cfg.ThreadStatus = 1, 500 })
	g.enter("ONE", "Tickets")
	a := g.refused("ONE", "Tickets")
	require.Equal(t, 500, a.Status)
	require.Contains(t, string(a.Body), "thread threshold of 1 threads")
}

func TestLateRelease(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Threads, cfg.Lag, cfg.RetryAfter = 1, 50*time.Millisecond, "date" })
	l, _ := g.enter("ONE", "Tickets")
	require.Equal(t, "Sun, 22 Nov 2026 12:00:01 GMT", g.refused("ONE", "Tickets").RetryAfter, "nobody knows: a second")
	l.Leave(g.now)
	g.pass(50*time.Millisecond - 1)
	require.Equal(t, "Sun, 22 Nov 2026 12:00:01 GMT", g.refused("ONE", "Tickets").RetryAfter)
	g.pass(1)
	g.enter("ONE", "Tickets")
	require.Equal(t, map[string]int{"Tickets": 2}, g.Peaks())
}

func TestLateReleaseInTurn(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Threads, cfg.Lag, cfg.RetryAfter = 2, 90*time.Second, "seconds" })
	one, _ := g.enter("ONE", "Tickets")
	two, _ := g.enter("ONE", "Tickets")
	one.Leave(g.now)
	g.pass(30 * time.Second)
	two.Leave(g.now)
	require.Equal(t, "60", g.refused("ONE", "Tickets").RetryAfter)
	g.pass(60 * time.Second)
	g.enter("ONE", "Tickets")
	g.refused("ONE", "Tickets")
	g.pass(30 * time.Second)
	g.enter("ONE", "Tickets")
}

// A thread that is free late is no request in flight: one who waits for each answer has a peak of one.
func TestPeaksAreRequestsInFlight(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Lag = time.Second })
	for range 3 {
		g.request()
	}
	require.Equal(t, map[string]int{"Tickets": 1}, g.Peaks())
	g.refused("CODE", "Tickets")
	require.Equal(t, map[string]int{"Tickets": 1}, g.Peaks())
}

func TestALeaseOfBeforeAReset(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Threads = 1 })
	old, _ := g.enter("ONE", "Tickets")
	g.Reset()
	require.Empty(t, g.Peaks())
	g.enter("ONE", "Tickets")
	old.Leave(g.now)
	g.refused("ONE", "Tickets")
	limit.Lease{}.Leave(g.now) // of a request that was refused
}

func TestLatencyByConcurrency(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.ThreadScale = 0.5 })
	want := []time.Duration{
		0, 0, 250_000_000, 357_142_857, 464_285_714, 571_428_571, 678_571_428, 785_714_285, 892_857_142,
		time.Second, time.Second, time.Second,
	}
	var leases []limit.Lease
	for i, want := range want {
		l, wait := g.enter("ONE", fmt.Sprint("Entity", i))
		require.Equal(t, want/2, wait, "%d at once", i+1)
		leases = append(leases, l)
	}
	_, wait := g.enter("TWO", "Tickets")
	require.Zero(t, wait, "another integration")
	for _, l := range leases[2:] {
		l.Leave(g.now)
	}
	_, wait = g.enter("ONE", "")
	require.Equal(t, 125*time.Millisecond, wait, "three at once again")
}

func TestLatenciesAddUp(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly, cfg.UsageScale, cfg.ThreadScale = 5, 1, 1 })
	g.enter("ONE", "Tickets")
	g.enter("ONE", "Tickets")
	_, wait := g.enter("ONE", "Tickets")
	require.Equal(t, 750*time.Millisecond, wait)

	nan := newGate(t, func(cfg *limit.Config) { cfg.UsageScale, cfg.Hourly = math.NaN(), 1 })
	_, wait = nan.enter("ONE", "Tickets")
	require.Zero(t, wait)
}

// Whatever names come, what is kept is bounded.
func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	g := newGate(t, func(cfg *limit.Config) { cfg.Hourly = 1 << 40 })
	for i := range 3000 {
		l, _ := g.enter(fmt.Sprint("code", i), fmt.Sprint("entity", i))
		l.Leave(g.now)
		l, _ = g.enter("CODE", fmt.Sprint("entity", i))
		l.Leave(g.now)
	}
	require.LessOrEqual(t, len(g.Peaks()), 2002)
	require.Contains(t, g.Peaks(), "others")
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	g := limit.New(limit.Config{
		Threads: 2, Hourly: 5000, Window: time.Hour, Lag: time.Millisecond, ForeignPerHour: 1000, RetryAfter: "date",
	})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 500 {
				now := noon.Add(time.Duration(i) * time.Second)
				l, _, _, _ := g.Enter(now, "CODE", "Tickets")
				l.Leave(now)
				switch i % 100 {
				case worker:
					g.AddForeign(now, 1)
				case 50:
					g.SetForeignRate(now, 500*worker)
				case 51:
					g.Peaks()
					g.Notices()
					g.Threshold(now)
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, g.Rolling(noon.Add(500*time.Second)), 5000+7)
	g.Reset()
	require.Zero(t, g.Rolling(noon))
}
