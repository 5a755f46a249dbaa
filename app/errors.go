package app

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Error is an answer to the client: a status and a sentence for people. Make
// it with NotFound, Invalid and their like, or with NewError. Its methods give
// a changed copy, so that a package variable may be the start of several.
//
// It is rendered as a problem (RFC 9457). What Wrap was given is for the log
// and for errors.Is alone, and is never sent.
type Error struct {
	status     int
	kind       string // a suffix of problemBase or a whole URI
	detail     string
	cause      error
	fields     []FieldError
	extra      map[string]any
	retryAfter time.Duration
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	// Field is the path in the JSON body ("lines[2].quantity"), or the source
	// and the name ("path.id", "query.limit", "header.X-Tenant").
	Field string `json:"field"`
	// Rule is what was broken, as in the validate tag ("max=500"), or
	// "type" where the text is of another kind.
	Rule string `json:"rule"`
	// Message is a sentence for people.
	Message string `json:"message"`
}

// NewError gives an error of any status from 400 to 599; others become 500.
// The detail is formatted as by fmt.Errorf and is sent to the client; an error
// formatted with %w is wrapped and its text is sent as well.
func NewError(status int, format string, args ...any) *Error {
	if status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	text := fmt.Errorf(format, args...)
	return &Error{status: status, kind: kindOf(status), detail: text.Error(), cause: errors.Unwrap(text)}
}

// BadRequest is a 400: the request cannot be understood.
func BadRequest(format string, args ...any) *Error {
	return NewError(http.StatusBadRequest, format, args...)
}

// Unauthorized is a 401: it is not known who asks.
func Unauthorized(format string, args ...any) *Error {
	return NewError(http.StatusUnauthorized, format, args...)
}

// Forbidden is a 403: who asks may not do this.
func Forbidden(format string, args ...any) *Error {
	return NewError(http.StatusForbidden, format, args...)
}

// NotFound is a 404.
func NotFound(format string, args ...any) *Error {
	return NewError(http.StatusNotFound, format, args...)
}

// Conflict is a 409: the request does not fit the state of the thing.
func Conflict(format string, args ...any) *Error {
	return NewError(http.StatusConflict, format, args...)
}

// Invalid is a 422: the request is understood and breaks a rule. Name the
// fields with WithFields.
func Invalid(format string, args ...any) *Error {
	return NewError(http.StatusUnprocessableEntity, format, args...)
}

// TooManyRequests is a 429. Say when to come back with WithRetryAfter.
func TooManyRequests(format string, args ...any) *Error {
	return NewError(http.StatusTooManyRequests, format, args...)
}

// Unavailable is a 503: this cannot be done at present. Say when to come back
// with WithRetryAfter.
func Unavailable(format string, args ...any) *Error {
	return NewError(http.StatusServiceUnavailable, format, args...)
}

// Error gives the detail and, unless %w put it there, the cause.
func (e *Error) Error() string {
	if e.cause == nil || strings.Contains(e.detail, e.cause.Error()) {
		return e.detail
	}
	return e.detail + ": " + e.cause.Error()
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// StatusCode is the HTTP status.
func (e *Error) StatusCode() int { return e.status }

// RetryAfter is when the client may try again; 0 is unknown.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// PublicDetail is the sentence sent to the client.
func (e *Error) PublicDetail() string { return e.detail }

// Wrap keeps the error that led here, for the log and for errors.Is.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With adds a member to the problem. The standard members cannot be replaced.
func (e *Error) With(member string, value any) *Error {
	c := *e
	c.extra = maps.Clone(e.extra)
	if c.extra == nil {
		c.extra = make(map[string]any, 1)
	}
	c.extra[member] = value
	return &c
}

// WithFields adds what is wrong with single fields.
func (e *Error) WithFields(fields ...FieldError) *Error {
	c := *e
	c.fields = slices.Concat(e.fields, fields)
	return &c
}

// WithRetryAfter sends Retry-After, in whole seconds and at least one.
func (e *Error) WithRetryAfter(d time.Duration) *Error {
	c := *e
	c.retryAfter = d
	return &c
}

// WithType replaces the problem's type, a URI that says what kind of problem
// this is and, when opened, how to mend it.
func (e *Error) WithType(uri string) *Error {
	c := *e
	c.kind = uri
	return &c
}
