package resilience

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Pipeline is a compiled [Policy]. It comes from [Runner.Compile]; its methods
// may be called concurrently.
type Pipeline struct {
	name    string
	policy  Policy // effective
	runner  *Runner
	breaker *circuitbreaker.Breaker // nil if off
	timeout time.Duration           // total, 0 is none
	longest time.Duration           // of one attempt, for the lease of a trial

	bulkhead bulkhead
	counters counters
}

// Result is how a call ended.
type Result struct {
	Value    any   // of the call, or of the fallback
	Err      error // nil if there is a value
	Attempts int   // how many times the call was made: 0 if a breaker refused it
	Fallback bool  // the fallback gave the value, or failed to
}

// Name returns the name under which the pipeline was compiled.
func (p *Pipeline) Name() string { return p.name }

// Policy returns the effective policy: inherited values filled in, Off applied.
func (p *Pipeline) Policy() Policy { return p.policy }

// HasFallback reports whether failures are replaced.
func (p *Pipeline) HasFallback() bool { return p.policy.EnableFallback }

// Run makes a call: [Pipeline.Enter], [Admission.Run] and [Admission.Leave].
func (p *Pipeline) Run(ctx context.Context, a Attempt) Result {
	admission, err := p.Enter(ctx)
	if err != nil {
		return Result{Err: err}
	}
	defer admission.Leave()
	return admission.Run(a) //nolint:contextcheck // its context was made from ctx by Enter
}

// Enter starts the total deadline and takes a slot of the bulkhead. The caller
// must call Leave on the [Admission]. The error is a [*TimeoutError] where the
// deadline of the caller is over already, an [*OverloadedError] where no slot is
// free, or that of a cancelled ctx; none of them is replaced by a fallback.
func (p *Pipeline) Enter(ctx context.Context) (*Admission, error) {
	a := &Admission{pipeline: p}
	inherited := a.total.start(ctx, time.Now(), p.timeout)
	if err := ctx.Err(); err != nil || inherited && a.total.limit <= 0 {
		return nil, p.refuse(err)
	}
	a.hurried = inherited && a.total.limit < retry.MinAttempt
	if limit := p.bulkhead.enter(); limit > 0 {
		p.counters.attempts[attemptOverloaded].Add(1)
		return nil, newOverloaded(p.name, limit)
	}
	return a, nil
}

// refuse is the error of a call whose context was over from the start.
func (p *Pipeline) refuse(err error) error {
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	p.counters.timeouts[timeoutTotal].Add(1)
	return &TimeoutError{Kind: KindTotal}
}

// retryable reports whether the policy wants err repeated.
func (p *Pipeline) retryable(err error) bool {
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

// defaultRetryOnStatus are the statuses of a server that is away for a moment.
func defaultRetryOnStatus() []int {
	return []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
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
