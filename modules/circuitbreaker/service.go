package circuitbreaker

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// maxNames bounds the breakers of a Service: names may come from data.
const maxNames = 1000

// overflow is the breaker that all names beyond maxNames share.
const overflow = "overflow"

const (
	idleTime   = time.Hour   // without a call, before a breaker may be dropped
	sweepPause = time.Minute // between two looks for such breakers
)

// Service holds the named breakers of a process. All methods may be called
// concurrently.
type Service struct {
	cfg       Config // complete
	log       *slog.Logger
	base      time.Time
	striper   *striper
	listeners listeners
	descs     descs
	byName    sync.Map // string to *Breaker

	mu      sync.Mutex
	names   int           // guarded by mu
	swept   time.Duration // when idle breakers were last looked for, since the base; guarded by mu
	spilled bool          // the warning was given, guarded by mu
	notes   []func()      // for the log, once the lock is given back; guarded by mu
}

// NewService returns a Service whose breakers default to cfg, a field at zero
// to the default in its tag. A log that is nil discards. The error tells every
// setting that is out of bounds.
func NewService(cfg Config, log *slog.Logger) (*Service, error) {
	cfg = cfg.Or(defaults())
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("circuit breaker settings: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		cfg:     cfg,
		log:     log.With(slog.String("module", "circuitbreaker")),
		base:    time.Now(),
		striper: newStriper(),
		descs:   newDescs(),
	}, nil
}

// Base returns the moment from which the clock of all breakers of s runs:
// time.Since(s.Base()) is what [Breaker.AcquireAt] and [Permit.DoneAt] take.
// A caller that reads the clock anyway saves them a reading each.
func (s *Service) Base() time.Time { return s.base }

// Register creates the breaker name with cfg, whose zero fields inherit. The
// same name with the same configuration gives the same breaker, also where
// [Service.Configure] has changed it since; with another one, the error names
// both. At most 1,000 names can be registered.
func (s *Service) Register(name string, cfg Config) (*Breaker, error) {
	if name == "" {
		return nil, errors.New("circuit breaker without a name")
	}
	cfg = cfg.Or(s.cfg)
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("circuit breaker %q: %w", name, err)
	}
	s.mu.Lock()
	defer s.unlock()
	b := s.lookup(name, cfg)
	if b == nil {
		return nil, fmt.Errorf("circuit breaker %q: there are %d breakers already", name, maxNames)
	}
	if !b.declared.equal(cfg) {
		return nil, fmt.Errorf("circuit breaker %q is registered twice, with different settings:\n  first: %s\n  now:   %s",
			name, b.declared, cfg)
	}
	b.registered = true
	return b, nil
}

// Get returns the breaker name, created with the defaults of the service if it
// is new. Names should be few and known: from 1,000 on, room is made by
// dropping breakers that were not registered, are closed and under no order,
// and have seen no call for an hour; where there is none, new names share one
// breaker named "overflow", and the log warns once. Do not keep what Get
// returns for longer than a call: register a breaker that is to be kept.
func (s *Service) Get(name string) *Breaker {
	if b, ok := s.find(name); ok {
		return b
	}
	s.mu.Lock()
	defer s.unlock()
	if b := s.lookup(name, s.cfg); b != nil {
		return b
	}
	s.warnOverflow(name)
	return s.lookup(overflow, s.cfg)
}

// unlock gives the lock back, and then logs what was noted under it: a log
// handler may ask for breakers.
func (s *Service) unlock() {
	notes := s.notes
	s.notes = nil
	s.mu.Unlock()
	for _, note := range notes {
		note()
	}
}

func (s *Service) find(name string) (*Breaker, bool) {
	v, _ := s.byName.Load(name)
	b, ok := v.(*Breaker)
	return b, ok
}

// lookup returns the breaker name, created with cfg if it is new, or nil if
// there are too many. The lock is held.
func (s *Service) lookup(name string, cfg Config) *Breaker {
	if b, ok := s.find(name); ok {
		return b
	}
	if name != overflow {
		if s.names >= maxNames && !s.sweep() {
			return nil
		}
		s.names++
	}
	b := newBreaker(name, cfg, s)
	s.byName.Store(name, b)
	return b
}

// sweep drops the breakers that are idle and reports whether there were any. It
// looks once a minute at most, so that a flood of names costs little. The lock
// is held.
func (s *Service) sweep() bool {
	now := time.Since(s.base)
	if s.swept != 0 && now-s.swept < sweepPause {
		return false
	}
	s.swept = max(now, 1)
	before := s.names
	for _, b := range s.breakers() {
		if b.name != overflow && !b.registered && b.idle(now) {
			s.byName.Delete(b.name)
			s.names--
		}
	}
	if dropped := before - s.names; dropped > 0 {
		s.notes = append(s.notes, func() { s.log.Info("idle circuit breakers dropped", slog.Int("count", dropped)) })
	}
	return s.names < before
}

// idle reports whether nobody would miss a breaker.
func (b *Breaker) idle(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.view.Load()
	if v.state != Closed || v.order.at(now) != ControlAuto || now-v.since.Sub(b.base) < idleTime {
		return false
	}
	for _, outcome := range []Outcome{Success, Failure, Excluded} {
		if last := latest(b.tallies, outcome); last > 0 && second(now)-(last-1) < second(idleTime) {
			return false
		}
	}
	return true
}

func (s *Service) warnOverflow(name string) {
	if s.spilled {
		return
	}
	s.spilled = true
	s.notes = append(s.notes, func() {
		s.log.Warn("too many circuit breakers, further names share one",
			slog.Int("limit", maxNames), slog.String("first_beyond", name), slog.String("shared", overflow))
	})
}

// All returns the metrics of all breakers, sorted by name.
func (s *Service) All() []Metrics {
	var all []Metrics
	for _, b := range s.breakers() {
		all = append(all, b.Metrics())
	}
	return all
}

// Metrics returns the metrics of one breaker, and whether there is one. It
// creates nothing and moves nothing.
func (s *Service) Metrics(name string) (Metrics, bool) {
	b, ok := s.find(name)
	if !ok {
		return Metrics{}, false
	}
	return b.Metrics(), true
}

func (s *Service) breakers() []*Breaker {
	var all []*Breaker
	s.byName.Range(func(_, v any) bool {
		if b, ok := v.(*Breaker); ok {
			all = append(all, b)
		}
		return true
	})
	slices.SortFunc(all, func(a, b *Breaker) int { return cmp.Compare(a.name, b.name) })
	return all
}
