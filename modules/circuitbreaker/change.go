package circuitbreaker

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
)

// move is one change of state, as it is logged.
type move struct {
	from, to State
	attrs    []any // slog.Attr
}

// changed follows gobreaker into another state. It runs under both locks, so
// it must not ask gobreaker anything, nor log.
func (b *Breaker) changed(to gobreaker.State) {
	switch to {
	case gobreaker.StateClosed:
		b.enter(Closed)
	case gobreaker.StateHalfOpen:
		b.enter(HalfOpen)
	case gobreaker.StateOpen:
		b.enter(Open)
	}
}

// enter begins a new epoch. The lock is held.
func (b *Breaker) enter(to State) {
	from := b.epoch.Load()
	next := b.newEpoch(to)
	b.epoch.Store(next)
	if from.state == to {
		return
	}
	b.moves[from.state][to]++
	b.pending = append(b.pending, move{from: from.state, to: to, attrs: b.describe(from, next)})
}

// newEpoch returns a fresh stay in a state: an empty window, a new refusal.
func (b *Breaker) newEpoch(state State) *epoch {
	e := &epoch{state: state, since: time.Now()}
	switch state {
	case Closed:
		e.window = newWindow(b.cfg.SlidingWindow)
		e.check.Store(checkNever) // a success alone cannot trip
	case Open:
		wait := cmp.Or(b.openFor, b.cfg.ResetTimeout)
		e.due = b.elapsed() + wait
		e.refusal = &OpenError{Name: b.name, Until: e.since.Add(wait), Last: b.last}
	case HalfOpen:
		e.refusal = &OpenError{Name: b.name, Last: b.last}
	}
	return e
}

func (b *Breaker) describe(from, to *epoch) []any {
	attrs := []any{slog.String("previous", from.state.String())}
	if b.reason != "" {
		attrs = append(attrs, slog.String("reason", b.reason))
	}
	if to.state != Open {
		return attrs
	}
	attrs = append(attrs, slog.Time("until", to.refusal.Until))
	if from.state == Closed && b.reason == "" {
		succeeded, failed := from.window.sum(b.second())
		attrs = append(attrs,
			slog.Float64("failure_rate", rate(succeeded, failed)), slog.Uint64("calls", succeeded+failed))
	}
	if b.last != nil {
		attrs = append(attrs, slog.Any("last_error", b.last))
	}
	return attrs
}

// tell logs the changes that were made, in their order and without the lock.
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
		m := b.pending[0]
		b.pending = b.pending[1:]
		b.write(m)
	}
	b.pending = nil
}

// write logs m with the lock given back for as long as it takes.
func (b *Breaker) write(m move) {
	b.mu.Unlock()
	defer b.mu.Lock()
	switch m.to {
	case Open:
		b.log.Warn("circuit breaker opened", m.attrs...)
	case HalfOpen:
		b.log.Info("circuit breaker half-open", m.attrs...)
	case Closed:
		b.log.Info("circuit breaker closed", m.attrs...)
	}
}

// forceOpen opens the breaker by hand, for d or, if that is not positive, for
// its reset time. From then on it goes its way: trials, closed.
func (b *Breaker) forceOpen(reason string, d time.Duration) {
	b.mu.Lock()
	b.openFor, b.reason, b.last = max(d, 0), reason, nil
	b.machine = b.newMachine()
	b.trip()
	b.openFor, b.reason = 0, ""
	b.mu.Unlock()
	b.tell()
}

// reset closes the breaker by hand, with an empty window.
func (b *Breaker) reset() {
	b.mu.Lock()
	b.reason, b.last = "reset", nil
	b.machine = b.newMachine()
	b.enter(Closed)
	b.reason = ""
	b.mu.Unlock()
	b.tell()
}
