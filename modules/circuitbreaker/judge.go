package circuitbreaker

import (
	"math/rand/v2"
	"time"
)

// countSuccess counts a call that succeeded in time while e, CLOSED, was the
// epoch.
func (b *Breaker) countSuccess(e *epoch, now time.Duration) {
	t, sec := b.striper.take(), second(now)
	b.tallies[t.stripe].count(Success, sec)
	e.window.add(t.stripe, sec, kindSuccess)
	b.striper.give(t)
	if sec >= e.check.Load() {
		b.judge(e, now, false, nil)
	}
}

// count counts a call that failed or was slow while e, CLOSED, was the epoch.
func (b *Breaker) count(e *epoch, now time.Duration, outcome Outcome, slow bool, err error) {
	t, sec := b.striper.take(), second(now)
	tally, k := &b.tallies[t.stripe], kindSuccess
	if outcome == Failure {
		k = kindFailure
	}
	tally.count(outcome, sec)
	e.window.add(t.stripe, sec, k)
	if slow {
		tally.n[slowCalls].Add(1)
		e.window.addSlow(t.stripe)
	}
	b.striper.give(t)
	b.judge(e, now, outcome == Failure, err)
}

func (b *Breaker) countExcluded(now time.Duration) {
	t := b.striper.take()
	b.tallies[t.stripe].count(Excluded, second(now))
	b.striper.give(t)
}

// judge trips the breaker if the window of e says so.
func (b *Breaker) judge(e *epoch, now time.Duration, failed bool, err error) {
	if b.view.Load().epoch != e {
		return
	}
	b.mu.Lock()
	defer b.unlock()
	v := b.view.Load()
	if v.epoch != e {
		return
	}
	if failed {
		b.remember(err)
		e.countRun()
	}
	if v.tripped(now) {
		b.machine.trip()
	}
}

// remember keeps err as the last failure. The lock is held.
func (b *Breaker) remember(err error) {
	if err != nil {
		b.last = err
	}
}

// countRun counts a failure in a row: no call has succeeded since the one
// before it. The lock is held.
func (e *epoch) countRun() {
	e.run = e.inARow() + 1
	e.seen = e.window.succeededEver()
}

// inARow returns how many failures there were since the last success. The lock
// is held.
func (e *epoch) inARow() int {
	if e.window.succeededEver() != e.seen {
		return 0
	}
	return e.run
}

// tripped reports whether the window says that the dependency is broken, and
// sets when the next success has to ask again. It is called under the lock of
// the breaker.
//
// check is cleared first: a success that adds itself after the sums were taken
// finds it cleared, and waits for the lock to look itself.
func (v *view) tripped(now time.Duration) bool {
	v.check.Store(checkAlways)
	cfg, s := v.cfg, v.window.sum(second(now))
	if cfg.SlowCallDuration == 0 {
		s.slow = 0 // counted by a configuration that was changed
	}
	switch {
	case cfg.Mode == ModeAdaptive:
		v.check.Store(checkNever)
		return false
	case v.order.at(now) == ControlClosed:
		v.check.Store(second(v.order.until))
		return false
	case cfg.ConsecutiveFailures > 0 && v.inARow() >= cfg.ConsecutiveFailures:
		return true
	case s.failed == 0 && s.slow == 0:
		v.check.Store(checkNever)
		return false
	case s.calls() < uint64(cfg.MinThroughput): //nolint:gosec // validated, at least 1
		return false
	case share(s.failed, s.calls()) >= float64(cfg.FailureThreshold),
		share(s.slow, s.calls()) >= float64(cfg.SlowCallThreshold):
		return true
	default:
		v.check.Store(second(now) + 1)
		return false
	}
}

// share divides, because a quotient is rounded like the literal of a threshold:
// 7/100 >= 0.07 holds, 7 >= 0.07*100 does not.
func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// throttles decides by chance whether adaptive mode refuses a call, and counts
// it if so.
func (b *Breaker) throttles(v *view, now time.Duration) bool {
	sec := second(now)
	rejection := v.rejection(v.window.sum(sec))
	if rejection == 0 || rand.Float64() >= rejection { //nolint:gosec // a share of calls, not a secret
		return false
	}
	b.rejected.Add(1)
	t := b.striper.take()
	v.window.add(t.stripe, sec, kindThrottled)
	b.striper.give(t)
	return true
}

// rejection is the probability with which adaptive mode refuses a call.
func (v *view) rejection(s sums) float64 {
	c, requests := v.cfg, s.calls()+s.throttled
	if requests < uint64(c.MinThroughput) { //nolint:gosec // validated, at least 1
		return 0
	}
	p := (float64(requests) - c.AdaptiveK*float64(s.succeeded)) / float64(requests+1)
	return min(max(p, 0), float64(c.AdaptiveMaxRejection))
}
