package circuitbreaker

import "time"

const (
	// leaseMargin is what a trial may take beyond its longest time.
	leaseMargin = time.Second
	// maxLease bounds the time of a trial whose call is not bounded.
	maxLease = 24 * time.Hour
)

// Permit is the leave to make one call. Its Done must be called exactly once,
// whatever becomes of the call: defer it. A Permit must not be copied, nor used
// by two goroutines at once.
type Permit struct {
	breaker *Breaker // nil once done, and where nothing is to be recorded
	epoch   *epoch
	trial   *trial        // half-open only
	slow    time.Duration // the time since the base beyond which the call is slow; 0 if none is
}

// trial is a call let through half-open. Its fields are guarded by the lock of
// the breaker.
type trial struct {
	epoch *epoch
	done  func(error) // tells gobreaker
	lease *time.Timer // fires if the trial does not end
	slow  time.Duration
	ended bool
}

// Acquire asks for leave to make one call. It returns an [*OpenError] if the
// breaker refuses. It allocates nothing unless it begins a trial.
func (b *Breaker) Acquire() (Permit, error) {
	if v := b.view.Load(); v.plain {
		return Permit{breaker: b, epoch: v.epoch}, nil
	}
	return b.acquire(b.elapsed(), 0)
}

// AcquireFor is [Breaker.Acquire] for a call that takes at most longest, if
// that is not [Config.Timeout], which 0 stands for. A trial that has not ended
// one second later counts as failed.
func (b *Breaker) AcquireFor(longest time.Duration) (Permit, error) {
	if v := b.view.Load(); v.plain {
		return Permit{breaker: b, epoch: v.epoch}, nil
	}
	return b.acquire(b.elapsed(), longest)
}

// AcquireAt is [Breaker.AcquireFor] for a caller that has read the clock: now
// is the time since [Service.Base].
func (b *Breaker) AcquireAt(now, longest time.Duration) (Permit, error) {
	if v := b.view.Load(); v.plain {
		return Permit{breaker: b, epoch: v.epoch}, nil
	}
	return b.acquire(now, longest)
}

// acquire is what a call needs that finds the breaker in no plain view. A
// longest of 0 is that of the configuration.
func (b *Breaker) acquire(now, longest time.Duration) (Permit, error) {
	v := b.view.Load()
	switch {
	case v.state == Closed:
		return b.admit(v, now, longest)
	case v.refuses(now):
		b.rejected.Add(1)
		return Permit{}, v.refusal
	default:
		return b.begin(now, longest)
	}
}

// refuses reports whether a breaker that is not closed lets no call through.
func (v *view) refuses(now time.Duration) bool { return v.state == Open && now < v.due || v.full() }

// admit lets a call through in CLOSED, where it is not plain: the first one, or
// with slow calls, in adaptive mode, bypassed.
func (b *Breaker) admit(v *view, now, longest time.Duration) (Permit, error) {
	control := v.order.at(now)
	if control == ControlBypass {
		return Permit{}, nil
	}
	if v.window == nil || v.order.control == ControlBypass {
		if v = b.settleDown(now); v.state != Closed {
			return b.acquire(now, longest)
		}
	}
	if v.cfg.Mode == ModeAdaptive && control == ControlAuto && b.throttles(v, now) {
		return Permit{}, v.refusal
	}
	permit := Permit{breaker: b, epoch: v.epoch}
	if v.cfg.SlowCallDuration > 0 {
		permit.slow = later(now, v.cfg.SlowCallDuration)
	}
	return permit, nil
}

// begin begins a trial, if the state is still what the caller saw.
func (b *Breaker) begin(now, longest time.Duration) (Permit, error) {
	b.mu.Lock()
	v := b.view.Load()
	if v.state == Closed || v.refuses(now) {
		b.mu.Unlock()
		return b.acquire(now, longest)
	}
	defer b.unlock()
	done, err := b.machine.Allow() // moves OPEN to HALF-OPEN
	v = b.view.Load()
	if err != nil {
		b.rejected.Add(1)
		return Permit{}, v.refusal
	}
	b.touch()
	v.admitted.Add(1)
	return Permit{breaker: b, epoch: v.epoch, trial: b.newTrial(v, now, longest, done)}, nil
}

func (b *Breaker) newTrial(v *view, now, longest time.Duration, done func(error)) *trial {
	t := &trial{epoch: v.epoch, done: done}
	if longest == 0 {
		longest = v.cfg.Timeout
	}
	if v.cfg.SlowCallDuration > 0 {
		t.slow = later(now, v.cfg.SlowCallDuration)
	}
	t.lease = time.AfterFunc(min(longest, maxLease)+leaseMargin, func() { b.end(t, b.elapsed(), Failure, errLease) })
	return t
}

// Done reports how the call ended; err is the failure to remember, and may be
// nil. Calls after the first do nothing, and so does Done on a Permit that came
// with an error.
func (p *Permit) Done(outcome Outcome, err error) {
	if p.breaker != nil {
		p.DoneAt(p.breaker.elapsed(), outcome, err)
	}
}

// DoneAt is [Permit.Done] for a caller that has read the clock: now is the time
// since [Service.Base].
func (p *Permit) DoneAt(now time.Duration, outcome Outcome, err error) {
	b := p.breaker
	if b == nil {
		return
	}
	p.breaker = nil
	if outcome > Excluded { // of a Classify that makes up its own
		outcome = Failure
	}
	switch slow := p.slow != 0 && now > p.slow; {
	case p.trial != nil:
		b.end(p.trial, now, outcome, err)
	case outcome == Success && !slow:
		b.countSuccess(p.epoch, now)
	case outcome == Excluded:
		b.countExcluded(now)
	default:
		b.count(p.epoch, now, outcome, slow, err)
	}
}

// end ends a trial, once. The outcome of a trial whose epoch is over is counted
// but moves nothing.
func (b *Breaker) end(t *trial, now time.Duration, outcome Outcome, err error) {
	b.mu.Lock()
	defer b.unlock()
	if t.ended {
		return
	}
	t.ended = true
	t.lease.Stop()
	slow := outcome != Excluded && t.slow != 0 && now > t.slow
	b.tallies[0].count(outcome, second(now))
	if slow {
		b.tallies[0].n[slowCalls].Add(1)
	}
	if outcome == Excluded {
		t.epoch.admitted.Add(-1)
	}
	if v := b.view.Load(); v.epoch == t.epoch {
		t.done(b.verdict(v, outcome, slow, err))
		b.fit()
	}
}

// verdict is what gobreaker is told of a trial of the present epoch.
func (b *Breaker) verdict(v *view, outcome Outcome, slow bool, err error) error {
	if slow {
		v.slow++
	}
	switch {
	case outcome == Excluded:
		return errTrialExcluded
	case outcome == Failure:
		b.remember(err)
		return errTrialFailed
	case slow && share(uint64(v.slow), uint64(v.limit)) >= float64(v.cfg.SlowCallThreshold): //nolint:gosec // not negative
		return errTrialFailed
	default:
		return nil
	}
}
