package resilience

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// deadline is a context that ends with its parent, at a time, or by end. It
// differs from context.WithDeadline in its price: Err reads the clock, and a
// channel, a timer and a hook in the parent exist only once somebody asks for
// Done.
//
// Children made by package context find AfterFunc, so that none of them needs a
// goroutine.
type deadline struct {
	context.Context //nolint:containedctx // the parent, as in package context

	clock *clock
	at    time.Duration // on the clock, or never
	limit time.Duration // what at was computed from, for the error
	lent  bool          // at is the parent's, which ends then by itself

	ended   atomic.Uint32         // alive, canceled or exceeded; set once
	watched atomic.Pointer[watch] // nil until somebody waits
}

// Values of deadline.ended.
const (
	alive uint32 = iota
	canceled
	exceeded
)

const never time.Duration = math.MaxInt64

// start sets the deadline: limit from now on, unless the parent's is earlier.
// A limit that is not positive adds none. It reports whether the parent's holds.
func (d *deadline) start(parent context.Context, c *clock, now, limit time.Duration) (inherited bool) {
	d.Context, d.clock, d.at = parent, c, never
	if limit > 0 {
		d.at, d.limit = now+min(limit, never-now), limit
	}
	if at, ok := parent.Deadline(); ok {
		if theirs := at.Sub(c.base); theirs < d.at {
			d.at, d.limit, d.lent = theirs, theirs-now, true
		}
	}
	return d.lent
}

// within sets the deadline of one attempt in the total one: limit from now on,
// unless the total one is earlier. Both have the same parent: the attempt is
// ended by its owner before the call is. It reports whether the total one holds.
func (d *deadline) within(total *deadline, now, limit time.Duration) (inherited bool) {
	d.Context, d.clock = total.Context, total.clock
	if now+limit >= total.at {
		d.at, d.limit, d.lent = total.at, total.limit, total.lent
		return true
	}
	d.at, d.limit = now+limit, limit
	return false
}

// String keeps fmt from reading what is not its own.
func (d *deadline) String() string {
	at, _ := d.Deadline()
	return fmt.Sprintf("resilience.deadline(%s)", at)
}

// Deadline implements [context.Context].
func (d *deadline) Deadline() (time.Time, bool) {
	if d.at == never {
		return time.Time{}, false
	}
	return d.clock.base.Add(d.at), true
}

// Err implements [context.Context].
func (d *deadline) Err() error {
	if d.ended.Load() == alive {
		if err := d.Context.Err(); err != nil {
			d.end(kindOf(err))
		} else if d.at != never && d.clock.now() >= d.at {
			d.end(exceeded)
		}
	}
	switch d.ended.Load() {
	case canceled:
		return context.Canceled
	case exceeded:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// gone reports whether the caller, or the owner, cancelled the context.
func (d *deadline) gone() bool { return errors.Is(d.Err(), context.Canceled) }

// kindOf says how the end of a parent ends its child: a context knows two ways.
func kindOf(err error) uint32 {
	if errors.Is(err, context.DeadlineExceeded) {
		return exceeded
	}
	return canceled
}

// Done implements [context.Context].
func (d *deadline) Done() <-chan struct{} { return d.watch().done }

// AfterFunc is what package context asks of a foreign parent: it calls f in its
// own goroutine once the context has ended.
func (d *deadline) AfterFunc(f func()) (stop func() bool) { return d.watch().add(f) }

// end ends the context, unless it has ended. Either it sees who waits, or who
// waits sees the end: each writes before it looks.
func (d *deadline) end(how uint32) {
	if !d.ended.CompareAndSwap(alive, how) {
		return
	}
	if w := d.watched.Load(); w != nil {
		w.finish(d.clock)
	}
}

// watch returns who waits for the end.
func (d *deadline) watch() *watch {
	if w := d.watched.Load(); w != nil {
		return w
	}
	w := &watch{done: make(chan struct{})}
	if !d.watched.CompareAndSwap(nil, w) {
		return d.watched.Load()
	}
	w.arm(d)
	if d.ended.Load() != alive {
		w.finish(d.clock)
	}
	return w
}

// watch is what a deadline needs once somebody waits for its end.
type watch struct {
	done chan struct{}

	mu      sync.Mutex
	over    bool
	alarm   *alarm
	release func() bool // of the hook in the parent
	hooks   *hook
}

// hook is a function to be called at the end, in a list.
type hook struct {
	f          func()
	prev, next *hook
}

// arm sets what ends d. A time that is the parent's needs no timer of its own.
func (w *watch) arm(d *deadline) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	ends := d.Context.Done() != nil
	if d.at != never && (!d.lent || !ends) {
		w.alarm = d.clock.set(d)
	}
	if ends {
		w.release = context.AfterFunc(d.Context, func() { d.end(kindOf(d.Context.Err())) })
	}
}

// finish closes the channel and calls the hooks, once.
func (w *watch) finish(c *clock) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.over = true
	close(w.done)
	if w.alarm != nil {
		c.unset(w.alarm)
	}
	if w.release != nil {
		w.release()
	}
	for h := w.hooks; h != nil; h = h.next {
		go h.f()
	}
	w.hooks = nil
}

func (w *watch) add(f func()) (stop func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		go f()
		return func() bool { return false }
	}
	h := &hook{f: f, next: w.hooks}
	if h.next != nil {
		h.next.prev = h
	}
	w.hooks = h
	return func() bool { return w.remove(h) }
}

// remove reports whether h was waiting still.
func (w *watch) remove(h *hook) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || h.f == nil {
		return false
	}
	h.f = nil
	if h.prev == nil {
		w.hooks = h.next
	} else {
		h.prev.next = h.next
	}
	if h.next != nil {
		h.next.prev = h.prev
	}
	return true
}
