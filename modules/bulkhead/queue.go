package bulkhead

import (
	"context"
	"math"
	"time"
)

// queue waits for a slot, or refuses to: without a lock where nobody can wait.
func (b *Bulkhead) queue(ctx context.Context, p Priority, limit int64) error {
	if b.places.Load() == 0 {
		return b.refuse(limit, full)
	}
	w, err := b.join(p)
	if w == nil {
		return err
	}
	timer := time.NewTimer(w.patience)
	defer timer.Stop()
	for {
		select {
		case <-w.done:
			return w.err
		case <-ctx.Done():
			return b.withdraw(ctx, w)
		case now := <-timer.C:
			timer.Reset(b.check(w, now))
		}
	}
}

// join puts a call in the queue. It returns nil and nil if a slot is free.
func (b *Bulkhead) join(p Priority) (*waiter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.line.length > 0 {
		b.serve(now) // who gave a slot back may not have come this far
	}
	if b.line.length == 0 && b.take(0) {
		return nil, nil
	}
	if b.line.length >= b.cfg.Queue && !b.evict(p) {
		return nil, b.refuse(b.bound(), full)
	}
	b.codel.joined(now)
	w := b.line.push(p, now)
	w.patience = b.patience(now, now)
	b.calls.Add(1)
	b.serve(now) // a slot that was given back before the addition
	return w, nil
}

// evict takes the last call of the lowest priority out of the queue, if that is
// lower than p.
func (b *Bulkhead) evict(p Priority) bool {
	w := b.line.lowest()
	if w == nil || w.priority >= p.index() {
		return false
	}
	b.settle(w, b.refuse(b.bound(), evicted))
	return true
}

// take takes a slot, and so many places in the queue away.
func (b *Bulkhead) take(places int64) bool {
	for {
		calls := b.calls.Load()
		if running(calls) >= b.bound() {
			return false
		}
		if b.calls.CompareAndSwap(calls, calls+slot-places) {
			return true
		}
	}
}

// next gives slots that are free to those who wait.
func (b *Bulkhead) next(took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codel.pace(took)
	b.serve(time.Now())
}

// serve gives slots that are free to those who wait, and sees whether the queue
// stands. The caller holds mu.
func (b *Bulkhead) serve(now time.Time) {
	b.observe(now)
	for w := b.line.first(); w != nil && b.take(1); w = b.line.first() {
		b.line.remove(w)
		close(w.done)
	}
	if b.line.length == 0 {
		b.codel.left(now)
	}
}

// settle takes a call out of the queue that gets no slot.
func (b *Bulkhead) settle(w *waiter, err error) {
	b.line.remove(w)
	b.calls.Add(-1)
	w.err = err
	close(w.done)
}

// withdraw takes a call out of the queue whose context has ended. A slot that it
// was given at the same moment it gives back.
func (b *Bulkhead) withdraw(ctx context.Context, w *waiter) error {
	b.mu.Lock()
	select {
	case <-w.done:
		b.mu.Unlock()
		if w.err == nil {
			b.Leave(0, false)
		}
	default:
		b.settle(w, context.Cause(ctx))
		b.serve(time.Now())
		b.mu.Unlock()
	}
	return context.Cause(ctx)
}

// check refuses a call that has waited for too long, and returns when to look
// again.
func (b *Bulkhead) check(w *waiter, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observe(now)
	select {
	case <-w.done:
		return 0
	default:
	}
	age := now.Sub(w.since)
	switch {
	case b.cfg.QueueTimeout > 0 && age >= b.cfg.QueueTimeout:
		b.settle(w, b.refuse(b.bound(), queueTimeout))
	case b.codel.standing && age >= b.codel.target() && b.line.ahead(w, b.bound()) >= b.bound():
		b.settle(w, b.refuse(b.bound(), stale))
	}
	return b.patience(w.since, now)
}

// patience returns how long from now a call that waits since then goes without
// a look at it: until the target of the queue is over, then until its timeout.
func (b *Bulkhead) patience(since, now time.Time) time.Duration {
	age, wait := now.Sub(since), time.Duration(math.MaxInt64)
	if b.cfg.QueueTimeout > 0 {
		wait = b.cfg.QueueTimeout - age
	}
	if target := b.codel.target(); age < target {
		wait = min(wait, target-age)
	}
	return max(wait, 0)
}

// observe sees how long the call that waits longest has waited. When the queue
// turns out to stand, those leave it that have waited for longer than the target
// and whose turn does not come with the next round of slots.
func (b *Bulkhead) observe(now time.Time) {
	oldest, limit := b.line.oldest(), b.bound()
	if oldest == nil || !b.codel.observe(now.Sub(oldest.since), now) {
		return
	}
	var turn int64
	for w := range b.line.all() {
		if turn++; turn > limit && now.Sub(w.since) >= b.codel.target() {
			b.settle(w, b.refuse(limit, stale))
		}
	}
}
