package shed

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

// The reasons of [OverloadedError].
const (
	ReasonInFlight   = "in-flight"   // Config.MaxInFlight is reached, as far as the priority may fill it
	ReasonCPU        = "cpu"         // the processors are busier than Config.CPUThreshold
	ReasonQueueDelay = "queue-delay" // goroutines wait longer than Config.QueueDelay
)

// reason is the number of one of them.
type reason int

const (
	inFlight reason = iota
	cpu
	queueDelay
	reasons int = iota
)

// String returns the text of r.
func (r reason) String() string {
	return [reasons]string{ReasonInFlight, ReasonCPU, ReasonQueueDelay}[r]
}

// OverloadedError refuses a call because the process has too much to do. It
// answers 503 Service Unavailable.
type OverloadedError struct {
	Reason   string            // ReasonInFlight, ReasonCPU or ReasonQueueDelay
	Priority bulkhead.Priority // of the call
	after    time.Duration     // random, so that refused clients do not come back together
}

func newOverloaded(p bulkhead.Priority, why reason) *OverloadedError {
	const least, spread = time.Second, 2*time.Second + 1
	//nolint:gosec // spreads load, keeps no secret
	return &OverloadedError{Reason: why.String(), Priority: p, after: least + rand.N(spread)}
}

// Error names the priority of the call and the reason.
func (e *OverloadedError) Error() string {
	return fmt.Sprintf("the process has too much to do for a call of %s priority: %s", e.Priority, e.Reason)
}

// StatusCode returns 503 Service Unavailable.
func (*OverloadedError) StatusCode() int { return http.StatusServiceUnavailable }

// RetryAfter returns 1 to 3 seconds, chosen at random.
func (e *OverloadedError) RetryAfter() time.Duration { return e.after }

// Transient returns false: what was refused here must not be repeated here.
func (*OverloadedError) Transient() bool { return false }

// Excluded returns true: the refusal says nothing about a dependency.
func (*OverloadedError) Excluded() bool { return true }

// ProblemType returns "overloaded".
func (*OverloadedError) ProblemType() string { return "overloaded" }
