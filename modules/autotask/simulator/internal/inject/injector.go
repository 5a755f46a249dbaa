package inject

import (
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Injector applies a plan. Everything may be called concurrently; which of two concurrent requests a rule meets depends
// on which comes first, how many it meets does not.
type Injector struct {
	now  func() time.Time
	room *pause.Room

	mu    sync.Mutex
	seed  uint64
	rules []*rule       // replaced as a whole
	moved chan struct{} // closed when the clock was moved
}

// New returns an injector without a plan. now is the clock of the simulation, room where its requests wait.
func New(now func() time.Time, room *pause.Room) *Injector {
	return &Injector{now: now, room: room, moved: make(chan struct{})}
}

// Set begins a plan, which is valid, from its first request. The zero plan ends all faults.
func (i *Injector) Set(p fault.Plan) {
	rules := make([]*rule, len(p.Rules))
	for n, r := range p.Rules {
		rules[n] = newRule(p.Seed, n, r)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seed, i.rules = p.Seed, rules
}

// Plan returns the plan and how many requests each of its rules has met: those that fit it, hit or not.
func (i *Injector) Plan() (p fault.Plan, met []int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	p = fault.Plan{Seed: i.seed, Rules: make([]fault.Rule, len(i.rules))}
	met = make([]int, len(i.rules))
	for n, r := range i.rules {
		p.Rules[n], met[n] = r.Rule, r.met
	}
	return p, met
}

// Hits returns how many requests each rule of the plan has hit: those that it decided.
func (i *Injector) Hits() []int {
	i.mu.Lock()
	defer i.mu.Unlock()
	hits := make([]int, len(i.rules))
	for n, r := range i.rules {
		hits[n] = r.hit
	}
	return hits
}

// Moved is to be called when the clock of the simulation was moved.
func (i *Injector) Moved() {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.moved)
	i.moved = make(chan struct{})
}

// Decide has every rule that fits a request count it, and returns what becomes of it by the first that hits.
func (i *Injector) Decide(c *wire.Call) Fate {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.rules) == 0 {
		return Fate{}
	}
	path := strings.ToLower(strings.TrimRight(c.Path, "/"))
	var first *rule
	for _, r := range i.rules {
		if r.fits(c, path) && r.meet() && first == nil {
			first = r
		}
	}
	if first == nil {
		return Fate{}
	}
	first.hit++
	return Fate{i, first.Rule}
}
