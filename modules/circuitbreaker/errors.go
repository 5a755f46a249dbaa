package circuitbreaker

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrOpen is matched by every refusal of a breaker: errors.Is(err, ErrOpen).
// The value that is returned is an [*OpenError].
var ErrOpen = errors.New("circuit breaker is open")

// errUnfinished is the last error of a breaker whose call panicked or ended
// its goroutine.
var errUnfinished = errors.New("the call did not return: it panicked or ended its goroutine")

// errLease is the last error of a breaker whose trial never came back.
var errLease = errors.New("a half-open trial did not end in time")

// minRetryAfter is the shortest wait a refusal asks for.
const minRetryAfter = time.Second

// OpenError refuses a call because a breaker is open, or half-open with all
// its trials given out, or refuses a share of the calls. One value serves a
// whole open period, so errors must not be changed and compare equal within a
// period.
type OpenError struct {
	Name      string    // the breaker
	Until     time.Time // when it lets trials through; zero if nobody can say
	Last      error     // the last failure before it opened; nil if it was opened by hand
	Held      bool      // it is held open by hand until further notice
	Throttled bool      // it is closed, and refused this call by chance: see [ModeAdaptive]
}

// Error names the breaker and the last failure. It is for logs: Last may hold
// what a user must not see.
func (e *OpenError) Error() string {
	text := fmt.Sprintf("circuit breaker %q is %s", e.Name, e.condition())
	if e.Last == nil {
		return text
	}
	return fmt.Sprintf("%s, last failure: %v", text, e.Last)
}

func (e *OpenError) condition() string {
	switch {
	case e.Held:
		return "held open"
	case e.Throttled:
		return "throttling"
	case e.Until.IsZero():
		return "half-open and full"
	default:
		return "open"
	}
}

// Is matches [ErrOpen]. The error does not unwrap to Last: what failed earlier
// is no property of this call.
func (*OpenError) Is(target error) bool { return target == ErrOpen }

// StatusCode returns 503 Service Unavailable.
func (*OpenError) StatusCode() int { return http.StatusServiceUnavailable }

// Transient returns false: repeating a refused call at once is pointless.
func (*OpenError) Transient() bool { return false }

// RetryAfter returns the time until trials are let through, at least one
// second. It falls as time passes. It is 0, which is no advice, where the
// breaker is held open.
func (e *OpenError) RetryAfter() time.Duration {
	if e.Held {
		return 0
	}
	return max(time.Until(e.Until), minRetryAfter)
}

// PanicError is a panic that was caught and turned into an error. It answers
// 500; Value and Stack are for logs alone.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine that panicked
}

// Error never prints Value, which may hold anything.
func (*PanicError) Error() string { return "the call panicked" }

// StatusCode returns 500 Internal Server Error.
func (*PanicError) StatusCode() int { return http.StatusInternalServerError }

// Transient returns false: a bug stays.
func (*PanicError) Transient() bool { return false }

// Unwrap returns [http.ErrAbortHandler] where that was given to panic, else
// nil: what a bug holds decides neither how it counts nor what a client is told.
func (e *PanicError) Unwrap() error {
	if err, ok := e.Value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return http.ErrAbortHandler
	}
	return nil
}

// FallbackError is returned where a call failed and its fallback failed too.
type FallbackError struct {
	Cause error // why the fallback was asked
	Err   error // why it had no answer
}

// Error tells both failures.
func (e *FallbackError) Error() string {
	return fmt.Sprintf("fallback: %v (asked because: %v)", e.Err, e.Cause)
}

// Unwrap returns Err and Cause. A fallback that panicked has no say: then it is
// Cause alone.
func (e *FallbackError) Unwrap() []error {
	if e.panicked() {
		return []error{e.Cause}
	}
	return []error{e.Err, e.Cause}
}

// StatusCode returns the status that the fallback chose for its error, else
// 503 Service Unavailable.
func (e *FallbackError) StatusCode() int {
	if chosen, ok := errors.AsType[coded](e.Err); ok && !noStatus(chosen.StatusCode()) && !e.panicked() {
		return chosen.StatusCode()
	}
	return http.StatusServiceUnavailable
}

func (e *FallbackError) panicked() bool {
	_, ok := errors.AsType[*PanicError](e.Err)
	return ok
}
