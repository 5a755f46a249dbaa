package circuitbreaker

import (
	"time"
)

// leaseMargin is what a trial may take beyond its longest time.
const leaseMargin = time.Second

// Permit is the leave to make one call. Its Done must be called exactly once,
// whatever becomes of the call: defer it. A Permit must not be copied, nor used
// by two goroutines at once.
type Permit struct {
	breaker *Breaker // nil once done
	epoch   *epoch
	trial   *trial // half-open only
}

// trial is a call let through half-open. Its fields are guarded by the lock of
// the breaker.
type trial struct {
	epoch *epoch
	done  func(error) // tells gobreaker
	lease *time.Timer // fires if the trial does not end
	ended bool
}

// Acquire asks for leave to make one call. It returns an [*OpenError] if the
// breaker refuses. It allocates nothing unless it begins a trial.
func (b *Breaker) Acquire() (Permit, error) { return b.AcquireFor(b.cfg.Timeout) }

// AcquireFor is [Breaker.Acquire] for a call that takes at most longest, if
// that is not [Config.Timeout]. A trial that has not ended one second later
// counts as failed.
func (b *Breaker) AcquireFor(longest time.Duration) (Permit, error) {
	e := b.epoch.Load()
	if e.state == Closed {
		return Permit{breaker: b, epoch: e}, nil
	}
	if e.state == Open && b.elapsed() < e.due {
		b.rejected.Add(1)
		return Permit{}, e.refusal
	}
	permit, err := b.begin(longest)
	b.tell()
	return permit, err
}

// begin begins a trial, if the state is still what the caller saw.
func (b *Breaker) begin(longest time.Duration) (Permit, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.epoch.Load()
	if e.state == Closed {
		return Permit{breaker: b, epoch: e}, nil
	}
	if e.state == Open && b.elapsed() < e.due {
		b.rejected.Add(1)
		return Permit{}, e.refusal
	}
	done, err := b.machine.Allow() // moves OPEN to HALF-OPEN
	e = b.epoch.Load()
	if err != nil {
		b.rejected.Add(1)
		return Permit{}, e.refusal
	}
	e.trials.Add(1)
	t := &trial{epoch: e, done: done}
	t.lease = time.AfterFunc(longest+leaseMargin, func() { b.end(t, Failure, errLease) })
	return Permit{breaker: b, epoch: e, trial: t}, nil
}

// Done reports how the call ended; err is the failure to remember, and may be
// nil. Calls after the first do nothing, and so does Done on a Permit that came
// with an error.
func (p *Permit) Done(outcome Outcome, err error) {
	b := p.breaker
	if b == nil {
		return
	}
	p.breaker = nil
	switch {
	case p.trial != nil:
		b.end(p.trial, outcome, err)
	case outcome == Success:
		b.countSuccess(p.epoch)
	case outcome == Failure:
		b.countFailure(p.epoch, err)
	default:
		b.excluded.Add(1)
	}
}

// end ends a trial, once. The outcome of a trial whose epoch is over is counted
// but moves nothing.
func (b *Breaker) end(t *trial, outcome Outcome, err error) {
	b.mu.Lock()
	if !t.ended {
		t.ended = true
		t.lease.Stop()
		b.settle(t, outcome, err)
	}
	b.mu.Unlock()
	b.tell()
}

func (b *Breaker) settle(t *trial, outcome Outcome, err error) {
	present := b.epoch.Load() == t.epoch
	switch outcome {
	case Success:
		b.succeeded.Add(1)
		b.lastSuccess.Store(b.second() + 1)
		err = nil
	case Failure:
		b.failed.Add(1)
		b.lastFailure.Store(b.second() + 1)
		if present {
			b.last = err
		}
		err = errTrialFailed
	default:
		b.excluded.Add(1)
		t.epoch.trials.Add(-1)
		err = errTrialExcluded
	}
	if present {
		t.done(err)
	}
}
