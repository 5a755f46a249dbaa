package bulkhead

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Bulkhead bounds the calls that run at once, and those that wait. Its methods
// may be called concurrently.
type Bulkhead struct {
	limit     atomic.Int64 // 0 is none; written under mu
	calls     atomic.Int64 // running calls times slot, plus waiting ones; the latter change under mu
	loose     stripes      // calls that run while there is no limit
	abandoned atomic.Int64
	refused   [reasons]atomic.Uint64
	places    atomic.Int64             // of the queue; written under mu
	gradient  atomic.Pointer[gradient] // nil unless adaptive

	mu    sync.Mutex
	cfg   Config
	line  line
	codel codel
}

// slot is one running call in Bulkhead.calls. What is below it are the waiting
// ones, so that one word tells whether a call may run at once.
const slot = 1 << 32

func running(calls int64) int64 { return calls >> 32 }

func waiting(calls int64) int64 { return calls & (slot - 1) }

// New returns a bulkhead. What [Config.Validate] refuses is taken to the nearest
// bound.
func New(cfg Config) *Bulkhead {
	b := &Bulkhead{loose: newStripes()}
	b.Configure(cfg)
	return b
}

// Do makes a call in a slot, and gives the slot back even if the call panics or
// ends its goroutine. For Config.Adaptive a nil error is a good call.
func (b *Bulkhead) Do(ctx context.Context, p Priority, call func(context.Context) error) error {
	if err := b.Enter(ctx, p); err != nil {
		return err
	}
	start, ok := time.Now(), false
	defer func() { b.Leave(time.Since(start), ok) }()
	err := call(ctx)
	ok = err == nil
	return err
}

// Enter takes a slot. Where all are taken it waits in the queue: the highest
// priority first, first come first served within one. It returns a [*FullError]
// if it gets none, and the cause if ctx ends while it waits. Whoever gets nil
// calls [Bulkhead.Leave], once. A slot that is free is given at once, even if
// ctx has ended.
func (b *Bulkhead) Enter(ctx context.Context, p Priority) error {
	limit := b.limit.Load()
	if limit == 0 {
		return b.enterUnbounded()
	}
	for { // a refused call must not look like a running one to others
		calls := b.calls.Load()
		if waiting(calls) > 0 || running(calls) >= limit {
			return b.queue(ctx, p, limit)
		}
		if b.calls.CompareAndSwap(calls, calls+slot) {
			return nil
		}
	}
}

// Leave gives the slot back. The call took so long, 0 if that is not known, and
// went well or not: Config.Adaptive learns from it.
func (b *Bulkhead) Leave(took time.Duration, ok bool) {
	calls := b.release()
	if g := b.gradient.Load(); g != nil && g.add(took, ok, running(calls)+1) {
		b.adapt(g)
	}
	if waiting(calls) > 0 {
		b.next(took)
	}
}

// Abandon takes a slot for a call that nobody waits for any more, beyond the
// limit if need be: the slot of its request becomes free when that is answered.
func (b *Bulkhead) Abandon() {
	b.abandoned.Add(1)
	if b.limit.Load() == 0 {
		b.count(1)
		return
	}
	b.calls.Add(slot)
}

// Returned gives the slot of an abandoned call back.
func (b *Bulkhead) Returned() {
	b.abandoned.Add(-1)
	if waiting(b.release()) > 0 {
		b.next(0)
	}
}

// release frees a slot, and returns what is left of calls.
func (b *Bulkhead) release() (calls int64) {
	if b.limit.Load() == 0 {
		b.count(-1)
		return 0
	}
	return b.calls.Add(-slot)
}

func (b *Bulkhead) enterUnbounded() error {
	if b.abandoned.Load() >= maxAbandoned {
		return b.refuse(maxAbandoned, full)
	}
	b.count(1)
	return nil
}

// count counts a call that begins or ends while there is no limit. Where a
// limit has come about meanwhile, it counts for that.
func (b *Bulkhead) count(n int64) {
	b.loose.add(n)
	if b.limit.Load() > 0 {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.tie()
	}
}

// tie moves the calls that began or ended without a limit to those that have
// one. The caller holds mu.
func (b *Bulkhead) tie() {
	b.calls.Add(b.loose.drain() * slot)
	b.serve(time.Now())
}

// refuse counts a refusal and returns its error.
func (b *Bulkhead) refuse(limit int64, why reason) error {
	b.refused[why].Add(1)
	return newFull(int(limit), why)
}

// Configure changes the bounds, and keeps what runs, what waits and what an
// adaptive limit has learned. Nothing that was let in is cut: a lower limit
// holds as soon as enough calls have left. What [Config.Validate] refuses is
// taken to the nearest bound.
func (b *Bulkhead) Configure(cfg Config) {
	cfg = cfg.complete()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cfg = cfg
	b.places.Store(int64(cfg.Queue))
	limit := int64(cfg.Max)
	if cfg.Adaptive {
		limit = b.learner().within(cfg)
	} else {
		b.gradient.Store(nil)
	}
	b.limit.Store(limit)
	if limit > 0 {
		b.tie()
		return
	}
	b.serve(time.Now())
}

// learner returns the gradient, and makes one where there is none. The caller
// holds mu.
func (b *Bulkhead) learner() *gradient {
	g := b.gradient.Load()
	if g == nil {
		g = newGradient(time.Now())
		b.gradient.Store(g)
	}
	return g
}

// adapt moves the limit, if it is time to.
func (b *Bulkhead) adapt(g *gradient) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gradient.Load() != g || !g.due(now) {
		return
	}
	b.limit.Store(g.move(b.cfg, now))
	b.serve(now)
}

// bound returns the limit, or what no number of calls reaches.
func (b *Bulkhead) bound() int64 {
	if limit := b.limit.Load(); limit > 0 {
		return limit
	}
	return math.MaxInt32
}

// Stats is what a bulkhead holds, and what it has refused since it was made.
// Numbers that belong together are read one after the other, so under load they
// may differ by calls in between.
type Stats struct {
	Limit     int // calls that can run at once; 0 is no bound
	Running   int // calls inside, abandoned ones too
	Waiting   int // calls in the queue
	Abandoned int // calls that nobody waits for any more and that have not returned
	Refused   Refused
}

// Refused counts refusals by reason.
type Refused struct {
	Full         uint64
	QueueTimeout uint64
	Codel        uint64
	Evicted      uint64
}

// Stats returns what is going on.
func (b *Bulkhead) Stats() Stats {
	calls := b.calls.Load()
	return Stats{
		Limit:     int(b.limit.Load()),
		Running:   int(running(calls) + b.loose.sum()),
		Waiting:   int(waiting(calls)),
		Abandoned: int(b.abandoned.Load()),
		Refused: Refused{
			Full:         b.refused[full].Load(),
			QueueTimeout: b.refused[queueTimeout].Load(),
			Codel:        b.refused[stale].Load(),
			Evicted:      b.refused[evicted].Load(),
		},
	}
}
