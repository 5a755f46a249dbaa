package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

var (
	// errTimeout is the result of a check that did not answer in time.
	errTimeout = errors.New("timeout")
	// errGoexit is the result of a check that called runtime.Goexit.
	errGoexit = errors.New("ended its goroutine without returning")
)

const (
	// lag is the time for a check to return after its context has ended.
	lag = 50 * time.Millisecond
	// soon is how far away a run may be that a question still waits for.
	soon = 100 * time.Millisecond
	// patience is how long readiness waits for a check that does not decide it.
	patience = 100 * time.Millisecond
)

// probe runs a check for everybody who asks: one run at a time, whose result
// is good for a while. Where a run points elsewhere than those before, it is
// followed up by runs that nobody asks for, until the check has turned or not.
//
//	ask ──▶ run ──▶ settled, returned ──▶ a follow-up, if the streak is open
//	         └────▶ settled as down, if it does not return; no run before it does
type probe struct {
	check    Check
	cacheFor time.Duration
	log      *slog.Logger
	wanted   func() bool // whether there may be runs that nobody asks for
	changed  func()      // called after each run

	mu      sync.Mutex
	streak  streak
	known   Result      // by the streak and the last run; no Status before the first
	last    *run        // that began last
	next    *run        // the follow-up that waits for its time
	timer   *time.Timer // starts next
	stopped bool
	running sync.WaitGroup
}

// run is one run of a check. Its fields are guarded by the lock of the probe.
type run struct {
	start    time.Time     // for a follow-up that waits, when it will
	settled  chan struct{} // closed when its result is known, or there will be none
	over     bool          // as settled
	returned bool          // the check has
	cancel   context.CancelFunc
}

// outcome is what a run found.
type outcome struct {
	good    bool
	message string // why it is not, credentials removed
	hangs   bool   // it has not returned
}

// result returns what is known, and whether anything is.
func (p *probe) result() (Result, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known, p.known.Status != ""
}

// ask makes sure of a result that is fit to be told: nil if what is known is,
// else the run to wait for. There is none after stop, and while a check does
// not return: it is never started a second time beside itself.
func (p *probe) ask(ctx context.Context, now time.Time) *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.pending(now); r != nil {
		return r
	}
	if p.stopped || p.last != nil && (!p.last.returned || now.Sub(p.last.start) < p.cacheFor) {
		return nil
	}
	r := &run{settled: make(chan struct{})}
	ctx = p.begin(context.WithoutCancel(ctx), r) // whoever asks first may leave before the others
	p.running.Go(func() { p.do(ctx, r) })
	return r
}

// pending returns the run that will soon have a result, or nil. The lock is held.
func (p *probe) pending(now time.Time) *run {
	switch {
	case p.next != nil && p.next.start.Sub(now) <= soon:
		return p.next
	case p.last != nil && !p.last.over:
		return p.last
	default:
		return nil
	}
}

// further returns the run that follows, at once, one that was waited for.
func (p *probe) further() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending(time.Now())
}

// patience is how long a question waits for the check.
func (p *probe) patience(hurried bool) time.Duration {
	if hurried && p.check.Optional {
		return patience
	}
	return soon + p.check.Timeout + lag
}

// begin makes r the run under way. The lock is held.
func (p *probe) begin(ctx context.Context, r *run) context.Context {
	ctx, r.cancel = context.WithTimeout(ctx, p.check.Timeout)
	r.start, p.last = time.Now(), r
	return ctx
}

// do runs the check and settles r, at the latest when its time is over.
func (p *probe) do(ctx context.Context, r *run) {
	defer r.cancel()
	late := time.AfterFunc(p.check.Timeout+lag, func() { //nolint:contextcheck // a follow-up is nobody's question
		p.settle(r, outcome{message: errTimeout.Error(), hangs: true})
	})
	defer late.Stop()
	found := outcome{message: errGoexit.Error()}
	defer func() { p.settle(r, found) }() //nolint:contextcheck // a follow-up is nobody's question
	found = p.call(ctx)
}

// call runs the check, and puts what it found into words: its error is not ours
// and may panic when it is asked for its text.
func (p *probe) call(ctx context.Context) (found outcome) {
	defer func() {
		if v := recover(); v != nil {
			found = outcome{message: redact(fmt.Sprintf("panic: %v", v))}
		}
	}()
	err := p.check.Run(ctx)
	switch {
	case err == nil:
		return outcome{good: true}
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return outcome{message: errTimeout.Error()}
	default:
		return outcome{message: redact(err.Error())}
	}
}

// settle ends r: it takes down the first result it has, and plans the run that
// follows when the check has returned.
func (p *probe) settle(r *run, found outcome) {
	p.mu.Lock()
	first := !r.over
	r.over, r.returned = true, r.returned || !found.hangs
	turned := first && !p.stopped && p.record(r, found)
	if first && r.returned && !p.stopped && p.streak.open() {
		p.follow(r)
	}
	now, message := p.streak, p.known.Message
	p.mu.Unlock()
	if !first {
		return
	}
	p.changed()
	close(r.settled)
	if turned {
		now.tell(p.log, message)
	}
}

// record enters the result of r. The lock is held.
func (p *probe) record(r *run, found outcome) (turned bool) {
	if found.hangs {
		turned = p.streak.hang()
	} else {
		turned = p.streak.add(found.good)
	}
	now := time.Now()
	p.known = Result{
		Status:     Up,
		Degraded:   p.streak.condition == degraded,
		Failures:   p.streak.failures,
		Message:    found.message,
		Optional:   p.check.Optional,
		DurationMS: float64(now.Sub(r.start).Microseconds()) / 1000,
		CheckedAt:  now,
	}
	if p.streak.condition == down {
		p.known.Status = Down
	}
	return turned
}

// follow plans the run after r, for when a question could have one. There is
// never a second plan: a question waits for this one, or finds r fresh. The lock
// is held.
func (p *probe) follow(r *run) {
	next := &run{settled: make(chan struct{}), start: r.start.Add(p.cacheFor)}
	p.next = next
	p.running.Add(1)
	p.timer = time.AfterFunc(time.Until(next.start), func() {
		defer p.running.Done()
		p.resume(next)
	})
}

// resume carries out what follow has planned.
func (p *probe) resume(r *run) {
	p.mu.Lock()
	p.next = nil
	if p.stopped || !p.wanted() {
		p.mu.Unlock()
		close(r.settled)
		return
	}
	ctx := p.begin(context.Background(), r)
	p.mu.Unlock()
	p.do(ctx, r)
}

// stop cancels the run under way and gives up the one that is planned. What is
// known stays as it is.
func (p *probe) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.last != nil {
		p.last.cancel()
	}
	if p.next != nil && p.timer.Stop() {
		close(p.next.settled)
		p.next = nil
		p.running.Done()
	}
}

// hangs reports whether the check was started and has not returned.
func (p *probe) hangs() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last != nil && !p.last.returned
}
