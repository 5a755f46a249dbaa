package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Check looks at one thing that the process depends on.
type Check struct {
	// Name is what probes call it, such as "database". It is not empty and not
	// that of another check.
	Name string

	// Timeout bounds Run; then the thing is down. 0 means Config.CheckTimeout.
	Timeout time.Duration

	// Optional is true where the process can serve without the thing: it is
	// reported by /health but does not decide readiness.
	Optional bool

	// Run returns nil if the thing is up. It must end with its context. No two
	// runs of one check overlap. A panic is an error.
	Run func(context.Context) error
}

func (c Check) validate() error {
	switch {
	case c.Name == "":
		return errors.New("a health check needs a name")
	case c.Run == nil:
		return fmt.Errorf("health check %q has nothing to run", c.Name)
	case c.Timeout < 0:
		return fmt.Errorf("health check %q: timeout %s is negative", c.Name, c.Timeout)
	default:
		return nil
	}
}

// errTimeout is the result of a check that did not answer in time.
var errTimeout = errors.New("timeout")

// probe runs a check for everybody who asks: one run at a time, whose result
// is good for a while.
type probe struct {
	check    Check
	cacheFor time.Duration
	log      *slog.Logger

	mu      sync.Mutex
	last    *run
	down    bool // as it was last logged
	stopped bool
	running sync.WaitGroup
}

// run is one run of a check. What it found is written before settled is
// closed, and not changed after.
type run struct {
	settled chan struct{} // the check has answered, or its time is over
	once    sync.Once
	err     error
	took    time.Duration
	at      time.Time

	returned chan struct{} // the check has let go of its goroutine
}

// ask returns the result of a run that is at most cacheFor old, and makes one
// if there is none. It waits for it, at most for the timeout of the check or
// until ctx ends.
func (p *probe) ask(ctx context.Context) Result {
	r := p.current(ctx)
	if r == nil {
		return p.result(errStopped, 0, time.Now())
	}
	select {
	case <-r.settled:
		return p.result(r.err, r.took, r.at)
	case <-ctx.Done():
		return p.result(errTimeout, 0, time.Now())
	}
}

// current returns the run to wait for, nil after stop. A check that ignores its
// timeout is never started a second time beside itself: its run stays current,
// and down, until it returns.
func (p *probe) current(ctx context.Context) *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil && (!p.last.over() || time.Since(p.last.at) < p.cacheFor) {
		return p.last
	}
	if p.stopped {
		return nil
	}
	p.last = &run{settled: make(chan struct{}), returned: make(chan struct{})}
	p.running.Add(1)
	go p.do(context.WithoutCancel(ctx), p.last) // whoever asks first may leave before the others
	return p.last
}

// over reports whether the run has a result and has returned.
func (r *run) over() bool {
	select {
	case <-r.returned:
		return true
	default:
		return false
	}
}

// do runs the check and settles r, at the latest when its time is over.
func (p *probe) do(ctx context.Context, r *run) {
	defer p.running.Done()
	defer close(r.returned)
	ctx, cancel := context.WithTimeout(ctx, p.check.Timeout)
	defer cancel()
	start := time.Now()
	stop := context.AfterFunc(ctx, func() { p.settle(r, errTimeout, start) })
	err := p.call(ctx)
	stop()
	p.settle(r, err, start)
}

func (p *probe) call(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return p.check.Run(ctx)
}

// settle writes the result of r once, and logs it where it differs from the
// one before.
func (p *probe) settle(r *run, err error, start time.Time) {
	r.once.Do(func() {
		if errors.Is(err, context.DeadlineExceeded) {
			err = errTimeout
		}
		p.mu.Lock()
		r.err, r.at = err, time.Now()
		r.took = r.at.Sub(start)
		turned := (err != nil) != p.down
		p.down = err != nil
		p.mu.Unlock()
		close(r.settled)
		switch {
		case turned && err != nil:
			p.log.Warn("health check failed", slog.String("check", p.check.Name), slog.String("error", redact(err.Error())))
		case turned:
			p.log.Info("health check recovered", slog.String("check", p.check.Name))
		}
	})
}

// stop makes the probe answer without running its check.
func (p *probe) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}
