package resiliencetest

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// Outcome is how one attempt goes. Make it with [OK], [Fail], [Status], [Panic],
// [Goexit], [Hang], [Slow] or [Deaf].
type Outcome struct {
	play func(ctx context.Context) (any, error)
}

// OK answers with v. For an outgoing request that is the body: a string, a
// []byte, or nil for none; an *[http.Response] is sent as it is, and only once.
func OK(v any) Outcome {
	return Outcome{func(context.Context) (any, error) { return v, nil }}
}

// Fail returns err.
func Fail(err error) Outcome {
	return Outcome{func(context.Context) (any, error) { return nil, err }}
}

// Status answers with an HTTP status: as a [*StatusError], or as a response to
// an outgoing request.
func Status(code int) Outcome { return Fail(&StatusError{Code: code}) }

// RetryAfter is [Status] with a Retry-After.
func RetryAfter(code int, after time.Duration) Outcome {
	return Fail(&StatusError{Code: code, After: after})
}

// Panic panics with v.
func Panic(v any) Outcome {
	return Outcome{func(context.Context) (any, error) { panic(v) }}
}

// Goexit ends the goroutine of the attempt, as t.FailNow in the wrong place does.
func Goexit() Outcome {
	return Outcome{func(context.Context) (any, error) {
		runtime.Goexit()
		return nil, nil
	}}
}

// Hang never answers. It returns the error of its context once that has ended.
func Hang() Outcome {
	return Outcome{func(ctx context.Context) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
}

// Slow goes as next, but d later. Where its context ends before, it returns the
// error of that.
func Slow(d time.Duration, next Outcome) Outcome {
	return Outcome{func(ctx context.Context) (any, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return next.run(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

// Deaf goes as next, but d later, and takes no notice of its context: what a
// hard timeout is for.
func Deaf(d time.Duration, next Outcome) Outcome {
	return Outcome{func(ctx context.Context) (any, error) {
		time.Sleep(d) //nolint:forbidigo // deaf to its context is what it is for
		return next.run(ctx)
	}}
}

// run plays the outcome; the zero Outcome is OK(nil).
func (o Outcome) run(ctx context.Context) (any, error) {
	if o.play == nil {
		return nil, nil
	}
	return o.play(ctx)
}

// StatusError is an answer of a dependency with a status.
type StatusError struct {
	Code  int
	After time.Duration // Retry-After; 0 is none
}

// Error says which status came.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the dependency answered %d %s", e.Code, http.StatusText(e.Code))
}

// StatusCode returns Code.
func (e *StatusError) StatusCode() int { return e.Code }

// RetryAfter returns After.
func (e *StatusError) RetryAfter() time.Duration { return e.After }
