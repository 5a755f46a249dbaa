package shutdown

import "sync"

// Hold keeps a stop in GRACE until release is called: DRAINING does not begin
// before. T0 and the ends of all phases count all the same, and so does the force
// timeout. It is for the owner of the process while it starts: no cleanup task
// runs beside an OnStart hook. Where several hold, all have to release.
//
// It has no effect on a stop that is in DRAINING already. release may be called
// often and concurrently; only its first call counts.
//
//	defer stop.Hold()()
func (s *Service) Hold() (release func()) { return s.gate.hold() }

// gate is open while nobody holds it.
type gate struct {
	mu      sync.Mutex
	holders int
	opened  chan struct{} // closed when the last holder lets go; nil where there is none
}

func (g *gate) hold() (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holders == 0 {
		g.opened = make(chan struct{})
	}
	g.holders++
	return sync.OnceFunc(g.release)
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holders--; g.holders == 0 {
		close(g.opened)
		g.opened = nil
	}
}

// held is closed when nobody holds the gate any more, nil where nobody does.
func (g *gate) held() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened
}

// released reports whether nobody holds the stop any more, without being forced.
func (s *Service) released() bool {
	for held := s.gate.held(); held != nil; held = s.gate.held() {
		select {
		case <-held:
		case <-s.forced:
			return false
		}
	}
	return true
}
