package apierror

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Op is what a request asks of an entity.
type Op uint8

// The operations. Everything but Create may be repeated: the same patch twice leaves the same record.
const (
	Get Op = iota + 1
	Query
	Count
	Create
	Patch
	Lookup // Lookup is the question for the zone of a user.
)

func (o Op) writes() bool { return o == Create || o == Patch }

// Request says which call an error belongs to.
type Request struct {
	Op     Op
	Entity string // as the registry spells it: "TicketNotes"
	Method string
	Path   string // below the version, without the query string: "Tickets/5/Notes"
}

// Details is what every error of this package carries, save [CanceledError].
//
//nolint:errname // the common part of the errors, never one by itself
type Details struct {
	Request

	Kind Kind
	// Status is the HTTP status of Autotask's answer, 0 where there was none.
	Status int
	// Messages are the texts of the answer, verbatim.
	Messages []string
	// Attempt counts the attempts of the call, from 1.
	Attempt int
	// Wait is how long Autotask wants to be left alone, 0 where it said nothing.
	Wait time.Duration
	// Ambiguous says that a create or patch may have taken effect all the same.
	Ambiguous bool

	cause error
}

// Of finds the details of the typed error in err's tree.
func Of(err error) (*Details, bool) {
	var e interface{ details() *Details }
	if !errors.As(err, &e) {
		return nil, false
	}
	return e.details(), true
}

func (d *Details) details() *Details { return d }

// Error says which request failed, how, and what Autotask said.
func (d *Details) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "autotask: %s %s: %s", d.Method, d.Path, strings.ReplaceAll(d.Kind.String(), "_", " "))
	if d.Status != 0 {
		fmt.Fprintf(&b, " (status %d)", d.Status)
	}
	if len(d.Messages) > 0 {
		b.WriteString(": " + strings.Join(d.Messages, "; "))
	}
	if d.cause != nil {
		b.WriteString(": " + d.cause.Error())
	}
	if d.Ambiguous {
		b.WriteString(" (it may have taken effect)")
	}
	return b.String()
}

// Unwrap is the cause below Autotask's answer, such as a network error; nil where there is none.
func (d *Details) Unwrap() error { return d.cause }

// StatusCode is the HTTP status for the caller of a service built on Autotask.
func (d *Details) StatusCode() int { return d.Kind.traits().status }

// RetryAfter is how long to wait before another attempt; a floor, 0 where Autotask said nothing.
func (d *Details) RetryAfter() time.Duration { return d.Wait }

// Transient tells whether the same call may be sent again. It is false for a create that may have taken effect.
func (d *Details) Transient() bool {
	return d.Kind.traits().transient && (d.Op != Create || !d.Ambiguous)
}

// PublicDetail is a sentence that the caller of a service may read: nothing of the service's own setup.
func (d *Details) PublicDetail() string {
	if d.Ambiguous && d.Op == Create {
		return d.Kind.traits().detail + " The record may have been created all the same."
	}
	return d.Kind.traits().detail
}

func (d *Details) outcome() circuitbreaker.Outcome { return d.Kind.traits().outcome }

// NotFoundError says that there is no record of that id.
type NotFoundError struct{ Details }

// ValidationError is a refusal of what was sent; Messages holds Autotask's own words.
type ValidationError struct{ Details }

// PublicDetail is Autotask's text, verbatim; several texts are joined by a space.
func (e *ValidationError) PublicDetail() string {
	if len(e.Messages) == 0 {
		return e.Details.PublicDetail()
	}
	return strings.Join(e.Messages, " ")
}

// MethodError says that Autotask does not take this method or media type there.
type MethodError struct{ Details }

// UsageError says that Autotask has no such address; for a create at the root of a child entity it names the right one.
type UsageError struct{ Details }

// ProtocolError is an answer that this client does not understand, or a request that it should not have sent.
type ProtocolError struct{ Details }

// AuthError says that Autotask refused the credentials.
type AuthError struct{ Details }

// UnknownUserError says that no zone knows the API user.
type UnknownUserError struct{ Details }

// PermissionError says that the API user may not do this.
type PermissionError struct{ Details }

// ThreadLimitError says that too many requests for one entity ran at once.
type ThreadLimitError struct{ Details }

// RateLimitError says that Autotask suspended the tenant: its hourly limit of requests is used up.
type RateLimitError struct{ Details }

// BusyError says that Autotask could not do it right now: a lock, a deadlock, a time limit of its own.
type BusyError struct{ Details }

// ServerError says that Autotask, or a proxy before it, is out of order.
type ServerError struct{ Details }

// NetworkError says that no answer was read.
type NetworkError struct {
	Details

	// Sent is false only where it is proved that the request did not arrive whole.
	Sent bool
	// Timeout says that the answer did not come in time, as opposed to a broken connection.
	Timeout bool
}

// StatusCode is 504 for a timeout, else 502.
func (e *NetworkError) StatusCode() int {
	if e.Timeout {
		return http.StatusGatewayTimeout
	}
	return e.Details.StatusCode()
}

// CanceledError says that the caller gave up. It matches [context.Canceled] and the cause of the cancellation.
type CanceledError struct {
	Request

	// Ambiguous says that a create or patch may have taken effect.
	Ambiguous bool

	cause error
}

// Error says which request was given up.
func (e *CanceledError) Error() string {
	text := fmt.Sprintf("autotask: %s %s: given up: %v", e.Method, e.Path, e.cause)
	if e.Ambiguous {
		text += " (it may have taken effect)"
	}
	return text
}

// Unwrap is context.Canceled and the cause.
func (e *CanceledError) Unwrap() []error { return []error{context.Canceled, e.cause} }

// Outcome is what the attempt that ended with err says about Autotask's health, for a breaker.
func Outcome(err error) circuitbreaker.Outcome {
	var typed interface{ outcome() circuitbreaker.Outcome }
	switch {
	case err == nil:
		return circuitbreaker.Success
	case errors.As(err, &typed):
		return typed.outcome()
	default:
		return circuitbreaker.Classify(err)
	}
}

// typed is the error type of the details' kind.
func (d *Details) typed() error {
	switch d.Kind {
	case NotFound:
		return &NotFoundError{*d}
	case Validation:
		return &ValidationError{*d}
	case Method:
		return &MethodError{*d}
	case Usage:
		return &UsageError{*d}
	case Auth:
		return &AuthError{*d}
	case UnknownUser:
		return &UnknownUserError{*d}
	case Permission:
		return &PermissionError{*d}
	case ThreadLimit:
		return &ThreadLimitError{*d}
	case RateLimit:
		return &RateLimitError{*d}
	case Busy:
		return &BusyError{*d}
	case Server:
		return &ServerError{*d}
	case Network:
		return &NetworkError{Details: *d, Sent: true}
	case Protocol:
		return &ProtocolError{*d}
	default:
		return &ProtocolError{*d}
	}
}
