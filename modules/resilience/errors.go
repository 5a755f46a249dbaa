package resilience

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// The kinds of [TimeoutError].
const (
	KindAttempt = "attempt" // Policy.AttemptTimeout was over
	KindTotal   = "total"   // Policy.Timeout, or the deadline of the caller, was over
)

// TimeoutError is returned where a call was cut by a deadline. It matches
// [context.DeadlineExceeded] and answers 504 Gateway Timeout.
type TimeoutError struct {
	After time.Duration // the timeout that was over
	Kind  string        // KindAttempt or KindTotal
	Err   error         // what the call returned when it was late; nil if it was abandoned or had succeeded
}

// Error says which timeout was over, and what the call returned.
func (e *TimeoutError) Error() string {
	text := fmt.Sprintf("no answer within %s (%s timeout)", e.After, e.Kind)
	if e.Err != nil && !errors.Is(e.Err, context.DeadlineExceeded) {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is matches [context.DeadlineExceeded]. The error does not unwrap to Err: the
// answer of a late call is no answer.
func (*TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// StatusCode returns 504 Gateway Timeout.
func (*TimeoutError) StatusCode() int { return http.StatusGatewayTimeout }

// Timeout returns true, as in [net.Error].
func (*TimeoutError) Timeout() bool { return true }

// Transient reports whether another attempt may help: after an attempt
// timeout, not after the total one.
func (e *TimeoutError) Transient() bool { return e.Kind == KindAttempt }

// OverloadedError refuses a call because too many are running already:
// Policy.MaxConcurrent, or the bound on abandoned calls of a hard timeout.
type OverloadedError struct {
	Name   string        // the route
	Limit  int           // how many may run
	Reason string        // as in bulkhead.FullError: full, queue-timeout, codel or evicted
	after  time.Duration // random, so that refused clients do not come back together
}

// Error names the route and its limit, and why the call was not queued to the end.
func (e *OverloadedError) Error() string {
	text := fmt.Sprintf("%s: %d calls are running, which is the limit", e.Name, e.Limit)
	if e.Reason != "" && e.Reason != bulkhead.ReasonFull {
		text += " (" + e.Reason + ")"
	}
	return text
}

// StatusCode returns 503 Service Unavailable.
func (*OverloadedError) StatusCode() int { return http.StatusServiceUnavailable }

// RetryAfter returns 1 to 3 seconds, chosen at random.
func (e *OverloadedError) RetryAfter() time.Duration { return e.after }

// Transient returns false: what was refused here must not be repeated here.
func (*OverloadedError) Transient() bool { return false }

// Excluded returns true: the refusal says nothing about a dependency.
func (*OverloadedError) Excluded() bool { return true }

// Fault is one thing that is wrong with a policy. [Runner.Compile] returns all
// faults of a policy, joined.
//
//nolint:errname // like config.Fault: one line of a report
type Fault struct {
	Route   string // the route, or the name of the call
	Field   string // of the Policy
	Problem string // what is wrong
	Fix     string // what to type
	Setting string // what has set the field, if not the code: a variable, or a change at run time
}

// Error returns the fault in one line.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Route + ": ")
	if f.Setting != "" {
		b.WriteString(f.Setting + ": ")
	}
	b.WriteString(f.Problem)
	if f.Fix != "" {
		b.WriteString(". " + f.Fix)
	}
	return b.String()
}

// What [Runner.Set] and [Runner.Unset] refuse, matched with errors.Is.
var (
	ErrUnknownRoute   = errors.New("no route, group or breaker of that name")
	ErrUnknownSetting = errors.New("no setting of that name")
)
