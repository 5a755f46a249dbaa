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

// Service holds the named breakers of a process. All methods may be called
// concurrently.
type Service struct {
	cfg     Config // complete
	log     *slog.Logger
	descs   descs
	byName  sync.Map // string to *Breaker
	mu      sync.Mutex
	names   int  // guarded by mu
	spilled bool // the warning was given, guarded by mu
}

// NewService returns a Service whose breakers default to cfg, a field at zero
// to the default in its tag. A log that is nil discards. The error tells every
// setting that is out of bounds.
func NewService(cfg Config, log *slog.Logger) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("circuit breaker settings: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		cfg:   cfg.Or(defaults()),
		log:   log.With(slog.String("module", "circuitbreaker")),
		descs: newDescs(),
	}, nil
}

// Register creates the breaker name with cfg, whose zero fields inherit. The
// same name with the same configuration gives the same breaker; with another
// one, the error names both. At most 1,000 names can be registered.
func (s *Service) Register(name string, cfg Config) (*Breaker, error) {
	if name == "" {
		return nil, errors.New("circuit breaker without a name")
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("circuit breaker %q: %w", name, err)
	}
	cfg = cfg.Or(s.cfg)
	b := s.lookup(name, cfg)
	if b == nil {
		return nil, fmt.Errorf("circuit breaker %q: there are %d breakers already", name, maxNames)
	}
	if !b.cfg.equal(cfg) {
		return nil, fmt.Errorf("circuit breaker %q is registered twice, with different settings:\n  first: %s\n  now:   %s",
			name, b.cfg, cfg)
	}
	return b, nil
}

// Get returns the breaker name, created with the defaults of the service if it
// is new. Names should be few and known: from 1,000 on, new ones share one
// breaker named "overflow", and the log warns once.
func (s *Service) Get(name string) *Breaker {
	if b, ok := s.find(name); ok {
		return b
	}
	if b := s.lookup(name, s.cfg); b != nil {
		return b
	}
	s.warnOverflow(name)
	return s.lookup(overflow, s.cfg)
}

func (s *Service) find(name string) (*Breaker, bool) {
	v, _ := s.byName.Load(name)
	b, ok := v.(*Breaker)
	return b, ok
}

// lookup returns the breaker name, created with cfg if it is new, or nil if
// there are too many.
func (s *Service) lookup(name string, cfg Config) *Breaker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.find(name); ok {
		return b
	}
	if s.names >= maxNames && name != overflow {
		return nil
	}
	if name != overflow {
		s.names++
	}
	b := newBreaker(name, cfg, s.log)
	s.byName.Store(name, b)
	return b
}

func (s *Service) warnOverflow(name string) {
	s.mu.Lock()
	first := !s.spilled
	s.spilled = true
	s.mu.Unlock()
	if first {
		s.log.Warn("too many circuit breakers, further names share one",
			slog.Int("limit", maxNames), slog.String("first_beyond", name), slog.String("shared", overflow))
	}
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

// Reset closes a breaker by hand, with an empty window. It reports whether
// there is one of that name.
func (s *Service) Reset(name string) bool {
	b, ok := s.find(name)
	if ok {
		b.reset()
	}
	return ok
}

// ForceOpen opens a breaker by hand, for d or, if that is not positive, for its
// reset time; then trials begin as usual. The reason goes to the log. It
// reports whether there is a breaker of that name.
func (s *Service) ForceOpen(name, reason string, d time.Duration) bool {
	b, ok := s.find(name)
	if ok {
		b.forceOpen(cmp.Or(reason, "forced"), d)
	}
	return ok
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
