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
	ctx      context.Context //nolint:containedctx // retry-go's callbacks take none; it lives as long as Again
	policy   Policy          // complete
	attempts int             // made so far
	last     error           // of the last attempt
	reason   string          // why there is no further one
	wait     time.Duration   // before the next one
	planned  int             // the attempt after which wait was planned
}

// Again is [Service.Do] for a caller that has made the first attempt itself, in
// its own way: first is the error of that attempt, fn makes the next ones.
func (s *Service) Again(ctx context.Context, p Policy, first error, fn func(context.Context) error) error {
	o := &operation{service: s, ctx: ctx, policy: s.Effective(p), attempts: 1, last: first}
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
		retrygo.OnRetry(func(uint, error) { o.note() }),
	)
	return o.finish(err == nil)
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
		return false
	case givenUp(o.last) || !o.policy.RetryIf(o.last):
		o.reason = ReasonPermanent
		return false
	case o.ctx.Err() != nil:
		o.reason = o.ended()
		return false
	case o.attempts >= o.policy.MaxAttempts:
		o.reason = ReasonAttempts
		return false
	default:
		return o.plan()
	}
}

// plan sets the wait before the next attempt: the backoff, or what the server
// asked for if that is longer.
func (o *operation) plan() bool {
	wait := o.policy.delay(o.attempts)
	if asked := retryAfter(o.last); asked > wait {
		if asked > o.policy.MaxDelay {
			o.reason = ReasonRetryAfter
			return false
		}
		wait = asked
	}
	if deadline, ok := o.ctx.Deadline(); ok && time.Until(deadline) <= wait+MinAttempt {
		o.reason = ReasonDeadline
		return false
	}
	o.wait, o.planned = wait, o.attempts
	return true
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
	o.service.counters.waited.Add(int64(o.wait))
	o.service.log.DebugContext(o.ctx, "attempt failed, waiting for the next",
		slog.Int("attempt", o.attempts), slog.Duration("wait", o.wait), slog.Any("error", o.last))
}

// finish counts the operation and returns its error.
func (o *operation) finish(ok bool) error {
	if ok {
		o.service.counters.recovered.Add(1)
		return nil
	}
	if o.reason == "" { // the context ended during a wait
		o.reason = o.ended()
	}
	o.service.counters.giveUp(o.reason)
	if o.attempts == 1 && o.plain() {
		return o.last
	}
	err := o.last
	if cause := context.Cause(o.ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (last error: %w)", cause, err)
	}
	if o.reason != ReasonCanceled {
		o.service.log.WarnContext(o.ctx, "gave up repeating",
			slog.Int("attempts", o.attempts), slog.String("reason", o.reason), slog.Any("error", o.last))
	}
	return &ExhaustedError{Attempts: o.attempts, Reason: o.reason, Err: err}
}

// plain reports whether the error of an only attempt needs no mark: repeating
// it was never in question, or it is the end of the context itself.
func (o *operation) plain() bool {
	switch o.reason {
	case ReasonPermanent, ReasonAttempts:
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
