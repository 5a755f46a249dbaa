package retry

import "fmt"

// Why an operation was given up: [ExhaustedError.Reason] and the label reason
// of retry_given_up_total.
const (
	ReasonAttempts   = "attempts"    // Policy.MaxAttempts were made
	ReasonDeadline   = "deadline"    // the next attempt would not fit the deadline
	ReasonDuration   = "duration"    // the next attempt would begin after Policy.MaxDuration
	ReasonRetryAfter = "retry_after" // the server asked for a wait beyond Policy.MaxDelay
	ReasonBudget     = "budget"      // the dependency has had enough repetitions for now
	ReasonCanceled   = "canceled"    // the context was cancelled, while waiting or in an attempt
	ReasonPermanent  = "permanent"   // an attempt failed for good
	ReasonAborted    = "aborted"     // Policy.AbortIf said so
)

// ExhaustedError marks an error that was repeated, or would have been, and was
// given up. It unwraps to the last error, so that status and type are found as
// if it were not there. An outer [Service.Do] that sees it does not repeat.
type ExhaustedError struct {
	Attempts int    // calls that were really made
	Reason   string // one of the Reason constants
	Err      error  // the last error; where the context ended, that joined with the last error
}

// Error says how many attempts were made, why no more, and the last error.
func (e *ExhaustedError) Error() string {
	plural := "s"
	if e.Attempts == 1 {
		plural = ""
	}
	return fmt.Sprintf("gave up after %d attempt%s (%s): %v", e.Attempts, plural, e.Reason, e.Err)
}

// Unwrap returns the last error.
func (e *ExhaustedError) Unwrap() error { return e.Err }

// Transient returns false: it was repeated enough.
func (*ExhaustedError) Transient() bool { return false }
