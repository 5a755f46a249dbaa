package circuitbreaker

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Change is one change of state, or one order by hand.
type Change struct {
	Name     string // the breaker
	From, To State  // equal if an order changed no state
	At       time.Time
	Until    time.Time // To is Open: when trials begin; zero if not by itself

	Verb   Verb          // the order; empty for what a breaker did by itself
	For    time.Duration // how long the order holds: 0 is not limited
	Reason string        // given with the order
	Err    error         // To is Open: the last failure
}

// listeners are those of a Service. The list is replaced, never changed.
type listeners struct {
	mu  sync.Mutex
	all []*listener
}

type listener struct{ call func(Change) }

// Subscribe calls listen with every change of state and every order by hand,
// of all breakers, until unsubscribe is called. For each breaker the changes
// arrive in their order and one at a time; two breakers may call at once.
//
// It is called by the goroutine that caused a change, after all locks are
// released: it may use the breakers, subscribe and unsubscribe, and must be
// quick, for a call waits for it. A change that it causes itself arrives after
// it has returned. No call begins after unsubscribe, unless it was about to on
// another goroutine. A panic is logged. If it blocks, no other goroutine does:
// of what happens meanwhile the last 1,000 changes of a breaker are kept.
func (s *Service) Subscribe(listen func(Change)) (unsubscribe func()) {
	l := &listener{call: listen}
	s.listeners.mu.Lock()
	defer s.listeners.mu.Unlock()
	s.listeners.all = append(slices.Clip(s.listeners.all), l)
	return func() { s.listeners.remove(l) }
}

func (ls *listeners) remove(l *listener) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.all = slices.DeleteFunc(slices.Clone(ls.all), func(other *listener) bool { return other == l })
}

func (ls *listeners) snapshot() []*listener {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.all
}

// hears tells a listener from one that has unsubscribed meanwhile.
func (ls *listeners) hears(l *listener) bool { return slices.Contains(ls.snapshot(), l) }

// publish calls the listeners.
func (s *Service) publish(c Change) {
	for _, l := range s.listeners.snapshot() {
		if s.listeners.hears(l) {
			s.call(l, c)
		}
	}
}

func (s *Service) call(l *listener, c Change) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("circuit breaker listener panicked", slog.String("breaker", c.Name), slog.Any("panic", v))
		}
	}()
	l.call(c)
}
