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
	// errStopped is the result of a check that is no longer run.
	errStopped = errors.New("stopped")
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
	// memory is how long what a check was tells something about what it is,
	// beyond the time for which a result is good.
	memory = time.Minute
)

// probe runs a check for everybody who asks: one run at a time, whose result
// is good for a while. Where a run points elsewhere than those before, it is
// followed up by runs that nobody asks for, until the check has turned or not.
type probe struct {
	check    Check
	cacheFor time.Duration
	log      *slog.Logger
	wanted   func() bool // whether there may be runs that nobody asks for
	changed  func()      // called after each run

	mu      sync.Mutex
	streak  streak
	known   Result // by the streak and the last run; no Status before the first
	last    *run
	next    *run // the follow-up that waits for its time
	due     time.Time
	timer   *time.Timer // starts next
	busy    bool        // the check has not returned
	stopped bool
	running sync.WaitGroup
}

// run is one run of a check.
type run struct {
	start   time.Time
	settled chan struct{} // the check has answered, or its time is over
	once    sync.Once     // it is settled once
	over    bool          // as settled, guarded by the lock of the probe
}

// result returns what is known, and whether anything is.
func (p *probe) result() (Result, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known, p.known.Status != ""
}

// ask makes sure of a result that is fit to be told: nil if what is known is,
// else the run to wait for. The error says that there will be none.
//
// A check that ignores its timeout is never started a second time beside
// itself: what is known stays as it is until it returns.
func (p *probe) ask(ctx context.Context, now time.Time) (*run, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.pending(now); r != nil {
		return r, nil
	}
	if p.last != nil && (p.busy || now.Sub(p.last.start) < p.cacheFor) {
		return nil, nil
	}
	if p.stopped {
		return nil, errStopped
	}
	r := &run{settled: make(chan struct{})}
	p.begin(r)
	p.running.Go(func() { p.do(context.WithoutCancel(ctx), r) }) // whoever asks first may leave before the others
	return r, nil
}

// pending returns the run that will soon have a result, or nil. The lock is held.
func (p *probe) pending(now time.Time) *run {
	switch {
	case p.next != nil && p.due.Sub(now) <= soon:
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
func (p *probe) begin(r *run) { r.start, p.last, p.busy = time.Now(), r, true }

// do runs the check and settles r, at the latest when its time is over.
func (p *probe) do(ctx context.Context, r *run) {
	late := time.AfterFunc(p.check.Timeout+lag, func() { p.settle(ctx, r, errTimeout) })
	err := errGoexit
	defer func() {
		late.Stop()
		p.mu.Lock()
		p.busy = false
		p.mu.Unlock()
		p.settle(ctx, r, err)
	}()
	err = p.call(ctx)
}

func (p *probe) call(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, p.check.Timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	err = p.check.Run(ctx)
	if err != nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
		return errTimeout
	}
	return err
}

// settle ends r, once: it takes down the result, and logs it where it turned
// the check.
func (p *probe) settle(ctx context.Context, r *run, err error) {
	r.once.Do(func() {
		p.mu.Lock()
		turned := p.record(r, err)
		if p.streak.open() && !p.stopped {
			p.follow(ctx, r)
		}
		now, message := p.streak, p.known.Message
		p.mu.Unlock()
		p.changed()
		close(r.settled)
		if turned {
			now.tell(p.log, message)
		}
	})
}

// record enters the result of r. The lock is held.
func (p *probe) record(r *run, err error) (turned bool) {
	now := time.Now()
	if last := p.known.CheckedAt; now.Sub(last) > p.cacheFor+memory {
		p.streak.forget()
	}
	r.over = true
	turned = p.streak.add(err == nil)
	p.known = Result{
		Status:     Up,
		Degraded:   p.streak.condition == degraded,
		Failures:   p.streak.failures,
		Optional:   p.check.Optional,
		DurationMS: float64(now.Sub(r.start).Microseconds()) / 1000,
		CheckedAt:  now,
	}
	if p.streak.condition == down {
		p.known.Status = Down
	}
	if err != nil {
		p.known.Message = redact(err.Error())
	}
	return turned
}

// follow plans the run after r: as soon as a question could have one, and where
// the check still hangs then, that counts as a failed run. The lock is held.
func (p *probe) follow(ctx context.Context, r *run) {
	from := r.start
	if p.busy {
		from = time.Now()
	}
	next := &run{settled: make(chan struct{})}
	p.next, p.due = next, from.Add(p.cacheFor)
	p.running.Add(1)
	p.timer = time.AfterFunc(time.Until(p.due), func() {
		defer p.running.Done()
		p.resume(ctx, next)
	})
}

// resume carries out what follow has planned.
func (p *probe) resume(ctx context.Context, r *run) {
	p.mu.Lock()
	p.next = nil
	if p.stopped || !p.wanted() {
		p.mu.Unlock()
		close(r.settled)
		return
	}
	if p.busy {
		r.start, p.last = p.last.start, r
		p.mu.Unlock()
		p.settle(ctx, r, errTimeout)
		return
	}
	p.begin(r)
	p.mu.Unlock()
	p.do(ctx, r)
}

// stop makes the probe answer without running its check.
func (p *probe) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.next != nil && p.timer.Stop() {
		close(p.next.settled)
		p.next = nil
		p.running.Done()
	}
}
