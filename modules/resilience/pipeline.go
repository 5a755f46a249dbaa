package resilience

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Pipeline is a compiled [Policy]. It comes from [Runner.Compile]; its methods
// may be called concurrently.
type Pipeline struct {
	name   string
	runner *Runner
	clock  *clock
	plan   atomic.Pointer[plan] // replaced by a change at run time

	declared Policy                            // as it was compiled: what changes begin from
	began    Switch                            // what was on at first
	hedged   bool                              // whether there was hedging at first
	slots    atomic.Pointer[bulkhead.Bulkhead] // kept over changes, nil until one is needed
	budget   *retry.Budget                     // kept over changes: it is an account
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

// Policy returns the effective policy as it holds now: inherited values filled
// in, overrides and Off applied. It may change at run time; what holds for one
// call is in [Admission.Policy].
func (p *Pipeline) Policy() Policy { return p.plan.Load().policy }

// HasFallback reports whether failures are replaced, as of now.
func (p *Pipeline) HasFallback() bool { return p.plan.Load().policy.EnableFallback }

// Run makes a call: [Pipeline.Enter], [Admission.Run] and [Admission.Leave].
func (p *Pipeline) Run(ctx context.Context, a Attempt) Result {
	admission, err := p.enter(ctx, 0)
	if err != nil {
		return Result{Err: err}
	}
	defer admission.Leave()
	return admission.run(a) //nolint:contextcheck // its context was made from ctx by enter
}

// Enter starts the total deadline and takes a slot of the bulkhead, for which it
// may wait in the queue. The caller must call Leave on the [Admission]. The error
// is a [*TimeoutError] where the deadline of the caller is over already, an
// [*OverloadedError] where no slot is free, that of the shedder where the process
// has too much to do, or that of a cancelled ctx; none of them is replaced by a
// fallback.
func (p *Pipeline) Enter(ctx context.Context) (*Admission, error) { return p.EnterWithin(ctx, 0) }

// EnterWithin is [Pipeline.Enter] with a deadline that the caller sent along:
// what remains of it from now on. Zero is none; a negative one is over. The
// earliest of it, the deadline of ctx and the policy's Timeout holds.
func (p *Pipeline) EnterWithin(ctx context.Context, remaining time.Duration) (*Admission, error) {
	a, err := p.enter(ctx, remaining)
	if err == nil {
		a.started = 0 // guards and binding come first: the call reads the clock again
	}
	return a, err
}

// enter is EnterWithin for a call that begins at once.
func (p *Pipeline) enter(ctx context.Context, remaining time.Duration) (*Admission, error) {
	if err := ctx.Err(); err != nil {
		return nil, p.refuse(err, 0)
	}
	now := p.clock.now()
	plan := p.plan.Load()
	a := plan.admission()
	a.pipeline, a.plan, a.started = p, plan, now
	limit, sent := plan.timeout, false
	if remaining != 0 && (limit == 0 || remaining < limit) {
		limit, sent = max(remaining, 0), true
	}
	inherited := a.total.start(ctx, p.clock, now, limit) || sent
	if inherited && (a.total.limit <= 0 || remaining < 0) {
		return nil, p.refuse(context.DeadlineExceeded, 0)
	}
	a.hurried = inherited && a.total.limit < retry.MinAttempt
	if plan.shedder != nil || plan.bulkhead != nil {
		if err := a.queue(); err != nil { //nolint:contextcheck // its context was made from ctx
			a.total.end(canceled) // who waited has a timer, and a hook in ctx
			return nil, err
		}
	}
	return a, nil
}

// admission returns a new one, with room for the deadline of an attempt where
// attempts have one.
func (p *plan) admission() *Admission {
	if p.policy.AttemptTimeout <= 0 {
		return new(Admission)
	}
	a := new(struct {
		Admission

		first deadline
	})
	a.own = &a.first
	return &a.Admission
}

// refuse is the error of a call whose context was over before it began: from the
// start, or after so long in the queue.
func (p *Pipeline) refuse(err error, after time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		p.counters.timeouts[timeoutTotal].Add(1)
		err = &TimeoutError{After: after, Kind: KindTotal}
	}
	p.noteRefused(err)
	return err
}
