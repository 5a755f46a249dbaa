package shutdown

import (
	"errors"
	"net/http"
	"time"
)

var (
	// ErrShuttingDown is returned for work, streams, workers, tasks and hooks that
	// come too late, and is the cause with which an Attached is told to end. It
	// has StatusCode 503 and RetryAfter 5 s.
	ErrShuttingDown error = &stopError{"the process is shutting down"}

	// ErrShutdown is the cause with which Service.Context is cancelled. It has
	// StatusCode 503 and RetryAfter 5 s.
	ErrShutdown error = &stopError{"cut by the shutdown of the process"}

	// ErrDrain is returned by Service.Wait when work was still in flight at the
	// end of the drain, or a stream or worker attached.
	ErrDrain = errors.New("the drain timed out")

	// ErrTask is returned by Service.Wait when a hook or a cleanup task failed,
	// timed out or was skipped, those among them that never ran because the stop
	// was forced.
	ErrTask = errors.New("cleanup failed")

	// ErrForced is returned by Service.Wait when the force timeout was reached.
	ErrForced = errors.New("the shutdown was forced")
)

// retryAfter is what a caller is told to wait: long enough to be sent to
// another process.
const retryAfter = 5 * time.Second

// stopError tells an HTTP caller to come back later, and a retry not to try
// again in this process.
type stopError struct{ text string }

func (e *stopError) Error() string { return e.text }

// StatusCode returns 503.
func (*stopError) StatusCode() int { return http.StatusServiceUnavailable }

// RetryAfter returns 5 s.
func (*stopError) RetryAfter() time.Duration { return retryAfter }

// Transient returns false: this process will not serve again.
func (*stopError) Transient() bool { return false }

// Excluded returns true: breakers have no dependency to blame.
func (*stopError) Excluded() bool { return true }
