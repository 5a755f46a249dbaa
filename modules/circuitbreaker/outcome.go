package circuitbreaker

import (
	"context"
	"errors"
	"net/http"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Outcome says how a finished call counts.
type Outcome uint8

// The outcomes. Success is the zero value.
const (
	Success  Outcome = iota // the dependency answered
	Failure                 // it did not, or said that it is broken
	Excluded                // says nothing about it: counts neither way
)

// String returns the outcome as it stands in metrics.
func (o Outcome) String() string {
	switch o {
	case Success:
		return "success"
	case Failure:
		return "failure"
	case Excluded:
		return "excluded"
	default:
		return "unknown"
	}
}

// Classify is the default of [Config.Classify]:
//
//	nil, status 1xx to 4xx, 501                       success: the dependency answered
//	status 408 and 429                                excluded: it asked to wait
//	caller cancelled, shutdown, another breaker open,
//	an error whose Excluded() bool is true            excluded: says nothing
//	status 500 and above, timeout, panic, the rest    failure
//
// The status of an error is its StatusCode() int, found by errors.As. One below
// 100 is none: it belongs to an error that came before any answer.
// Excluded() is for what was refused on this side: a full bulkhead, an empty
// budget, a limit.
func Classify(err error) Outcome {
	if err == nil {
		return Success
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, shutdown.ErrShutdown) || errors.Is(err, ErrOpen) {
		return Excluded
	}
	if local, ok := errors.AsType[excluding](err); ok && local.Excluded() {
		return Excluded
	}
	if answer, ok := errors.AsType[coded](err); ok {
		return classifyStatus(answer.StatusCode())
	}
	return Failure
}

// noStatus reports whether status is that of an error without an answer.
func noStatus(status int) bool { return status < http.StatusContinue }

// coded and excluding are what an error may say of itself.
type (
	coded interface {
		error
		StatusCode() int
	}
	excluding interface {
		error
		Excluded() bool
	}
)

func classifyStatus(status int) Outcome {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return Excluded
	case noStatus(status):
		return Failure
	case status < http.StatusInternalServerError, status == http.StatusNotImplemented:
		return Success
	default:
		return Failure
	}
}

// Replaceable reports whether a fallback may stand in for err: an open breaker,
// a timeout, a failed connection, a status of 500 and above, and whatever has
// no status. A client error (4xx) and a cancelled caller are the answer
// themselves.
func Replaceable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if answer, ok := errors.AsType[coded](err); ok {
		return noStatus(answer.StatusCode()) || answer.StatusCode() >= http.StatusInternalServerError
	}
	return true
}
