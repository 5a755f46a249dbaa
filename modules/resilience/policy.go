package resilience

import (
	"cmp"
	"time"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// NoTimeout as a [Policy.Timeout] means that a call has no deadline of its own.
const NoTimeout time.Duration = -1

// Mode says what happens to a call that outlives its deadline.
type Mode uint8

// The timeout modes.
const (
	// Soft ends the context of the call and waits for it to return. What it
	// returns after the deadline is replaced by a [*TimeoutError].
	Soft Mode = iota
	// Hard runs the call in a goroutine of its own and stops waiting at the
	// deadline, for calls that ignore their context. Abandoned calls keep
	// their slot until they return.
	Hard
)

// String returns "soft" or "hard".
func (m Mode) String() string {
	if m == Hard {
		return "hard"
	}
	return "soft"
}

// Switch names strategies, to be taken out by [Policy.Off]: Breaker|Retry.
type Switch uint8

// The strategies that can be switched off.
const (
	Breaker Switch = 1 << iota
	Retry
	Fallback
)

// Priority says which calls go first where there is room for some alone.
type Priority = bulkhead.Priority

// The priorities, from the first to be refused to the last.
const (
	Low      = bulkhead.Low
	Normal   = bulkhead.Normal
	High     = bulkhead.High
	Critical = bulkhead.Critical
)

// Hedge makes further attempts of a slow call while the first still runs, and
// takes the first answer. It is for reads: every attempt is a call. The Do of an
// [Attempt] must bear to be called while it runs, as with [Hard]; what lost is
// cancelled, handed to its Discard, and keeps a slot until it returns. A failure
// before another attempt has joined is left to retry.
//
//	0          Delay      2 × Delay
//	|-- 1st ------------------------ ... cancelled
//	            |-- 2nd --- answer
//	                       |-- 3rd ... not begun: it has an answer
type Hedge struct {
	// Delay is how long an attempt runs before another one joins it. Zero
	// begins all of them at once.
	Delay time.Duration
	// Max is how many attempts may join the first one: 0 is no hedging, at
	// most 5.
	Max int
}

// Policy says how a route, or any named call, is kept resilient. It is
// literal: a switch that is false is off. A number at zero inherits from the
// group, then from the service default. See the package comment for the order
// in which the strategies lie around a call.
type Policy struct {
	// Name names the breaker; empty is the route's name. Routes with the same
	// Name share one breaker and must then agree on Breaker.
	Name string

	EnableCircuitBreaker bool
	EnableRetry          bool
	EnableFallback       bool

	// Timeout is the total deadline: queueing, all attempts, all waits. Zero
	// inherits, in the end REQUEST_TIMEOUT; [NoTimeout] is none.
	Timeout time.Duration
	// AttemptTimeout bounds one attempt; zero is none. It must be below Timeout.
	AttemptTimeout time.Duration
	// TimeoutMode is Soft or Hard.
	TimeoutMode Mode

	// FallbackResponse, if not nil, is the answer where a fallback is asked;
	// else the call's own fallback gives it. It is shared: never change it.
	FallbackResponse any
	// FallbackStatus is the status of a fallback answer: 200 if zero.
	FallbackStatus int

	// MaxConcurrent bounds the calls at one time; more get an
	// [*OverloadedError], at once or after a wait in the queue. Zero is no bound.
	MaxConcurrent int
	// MaxQueue is how many calls may wait for a slot, the highest Priority
	// first. Zero is no queue. It needs MaxConcurrent or Adaptive.
	MaxQueue int
	// QueueTimeout bounds the wait for a slot. Zero is until Timeout.
	QueueTimeout time.Duration
	// Adaptive moves the bound by how long calls take: it falls as they become
	// slow. MaxConcurrent is its upper end then, 1,000 if zero.
	Adaptive bool
	// Priority says whom a full queue and an overloaded process refuse first.
	// Zero is Normal.
	Priority Priority

	// Hedge makes further attempts of a slow call beside the first. It needs
	// Safe or Idempotent.
	Hedge Hedge

	// Idempotent declares that repeating the call does no harm. EnableRetry
	// needs it, unless the method is safe.
	Idempotent bool
	// Safe, Group and Endpoint are set by whoever registers a route, not by its
	// author. Safe: the method is GET, HEAD or OPTIONS.
	Safe bool
	// Group is the name under which the environment overrides the settings of
	// several routes: RESILIENCE_<GROUP>_<SETTING>. Empty is the first part of
	// the route's name, up to the first dot.
	Group string
	// Endpoint stands in records: "GET /orders/:id". Empty is the route's name.
	Endpoint string

	// RetryOnStatus holds the statuses worth a retry: 502, 503 and 504 if nil.
	RetryOnStatus []int
	// Retry sets attempts and delays; fields at zero inherit RETRY_*.
	Retry retry.Policy
	// Breaker sets the breaker; fields at zero inherit CIRCUIT_BREAKER_*.
	Breaker circuitbreaker.Config

	// Streaming marks a raw route whose answer must not be held back: no
	// buffer, no retry, no deadline; the breaker alone stays.
	Streaming bool
	// MaxRequestBuffer and MaxResponseBuffer bound, in bytes, what is kept of a
	// raw route so that it can be repeated: 1 MiB if zero. A larger request or
	// response is served all the same, but not repeated.
	MaxRequestBuffer, MaxResponseBuffer int64

	// Off removes what a group or this policy has switched on.
	Off Switch
}

// Merge lays route over group: switches are OR-ed, a number of the route wins
// over that of the group, and Off of either removes.
func Merge(group, route Policy) Policy {
	m := route
	m.Name = cmp.Or(route.Name, group.Name)
	m.Off = group.Off | route.Off
	m.EnableCircuitBreaker = (group.EnableCircuitBreaker || route.EnableCircuitBreaker) && m.Off&Breaker == 0
	m.EnableRetry = (group.EnableRetry || route.EnableRetry) && m.Off&Retry == 0
	m.EnableFallback = (group.EnableFallback || route.EnableFallback) && m.Off&Fallback == 0
	m.Idempotent = group.Idempotent || route.Idempotent
	m.Safe = group.Safe || route.Safe
	m.Streaming = group.Streaming || route.Streaming
	m.Timeout = cmp.Or(route.Timeout, group.Timeout)
	m.AttemptTimeout = cmp.Or(route.AttemptTimeout, group.AttemptTimeout)
	m.TimeoutMode = cmp.Or(route.TimeoutMode, group.TimeoutMode)
	m.FallbackStatus = cmp.Or(route.FallbackStatus, group.FallbackStatus)
	m.MaxConcurrent = cmp.Or(route.MaxConcurrent, group.MaxConcurrent)
	m.MaxQueue = cmp.Or(route.MaxQueue, group.MaxQueue)
	m.QueueTimeout = cmp.Or(route.QueueTimeout, group.QueueTimeout)
	m.Adaptive = group.Adaptive || route.Adaptive
	m.Priority = cmp.Or(route.Priority, group.Priority)
	m.Hedge = cmp.Or(route.Hedge, group.Hedge)
	m.Group = cmp.Or(route.Group, group.Group)
	m.MaxRequestBuffer = cmp.Or(route.MaxRequestBuffer, group.MaxRequestBuffer)
	m.MaxResponseBuffer = cmp.Or(route.MaxResponseBuffer, group.MaxResponseBuffer)
	m.Retry = route.Retry.Or(group.Retry)
	m.Breaker = route.Breaker.Or(group.Breaker)
	if route.FallbackResponse == nil {
		m.FallbackResponse = group.FallbackResponse
	}
	if route.RetryOnStatus == nil {
		m.RetryOnStatus = group.RetryOnStatus
	}
	return m
}
