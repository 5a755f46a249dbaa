package limit

import (
	"slices"
	"time"
)

// caller is one integration code.
type caller struct {
	inFlight int
	entities map[string]*threads
}

// threads are the requests of one caller to one entity.
type threads struct {
	inFlight int
	peak     int         // the most in flight that there ever were, refused ones included
	leaving  []time.Time // when answered requests give their thread back, in order
}

// Lease is one thread; the zero Lease is none. It belongs to what it was taken from, so that it gives nothing back
// after a [Gate.Reset].
type Lease struct {
	gate    *Gate
	caller  *caller
	threads *threads // nil where no thread is counted
}

// Leave gives the thread back, after the lag. It must be called once for each lease.
func (l Lease) Leave(now time.Time) {
	if l.gate == nil {
		return
	}
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	l.caller.inFlight--
	if l.threads != nil {
		l.threads.leave(now, l.gate.cfg.Lag)
	}
}

// Names come from a known set, integration codes that are accepted and entities of the registry. Should one ever come
// from elsewhere, what is kept stays bounded all the same: names beyond the bound share one.
const (
	maxNames = 1000
	others   = "others"
)

func (g *Gate) caller(code string) *caller {
	c, ok := g.callers[code]
	if !ok && len(g.callers) >= maxNames {
		code = others
		c, ok = g.callers[code]
	}
	if !ok {
		c = &caller{entities: map[string]*threads{}}
		g.callers[code] = c
	}
	return c
}

// threads returns those of an entity, and nil where there is no entity.
func (c *caller) threads(entity string) *threads {
	if entity == "" {
		return nil
	}
	t, ok := c.entities[entity]
	if !ok && len(c.entities) >= maxNames {
		entity = others
		t, ok = c.entities[entity]
	}
	if !ok {
		t = &threads{}
		c.entities[entity] = t
	}
	return t
}

// take takes a thread; false is none free. nil has as many as anybody wants.
func (t *threads) take(now time.Time, limit int) bool {
	if t == nil {
		return true
	}
	t.peak = max(t.peak, t.inFlight+1)
	if t.release(now); t.inFlight+len(t.leaving) >= limit {
		return false
	}
	t.inFlight++
	return true
}

func (t *threads) leave(now time.Time, lag time.Duration) {
	t.inFlight--
	t.release(now)
	if lag <= 0 {
		return
	}
	at := now.Add(lag)
	if n := len(t.leaving); n > 0 && at.Before(t.leaving[n-1]) {
		at = t.leaving[n-1]
	}
	t.leaving = append(t.leaving, at)
}

func (t *threads) release(now time.Time) {
	gone := 0
	for gone < len(t.leaving) && !t.leaving[gone].After(now) {
		gone++
	}
	if gone > 0 {
		t.leaving = slices.Delete(t.leaving, 0, gone)
	}
}

// Peaks returns the highest number of requests in flight at once per entity, refused ones included: over all
// integration codes the highest of one. A request that is answered is in flight no more, though its thread may be taken
// for the lag; what a suspended tenant refuses was never in flight.
func (g *Gate) Peaks() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	peaks := map[string]int{}
	for _, c := range g.callers {
		for entity, t := range c.entities {
			peaks[entity] = max(peaks[entity], t.peak)
		}
	}
	return peaks
}
