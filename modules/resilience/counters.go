package resilience

import (
	"errors"
	"sync/atomic"
	"unsafe"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/metrics"
)

// Indices of counters.attempts; the first three are those of
// [circuitbreaker.Outcome].
const (
	attemptRejected   = int(circuitbreaker.Excluded) + 1 // by the breaker
	attemptOverloaded = attemptRejected + 1              // by the bulkhead
	attemptShed       = attemptOverloaded + 1            // by the shedder
	attemptOutcomes   = attemptShed + 1
)

// Indices of counters.timeouts.
const (
	timeoutAttempt = iota
	timeoutTotal
	timeoutKinds
)

// Indices of counters.hedges.
const (
	hedgeBegun = iota
	hedgeWon
	hedgeKinds
)

// reason says why a call was repeated or replaced.
type reason int

const (
	reasonOpen    reason = iota // a breaker refused
	reasonTimeout               // a deadline
	reasonPanic
	reasonStatus // the error has a status
	reasonError  // anything else: a connection, as a rule
	reasonCount
)

func (r reason) String() string {
	return [...]string{"open", "timeout", "panic", "status", "error"}[r]
}

func reasonOf(err error) reason {
	if errors.Is(err, circuitbreaker.ErrOpen) {
		return reasonOpen
	}
	if _, ok := errors.AsType[*TimeoutError](err); ok {
		return reasonTimeout
	}
	if _, ok := errors.AsType[*circuitbreaker.PanicError](err); ok {
		return reasonPanic
	}
	if _, ok := statusOf(err); ok {
		return reasonStatus
	}
	return reasonError
}

// counters are those of one pipeline. Calls whose first attempt succeeds, nearly
// all of them, are counted in stripes, so that processors do not wait for one
// another.
type counters struct {
	firsts      [stripes]stripe
	otherFirsts atomic.Uint64 // first attempts that failed, or were hedged

	attempts           [attemptOutcomes]atomic.Uint64 // without those in firsts
	timeouts           [timeoutKinds]atomic.Uint64
	hedges             [hedgeKinds]atomic.Uint64
	retries, fallbacks [reasonCount]atomic.Uint64

	label atomic.Pointer[metrics.Label] // of the route, nil until it has series
}

const (
	stripes   = 8
	spanBits  = 13 // the allocator gives each processor spans of 8 KiB
	cacheLine = 64
)

type stripe struct {
	atomic.Uint64

	_ [cacheLine - unsafe.Sizeof(atomic.Uint64{})]byte
}

// succeed counts a call whose first attempt succeeded, and returns how many
// there were in its stripe. Which stripe does not matter; that two processors
// seldom share one does, and the address of what each of them has just
// allocated tells them apart for nothing.
func (c *counters) succeed(a *Admission) uint64 {
	i := uintptr(unsafe.Pointer(a)) >> spanBits % stripes //nolint:gosec // never made a pointer again
	return c.firsts[i].Add(1)
}

// first returns how many calls made a first attempt. It never falls.
func (c *counters) first() uint64 { return c.succeeded() + c.otherFirsts.Load() }

func (c *counters) succeeded() uint64 {
	var sum uint64
	for i := range c.firsts {
		sum += c.firsts[i].Load()
	}
	return sum
}

// attemptsBy returns the number of attempts by outcome.
func (c *counters) attemptsBy(outcome int) uint64 {
	n := c.attempts[outcome].Load()
	if outcome == int(circuitbreaker.Success) {
		n += c.succeeded()
	}
	return n
}

// route returns the label that all series of the route have.
func (c *counters) route(name string) *metrics.Label {
	if l := c.label.Load(); l != nil {
		return l
	}
	c.label.CompareAndSwap(nil, metrics.NewLabel("route", name)) // scrapes may run at once
	return c.label.Load()
}
