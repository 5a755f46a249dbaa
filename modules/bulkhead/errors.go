package bulkhead

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// The reasons of [FullError].
const (
	ReasonFull         = "full"          // no slot is free, and no place in the queue
	ReasonQueueTimeout = "queue-timeout" // waited for Config.QueueTimeout
	ReasonCodel        = "codel"         // waited in a queue that has been standing for too long
	ReasonEvicted      = "evicted"       // a call of higher priority took its place in the queue
)

// reason is the number of one of them.
type reason int

const (
	full reason = iota
	queueTimeout
	stale
	evicted
	reasons int = iota
)

// String returns the text of r.
func (r reason) String() string {
	return [reasons]string{ReasonFull, ReasonQueueTimeout, ReasonCodel, ReasonEvicted}[r]
}

// FullError refuses a call because as many are running as may. It answers 503
// Service Unavailable.
type FullError struct {
	Limit  int           // how many could run
	Reason string        // ReasonFull, ReasonQueueTimeout, ReasonCodel or ReasonEvicted
	after  time.Duration // random, so that refused callers do not come back together
}

func newFull(limit int, why reason) *FullError {
	const least, spread = time.Second, 2*time.Second + 1
	//nolint:gosec // spreads load, keeps no secret
	return &FullError{Limit: limit, Reason: why.String(), after: least + rand.N(spread)}
}

// Error says how many calls could run, and why this one did not.
func (e *FullError) Error() string {
	return fmt.Sprintf("%d calls can run at once, and no more: %s", e.Limit, e.Reason)
}

// StatusCode returns 503 Service Unavailable.
func (*FullError) StatusCode() int { return http.StatusServiceUnavailable }

// RetryAfter returns 1 to 3 seconds, chosen at random.
func (e *FullError) RetryAfter() time.Duration { return e.after }

// Transient returns false: what was refused here must not be repeated here.
func (*FullError) Transient() bool { return false }

// Excluded returns true: the refusal says nothing about a dependency.
func (*FullError) Excluded() bool { return true }

// ProblemType returns "overloaded".
func (*FullError) ProblemType() string { return "overloaded" }
