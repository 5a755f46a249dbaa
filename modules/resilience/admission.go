package resilience

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Admission is one call inside its total deadline and its bulkhead. It is the
// only thing a call that succeeds allocates. It belongs to one goroutine.
type Admission struct {
	pipeline *Pipeline
	plan     *plan     // what holds for this call
	own      *deadline // of the attempt that runs, nil if attempts have none
	total    deadline

	started, ended time.Duration // of the call, on the clock; 0 is not yet
	attempts       int32
	retries        int32
	hurried        bool // the caller left next to no time
	failed         bool // for the adaptive limit
	ran, left      bool
}

// Context returns the context of the call, which ends at the total deadline and
// on [Admission.Leave]. Guards and binding use it, too.
func (a *Admission) Context() context.Context { return &a.total }

// Policy returns the policy that holds for this call: a change at run time does
// not touch calls that have begun. It must not be changed.
func (a *Admission) Policy() *Policy { return &a.plan.policy }

// queue asks the shedder and waits for a slot.
func (a *Admission) queue() error {
	p, plan := a.pipeline, a.plan
	if plan.shedder != nil {
		if err := plan.shedder.Admit(plan.policy.Priority); err != nil {
			p.counters.attempts[attemptShed].Add(1)
			p.noteRefused(err)
			return err //nolint:wrapcheck // it says all there is to say
		}
	}
	if plan.bulkhead == nil {
		return nil
	}
	if err := plan.bulkhead.Enter(&a.total, plan.policy.Priority); err != nil {
		if plan.shedder != nil {
			plan.shedder.Done()
		}
		return a.refused(err)
	}
	if plan.queues {
		a.started = p.clock.now()
	}
	return nil
}

// refused is the error of a call that got no slot.
func (a *Admission) refused(err error) error {
	p := a.pipeline
	full, ok := errors.AsType[*bulkhead.FullError](err)
	if !ok { // the call ended while it waited; err may be a cause of the caller's own
		return p.refuse(a.total.Err(), a.total.limit)
	}
	p.counters.attempts[attemptOverloaded].Add(1)
	err = &OverloadedError{Name: p.name, Limit: full.Limit, Reason: full.Reason, after: full.RetryAfter()}
	p.noteRefused(err)
	return err
}

// Leave gives the slot back and ends the context. It must be called; only the
// first call counts.
func (a *Admission) Leave() {
	if a.left {
		return
	}
	a.left = true
	a.total.end(canceled)
	if b := a.plan.bulkhead; b != nil {
		b.Leave(max(a.ended-a.started, 0), a.ran && !a.failed)
	}
	if s := a.plan.shedder; s != nil {
		s.Done()
	}
}

// Run makes the call: fallback, retry, breaker and attempt timeout around at.
// It panics only if the breaker's classification or RetryIf does; a panic of the
// call becomes a [*circuitbreaker.PanicError].
func (a *Admission) Run(at Attempt) Result {
	a.started = 0
	return a.run(at)
}

// run is Run for a call that may have read the clock already.
func (a *Admission) run(at Attempt) Result {
	if a.started == 0 {
		a.started = a.pipeline.clock.now()
	}
	a.ran = true
	if a.plan.policy.Hedge.Max > 0 {
		return a.runHedged(at)
	}
	value, err := a.try(at, a.started)
	if err != nil {
		if a.attempts > 0 { // 0: its own breaker is open
			a.pipeline.counters.otherFirsts.Add(1)
		}
		return a.rescue(at, err)
	}
	result := Result{Value: value, Attempts: 1}
	if a.pipeline.counters.succeed(a)%sampleEvery == 0 {
		a.note(result, nil)
	}
	return result
}

// rescue repeats a call whose first attempt failed with err, or replaces its
// answer.
func (a *Admission) rescue(at Attempt, err error) Result {
	var value any
	if a.attempts > 0 && a.plan.policy.EnableRetry {
		value, err = a.repeat(at, err)
	}
	a.failed = err != nil
	cause := err
	result := Result{Value: value, Err: err, Attempts: int(a.attempts)}
	if err != nil && a.replaceable(at, err) {
		result.Value, result.Err = a.fallback(at, err)
		result.Fallback = true
	}
	a.note(result, cause)
	return result
}

// How far an attempt has come, for what happens if it ends by a panic or with
// its goroutine.
const (
	calling = iota // the call runs
	called         // it has returned
	settled        // it has been counted
)

// try makes one attempt through the breaker. now is the time on the clock.
func (a *Admission) try(at Attempt, now time.Duration) (value any, err error) {
	plan := a.plan
	var permit circuitbreaker.Permit
	if plan.breaker != nil {
		if permit, err = plan.breaker.AcquireAt(now, plan.longest); err != nil {
			a.pipeline.counters.attempts[attemptRejected].Add(1)
			a.ended = now
			return nil, err
		}
	}
	a.attempts++
	step := calling
	defer func() {
		if step == settled {
			return
		}
		if step == calling {
			if r := recover(); r != nil {
				value, err = nil, &circuitbreaker.PanicError{Value: r, Stack: debug.Stack()}
			} else {
				err = errGoexit
			}
		}
		if a.own != nil {
			a.own.end(canceled)
		}
		a.ended, a.failed = a.pipeline.clock.now(), true
		permit.DoneAt(a.ended, circuitbreaker.Failure, err)
		a.pipeline.counters.attempts[circuitbreaker.Failure].Add(1)
	}()
	value, err = a.attempt(at, now)
	step = called
	outcome := circuitbreaker.Success
	if err != nil {
		outcome = plan.outcome(&a.total, err, a.hurried && a.attempts == 1)
	}
	permit.DoneAt(a.ended, outcome, err)
	step = settled
	if err != nil || a.attempts > 1 {
		a.pipeline.counters.attempts[outcome].Add(1)
	}
	return value, err
}

// attempt makes one attempt within its deadlines, and reads the clock at its end.
func (a *Admission) attempt(at Attempt, now time.Duration) (any, error) {
	plan := a.plan
	if plan.policy.AttemptTimeout <= 0 {
		return a.within(&a.total, KindTotal, at)
	}
	kind := KindAttempt
	if a.attempts > 1 { // that of the first one may be in use still
		a.own = new(deadline)
	}
	if a.own.within(&a.total, now, plan.policy.AttemptTimeout) {
		kind = KindTotal
	}
	value, err := a.within(a.own, kind, at)
	a.own.end(canceled)
	return value, err
}

// within makes the call under d and turns what came too late into an error of
// the kind.
func (a *Admission) within(d *deadline, kind string, at Attempt) (value any, err error) {
	if a.plan.policy.TimeoutMode == Hard {
		value, err = a.detach(d, at)
	} else {
		value, err = a.plan.call(d, at)
	}
	a.ended = a.pipeline.clock.now()
	if a.ended < d.at {
		return value, err
	}
	return a.late(kind, at, value, err)
}

// late says what becomes of a call that ended after its deadline.
func (a *Admission) late(kind string, at Attempt, value any, err error) (any, error) {
	if a.plan.policy.TimeoutMode == Hard && !errors.Is(err, context.DeadlineExceeded) || committed(at) {
		return value, err // it returned in time, and was seen later
	}
	if _, panicked := errors.AsType[*circuitbreaker.PanicError](err); panicked || errors.Is(err, context.Canceled) {
		return nil, err
	}
	a.pipeline.discard(&a.total, at, value)
	return nil, a.timedOut(kind, err)
}

// timedOut counts a timeout and returns its error.
func (a *Admission) timedOut(kind string, err error) error {
	timeouts := &a.pipeline.counters.timeouts
	if kind == KindAttempt {
		timeouts[timeoutAttempt].Add(1)
		return &TimeoutError{After: a.plan.policy.AttemptTimeout, Kind: kind, Err: err}
	}
	timeouts[timeoutTotal].Add(1)
	return &TimeoutError{After: a.total.limit, Kind: kind, Err: err}
}
