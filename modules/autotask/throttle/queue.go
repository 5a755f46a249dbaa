package throttle

import (
	"container/heap"
	"time"
)

// waiter is one blocked Acquire. The limiter's mutex guards it until ready is closed.
type waiter struct {
	priority int
	seq      uint64
	deadline time.Duration // 0 is none
	index    int           // in the heap, -1 once it left
	ready    chan struct{}
	lease    Lease
	err      error
}

// queue is a heap: best priority first, then first come.
type queue []*waiter

// Len implements [heap.Interface], as do the methods below.
func (q *queue) Len() int { return len(*q) }

// Less puts the better waiter first.
func (q *queue) Less(i, j int) bool { return (*q)[i].before((*q)[j]) }

func (w *waiter) before(other *waiter) bool {
	if w.priority != other.priority {
		return w.priority > other.priority
	}
	return w.seq < other.seq
}

// Swap keeps each waiter's own index right.
func (q *queue) Swap(i, j int) {
	w := *q
	w[i], w[j] = w[j], w[i]
	w[i].index, w[j].index = i, j
}

// Push adds a *waiter at the end.
func (q *queue) Push(x any) {
	w, _ := x.(*waiter)
	w.index = len(*q)
	*q = append(*q, w)
}

// Pop takes the last *waiter off.
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	w.index = -1
	return w
}

func (q *queue) remove(w *waiter) {
	if w.index >= 0 {
		heap.Remove(q, w.index)
	}
}

// slot is one of a key's threads. Its generation tells the lease that holds it from those that held it.
type slot struct {
	generation uint64
	held       bool
}

// lane is the threads of one key and who waits for them.
type lane struct {
	key     string
	slots   []slot
	inUse   int
	waiting queue
}

func (l *lane) full() bool { return l.inUse == len(l.slots) }

// take holds a free slot. There must be one.
func (l *lane) take(owner *Limiter) Lease {
	for i := range l.slots {
		s := &l.slots[i]
		if !s.held {
			s.held = true
			s.generation++
			l.inUse++
			return Lease{limiter: owner, lane: l, slot: i, generation: s.generation}
		}
	}
	panic("throttle: no free slot in " + l.key) // the caller asked full()
}

// release frees the slot of a lease, and reports whether the lease still held it.
func (l *lane) release(lease Lease) bool {
	s := &l.slots[lease.slot]
	if !s.held || s.generation != lease.generation {
		return false
	}
	s.held = false
	l.inUse--
	return true
}
