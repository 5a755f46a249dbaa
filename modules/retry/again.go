package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	retrygo "github.com/avast/retry-go/v4"
)

// MinAttempt is the time an attempt must have to be worth beginning.
const MinAttempt = 10 * time.Millisecond

// operation is one call from its first failure on.
type operation struct {
	service  *Service
	ctx      context.Context //nolint:containedctx // retry-go's callbacks take none; it lives as long as repeat
	policy   Policy          // complete
	start    time.Time
	attempts int           // made so far
	last     error         // of the last attempt
	reason   string        // why there is no further one
	wait     time.Duration // before the next one
	planned  int           // the attempt after which wait was planned
	noted    int           // the attempt whose error is in texts
	delays   []time.Duration
	texts    []string
}

// repeat goes on where the first attempt failed.
func (s *Service) repeat(
	ctx context.Context, p *Policy, start time.Time, first error, fn func(context.Context) error,
) error {
	if start.IsZero() {
		start = time.Now()
	}
	o := &operation{service: s, ctx: ctx, policy: s.Effective(*p), start: start, attempts: 1, last: first}
	if !o.worth() {
		return o.finish(false)
	}
	skipped := false
	err := retrygo.Do(
		func() error {
			if !skipped { // the first attempt has been made
				skipped = true
				return first
			}
			return o.attempt(fn)
		},
		retrygo.Context(ctx),
		retrygo.Attempts(uint(o.policy.MaxAttempts)),
		retrygo.LastErrorOnly(true),
		retrygo.RetryIf(func(error) bool { return o.worth() }),
		retrygo.DelayType(func(uint, error, *retrygo.Config) time.Duration { return o.wait }),
		retrygo.MaxDelay(o.policy.MaxDelay),
		retrygo.WithTimer(pause{}),
		retrygo.OnRetry(func(uint, error) { o.note() }),
	)
	return o.finish(err == nil)
}

// pause is the timer of the loop. It makes none for a wait of zero.
type pause struct{}

// After implements [retrygo.Timer].
func (pause) After(wait time.Duration) <-chan time.Time {
	if wait > 0 {
		return time.After(wait)
	}
	over := make(chan time.Time)
	close(over)
	return over
}

// attempt makes the next call, unless the context ended during the wait: retry-go
// picks at random between a timer and a context that are both ready.
func (o *operation) attempt(fn func(context.Context) error) error {
	if o.ctx.Err() != nil {
		o.reason, o.planned = o.ended(), 0
		return o.last
	}
	o.attempts++
	o.service.counters.retries.Add(1)
	err := fn(o.ctx)
	if err != nil {
		o.last = err
	}
	return err
}

// worth decides whether there is a next attempt and plans the wait for it; if
// not, reason says why.
func (o *operation) worth() bool {
	switch {
	case o.planned == o.attempts:
		return true
	case o.reason != "":
	case o.left():
		o.reason = ReasonCanceled
	case givenUp(o.last):
		o.reason = ReasonPermanent
	case o.policy.AbortIf != nil && o.policy.AbortIf(o.last):
		o.reason = ReasonAborted
	case !o.policy.RetryIf(o.last):
		o.reason = ReasonPermanent
	case o.ctx.Err() != nil:
		o.reason = o.ended()
	case o.attempts >= o.policy.MaxAttempts:
		o.reason = ReasonAttempts
	default:
		o.reason = o.plan()
	}
	return o.reason == ""
}

// left reports whether the last attempt failed because the caller has gone.
func (o *operation) left() bool {
	return errors.Is(o.ctx.Err(), context.Canceled) && errors.Is(o.last, context.Canceled)
}

// plan sets the wait before the next attempt: the backoff, or what the server
// asked for if that is longer. It returns the reason where there is none. The
// budget comes last, so that nothing is taken from it in vain.
func (o *operation) plan() string {
	wait := o.policy.delay(o.attempts, o.wait)
	if asked := retryAfter(o.last); asked > wait {
		if asked > o.policy.MaxDelay {
			return ReasonRetryAfter
		}
		wait = asked
	}
	if most := o.policy.MaxDuration; most > 0 && wait >= most-time.Since(o.start) {
		return ReasonDuration
	}
	if deadline, ok := o.ctx.Deadline(); ok && wait >= time.Until(deadline)-MinAttempt {
		return ReasonDeadline
	}
	if !o.allowed() {
		return ReasonBudget
	}
	o.wait, o.planned = wait, o.attempts
	return ""
}

// allowed asks the budget.
func (o *operation) allowed() bool {
	if o.policy.Allow != nil {
		return o.policy.Allow()
	}
	d := o.service.budgets.get(o.policy.Dependency)
	return d == nil || d.take()
}

// ended is the reason for giving up where the context is over.
func (o *operation) ended() string {
	if errors.Is(o.ctx.Err(), context.DeadlineExceeded) {
		return ReasonDeadline
	}
	return ReasonCanceled
}

// note is called before each wait.
func (o *operation) note() {
	if o.planned != o.attempts {
		return
	}
	o.delays = append(o.delays, o.wait)
	o.keepText()
	o.service.counters.waited.Add(int64(o.wait))
	o.service.log.DebugContext(o.ctx, "attempt failed, waiting for the next",
		slog.Int("attempt", o.attempts), slog.Duration("wait", o.wait), slog.Any("error", o.last))
}

// keepText keeps the text of the last error for the record, once per attempt.
func (o *operation) keepText() {
	if o.noted < o.attempts {
		o.noted = o.attempts
		o.texts = append(o.texts, shortText(o.last))
	}
}

// finish counts the operation and returns its error.
func (o *operation) finish(ok bool) error {
	if ok {
		o.service.counters.recovered.Add(1)
		o.service.log.DebugContext(o.ctx, "attempt succeeded", slog.Int("attempt", o.attempts))
		o.record(o.attempts)
		return nil
	}
	if o.reason == "" { // the context ended during a wait
		o.reason = o.ended()
	}
	o.service.counters.giveUp(o.reason)
	if o.attempts == 1 && o.plain() {
		return o.last
	}
	o.keepText()
	o.record(0)
	err := o.last
	if cause := context.Cause(o.ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (last error: %w)", cause, err)
	}
	if o.reason != ReasonCanceled {
		o.service.log.WarnContext(o.ctx, "gave up repeating", slog.Int("attempts", o.attempts),
			slog.String("reason", o.reason), slog.String("dependency", o.policy.Dependency), slog.Any("error", o.last))
	}
	return &ExhaustedError{Attempts: o.attempts, Reason: o.reason, Err: err}
}

// record remembers the operation; successful is 0 where no attempt was.
func (o *operation) record(successful int) {
	end := time.Now()
	o.service.records.add(OperationMetrics{
		TotalAttempts: o.attempts, SuccessfulAttempt: successful, FinalSuccess: successful > 0,
		TotalDuration: end.Sub(o.start), Delays: o.delays, Errors: o.texts,
		Reason: o.reason, Dependency: o.policy.Dependency, StartTime: o.start, EndTime: end,
	})
}

// plain reports whether the error of an only attempt needs no mark: repeating
// it was never in question, or it is the end of the context itself.
func (o *operation) plain() bool {
	switch o.reason {
	case ReasonPermanent, ReasonAborted, ReasonAttempts:
		return true
	case ReasonCanceled:
		return errors.Is(o.last, o.ctx.Err())
	default:
		return false
	}
}

// givenUp reports whether an inner layer has repeated err enough.
func givenUp(err error) bool {
	_, marked := errors.AsType[*ExhaustedError](err)
	return marked || !retrygo.IsRecoverable(err)
}
