package limit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/limit"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// usual is the configuration of a new tenant, without any latency.
func usual() limit.Config {
	return limit.Config{Threads: 3, Hourly: 10_000, Window: time.Hour, SuspendedStatus: 429, ThreadStatus: 429}
}

// gate is a gate with a clock.
type gate struct {
	*limit.Gate
	t   *testing.T
	now time.Time
}

func newGate(t *testing.T, change func(*limit.Config)) *gate {
	t.Helper()
	cfg := usual()
	if change != nil {
		change(&cfg)
	}
	return &gate{limit.New(cfg), t, noon}
}

func (g *gate) pass(d time.Duration) { g.now = g.now.Add(d) }

func (g *gate) rolling() int { return g.Rolling(g.now) }

// enter is a request that is let in and stays in flight.
func (g *gate) enter(code, entity string) (limit.Lease, time.Duration) {
	g.t.Helper()
	l, wait, a, refused := g.Enter(g.now, code, entity)
	require.False(g.t, refused, "%s", a.Body)
	return l, wait
}

// request is one that is let in and answered at once.
func (g *gate) request() {
	g.t.Helper()
	l, _ := g.enter("CODE", "Tickets")
	l.Leave(g.now)
}

// refused is a request that is not let in.
func (g *gate) refused(code, entity string) wire.Answer {
	g.t.Helper()
	l, wait, a, refused := g.Enter(g.now, code, entity)
	require.True(g.t, refused)
	require.Zero(g.t, wait)
	require.Equal(g.t, limit.Lease{}, l)
	return a
}
