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

// epoch is one stay in one state. What is neither atomic nor said to be
// guarded never changes.
type epoch struct {
	state State
	since time.Time

	// CLOSED
	window *window      // nil until the first call
	check  atomic.Int64 // the second from which a success must look at the sums
	run    int          // failures in a row when the last of them came, guarded by the lock of the breaker
	seen   uint64       // successes at that time, guarded alike

	// HALF-OPEN
	limit    int          // trials let through
	admitted atomic.Int64 // let through and not given back
	slow     int          // trials that were slow, guarded by the lock of the breaker
}

// Values of epoch.check.
const (
	checkAlways = 0
	checkNever  = math.MaxInt64
)

// forever is a time since the base that never comes.
const forever time.Duration = math.MaxInt64

// view is all that a call must know of a breaker, behind one pointer. It is
// replaced as a whole and never changed.
type view struct {
	*epoch

	cfg     *Config // complete
	order   order
	refusal *OpenError    // one value for as long as the reason is the same
	due     time.Duration // OPEN: when trials may begin, since the base
	plain   bool          // CLOSED: a call needs nothing but a permit
}

// order is what was last said by hand.
type order struct {
	control Control
	until   time.Duration // since the base, when control ends by itself
	reason  string
}

// at returns what controls the breaker at now.
func (o *order) at(now time.Duration) Control {
	if now >= o.until {
		return ControlAuto
	}
	return o.control
}

// stateAt returns the state at now. An open breaker whose time is over is
// half-open, though nobody has called it yet.
func (v *view) stateAt(now time.Duration) State {
	if v.state == Open && now >= v.due {
		return HalfOpen
	}
	return v.state
}

// full reports whether all trials are given out.
func (v *view) full() bool { return v.state == HalfOpen && v.admitted.Load() >= int64(v.limit) }

// later adds two times since the base, and stays at forever.
func later(now, wait time.Duration) time.Duration {
	if wait > forever-now {
		return forever
	}
	return now + wait
}
