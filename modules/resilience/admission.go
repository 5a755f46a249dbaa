package resilience

import (
	"context"
	"errors"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Admission is one call inside its total deadline and its bulkhead. It is the
// only thing a call that succeeds allocates. It belongs to one goroutine.
type Admission struct {
	pipeline *Pipeline
	total    deadline
	attempts int
	hurried  bool // the caller left next to no time
	left     bool
}

// Context returns the context of the call, which ends at the total deadline and
// on [Admission.Leave]. Guards and binding use it, too.
func (a *Admission) Context() context.Context { return &a.total }

// Leave gives the slot back and ends the context. It must be called; only the
// first call counts.
func (a *Admission) Leave() {
	if a.left {
		return
	}
	a.left = true
	a.total.cancel(context.Canceled)
	a.pipeline.bulkhead.leave()
}

// Run makes the call: fallback, retry, breaker and attempt timeout around at.
// It panics only if the breaker's classification or RetryIf does; a panic of the
// call becomes a [*circuitbreaker.PanicError].
func (a *Admission) Run(at Attempt) Result {
	value, err := a.try(at)
	if err == nil {
		return Result{Value: value, Attempts: a.attempts}
	}
	if a.pipeline.policy.EnableRetry && a.attempts > 0 { // 0: its own breaker is open
		value, err = a.repeat(at, err)
	}
	if err == nil || !a.replaceable(at, err) {
		return Result{Value: value, Err: err, Attempts: a.attempts}
	}
	value, err = a.fallback(at, err)
	return Result{Value: value, Err: err, Attempts: a.attempts, Fallback: true}
}

// try makes one attempt through the breaker.
func (a *Admission) try(at Attempt) (value any, err error) {
	p := a.pipeline
	var permit circuitbreaker.Permit
	if p.breaker != nil {
		if permit, err = p.breaker.AcquireFor(p.longest); err != nil {
			p.counters.attempts[attemptRejected].Add(1)
			return nil, err
		}
	}
	a.attempts++
	outcome := circuitbreaker.Failure // of a call that ends its goroutine
	defer func() {
		permit.Done(outcome, err)
		p.counters.attempts[outcome].Add(1)
	}()
	value, err = a.attempt(at)
	outcome = circuitbreaker.Success
	if err != nil {
		outcome = a.outcome(err)
	}
	return value, err
}

// outcome says how err counts. Only the first attempt can be hurried: no other
// begins without time.
func (a *Admission) outcome(err error) circuitbreaker.Outcome {
	hurried := a.hurried && a.attempts == 1
	if b := a.pipeline.breaker; b != nil {
		return b.Outcome(a.Context(), err, hurried)
	}
	if hurried && errors.Is(err, context.DeadlineExceeded) || errors.Is(a.total.Err(), context.Canceled) {
		return circuitbreaker.Excluded
	}
	return circuitbreaker.Classify(err)
}

// attempt makes one attempt within its deadlines.
func (a *Admission) attempt(at Attempt) (any, error) {
	p := a.pipeline
	if p.policy.AttemptTimeout <= 0 {
		return a.within(&a.total, KindTotal, at)
	}
	own, kind := new(deadline), KindAttempt
	if own.start(&a.total, time.Now(), p.policy.AttemptTimeout) {
		kind = KindTotal
	}
	defer own.cancel(context.Canceled)
	return a.within(own, kind, at)
}

// within makes the call under d and turns what came too late into an error of
// the kind.
func (a *Admission) within(d *deadline, kind string, at Attempt) (value any, err error) {
	hard := a.pipeline.policy.TimeoutMode == Hard
	if hard {
		value, err = a.pipeline.detach(d, at.Do)
	} else {
		value, err = do(d, at)
	}
	late := d.over() && (!hard || errors.Is(err, context.DeadlineExceeded))
	if !late || committed(at) {
		return value, err
	}
	if _, panicked := errors.AsType[*circuitbreaker.PanicError](err); panicked || errors.Is(err, context.Canceled) {
		return nil, err
	}
	return nil, a.pipeline.timedOut(kind, a, err)
}

// timedOut counts a timeout and returns its error.
func (p *Pipeline) timedOut(kind string, a *Admission, err error) error {
	if kind == KindAttempt {
		p.counters.timeouts[timeoutAttempt].Add(1)
		return &TimeoutError{After: p.policy.AttemptTimeout, Kind: kind, Err: err}
	}
	p.counters.timeouts[timeoutTotal].Add(1)
	return &TimeoutError{After: a.total.limit, Kind: kind, Err: err}
}

// repeat makes further attempts after the first has failed with err.
func (a *Admission) repeat(at Attempt, err error) (any, error) {
	p := a.pipeline
	policy := p.policy.Retry
	last := err
	policy.RetryIf = func(err error) bool {
		return p.retryable(err) && repeatable(at) && !committed(at) && !p.refusing() && !p.runner.stopping()
	}
	var value any
	err = p.runner.retries.Again(a.Context(), policy, err, func(context.Context) error {
		p.counters.retries[reasonOf(last)].Add(1)
		p.notePanic(a.Context(), last) //nolint:contextcheck // see below
		value, last = a.try(at)        //nolint:contextcheck // its context is that of the admission
		return last
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// refusing reports whether the breaker, which this call may have opened itself,
// would refuse another attempt: then nobody waits for it.
func (p *Pipeline) refusing() bool { return p.breaker != nil && p.breaker.Peek() != nil }

// replaceable reports whether a fallback may stand in for err: not for a client
// error, nor for a caller that has gone, nor once the answer has begun.
func (a *Admission) replaceable(at Attempt, err error) bool {
	return a.pipeline.policy.EnableFallback && circuitbreaker.Replaceable(err) &&
		!errors.Is(a.total.Err(), context.Canceled) && !committed(at)
}

// fallback asks for a substitute. It has its own time: that of the call is over
// more often than not.
func (a *Admission) fallback(at Attempt, cause error) (any, error) {
	p := a.pipeline
	if response := p.policy.FallbackResponse; response != nil {
		p.replaced(a.Context(), cause)
		return response, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.Context()), p.runner.cfg.FallbackTimeout)
	defer cancel()
	ask := func(ctx context.Context) (any, error) { return at.Fallback(ctx, cause) }
	run := protect
	if p.policy.TimeoutMode == Hard {
		run = p.detach
	}
	value, err := run(ctx, ask)
	switch {
	case err == nil:
		p.replaced(ctx, cause)
		return value, nil
	case errors.Is(err, cause):
		return nil, err // it handed the reason on
	default:
		p.notePanic(ctx, err) // the error tells of cause alone then
		return nil, &circuitbreaker.FallbackError{Cause: cause, Err: err}
	}
}

// replaced counts an answer that a fallback gave.
func (p *Pipeline) replaced(ctx context.Context, cause error) {
	p.counters.fallbacks[reasonOf(cause)].Add(1)
	p.notePanic(ctx, cause)
}
