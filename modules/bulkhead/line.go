package bulkhead

import (
	"container/list"
	"iter"
	"time"
)

// waiter is a call in the queue. Whoever takes it out writes err and closes
// done; err is nil if it has a slot.
type waiter struct {
	priority int // index
	since    time.Time
	patience time.Duration // until the first check
	done     chan struct{}
	err      error
	place    *list.Element
}

// line is the queue: a list for each priority, in the order of arrival.
type line struct {
	lists  [priorities]list.List
	length int
}

func (l *line) push(p Priority, now time.Time) *waiter {
	w := &waiter{priority: p.index(), since: now, done: make(chan struct{})}
	w.place = l.lists[w.priority].PushBack(w)
	l.length++
	return w
}

func (l *line) remove(w *waiter) {
	l.lists[w.priority].Remove(w.place)
	l.length--
}

// first returns whose turn it is, nil if nobody waits.
func (l *line) first() *waiter {
	for w := range l.all() {
		return w
	}
	return nil
}

// lowest returns the last call of the lowest priority.
func (l *line) lowest() *waiter {
	for i := range l.lists {
		if e := l.lists[i].Back(); e != nil {
			return of(e)
		}
	}
	return nil
}

// oldest returns who has waited longest.
func (l *line) oldest() (oldest *waiter) {
	for i := range l.lists {
		if w := of(l.lists[i].Front()); w != nil && (oldest == nil || w.since.Before(oldest.since)) {
			oldest = w
		}
	}
	return oldest
}

// ahead counts the calls whose turn comes before that of w, up to most.
func (l *line) ahead(w *waiter, most int64) (n int64) {
	for other := range l.all() {
		if other == w || n == most {
			break
		}
		n++
	}
	return n
}

// all yields the calls in the order of their turns. The one that was yielded may
// be removed.
func (l *line) all() iter.Seq[*waiter] {
	return func(yield func(*waiter) bool) {
		for i := priorities - 1; i >= 0; i-- {
			var next *list.Element
			for e := l.lists[i].Front(); e != nil; e = next {
				next = e.Next()
				if !yield(of(e)) {
					return
				}
			}
		}
	}
}

func of(e *list.Element) *waiter {
	if e == nil {
		return nil
	}
	w, _ := e.Value.(*waiter)
	return w
}
