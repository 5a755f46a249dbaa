package ratelimit

import (
	"context"
	"time"
)

// Wait uses one unit of key, as soon as one is free for it: first come, first served for each key. It returns nil once the
// unit is used. It fails with *[LimitedError], at once, if its turn does not come before the deadline of ctx, and with the
// cause of ctx when that ends; then nothing is used.
func (l *Limiter) Wait(ctx context.Context, key string) error {
	if ctx.Err() != nil {
		return l.ended(ctx)
	}
	s, hash := l.shard(key)
	w, d := s.join(ctx, hash, l.now())
	switch {
	case d.Allowed:
		return nil
	case w == nil:
		return l.refusal(d)
	}
	timer := time.NewTimer(forever)
	defer timer.Stop()
	for {
		wait, done := s.serve(w, l.now())
		if done {
			return nil
		}
		timer.Reset(wait)
		select {
		case <-w.turn:
		case <-timer.C:
		case <-ctx.Done():
			s.leave(w)
			return l.ended(ctx)
		}
	}
}

// waiter is a caller of Wait.
type waiter struct {
	place          *place
	turn           chan struct{} // of size 1: tells, once, that those before it have gone
	previous, next *waiter
}

// queue holds the waiters of a place, first come first.
type queue struct {
	first, last *waiter
	count       int
}

func (q *queue) push(w *waiter) {
	q.count++
	if q.last == nil {
		q.first, q.last = w, w
		return
	}
	q.last.next, w.previous = w, q.last
	q.last = w
}

func (q *queue) remove(w *waiter) {
	q.count--
	if w.previous == nil {
		q.first = w.next
	} else {
		w.previous.next = w.next
	}
	if w.next == nil {
		q.last = w.previous
	} else {
		w.next.previous = w.previous
	}
}

// join takes a unit, or queues, or does neither if the turn comes too late.
func (s *shard) join(ctx context.Context, hash uint64, now int64) (*waiter, Decision) {
	deadline, bounded := ctx.Deadline()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(now)
	p := s.place(hash)
	d := s.decide(p, 1)
	if d.Allowed || bounded && d.RetryAfter >= time.Until(deadline) {
		s.count(d)
		return nil, d
	}
	w := &waiter{place: p, turn: make(chan struct{}, 1)}
	p.queue.push(w)
	s.waiting++
	return w, d
}

// serve gives the unit to w if it is its turn and one is free. Else it returns how long to wait for the next try: for ever if
// others come first, since they will tell.
func (s *shard) serve(w *waiter, now int64) (wait time.Duration, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(now)
	p, r := w.place, s.limiter.rule
	if p.queue.first != w {
		return forever, false
	}
	if r.free(&p.state, s.now) == 0 {
		return span(s.now, r.when(&p.state, s.now, 1)), false
	}
	r.take(&p.state, s.now, 1)
	s.allowed++
	s.remove(w)
	return 0, true
}

// leave ends a wait without a unit.
func (s *shard) leave(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended++
	s.remove(w)
}

// remove takes w out of its queue. If it was the first, the next one is told.
func (s *shard) remove(w *waiter) {
	q := &w.place.queue
	first := q.first == w
	q.remove(w)
	s.waiting--
	if first && q.first != nil {
		q.first.turn <- struct{}{}
	}
}
