package resilience

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

const (
	maxRecords  = 256
	sampleEvery = 64 // of the calls that say nothing
)

// CallMetrics is the record of one call. As JSON its times are RFC 3339 and its
// duration milliseconds.
type CallMetrics struct {
	OperationID        string        `json:"operationId"` // unique in the process
	CircuitName        string        `json:"circuitName"` // the breaker, or what would be its name
	Endpoint           string        `json:"endpoint"`    // Policy.Endpoint, or the route
	Method             string        `json:"method"`      // of the endpoint, empty if it names none
	StartTime          time.Time     `json:"startTime"`
	EndTime            time.Time     `json:"endTime"`
	Duration           time.Duration `json:"-"`
	CircuitBreakerUsed bool          `json:"circuitBreakerUsed"`
	RetryUsed          bool          `json:"retryUsed"`     // there was a second attempt
	RetryAttempts      int           `json:"retryAttempts"` // beyond the first
	TimedOut           bool          `json:"timedOut"`      // the call as a whole, or its last attempt
	FallbackUsed       bool          `json:"fallbackUsed"`
	Success            bool          `json:"success"`    // the caller got an answer, be it a fallback's
	ErrorType          string        `json:"errorType"`  // of what failed, empty if nothing did
	HTTPStatus         int           `json:"httpStatus"` // of the answer
}

// MarshalJSON writes the duration as milliseconds.
func (m CallMetrics) MarshalJSON() ([]byte, error) {
	type plain CallMetrics
	return json.Marshal(struct { //nolint:wrapcheck // nothing to add
		plain

		Duration float64 `json:"duration"`
	}{plain(m), float64(m.Duration) / float64(time.Millisecond)})
}

// The values of [CallMetrics.ErrorType].
const (
	ErrorTimeout     = "TIMEOUT"
	ErrorCircuitOpen = "CIRCUIT_OPEN"
	ErrorOverloaded  = "SERVICE_UNAVAILABLE"
	ErrorServer      = "SERVER_ERROR"
	ErrorRateLimited = "RATE_LIMITED"
	ErrorClient      = "CLIENT_ERROR"
	ErrorCanceled    = "CANCELED"
	ErrorPanic       = "PANIC"
	ErrorUnknown     = "UNKNOWN_ERROR"
)

// AllResilienceMetrics returns the records of the last 256 calls worth one, the
// oldest first: those that failed, were repeated, replaced or cut by a deadline,
// and one in 64 of the others.
func (r *Runner) AllResilienceMetrics() []CallMetrics {
	kept := r.records.all()
	all := make([]CallMetrics, len(kept))
	for i := range kept {
		all[i] = kept[i].metrics()
	}
	return all
}

// records is a ring. What can be told later is: a call that fails pays little
// for its record.
type records struct {
	mu   sync.Mutex
	ring []record
	made uint64
}

// record is what CallMetrics is made from.
type record struct {
	pipeline   *Pipeline
	plan       *plan
	nth        uint64
	start, end time.Duration // on the clock
	errorType  string
	status     int
	retries    int32
	timedOut   bool
	replaced   bool
	success    bool
}

func (r *records) add(m record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.nth = r.made
	if len(r.ring) < maxRecords {
		r.ring = append(r.ring, m)
	} else {
		r.ring[r.made%maxRecords] = m
	}
	r.made++
}

// all returns a copy, the oldest first.
func (r *records) all() []record {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := 0
	if len(r.ring) == maxRecords {
		next = int(r.made % maxRecords)
	}
	return slices.Concat(r.ring[next:], r.ring[:next])
}

// note records the call. cause is why its last attempt failed.
func (a *Admission) note(result Result, cause error) {
	m := record{
		pipeline: a.pipeline, plan: a.plan, start: a.started, end: a.pipeline.clock.now(),
		retries: a.retries, replaced: result.Fallback, success: result.Err == nil, status: http.StatusOK,
	}
	if result.Err != nil {
		cause, m.status = result.Err, answerOf(result.Err)
	} else if result.Fallback {
		m.status = a.plan.policy.FallbackStatus
	}
	m.errorType, m.timedOut = errorType(cause), cause != nil && errors.Is(cause, context.DeadlineExceeded)
	a.pipeline.runner.records.add(m)
}

// noteRefused records a call that was not let in.
func (p *Pipeline) noteRefused(err error) {
	now := p.clock.now()
	p.runner.records.add(record{
		pipeline: p, plan: p.plan.Load(), start: now, end: now,
		errorType: errorType(err), status: answerOf(err), timedOut: errors.Is(err, context.DeadlineExceeded),
	})
}

// metrics tells the record as the contract has it.
func (m *record) metrics() CallMetrics {
	p, policy := m.pipeline, &m.plan.policy
	endpoint := cmp.Or(policy.Endpoint, p.name)
	method, _, found := strings.Cut(endpoint, " ")
	if !found {
		method = ""
	}
	start, end := p.clock.base.Add(m.start), p.clock.base.Add(m.end)
	return CallMetrics{
		OperationID: fmt.Sprintf("resilience_%d_%s", start.UnixMilli(), strconv.FormatUint(m.nth, 36)),
		CircuitName: breakerName(policy, p.name), Endpoint: endpoint, Method: method,
		StartTime: start, EndTime: end, Duration: end.Sub(start),
		CircuitBreakerUsed: m.plan.breaker != nil, RetryUsed: m.retries > 0, RetryAttempts: int(m.retries),
		TimedOut: m.timedOut, FallbackUsed: m.replaced, Success: m.success,
		ErrorType: m.errorType, HTTPStatus: m.status,
	}
}

// statusGone is what logs call a request whose client has gone.
const statusGone = 499

// answerOf is the status that err is answered with.
func answerOf(err error) int {
	if status, ok := statusOf(err); ok {
		return status
	}
	switch {
	case errors.Is(err, context.Canceled):
		return statusGone
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}

// errorType sorts an error into the kinds of the contract.
func errorType(err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, circuitbreaker.ErrOpen) {
		return ErrorCircuitOpen
	}
	if _, panicked := errors.AsType[*circuitbreaker.PanicError](err); panicked {
		return ErrorPanic
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return ErrorTimeout
	case errors.Is(err, context.Canceled):
		return ErrorCanceled
	}
	status, ok := statusOf(err)
	switch {
	case !ok:
		return ErrorUnknown
	case status == http.StatusServiceUnavailable:
		return ErrorOverloaded
	case status >= http.StatusInternalServerError:
		return ErrorServer
	case status == http.StatusTooManyRequests:
		return ErrorRateLimited
	default:
		return ErrorClient
	}
}
