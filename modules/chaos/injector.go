package chaos

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/config"
)

// ErrOff refuses rules where nothing is injected: see Config.Mode.
var ErrOff = errors.New("chaos is off here; set CHAOS=on")

// maxRoutes bounds the routes that have a label of their own. The rest share
// overflow.
const (
	maxRoutes = 1000
	overflow  = "overflow"
)

// Injector holds the rules of a process. Its methods may be called concurrently.
type Injector struct {
	on    bool
	log   *slog.Logger
	descs descs
	rules atomic.Pointer[[]Rule] // never changed, only replaced

	mu      sync.Mutex
	monkeys map[string]*Monkey
	counts  map[string]*counts
}

// New returns an injector with the rules of cfg and then those given. The stage
// takes the place of cfg.Env. The error names everything that is wrong with cfg
// and the rules; rules in cfg are refused in production unless its Mode is On.
// Rules from code are only switched off there.
func New(cfg Config, stage config.Stage, log *slog.Logger, rules ...Rule) (*Injector, error) {
	cfg.Env = stage
	i := &Injector{
		on: cfg.on(), log: log.With(slog.String("module", "chaos")), descs: newDescs(),
		monkeys: make(map[string]*Monkey), counts: make(map[string]*counts),
	}
	i.rules.Store(&[]Rule{})
	written, _ := ParseRules(cfg.Rules) // Validate tells its faults
	rules = slices.Concat(written, rules)
	if err := errors.Join(cfg.Validate(), validate(rules)); err != nil {
		return nil, err
	}
	switch {
	case len(rules) == 0:
	case !i.on:
		i.log.Warn("chaos is off: rules are left out", slog.Int("rules", len(rules)))
	default:
		i.set(rules)
	}
	return i, nil
}

func validate(rules []Rule) error {
	errs := make([]error, len(rules))
	for n, r := range rules {
		errs[n] = r.Validate()
	}
	return errors.Join(errs...)
}

// On reports whether anything can be injected.
func (i *Injector) On() bool { return i != nil && i.on }

// Rules returns the rules that hold.
func (i *Injector) Rules() []Rule { return slices.Clone(*i.rules.Load()) }

// SetRules puts rules in the place of those that hold, at once and for all
// routes; none ends chaos. The error is [ErrOff] where nothing is injected, or
// names what is wrong with them; then those before stay.
func (i *Injector) SetRules(rules ...Rule) error {
	if !i.on {
		return ErrOff
	}
	if err := validate(rules); err != nil {
		return fmt.Errorf("set rules of chaos: %w", err)
	}
	i.set(slices.Clone(rules))
	return nil
}

func (i *Injector) set(rules []Rule) {
	i.rules.Store(&rules)
	i.log.Warn("chaos rules set", slog.Int("rules", len(rules)))
}

// For returns what injects into the calls of a route, the same for the same
// route. It is nil where nothing can be injected, now or later. A nil *Injector
// has nil for every route.
func (i *Injector) For(route string) *Monkey {
	if !i.On() {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if m := i.monkeys[route]; m != nil {
		return m
	}
	label := route
	if len(i.monkeys) >= maxRoutes {
		label = overflow
	}
	c := i.counts[label]
	if c == nil {
		c = &counts{}
		i.counts[label] = c
	}
	m := &Monkey{route: route, injector: i, counts: c}
	if label == route {
		i.monkeys[route] = m
	}
	return m
}
