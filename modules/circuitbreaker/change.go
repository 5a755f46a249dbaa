package circuitbreaker

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/sony/gobreaker/v2"
)

// minOpen is the shortest open period: gobreaker needs time to pass between
// opening and trials.
const minOpen = time.Millisecond

// maxPending bounds the events of one breaker that wait for a listener.
const maxPending = 1000

// event is a change and its line in the log.
type event struct {
	Change

	attrs []any // slog.Attr
}

// follow follows gobreaker into another state. It runs under both locks, so it
// must not ask gobreaker anything, nor log.
func (b *Breaker) follow(to gobreaker.State) {
	v, now := b.view.Load(), b.elapsed()
	switch to {
	case gobreaker.StateClosed:
		b.move(b.closed(v.cfg, order{}), Change{})
	case gobreaker.StateHalfOpen:
		b.move(b.halfOpen(v.cfg), Change{})
	case gobreaker.StateOpen:
		b.streak++
		b.move(b.open(v.cfg, later(now, v.openFor(b.streak)), order{}), Change{})
	}
}

// openFor returns how long the streak-th open period in a row lasts.
func (v *view) openFor(streak int) time.Duration {
	c := v.cfg
	wait := float64(c.ResetTimeout)
	if c.ResetGrowth > 1 {
		wait = min(wait*math.Pow(c.ResetGrowth, float64(streak-1)), float64(max(c.MaxResetTimeout, c.ResetTimeout)))
	}
	if c.ResetJitter > 0 {
		wait *= 1 + float64(c.ResetJitter)*(2*rand.Float64()-1) //nolint:gosec // spreads load
	}
	if wait >= float64(forever) {
		return forever
	}
	return max(time.Duration(wait), minOpen)
}

// The views of fresh epochs; all are called under the lock of the breaker.

func (b *Breaker) closed(cfg *Config, o order) *view {
	e := &epoch{state: Closed, since: time.Now()}
	e.check.Store(checkNever) // a success alone cannot trip
	if b.tallies != nil {
		e.window = newWindow(cfg.SlidingWindow, second(b.elapsed()), b.striper.count)
	}
	b.streak = 0
	return (&view{epoch: e, cfg: cfg, order: o}).complete(b.name)
}

func (b *Breaker) open(cfg *Config, due time.Duration, o order) *view {
	v := &view{epoch: &epoch{state: Open, since: time.Now()}, cfg: cfg, order: o, due: due}
	v.refusal = b.refusal(due, b.last)
	return v
}

func (b *Breaker) halfOpen(cfg *Config) *view {
	e := &epoch{state: HalfOpen, since: time.Now(), limit: b.machine.trials}
	return &view{epoch: e, cfg: cfg, refusal: &OpenError{Name: b.name, Last: b.last}}
}

func (b *Breaker) refusal(due time.Duration, last error) *OpenError {
	if due == forever {
		return &OpenError{Name: b.name, Held: true, Last: last}
	}
	return &OpenError{Name: b.name, Until: b.at(due), Last: last}
}

// complete fills what follows from the rest of a view in CLOSED.
func (v *view) complete(name string) *view {
	adaptive := v.cfg.Mode == ModeAdaptive
	v.plain = v.window != nil && !adaptive && v.cfg.SlowCallDuration == 0 && v.order.control != ControlBypass
	v.refusal = nil
	if adaptive {
		v.refusal = &OpenError{Name: name, Throttled: true}
	}
	return v
}

// touch gets a breaker ready to count. The lock is held.
func (b *Breaker) touch() {
	if b.tallies == nil {
		b.tallies = make([]tally, b.striper.count)
	}
}

// settleDown makes a closed breaker ready for calls that are plain: the first
// of them, and the first after a bypass that has run out.
func (b *Breaker) settleDown(now time.Duration) *view {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.view.Load()
	if v.state != Closed {
		return v
	}
	b.touch()
	next := *v
	if next.window == nil {
		next.epoch = &epoch{state: Closed, since: v.since, window: newWindow(v.cfg.SlidingWindow, second(now), b.striper.count)}
		next.check.Store(checkNever)
	}
	if next.order.at(now) == ControlAuto {
		next.order = order{}
	}
	b.view.Store(next.complete(b.name))
	return &next
}

// fit gives gobreaker the number of trials that was configured meanwhile, once
// no trials are under way. The lock is held.
func (b *Breaker) fit() {
	v := b.view.Load()
	trials := v.cfg.HalfOpenMaxCalls
	switch {
	case b.machine.trials == trials:
	case v.state == Closed:
		b.machine = b.newMachine(trials)
	case v.state == Open && b.elapsed() < v.due:
		b.machine = b.openMachine(trials)
	}
}

// move installs next and notes the change. The lock is held.
func (b *Breaker) move(next *view, c Change) {
	prev := b.view.Load()
	c.Name, c.From, c.To, c.At = b.name, prev.state, next.state, time.Now()
	if next.state == Open {
		c.Until, c.Err = next.refusal.Until, b.last
	}
	b.view.Store(next)
	if c.From != c.To {
		b.moves[c.From][c.To]++
	}
	if len(b.pending) >= maxPending {
		b.pending = b.pending[1:]
	}
	b.pending = append(b.pending, event{Change: c, attrs: b.describe(&c, prev)})
}

// unlock gives the lock back, and then tells what has happened under it.
func (b *Breaker) unlock() {
	waiting := len(b.pending) > 0 && !b.telling
	b.mu.Unlock()
	if waiting {
		b.tell()
	}
}

// tell logs and publishes what was noted, in its order and without the lock.
// One goroutine does it at a time; it takes over what others add meanwhile.
func (b *Breaker) tell() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.telling {
		return
	}
	b.telling = true
	defer func() { b.telling = false }() // also if a log handler panics
	for len(b.pending) > 0 {
		next := b.pending[0]
		b.pending = b.pending[1:]
		b.announce(&next)
	}
	b.pending = nil
}

// announce logs and publishes an event with the lock given back for as long as
// it takes.
func (b *Breaker) announce(next *event) {
	b.mu.Unlock()
	defer b.mu.Lock()
	next.write(b.log)
	b.service.publish(next.Change)
}

func (n *event) write(log *slog.Logger) {
	switch {
	case n.Verb != "":
		log.Warn("circuit breaker controlled", n.attrs...)
	case n.To == Open:
		log.Warn("circuit breaker opened", n.attrs...)
	case n.To == HalfOpen:
		log.Info("circuit breaker half-open", n.attrs...)
	case n.To == Closed:
		log.Info("circuit breaker closed", n.attrs...)
	}
}

// describe returns what the log says of a change besides its name.
func (b *Breaker) describe(c *Change, prev *view) []any {
	attrs := []any{slog.String("previous", c.From.String())}
	if c.Verb != "" {
		return append(attrs, slog.String("state", c.To.String()), slog.String("verb", string(c.Verb)),
			slog.String("for", c.holds()), slog.String("reason", c.Reason))
	}
	if c.To != Open {
		return attrs
	}
	attrs = append(attrs, slog.Time("until", c.Until))
	if c.From == Closed {
		s := prev.window.sum(second(b.elapsed()))
		attrs = append(attrs, slog.Float64("failure_rate", share(s.failed, s.calls())),
			slog.Float64("slow_rate", share(s.slow, s.calls())), slog.Uint64("calls", s.calls()))
	}
	if b.last != nil {
		attrs = append(attrs, slog.Any("last_error", b.last))
	}
	return attrs
}
