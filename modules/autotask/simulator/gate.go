package simulator

import (
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// gate holds the two limits: requests of the tenant in a rolling window, and threads per integration code and entity.
type gate struct {
	limit   int
	hourly  int
	window  time.Duration
	lag     time.Duration
	mu      sync.Mutex
	counted []arrival // of the window, oldest first
	sum     int       // of counted
	threads map[threadKey]*threads
}

type arrival struct {
	at time.Time
	n  int
}

type threadKey struct{ code, entity string }

// threads are the requests in flight of one key.
type threads struct {
	active  int
	peak    int         // the most that were ever asked for at once, refused ones included
	leaving []time.Time // when answered requests give their thread back, in order
}

// lease is one thread; the zero lease is none. It points at its threads, so that it gives nothing back after a reset.
type lease struct {
	gate    *gate
	threads *threads
}

func newGate(cfg Config) *gate {
	g := &gate{limit: cfg.ThreadLimit, hourly: cfg.HourlyLimit, window: cfg.Window, lag: cfg.ReleaseLag}
	g.reset()
	return g
}

func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counted, g.sum, g.threads = nil, 0, map[threadKey]*threads{}
}

// enter counts a request and takes a thread. What the window refuses is not counted, or a tenant that keeps asking would
// never come back; what the thread limit refuses is.
func (g *gate) enter(now time.Time, code, entity string) (l lease, a answer, refused bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expire(now)
	if g.sum >= g.hourly {
		return lease{}, tooMany(text(textHourly, g.hourly, minutes(g.window)), causeHourly), true
	}
	g.add(now, 1)
	if entity == "" {
		return lease{}, answer{}, false
	}
	key := threadKey{code, entity}
	t, ok := g.threads[key]
	if !ok {
		t = &threads{}
		g.threads[key] = t
	}
	t.release(now)
	t.peak = max(t.peak, t.active+1)
	if t.active >= g.limit {
		return lease{}, tooMany(text(textThreads, g.limit), causeThreads), true
	}
	t.active++
	return lease{g, t}, answer{}, false
}

// minutes is a window as the API tells it: in whole minutes, a part of one for one.
func minutes(window time.Duration) int64 { return int64(math.Ceil(window.Minutes())) }

func tooMany(text string, why cause) answer {
	a := failure(text).because(why)
	a.status = http.StatusTooManyRequests
	return a
}

// leave gives the thread back, after the lag of the configuration.
func (l lease) leave(now time.Time) {
	if l.gate == nil {
		return
	}
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	l.threads.leaving = append(l.threads.leaving, now.Add(l.gate.lag))
	l.threads.release(now)
}

func (t *threads) release(now time.Time) {
	gone := 0
	for gone < len(t.leaving) && !t.leaving[gone].After(now) {
		gone++
	}
	t.leaving = slices.Delete(t.leaving, 0, gone)
	t.active -= gone
}

func (g *gate) addExternal(now time.Time, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n > 0 {
		g.add(now, min(n, maxExternal))
	}
}

func (g *gate) add(now time.Time, n int) {
	g.counted = append(g.counted, arrival{now, n})
	g.sum += n
}

// expire forgets what is as old as the window.
func (g *gate) expire(now time.Time) {
	gone := 0
	for gone < len(g.counted) && now.Sub(g.counted[gone].at) >= g.window {
		g.sum -= g.counted[gone].n
		gone++
	}
	if g.counted = g.counted[gone:]; len(g.counted) == 0 {
		g.counted = nil
	}
}

// rolling returns the requests counted in the window that ends now.
func (g *gate) rolling(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expire(now)
	return g.sum
}

// peaks returns the highest concurrency seen per entity, over all integration codes the highest of one code.
func (g *gate) peaks() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	peaks := map[string]int{}
	for key, t := range g.threads {
		peaks[key.entity] = max(peaks[key.entity], t.peak)
	}
	return peaks
}
