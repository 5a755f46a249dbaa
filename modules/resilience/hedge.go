package resilience

import (
	"context"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// race is one call whose slow attempts are joined by others. Each attempt runs in
// a goroutine of its own, through the breaker, in its own deadline. The first
// answer wins; the others are cancelled and belong to the runner until they
// return.
type race struct {
	admission *Admission
	attempt   Attempt
	finished  chan contender

	begun   int
	entered []*deadline // of the attempts, in the order in which they began

	mu     sync.Mutex
	handed int  // attempts that have ended
	over   bool // nobody waits any more
}

// contender is what one attempt gave.
type contender struct {
	answer

	nth   int  // 0 is the first
	final bool // an answer, be it an error
}

// runHedged is run for a policy with [Hedge].
func (a *Admission) runHedged(at Attempt) Result {
	value, err := a.hedge(at)
	if a.attempts > 0 {
		a.pipeline.counters.otherFirsts.Add(1)
	}
	if err != nil {
		return a.rescue(at, err)
	}
	result := Result{Value: value, Attempts: int(a.attempts)}
	if a.pipeline.counters.otherFirsts.Load()%sampleEvery == 0 {
		a.note(result, nil)
	}
	return result
}

// hedge makes an attempt, which others join while it is slow.
//
// An attempt that fails before another has joined it is left to retry: hedging is
// against slowness. Once others run, a failure waits for them; if all fail, the
// failure of the first is that of the call.
func (a *Admission) hedge(at Attempt) (any, error) {
	if !hedgeable(at) {
		value, err := a.try(at, a.pipeline.clock.now())
		if err == nil && a.attempts == 1 {
			a.pipeline.counters.attempts[circuitbreaker.Success].Add(1)
		}
		return value, err
	}
	most := 1 + a.plan.policy.Hedge.Max
	r := &race{admission: a, attempt: at, finished: make(chan contender, most)}
	if err := r.begin(); err != nil {
		a.pipeline.counters.attempts[attemptRejected].Add(1)
		return nil, err
	}
	delay := a.plan.policy.Hedge.Delay
	for delay == 0 && r.begun < most && r.join() {
	}
	value, err := r.run(most, delay)
	a.ended = a.pipeline.clock.now()
	return value, err
}

// run waits for an answer, and lets further attempts join.
func (r *race) run(most int, delay time.Duration) (any, error) {
	a := r.admission
	defer r.end()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	var first contender
	for failed := 0; ; {
		select {
		case got := <-r.finished:
			if got.err == nil || got.final {
				if got.nth > 0 {
					a.pipeline.counters.hedges[hedgeWon].Add(1)
				}
				return got.value, got.err
			}
			if got.nth == 0 || first.err == nil {
				first, got = got, first
			}
			a.pipeline.notePanic(&a.total, got.err)
			if failed++; failed == r.begun {
				return nil, first.err
			}
		case <-timer.C:
			if r.begun < most && r.join() {
				timer.Reset(delay)
			}
		}
	}
}

// join begins a further attempt, if there is time for it, the breaker lets it
// through and the budget of repetitions has room. It reports whether it did.
func (r *race) join() bool {
	a := r.admission
	if a.total.at-a.pipeline.clock.now() < retry.MinAttempt || a.pipeline.runner.stopping() ||
		a.total.Err() != nil || !a.plan.budget.Take(a.pipeline.counters.first()) || r.begin() != nil {
		return false
	}
	a.pipeline.counters.hedges[hedgeBegun].Add(1)
	return true
}

// begin begins an attempt, unless the breaker refuses.
func (r *race) begin() error {
	a := r.admission
	now := a.pipeline.clock.now()
	var permit circuitbreaker.Permit
	if b := a.plan.breaker; b != nil {
		var err error
		if permit, err = b.AcquireAt(now, a.plan.longest); err != nil {
			return err //nolint:wrapcheck // the refusal itself is the error
		}
	}
	d, kind := new(deadline), KindTotal
	limit := a.plan.policy.AttemptTimeout
	if limit <= 0 {
		limit = never - now
	}
	if !d.within(&a.total, now, limit) {
		kind = KindAttempt
	}
	nth := r.begun
	r.begun++
	r.entered = append(r.entered, d)
	a.attempts++
	a.pipeline.runner.begin()
	go r.contend(nth, d, kind, permit)
	return nil
}

// contend makes one attempt, and counts it however it ends.
func (r *race) contend(nth int, d *deadline, kind string, permit circuitbreaker.Permit) {
	a := r.admission
	got := contender{nth: nth, answer: answer{err: errGoexit}}
	outcome := circuitbreaker.Failure
	defer a.pipeline.runner.end()
	defer func() {
		permit.DoneAt(a.pipeline.clock.now(), outcome, got.err)
		a.pipeline.counters.attempts[outcome].Add(1)
		d.end(canceled)
		r.hand(d, got)
	}()
	got.answer = r.call(d, kind)
	outcome = r.judge(&got)
}

// call makes the call of one attempt within its deadline.
func (r *race) call(d *deadline, kind string) (got answer) {
	a := r.admission
	got.err = errGoexit
	defer caught(&got)
	if a.plan.policy.TimeoutMode == Hard {
		got.value, got.err = a.detach(d, r.attempt)
	} else {
		got.value, got.err = a.plan.call(d, r.attempt)
	}
	if a.pipeline.clock.now() >= d.at {
		got.value, got.err = a.late(kind, r.attempt, got.value, got.err)
	}
	return got
}

// judge says how an attempt counts, and whether it is an answer: a client error
// is one, and ends the race.
func (r *race) judge(got *contender) (outcome circuitbreaker.Outcome) {
	outcome = circuitbreaker.Failure //nolint:wastedassign // what holds if the classification panics
	defer caught(&got.answer)
	r.mu.Lock()
	lost := r.over
	r.mu.Unlock()
	if lost && got.err != nil {
		return circuitbreaker.Excluded // it was cancelled for another's answer
	}
	outcome = r.admission.plan.outcome(&r.admission.total, got.err, r.admission.hurried)
	got.final = outcome == circuitbreaker.Success
	return outcome
}

// hand gives the answer to who waits for it, or drops it.
func (r *race) hand(ctx context.Context, got contender) {
	r.mu.Lock()
	r.handed++
	over := r.over
	if !over {
		r.finished <- got // has room for all
	}
	r.mu.Unlock()
	if over {
		r.admission.plan.bulkhead.Returned()
		r.lose(ctx, got)
	}
}

// lose drops an answer that nobody gets.
func (r *race) lose(ctx context.Context, got contender) {
	r.admission.pipeline.notePanic(ctx, got.err)
	r.admission.pipeline.discard(ctx, r.attempt, got.value)
}

// end cancels the attempts that have lost. Those that run on take slots of their
// own until they return, as abandoned calls do.
func (r *race) end() {
	r.mu.Lock()
	r.over = true
	for range r.begun - r.handed {
		r.admission.plan.bulkhead.Abandon()
	}
	r.mu.Unlock()
	for _, d := range r.entered {
		d.end(canceled)
	}
	for len(r.finished) > 0 {
		r.lose(&r.admission.total, <-r.finished)
	}
}
