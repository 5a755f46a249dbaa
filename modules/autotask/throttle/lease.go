package throttle

import (
	"fmt"
	"net/http"
	"time"
)

// Lease is a thread of a key and a unit of the budget. It belongs to whom Acquire returned it; the first of Release and
// Refund counts, later calls on it or on a copy do nothing. The zero Lease holds nothing.
type Lease struct {
	limiter    *Limiter
	lane       *lane
	slot       int
	generation uint64
}

// Release gives the thread back. Call it when the answer has been read to its end: the unit is counted for one window more.
func (l Lease) Release() { l.end(true) }

// Refund gives back both thread and unit. Call it instead of Release when nothing was sent.
func (l Lease) Refund() { l.end(false) }

func (l Lease) end(sent bool) {
	if l.limiter == nil {
		return
	}
	l.limiter.mu.Lock()
	defer l.limiter.mu.Unlock()
	if !l.lane.release(l) {
		return
	}
	now := l.limiter.elapsed()
	if sent {
		l.limiter.budget.answered(now)
		l.limiter.handOver(l.lane, now)
		return
	}
	l.limiter.budget.refund()
	l.limiter.pump(now)
}

// BudgetError says that the hourly budget has nothing left within the caller's deadline, or that Autotask suspended the
// tenant ([Limiter.Pause]): Used is below Limit then. Nothing was sent.
type BudgetError struct {
	Used, Limit int
	Wait        time.Duration // until the budget has a unit again, or the pause ends
}

// Error says how much is used and how long it lasts.
func (e *BudgetError) Error() string {
	if e.Used < e.Limit {
		return fmt.Sprintf("autotask: tenant suspended by Autotask, free again in %s", e.Wait.Round(time.Second))
	}
	return fmt.Sprintf("autotask: hourly budget used up (%d of %d), free again in %s", e.Used, e.Limit, e.Wait.Round(time.Second))
}

// StatusCode is 503.
func (*BudgetError) StatusCode() int { return http.StatusServiceUnavailable }

// RetryAfter is how long the budget stays used up.
func (e *BudgetError) RetryAfter() time.Duration { return e.Wait }

// Transient is false: waiting was tried, or does not fit the deadline.
func (*BudgetError) Transient() bool { return false }

// PublicDetail is what the caller of a service may read.
func (*BudgetError) PublicDetail() string { return "The hourly request limit of Autotask is used up." }
