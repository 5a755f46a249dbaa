package limit

import (
	"slices"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Gate lets requests in. Everything may be called concurrently; now must not go back, but with [Gate.Reset]. A moment
// before the latest one that was told counts as that.
type Gate struct {
	cfg    Config
	hourly int64

	mu      sync.Mutex
	at      int64 // the latest moment, in milliseconds since 1970
	window  window
	foreign foreign
	full    bool // the tenant is suspended, and who is to be told has been told
	notices []Notice
	callers map[string]*caller
}

// maxNotices is how many mails are kept.
const maxNotices = 100

// New returns a gate that nothing has passed.
func New(cfg Config) *Gate {
	g := &Gate{cfg: cfg, hourly: int64(cfg.Hourly)}
	g.Reset()
	return g
}

// Reset forgets everything, also a rate that was set: that of the configuration is back. The first moment that is told
// afterwards may be earlier than those before it. Whoever turns the clock back with Reset must therefore see to it that
// no moment that was read before Reset is told after it, or the gate stays at that one until the clock gets there: hold
// one lock while the clock is read and the gate is called, and while both are reset. [Lease.Leave] needs none of that.
func (g *Gate) Reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.full, g.notices = 0, false, nil
	g.window = newWindow(g.cfg.Window)
	g.foreign = newForeign(g.cfg.ForeignPerHour)
	g.callers = map[string]*caller{}
}

// Enter counts a request and takes a thread, which the caller must give back by [Lease.Leave]. wait is how much longer
// the request takes by its usage of the limits. Where refused is true, a is the answer and there is no lease. What the
// window refuses is not counted, or a tenant that keeps asking would never come back; what the thread limit refuses is.
func (g *Gate) Enter(now time.Time, code, entity string) (l Lease, wait time.Duration, a wire.Answer, refused bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move(now)
	if g.window.sum() >= g.hourly {
		return Lease{}, 0, g.suspended(now), true
	}
	g.count(1, 0)
	c := g.caller(code)
	t := c.threads(entity)
	if !t.take(now, g.cfg.Threads) {
		return Lease{}, 0, g.crowded(now, t), true
	}
	c.inFlight++
	return Lease{g, c, t}, g.wait(c.inFlight), wire.Answer{}, false
}

// AddForeign counts n requests of other integrations now, at most 1,000,000,000, also into a window that is full.
func (g *Gate) AddForeign(now time.Time, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move(now)
	if n > 0 {
		g.count(0, int64(min(n, maxForeign)))
	}
}

// SetForeignRate sets how many requests per hour other integrations make from now on, 0 to 1,000,000,000.
func (g *Gate) SetForeignRate(now time.Time, perHour int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move(now)
	g.foreign = newForeign(perHour)
	g.foreign.begin(g.at)
}

// Rolling returns the requests counted in the window that ends now.
func (g *Gate) Rolling(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.move(now)
	return int(g.window.sum())
}

// Threshold is the answer of ThresholdInformation, which is itself counted by now.
func (g *Gate) Threshold(now time.Time) wire.Answer {
	return wire.Marshal(struct {
		Limit   int64 `json:"externalRequestThreshold"`
		Minutes int64 `json:"requestThresholdTimeframe"`
		Count   int   `json:"currentTimeframeRequestCount"`
	}{g.hourly, minutes(g.cfg.Window), g.Rolling(now)})
}

// Notices returns the last 100 mails, oldest first.
func (g *Gate) Notices() []Notice {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.notices)
}

// move lets the time pass: the foreign requests up to now come one after the other, as they would have, and what is as
// old as the window goes. Of a jump that is longer than the window, its last window is lived through; many requests at
// once come in strides.
func (g *Gate) move(now time.Time) {
	to := max(now.UnixMilli(), g.at)
	g.foreign.begin(to)
	g.foreign.skip(to - g.window.span)
	stride := g.foreign.stride(max(g.at, to-g.window.span), to)
	for {
		at, n := g.foreign.next(to, stride)
		if n == 0 {
			break
		}
		g.foreign.take(n)
		g.moveTo(at)
		if free := g.hourly - g.window.sum(); free > 0 {
			g.count(0, min(n, free))
		}
	}
	g.moveTo(to)
}

func (g *Gate) moveTo(at int64) {
	g.at = max(g.at, at)
	g.window.expire(g.at)
	if g.window.sum() < g.hourly {
		g.full = false
	}
}

// count counts requests at the latest moment. The one that fills the window suspends the tenant.
func (g *Gate) count(own, foreign int64) {
	g.window.add(g.at, own, foreign)
	if g.full || g.window.sum() < g.hourly {
		return
	}
	g.full = true
	if len(g.notices) == maxNotices {
		g.notices = slices.Delete(g.notices, 0, 1)
	}
	g.notices = append(g.notices, Notice{
		At: time.UnixMilli(g.at).UTC(), To: g.cfg.Mail.to(),
		Subject: wire.Text("Autotask API: "+wire.TextHourly, g.hourly, minutes(g.cfg.Window)),
	})
}
