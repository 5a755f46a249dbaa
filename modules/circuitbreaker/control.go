package circuitbreaker

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Control is who decides what a breaker does.
type Control uint8

// What a breaker can be told by hand.
const (
	ControlAuto   Control = iota // the breaker itself
	ControlOpen                  // held open: refuses
	ControlClosed                // held closed: lets through and records, never trips
	ControlBypass                // lets through and records nothing
)

// String returns "auto", "open", "closed" or "bypass".
func (c Control) String() string {
	switch c {
	case ControlAuto:
		return "auto"
	case ControlOpen:
		return "open"
	case ControlClosed:
		return "closed"
	case ControlBypass:
		return "bypass"
	default:
		return "unknown"
	}
}

// MarshalText implements [encoding.TextMarshaler].
func (c Control) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Verb is an order given by hand.
type Verb string

// The verbs.
const (
	VerbOpen      Verb = "open"
	VerbClose     Verb = "close"
	VerbBypass    Verb = "bypass"
	VerbAuto      Verb = "auto"
	VerbReset     Verb = "reset"
	VerbConfigure Verb = "configure"
)

// Hold is the duration of an order that holds until [Service.Auto] or
// [Service.Reset]. Any negative duration means the same.
const Hold time.Duration = -1

// ErrUnknown is matched by the error of a name that no breaker has.
var ErrUnknown = errors.New("no such circuit breaker")

// holds says how long an order is to last.
func (c *Change) holds() string {
	switch {
	case c.Verb == VerbAuto, c.Verb == VerbReset, c.Verb == VerbConfigure:
		return "once"
	case c.For > 0:
		return c.For.String()
	default:
		return "until auto or reset"
	}
}

// Reset closes a breaker by hand, with an empty window and in automatic
// control. It reports whether there is one of that name.
func (s *Service) Reset(name string) bool {
	return s.control(name, Change{Verb: VerbReset}, (*Breaker).reset)
}

// ForceOpen opens a breaker by hand, for d; then trials begin as usual. 0 is
// its reset time, [Hold] until [Service.Auto] or [Service.Reset]. Calls in
// flight then change nothing when they end.
//
// This and the verbs below report whether there is a breaker of that name. Each
// is one line in the log, with the verb, for how long, and the reason; the
// latest takes the place of the one before it.
func (s *Service) ForceOpen(name, reason string, d time.Duration) bool {
	return s.control(name, Change{Verb: VerbOpen, Reason: reason, For: d}, (*Breaker).forceOpen)
}

// ForceClose closes a breaker by hand and keeps it so for d: it lets all calls
// through, counts them, and does not trip. 0 and [Hold] are until
// [Service.Auto] or [Service.Reset]. Then the window decides, which holds what
// was counted meanwhile: if that is bad enough, the next call to end trips it.
func (s *Service) ForceClose(name, reason string, d time.Duration) bool {
	return s.control(name, Change{Verb: VerbClose, Reason: reason, For: d}, (*Breaker).forceClose)
}

// Bypass lets all calls through for d and records nothing of them, as if there
// were no breaker. 0 and [Hold] are until [Service.Auto] or [Service.Reset].
// Then the breaker begins closed, with an empty window.
func (s *Service) Bypass(name, reason string, d time.Duration) bool {
	return s.control(name, Change{Verb: VerbBypass, Reason: reason, For: d}, (*Breaker).bypass)
}

// Auto gives a breaker back to itself. One that was forced open begins its
// trials, one that was forced closed is judged by its window when the next call
// ends, one that was bypassed begins closed.
func (s *Service) Auto(name, reason string) bool {
	return s.control(name, Change{Verb: VerbAuto, Reason: reason}, (*Breaker).auto)
}

// control carries out an order, which gets the lock and the time and returns
// the view that is to hold.
func (s *Service) control(name string, c Change, carryOut func(*Breaker, time.Duration, *Change) *view) bool {
	b, ok := s.find(name)
	if !ok {
		return false
	}
	b.mu.Lock()
	defer b.unlock()
	c.Reason = cmp.Or(c.Reason, "none given")
	b.move(carryOut(b, b.elapsed(), &c), c)
	return true
}

func (b *Breaker) reset(time.Duration, *Change) *view {
	b.last = nil
	return b.closeBy(order{})
}

func (b *Breaker) forceOpen(now time.Duration, c *Change) *view {
	cfg := b.view.Load().cfg
	if c.For == 0 {
		c.For = cfg.ResetTimeout
	}
	due := max(c.ends(now), now+minOpen)
	b.last, b.machine = nil, b.openMachine(cfg.HalfOpenMaxCalls)
	return b.open(cfg, due, order{ControlOpen, due, c.Reason})
}

func (b *Breaker) forceClose(now time.Duration, c *Change) *view {
	o, v := order{ControlClosed, c.ends(now), c.Reason}, b.view.Load()
	if v.state != Closed {
		b.last = nil
		return b.closeBy(o)
	}
	return b.keep(v, o)
}

func (b *Breaker) bypass(now time.Duration, c *Change) *view {
	b.last = nil
	return b.closeBy(order{ControlBypass, c.ends(now), c.Reason})
}

func (b *Breaker) auto(now time.Duration, _ *Change) *view {
	v := b.view.Load()
	if v.state == Closed {
		return b.keep(v, order{})
	}
	next := *v
	if next.order.at(now) == ControlOpen {
		next.due = max(now, b.machine.opened+minOpen)
		next.refusal = b.refusal(next.due, v.refusal.Last)
	}
	next.order = order{}
	return &next
}

// ends returns when an order ends that begins now.
func (c *Change) ends(now time.Duration) time.Duration {
	if c.For <= 0 {
		c.For = 0
		return forever
	}
	return later(now, c.For)
}

// closeBy begins a fresh stay in CLOSED.
func (b *Breaker) closeBy(o order) *view {
	cfg := b.view.Load().cfg
	b.machine = b.newMachine(cfg.HalfOpenMaxCalls)
	return b.closed(cfg, o)
}

// keep puts an order on the present stay in CLOSED.
func (b *Breaker) keep(v *view, o order) *view {
	next := *v
	next.order = o
	v.check.Store(checkAlways) // the next success looks at the sums, and sets it anew
	return next.complete(b.name)
}

// Configure changes the configuration of a breaker while it runs, as if it had
// been registered with cfg, whose zero fields inherit. The state stays, and so
// do the time an open breaker has left, what the window holds, the order by
// hand and the calls in flight: those count as slow by the duration that held
// when they began, and trials under way are as many as when they began. A
// window that is made longer fills up as time passes.
//
// The error tells every setting out of bounds, and matches [ErrUnknown] if
// there is no such breaker; then nothing has changed.
func (s *Service) Configure(name string, cfg Config) error {
	b, ok := s.find(name)
	if !ok {
		return fmt.Errorf("circuit breaker %q: %w", name, ErrUnknown)
	}
	cfg = cfg.Or(s.cfg)
	if err := cfg.Validate(); err != nil {
		return fmt.Errorf("circuit breaker %q: %w", name, err)
	}
	b.mu.Lock()
	defer b.unlock()
	next := *b.view.Load()
	next.cfg = &cfg
	if next.window != nil {
		next.window.resize(cfg.SlidingWindow, second(b.elapsed()))
	}
	if next.state == Closed {
		next.check.Store(checkAlways)
		next.complete(b.name)
	}
	b.move(&next, Change{Verb: VerbConfigure, Reason: cfg.String()})
	b.fit()
	return nil
}
