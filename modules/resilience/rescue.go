package resilience

import (
	"context"
	"errors"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// repeat makes further attempts after the first has failed with err.
func (a *Admission) repeat(at Attempt, err error) (any, error) {
	p, plan := a.pipeline, a.plan
	policy := plan.policy.Retry
	last := err
	policy.RetryIf = func(err error) bool {
		return plan.retryable(err) && repeatable(at) && !committed(at) && !plan.refusing() && !p.runner.stopping()
	}
	policy.Allow = func() bool { return plan.budget.Take(p.counters.first()) }
	var value any
	err = p.runner.retries.Again(a.Context(), policy, err, func(context.Context) error {
		a.retries++
		p.counters.retries[reasonOf(last)].Add(1)
		p.notePanic(a.Context(), last) //nolint:contextcheck // see below
		value, last = a.again(at)      //nolint:contextcheck // its context is that of the admission
		return last
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// again makes an attempt that is not the first.
func (a *Admission) again(at Attempt) (any, error) {
	if a.plan.policy.Hedge.Max > 0 {
		return a.hedge(at)
	}
	return a.try(at, a.pipeline.clock.now())
}

// replaceable reports whether a fallback may stand in for err: not for a client
// error, nor for a caller that has gone, nor once the answer has begun.
func (a *Admission) replaceable(at Attempt, err error) bool {
	return a.plan.policy.EnableFallback && circuitbreaker.Replaceable(err) && !a.total.gone() && !committed(at)
}

// fallback asks for a substitute. It has its own time: that of the call is over
// more often than not.
func (a *Admission) fallback(at Attempt, cause error) (any, error) {
	p := a.pipeline
	if response := a.plan.policy.FallbackResponse; response != nil {
		p.replaced(a.Context(), cause)
		return response, nil
	}
	ctx := new(deadline)
	ctx.start(context.WithoutCancel(a.Context()), p.clock, p.clock.now(), p.runner.cfg.FallbackTimeout)
	defer ctx.end(canceled)
	value, err := a.ask(ctx, &errand{attempt: at, cause: cause})
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

// ask runs the fallback, where calls have hard deadlines no longer than its
// context lasts.
func (a *Admission) ask(ctx context.Context, e *errand) (any, error) {
	if a.plan.policy.TimeoutMode == Hard {
		return a.send(ctx, e)
	}
	got := e.call(ctx)
	return got.value, got.err
}

// replaced counts an answer that a fallback gave.
func (p *Pipeline) replaced(ctx context.Context, cause error) {
	p.counters.fallbacks[reasonOf(cause)].Add(1)
	p.notePanic(ctx, cause)
}
