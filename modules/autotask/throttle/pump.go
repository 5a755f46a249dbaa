package throttle

import (
	"container/heap"
	"time"
)

// handOver gives a freed thread to the best waiter of its lane. The mutex is held.
func (l *Limiter) handOver(ln *lane, now time.Duration) {
	if len(ln.waiting) == 0 {
		return
	}
	if l.armed || !l.budget.free(now) { // others wait too, for a unit: it may have come a moment before their timer
		l.pump(now)
		return
	}
	l.grant(ln)
	if !l.budget.free(now) {
		l.pump(now) // that was the last unit
	}
}

// pump grants what can be granted, the best waiter of all lanes first, and sees to those that wait for the budget. The
// mutex is held.
func (l *Limiter) pump(now time.Duration) {
	for l.waiting > 0 && l.budget.free(now) {
		best := l.best()
		if best == nil {
			break // everybody waits for a thread, whose release comes here
		}
		l.grant(best)
	}
	if l.waiting == 0 || l.budget.free(now) {
		l.disarm()
		return
	}
	next := l.budget.next(now)
	l.refuseImpatient(now, next)
	l.arm(next - now)
}

// best is the lane with a free thread whose first waiter comes before all others.
func (l *Limiter) best() *lane {
	var best *lane
	for _, ln := range l.lanes {
		if len(ln.waiting) == 0 || ln.full() {
			continue
		}
		if best == nil || ln.waiting[0].before(best.waiting[0]) {
			best = ln
		}
	}
	return best
}

func (l *Limiter) grant(ln *lane) {
	w, _ := heap.Pop(&ln.waiting).(*waiter)
	l.waiting--
	l.budget.take()
	w.lease = ln.take(l)
	close(w.ready)
}

func (l *Limiter) leave(ln *lane, w *waiter) {
	ln.waiting.remove(w)
	l.waiting--
}

// refuseImpatient ends the waits whose deadline lies before the budget's next free unit. The walk over all waiters happens
// once for each such moment, that is at most once per bucket.
func (l *Limiter) refuseImpatient(now, next time.Duration) {
	if next == l.swept {
		return
	}
	l.swept = next
	for _, ln := range l.lanes {
		var late []*waiter
		for _, w := range ln.waiting {
			if w.deadline != 0 && w.deadline < next {
				late = append(late, w)
			}
		}
		for _, w := range late {
			l.leave(ln, w)
			w.err = l.refusal(now, next)
			close(w.ready)
		}
	}
}

// arm sets the timer that looks again after d.
func (l *Limiter) arm(d time.Duration) {
	if l.waiting == 0 {
		l.disarm()
		return
	}
	l.armed = true
	if l.timer == nil {
		l.timer = time.AfterFunc(d, l.expired)
		return
	}
	l.timer.Reset(d)
}

func (l *Limiter) disarm() {
	if l.armed {
		l.timer.Stop()
		l.armed = false
	}
}

// expired runs when the timer fires.
func (l *Limiter) expired() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pump(l.elapsed())
}
