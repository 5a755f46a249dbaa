package throttle

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Config holds the limits. They are Autotask's own; lower ones leave room for other integrations of the tenant.
type Config struct {
	Threads int           // requests at once for one key, at least 1
	Hourly  int           // requests in one window, at least 1
	Window  time.Duration // at least 1 s; Autotask's is an hour
}

// Validate reports every limit that is out of its range.
func (c Config) Validate() error {
	var faults []error
	if c.Threads < 1 {
		faults = append(faults, fmt.Errorf("thread limit %d is below 1", c.Threads))
	}
	if c.Hourly < 1 || c.Hourly > math.MaxInt32 {
		faults = append(faults, fmt.Errorf("hourly limit %d is not between 1 and %d", c.Hourly, math.MaxInt32))
	}
	if c.Window < time.Second {
		faults = append(faults, fmt.Errorf("limit window %s is below 1 s", c.Window))
	}
	return errors.Join(faults...)
}

// Limiter admits requests. All methods may be called concurrently. It starts no goroutine and needs no Close: its one timer
// runs only while an Acquire waits.
type Limiter struct {
	now func() time.Time

	mu      sync.Mutex
	start   time.Time
	cfg     Config
	budget  budget
	lanes   map[string]*lane
	waiting int
	seq     uint64
	timer   *time.Timer
	armed   bool          // the timer runs: somebody waits for the budget
	swept   time.Duration // the moment for which impatient waiters were last refused
}

// Option changes how a Limiter is made.
type Option func(*Limiter)

// WithNow sets the clock by which the window is measured, time.Now by default. Waits use the runtime's timers whatever the
// clock says.
func WithNow(now func() time.Time) Option { return func(l *Limiter) { l.now = now } }

// New is a limiter with nothing used.
func New(cfg Config, opts ...Option) (*Limiter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := &Limiter{now: time.Now, cfg: cfg, lanes: map[string]*lane{}}
	for _, opt := range opts {
		opt(l)
	}
	l.start = l.now()
	l.budget.limit = cfg.Hourly
	l.budget.width = (cfg.Window + buckets - 1) / buckets // rounded up: never less than the window
	return l, nil
}

// Acquire waits for a thread of key and a unit of the budget, and grants both or neither. Higher priorities go first. The
// lease must be released, or refunded if nothing was sent.
//
// It fails with *[BudgetError] as soon as it is clear that the budget has nothing left before the deadline of ctx, and with
// the error of ctx when that ends.
func (l *Limiter) Acquire(ctx context.Context, key string, priority int) (Lease, error) {
	if err := ctx.Err(); err != nil {
		return Lease{}, waitError(key, err)
	}
	l.mu.Lock()
	now := l.elapsed()
	ln := l.lane(key)
	if l.armed {
		l.pump(now) // a bucket may have expired a moment before its timer: those who wait come first
	}
	if len(ln.waiting) == 0 && !ln.full() && l.budget.free(now) {
		lease := l.admit(ln, now)
		l.mu.Unlock()
		return lease, nil
	}
	w, err := l.enqueue(ctx, ln, priority, now)
	l.mu.Unlock()
	if err != nil {
		return Lease{}, err
	}
	return l.wait(ctx, ln, w)
}

// admit takes a thread and a unit. Whoever waits for a thread learns at once that the last unit is gone.
func (l *Limiter) admit(ln *lane, now time.Duration) Lease {
	l.budget.take()
	lease := ln.take(l)
	if l.waiting > 0 && !l.budget.free(now) {
		l.pump(now)
	}
	return lease
}

// enqueue queues the caller, unless the budget is used up beyond its deadline.
func (l *Limiter) enqueue(ctx context.Context, ln *lane, priority int, now time.Duration) (*waiter, error) {
	w := &waiter{priority: priority, seq: l.seq, ready: make(chan struct{})}
	if deadline, ok := ctx.Deadline(); ok {
		w.deadline = now + max(time.Until(deadline), 1)
	}
	if l.budget.free(now) {
		l.swept = 0
	} else if next := l.budget.next(now); w.deadline != 0 && next > w.deadline {
		return nil, l.refusal(now, next)
	}
	l.seq++
	l.waiting++
	heap.Push(&ln.waiting, w)
	l.pump(now) // sets the timer where the budget is what is missing
	return w, nil
}

// wait ends by a grant, a refusal, or the end of ctx. A grant that meets the end of ctx is handed back.
func (l *Limiter) wait(ctx context.Context, ln *lane, w *waiter) (Lease, error) {
	select {
	case <-w.ready:
		return w.lease, w.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	queued := w.index >= 0
	if queued {
		l.leave(ln, w)
		l.pump(l.elapsed())
	}
	l.mu.Unlock()
	if !queued && w.err == nil {
		w.lease.Refund()
	}
	return Lease{}, waitError(ln.key, ctx.Err())
}

// waitError says what the caller waited for.
func waitError(key string, err error) error {
	return fmt.Errorf("wait for a thread of %s: %w", key, err)
}

// Pause admits nothing for d: Autotask suspended the tenant. Shorter pauses within a longer one change nothing.
func (l *Limiter) Pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.elapsed()
	l.budget.paused = max(l.budget.paused, now+d)
	l.pump(now)
}

// Usage is the used share of the budget, from 0 to 1.
func (l *Limiter) Usage() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return float64(l.budget.used(l.elapsed())) / float64(l.cfg.Hourly)
}

// Stats is what a Limiter holds at one moment.
type Stats struct {
	Used, Limit int            // units of the budget
	Waiting     int            // callers in Acquire
	Threads     map[string]int // leases held, by every key ever used
}

// Stats is a copy; it shares nothing with the limiter.
func (l *Limiter) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Stats{
		Used: l.budget.used(l.elapsed()), Limit: l.cfg.Hourly, Waiting: l.waiting,
		Threads: make(map[string]int, len(l.lanes)),
	}
	for key, ln := range l.lanes {
		s.Threads[key] = ln.inUse
	}
	return s
}

func (l *Limiter) elapsed() time.Duration { return l.now().Sub(l.start) }

func (l *Limiter) lane(key string) *lane {
	ln, ok := l.lanes[key]
	if !ok {
		ln = &lane{key: key, slots: make([]slot, l.cfg.Threads)}
		l.lanes[key] = ln
	}
	return ln
}

func (l *Limiter) refusal(now, next time.Duration) error {
	return &BudgetError{Used: l.budget.used(now), Limit: l.budget.limit, Wait: max(next-now, 0)}
}
