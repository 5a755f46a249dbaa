package circuitbreaker

import (
	"math"
	"sync/atomic"
	"time"
)

// State is what a breaker does with calls.
type State uint8

// The states; their numbers are the values of the metric circuit_state.
const (
	Closed   State = iota // lets calls through and counts them
	HalfOpen              // lets a few trials through
	Open                  // refuses calls
)

// String returns "closed", "half-open" or "open".
func (s State) String() string {
	switch s {
	case Closed:
		return "closed"
	case HalfOpen:
		return "half-open"
	case Open:
		return "open"
	default:
		return "unknown"
	}
}

// epoch is one stay in one state. What is not atomic never changes.
type epoch struct {
	state State
	since time.Time

	// CLOSED
	window *window
	check  atomic.Int64 // the second from which a success must look at the sums

	// OPEN and HALF-OPEN
	refusal *OpenError
	due     time.Duration // OPEN: when trials may begin, since the birth of the breaker
	trials  atomic.Int64  // HALF-OPEN: let through and not given back
}

// Values of epoch.check.
const (
	checkAlways = 0
	checkNever  = math.MaxInt64
)

// tripped reports whether the window says that the dependency is broken, and
// sets when the next success has to ask again. It is called under the lock of
// the breaker.
//
// check is cleared first: a success that adds itself after the sums were taken
// finds it cleared, and waits for the lock to look itself.
func (e *epoch) tripped(cfg *Config, second int64) bool {
	e.check.Store(checkAlways)
	succeeded, failed := e.window.sum(second)
	calls := succeeded + failed
	switch {
	case failed == 0:
		e.check.Store(checkNever)
		return false
	case calls < uint64(cfg.MinThroughput): //nolint:gosec // validated, at least 1
		return false
	case rate(succeeded, failed) >= float64(cfg.FailureThreshold):
		return true
	default:
		e.check.Store(second + 1)
		return false
	}
}

// rate is the share of failed calls. It divides, because a quotient is rounded
// like the literal of a threshold: 7/100 >= 0.07 holds, 7 >= 0.07*100 does not.
func rate(succeeded, failed uint64) float64 {
	if succeeded+failed == 0 {
		return 0
	}
	return float64(failed) / float64(succeeded+failed)
}
