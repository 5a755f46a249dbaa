package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Simulator is one simulated Autotask tenant. Make it with [New]; all methods may be called concurrently.
type Simulator struct {
	cfg     Config
	skew    atomic.Int64 // nanoseconds that the clock is ahead
	store   *store
	gate    *gate
	journal *journal
	weather *weather
	control http.Handler
	server  server
}

// New returns a simulator with its data generated. It starts no goroutine and opens no port: mount [Simulator.Handler],
// use [Simulator.Transport], or call [Simulator.Start]. The error names every fault of cfg.
func New(cfg Config) (*Simulator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("autotask simulator: %w", err)
	}
	s := &Simulator{cfg: cfg.withDefaults(), journal: newJournal(), weather: newWeather()}
	s.gate = newGate(s.cfg)
	s.store = newStore(s.cfg)
	s.control = newControl(s)
	return s, nil
}

// Handler returns the API together with its control calls under /__sim/.
func (s *Simulator) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Now returns the time inside the simulation.
func (s *Simulator) Now() time.Time { return time.Now().Add(time.Duration(s.skew.Load())).UTC() }

// farthest is how far ahead the clock can be. Twice that is still a time.Duration.
const farthest = 100 * 365 * 24 * time.Hour

// Advance moves the clock of the simulation forward, so that the rolling window and slow releases expire without a
// wait. It never moves back: a negative d changes nothing. A century ahead the clock is at its end.
func (s *Simulator) Advance(d time.Duration) {
	step := int64(min(max(d, 0), farthest))
	for {
		ahead := s.skew.Load()
		if s.skew.CompareAndSwap(ahead, min(ahead+step, int64(farthest))) {
			return
		}
	}
}

// Reset puts everything back to the state after [New]: data, clock, counters, recorded requests, outage, latency.
// Requests in flight finish on the old data.
func (s *Simulator) Reset() {
	s.skew.Store(0)
	s.store.reset(s.cfg)
	s.gate.reset()
	s.journal.reset()
	s.weather.reset()
}

// maxExternal is how many requests of others are counted at once.
const maxExternal = 1_000_000_000

// AddExternal counts n requests of other integrations of the tenant, at most 1,000,000,000, into the rolling window, now.
func (s *Simulator) AddExternal(n int) { s.gate.addExternal(s.Now(), n) }

func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	c := newCall(r)
	a := s.answer(r, c)
	s.journal.record(s.Now(), c, a)
	a.write(w)
}

// answer is the whole way of a request, in the order of doc.go.
func (s *Simulator) answer(r *http.Request, c *call) answer {
	ctx := r.Context()
	if a, dark := s.weather.dark(ctx); dark {
		return a
	}
	if a, ok := s.unauthenticated(c); ok {
		return a
	}
	if a, refused := s.authenticate(c); refused {
		return a
	}
	lease, a, refused := s.gate.enter(s.Now(), c.code, c.entity)
	if refused {
		return a
	}
	defer func() { lease.leave(s.Now()) }()
	if !s.weather.wait(ctx) {
		return resetAnswer()
	}
	return s.dispatch(c)
}
