package resilience

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
)

// plan is what a policy was compiled to. It never changes: a call keeps the one
// it began with, whatever is set while it runs.
type plan struct {
	policy  Policy // effective
	sources map[string]string

	timeout time.Duration // total, 0 is none
	longest time.Duration // of one attempt, for the lease of a trial
	queues  bool          // a call may wait before it begins

	breaker  *circuitbreaker.Breaker // nil if off
	bulkhead *bulkhead.Bulkhead      // nil if nothing is bounded
	shedder  *shed.Shedder           // nil if there is none
	monkey   *chaos.Monkey           // nil if nothing is injected
	budget   *retry.Budget           // nil if repetitions have none
}

// bounded reports whether calls need a slot: abandoned ones are bounded always.
func (p *Policy) bounded() bool {
	return p.MaxConcurrent > 0 || p.Adaptive || p.TimeoutMode == Hard || p.Hedge.Max > 0
}

// limits are the bounds of the policy as its bulkhead knows them.
func (p *Policy) limits() bulkhead.Config {
	return bulkhead.Config{Max: p.MaxConcurrent, Queue: p.MaxQueue, QueueTimeout: p.QueueTimeout, Adaptive: p.Adaptive}
}

// call makes the call itself, or what is injected in its place.
func (p *plan) call(ctx context.Context, at Attempt) (any, error) {
	if p.monkey != nil {
		if value, err, injected := p.monkey.Inject(ctx); injected {
			return value, err
		}
	}
	return at.Do(ctx)
}

// refusing reports whether the breaker, which this call may have opened itself,
// would refuse another attempt: then nobody waits for it.
func (p *plan) refusing() bool { return p.breaker != nil && p.breaker.Peek() != nil }

// outcome says how err counts. Only the first attempt can be hurried: no other
// begins without time.
func (p *plan) outcome(total *deadline, err error, hurried bool) circuitbreaker.Outcome {
	if err == nil {
		return circuitbreaker.Success
	}
	if p.breaker != nil {
		return p.breaker.Outcome(total, err, hurried)
	}
	if hurried && errors.Is(err, context.DeadlineExceeded) || total.gone() {
		return circuitbreaker.Excluded
	}
	return circuitbreaker.Classify(err)
}

// retryable reports whether the policy wants err repeated.
func (p *plan) retryable(err error) bool {
	if own := p.policy.Retry.RetryIf; own != nil {
		return own(err)
	}
	type passing interface {
		error
		Transient() bool
	}
	if self, ok := errors.AsType[passing](err); ok {
		return self.Transient()
	}
	if status, ok := statusOf(err); ok {
		return slices.Contains(p.policy.RetryOnStatus, status)
	}
	return retry.Transient(err)
}

func statusOf(err error) (int, bool) {
	type coded interface {
		error
		StatusCode() int
	}
	answer, ok := errors.AsType[coded](err)
	if !ok {
		return 0, false
	}
	return answer.StatusCode(), true
}
