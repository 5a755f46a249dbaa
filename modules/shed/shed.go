package shed

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// Shedder refuses calls while the process has too much to do. Its methods may be
// called concurrently. A nil *Shedder refuses nothing.
type Shedder struct {
	cfg      Config
	log      *slog.Logger
	on       bool
	signs    signs
	descs    descs
	room     [priorities]int64 // calls in flight up to which a priority is let in
	inFlight atomic.Int64      // counted while there is a bound
	cpu      severity
	delay    severity
	refused  [reasons][priorities]atomic.Uint64

	mu      sync.Mutex
	sampler *sampler // the last one; nil unless started
	last    reading
}

// priorities is the number of them.
const priorities = int(bulkhead.Critical-bulkhead.Low) + 1

// Option sets what is optional.
type Option func(*Shedder)

// New returns a shedder that samples nothing before it is started: until then
// MaxInFlight alone is kept. The error names every field of cfg that is out of
// bounds.
func New(cfg Config, log *slog.Logger, opts ...Option) (*Shedder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Shedder{
		cfg: cfg, log: log.With(slog.String("module", "shed")), descs: newDescs(),
		on:   cfg.MaxInFlight > 0 || cfg.CPUThreshold > 0 || cfg.QueueDelay > 0,
		room: rooms(int64(cfg.MaxInFlight)),
	}
	s.signs = process()
	for _, opt := range opts {
		opt(s)
	}
	return s, nil
}

// rooms returns what each priority may fill of a bound: at least one call.
func rooms(bound int64) (rooms [priorities]int64) {
	for i, percent := range [priorities]int64{70, 85, 95, 100} {
		rooms[i] = max(bound*percent/100, min(bound, 1))
	}
	return rooms
}

// Enabled reports whether the shedder can refuse anything.
func (s *Shedder) Enabled() bool { return s != nil && s.on }

// Admit lets a call in, or refuses it with an [*OverloadedError]. Whoever gets
// nil calls [Shedder.Done], once. What must always be answered, such as a health
// check, does not ask.
func (s *Shedder) Admit(p bulkhead.Priority) error {
	if !s.Enabled() {
		return nil
	}
	p = min(max(p, bulkhead.Low), bulkhead.Critical)
	switch {
	case s.cpu.refuses(p):
		return s.refuse(p, cpu)
	case s.delay.refuses(p):
		return s.refuse(p, queueDelay)
	case s.cfg.MaxInFlight > 0 && !s.enter(s.room[p-bulkhead.Low]):
		return s.refuse(p, inFlight)
	default:
		return nil
	}
}

// Done ends a call that was let in.
func (s *Shedder) Done() {
	if s.Enabled() && s.cfg.MaxInFlight > 0 {
		s.inFlight.Add(-1)
	}
}

// enter counts a call unless there are so many already. One that is refused is
// never seen by others.
func (s *Shedder) enter(room int64) bool {
	for {
		n := s.inFlight.Load()
		if n >= room {
			return false
		}
		if s.inFlight.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *Shedder) refuse(p bulkhead.Priority, why reason) error {
	s.refused[why][p-bulkhead.Low].Add(1)
	return newOverloaded(p, why)
}
