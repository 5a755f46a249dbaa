package bulkhead

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

const (
	kept       = 64              // calls of a window whose time is kept, the last ones
	leastCalls = 48              // of a window
	lookEvery  = 16              // calls: the clock is read for each of these alone
	window     = time.Second     // at least
	longest    = 3 * time.Minute // a call that took longer counts as this long
	percentile = 0.9             // of the times in a window
	quicker    = 2.0 / 11        // share of a window in the baseline, if it was quicker: an average over some 10
	slower     = 1.0 / 50        // and if it was slower
	crowded    = 1.0 / 200       // and the limit was reached: overload must not become what is usual
	headroom   = 5.0             // limit per running call, less one for each power of ten
)

// gradient finds a limit by what it does to the time that calls take. Calls are
// added without a lock; the rest belongs to who holds the lock of the bulkhead.
type gradient struct {
	calls   atomic.Int64 // of the window
	times   [kept]atomic.Int64
	crowd   atomic.Int64 // most calls that ran at once in the window
	usual   atomic.Int64 // baseline in nanoseconds, 0 until the first window is over
	limit   int64
	started time.Time // the window
}

func newGradient(now time.Time) *gradient { return &gradient{limit: adaptiveInitial, started: now} }

// add takes one call into the window. It returns true when it is worth looking
// at the clock. A call that failed quickly says nothing about how many may run;
// one that was slow to fail does.
func (g *gradient) add(took time.Duration, ok bool, running int64) bool {
	if usual := g.usual.Load(); took <= 0 || !ok && (usual == 0 || int64(took) <= usual) {
		return false
	}
	n := g.calls.Add(1)
	g.times[(n-1)%kept].Store(int64(min(took, longest)))
	for crowd := g.crowd.Load(); running > crowd; crowd = g.crowd.Load() {
		if g.crowd.CompareAndSwap(crowd, running) {
			break
		}
	}
	return n >= leastCalls && n%lookEvery == 0
}

// due reports whether the window is over.
func (g *gradient) due(now time.Time) bool {
	return g.calls.Load() >= leastCalls && now.Sub(g.started) >= window
}

// within returns the limit inside the bounds.
func (g *gradient) within(cfg Config) int64 {
	g.limit = min(max(g.limit, int64(cfg.Min)), int64(max(cfg.Max, cfg.Min)))
	return g.limit
}

// move ends the window and returns the new limit.
//
// Of the calls that may run, those beyond limit × baseline ÷ time wait for each
// other somewhere: they are a queue that cannot be seen. It is let grow while it
// is short, and made shorter when it is long.
func (g *gradient) move(cfg Config, now time.Time) int64 {
	recent, crowd := g.recent(), g.crowd.Swap(0)
	g.calls.Store(0)
	g.started = now
	usual := g.baseline(recent, crowd)
	unseen := int(math.Ceil(float64(g.limit) * (1 - usual/recent)))
	step := max(1, int(math.Log10(float64(g.limit))))
	switch {
	case unseen > 6*step, g.limit > most(crowd):
		g.limit -= int64(step)
	case unseen < 3*step:
		g.limit = max(g.limit, min(g.limit+int64(step), most(crowd)))
	}
	return g.within(cfg)
}

// most returns the limit that so many running calls can justify. A limit that
// is not reached would grow for ever, and protect nothing when it is.
func most(crowd int64) int64 {
	n := float64(max(crowd, 1))
	return int64(math.Round(n * max(1, headroom-math.Log10(n))))
}

// recent returns the time that nine in ten calls of the window stayed within.
func (g *gradient) recent() float64 {
	times := make([]int64, min(g.calls.Load(), kept))
	for i := range times {
		times[i] = g.times[i].Load()
	}
	slices.Sort(times)
	return float64(max(times[int(percentile*float64(len(times)-1))], 1))
}

// baseline takes a window into what is usual, and returns that.
func (g *gradient) baseline(recent float64, crowd int64) float64 {
	usual := float64(g.usual.Load())
	switch {
	case usual == 0:
		usual = recent
	case recent < usual:
		usual += (recent - usual) * quicker
	case crowd < g.limit:
		usual += (recent - usual) * slower
	default:
		usual += (recent - usual) * crowded
	}
	g.usual.Store(int64(usual))
	return usual
}
