package prove_test

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/bench/prove"
)

// till has one slot, in which each call takes as long as work.
type till struct {
	work   time.Duration
	gauge  gauge
	busyNs atomic.Int64
	served atomic.Int64
}

func (c *till) pay(context.Context, *nothing) (*nothing, error) {
	c.gauge.enter()
	defer c.gauge.leave()
	began := time.Now()
	time.Sleep(c.work)
	c.busyNs.Add(int64(time.Since(began)))
	c.served.Add(1)
	return &nothing{}, nil
}

// Routes has the till, with room for three to wait.
func (c *till) Routes() app.Routes {
	return app.Prefix("").Of(app.Get("/pay", c.pay).Name("till.pay").UseResilience(resilience.Policy{
		MaxConcurrent: 1, MaxQueue: 3, QueueTimeout: 20 * c.work, Timeout: 10 * time.Second,
	}))
}

// TestD6 offers four times of what fits: those who are let in are served as if
// there were no crowd, the others are told at once when to come back.
func TestD6(t *testing.T) { //nolint:paralleltest // it has the machine for itself
	c := &till{work: either(50*time.Millisecond, 5*time.Millisecond)}
	fits := int(time.Second / c.work) // a second
	a := start(t, nil, app.Module("till", app.Controllers(func() *till { return c })))
	by := browser(t)
	pay := func() (got reply, took time.Duration, err error) {
		began := time.Now()
		got, err = fetch(t.Context(), by, a.url+"/pay")
		return got, time.Since(began), err
	}
	var alone prove.Times
	for range either(20, 500) {
		got, took, err := pay()
		alone.Add(took)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.status)
	}
	c.busyNs.Store(0)
	c.served.Store(0)

	var served, refused prove.Times
	began := time.Now()
	offered := prove.Offer(4*fits, either(3*time.Second, time.Minute), func(int) {
		switch got, took, err := pay(); {
		case err != nil:
			t.Error(err)
		case got.status == http.StatusOK:
			served.Add(took)
		case got.status != http.StatusServiceUnavailable:
			t.Errorf("status %d", got.status)
		default:
			refused.Add(took)
			if s, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || s < 1 || s > 3 {
				t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
			}
		}
	})
	wall := time.Since(began)
	busy := float64(c.busyNs.Load()) / float64(wall)
	t.Logf("alone: median %s, p99 %s; offered %d in %s: %d served (%.0f/s, the slot was busy %.0f %% of the time; median %s, p99 %s)",
		alone.At(0.5), alone.At(0.99), offered, wall.Round(time.Millisecond), served.Len(),
		float64(served.Len())/wall.Seconds(), 100*busy, served.At(0.5), served.At(0.99))
	t.Logf("refused %d: median %s, p99 %s, longest %s", refused.Len(), refused.At(0.5), refused.At(0.99), refused.At(1))
	require.Equal(t, offered, served.Len()+refused.Len())
	require.EqualValues(t, 1, c.gauge.most.Load(), "one slot")
	require.Positive(t, refused.Len())
	require.Positive(t, served.Len())
	if full() {
		require.GreaterOrEqual(t, busy, 0.9)
		require.LessOrEqual(t, served.At(0.99), 2*alone.At(0.99)+20*c.work)
		require.LessOrEqual(t, refused.At(0.5), 10*time.Millisecond)
	}

	row := 0
	back := eventually(t, slack(5*time.Second), "20 calls in a row are served", func() bool {
		if got, _, err := pay(); err == nil && got.status == http.StatusOK {
			row++
		} else {
			row = 0
		}
		return row >= 20
	})
	t.Logf("20 in a row %s after, capacity %d/s", back, fits)
}
