package resilience

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// deadline is a context that ends with its parent, at a time, or by cancel. It
// differs from context.WithDeadline in its price: a channel, a timer and a hook
// in the parent exist only once somebody asks for Done. The zero time is no
// deadline of its own.
//
// Children made by package context find AfterFunc, so that none of them needs a
// goroutine.
type deadline struct {
	context.Context //nolint:containedctx // the parent, as in package context

	at    time.Time
	limit time.Duration // what at was computed from, for the error

	mu      sync.Mutex
	done    chan struct{}
	err     error // set once
	timer   *time.Timer
	release func() bool // of the hook in the parent
	after   map[*func()]struct{}
}

// start sets the deadline: limit from now on, unless the parent's is earlier.
// A limit that is not positive adds none. It reports whether the parent's holds.
func (d *deadline) start(parent context.Context, now time.Time, limit time.Duration) (inherited bool) {
	d.Context = parent
	if limit > 0 {
		d.at, d.limit = now.Add(limit), limit
	}
	at, ok := parent.Deadline()
	if ok && (d.at.IsZero() || at.Before(d.at)) {
		d.at, d.limit = at, at.Sub(now)
		return true
	}
	return false
}

// over reports whether the time is up, whatever else ended the context before.
func (d *deadline) over() bool { return !d.at.IsZero() && time.Until(d.at) <= 0 }

// String keeps fmt from reading what the lock guards.
func (d *deadline) String() string { return fmt.Sprintf("resilience.deadline(%s)", d.at) }

// Deadline implements [context.Context].
func (d *deadline) Deadline() (time.Time, bool) { return d.at, !d.at.IsZero() }

// Err implements [context.Context].
func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	if err := d.Context.Err(); err != nil {
		d.end(err)
	} else if d.over() {
		d.end(context.DeadlineExceeded)
	}
	return d.err
}

// Done implements [context.Context].
func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watch()
	return d.done
}

// AfterFunc is what package context asks of a foreign parent: it calls f in its
// own goroutine once the context has ended.
func (d *deadline) AfterFunc(f func()) (stop func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		go f()
		return func() bool { return false }
	}
	d.watch()
	if d.after == nil {
		d.after = make(map[*func()]struct{})
	}
	d.after[&f] = struct{}{}
	return func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		_, waiting := d.after[&f]
		delete(d.after, &f)
		return waiting
	}
}

// watch makes the channel and arms what closes it. The lock is held.
func (d *deadline) watch() {
	if d.done != nil {
		return
	}
	d.done = make(chan struct{})
	if d.err != nil {
		close(d.done)
		return
	}
	if !d.at.IsZero() {
		d.timer = time.AfterFunc(time.Until(d.at), func() { d.cancel(context.DeadlineExceeded) })
	}
	if d.Context.Done() != nil {
		d.release = context.AfterFunc(d.Context, func() { d.cancel(d.Context.Err()) })
	}
}

// cancel ends the context, unless it has ended.
func (d *deadline) cancel(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.end(err)
	}
}

// end ends the context. The lock is held.
func (d *deadline) end(err error) {
	d.err = err
	if d.done == nil {
		return
	}
	close(d.done)
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.release != nil {
		d.release()
	}
	for f := range d.after {
		go (*f)()
	}
	d.after = nil
}
