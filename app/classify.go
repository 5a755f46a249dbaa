package app

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/shed"
	"github.com/holdfast-go/holdfast/shutdown"
)

// describeError gives the problem an error is. Whatever it does not know is a 500
// that says nothing.
func describeError(ctx context.Context, err error) Problem {
	status, kind, detail := classify(ctx, err)
	problem := Problem{Title: http.StatusText(status), Status: status, Detail: detail, Type: typeURI(kind), RetryAfter: retryAfter(err)}
	if problem.RetryAfter == 0 {
		problem.RetryAfter = patience(kind)
	}
	if own, ok := errors.AsType[*Error](err); ok {
		problem.Errors, problem.Extra = own.fields, own.extra
	}
	return problem
}

// classify reads an error, the most particular kind first.
func classify(ctx context.Context, err error) (status int, kind, detail string) {
	if own, ok := errors.AsType[*Error](err); ok {
		return own.status, own.kind, own.detail
	}
	if failed, ok := errors.AsType[*circuitbreaker.FallbackError](err); ok {
		return ofForeign(failed.StatusCode(), failed)
	}
	if _, ok := errors.AsType[*circuitbreaker.PanicError](err); ok {
		return http.StatusInternalServerError, "internal", internalDetail
	}
	if errors.Is(err, shutdown.ErrShutdown) || errors.Is(context.Cause(ctx), shutdown.ErrShutdown) {
		return http.StatusServiceUnavailable, "shutting-down", "the service stopped before this was done; part of it may have been done"
	}
	if errors.Is(err, shutdown.ErrShuttingDown) {
		return http.StatusServiceUnavailable, "shutting-down", "the service is stopping; send the request again"
	}
	if errors.Is(err, circuitbreaker.ErrOpen) {
		return http.StatusServiceUnavailable, "circuit-open", "something this needs has failed too often and is being given time to recover"
	}
	if overloaded(err) {
		return http.StatusServiceUnavailable, "overloaded", "too many requests are being worked on; try again shortly"
	}
	if _, ok := errors.AsType[*ratelimit.LimitedError](err); ok {
		return http.StatusTooManyRequests, "rate-limited", "too many requests; Retry-After says when the next one is let in"
	}
	if _, ok := errors.AsType[*resilience.TimeoutError](err); ok {
		return http.StatusGatewayTimeout, "timeout", timeoutDetail
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, "too-large", "the body is too large"
	}
	if own, ok := errors.AsType[*echo.HTTPError](err); ok {
		return ofEcho(own)
	}
	if coded, ok := errors.AsType[interface {
		error
		StatusCode() int
	}](err); ok && coded.StatusCode() >= 400 && coded.StatusCode() <= 599 {
		return ofForeign(coded.StatusCode(), err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusGatewayTimeout, "timeout", timeoutDetail
	}
	return http.StatusInternalServerError, "internal", internalDetail
}

// overloaded tells whether a call was refused because too many are running: of
// its route, of a bulkhead that somebody uses by hand, or in the whole process.
func overloaded(err error) bool {
	if _, ok := errors.AsType[*resilience.OverloadedError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*bulkhead.FullError](err); ok {
		return true
	}
	_, ok := errors.AsType[*shed.OverloadedError](err)
	return ok
}

const (
	internalDetail = "something went wrong on our side; the request_id finds it in our log"
	timeoutDetail  = "this took longer than it may"
)

// ofEcho keeps the message of a client's error; 404 and 405 get theirs from
// the request.
func ofEcho(err *echo.HTTPError) (status int, kind, detail string) {
	status = err.Code
	if status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	text, ok := err.Message.(string)
	switch {
	case status == http.StatusInternalServerError:
		text = internalDetail
	case !ok || text == http.StatusText(status) || status > http.StatusInternalServerError:
		text = ""
	}
	return status, kindOf(status), text
}

// ofForeign is an error of another package that knows its status: an upstream.
func ofForeign(status int, err error) (code int, kind, detail string) {
	if public, ok := errors.AsType[interface {
		error
		PublicDetail() string
	}](err); ok {
		detail = public.PublicDetail()
	}
	if status > http.StatusInternalServerError {
		if detail == "" {
			detail = "something this needs did not answer as it should"
		}
		return status, "upstream", detail
	}
	if status == http.StatusInternalServerError && detail == "" {
		detail = internalDetail
	}
	return status, kindOf(status), detail
}

func kindOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not-found"
	case http.StatusMethodNotAllowed:
		return "method-not-allowed"
	case http.StatusConflict:
		return "conflict"
	case http.StatusRequestEntityTooLarge:
		return "too-large"
	case http.StatusUnsupportedMediaType:
		return "unsupported-media-type"
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusTooManyRequests:
		return "rate-limited"
	case http.StatusInternalServerError:
		return "internal"
	case http.StatusBadGateway:
		return "upstream"
	case http.StatusServiceUnavailable:
		return "unavailable"
	case http.StatusGatewayTimeout:
		return "timeout"
	}
	return "about:blank" // RFC 9457, 4.2.1: no more than the status says
}

// patience is the Retry-After, in seconds, of a refusal that names none.
func patience(kind string) int {
	switch kind {
	case "shutting-down":
		return 5
	case "circuit-open", "overloaded":
		return 1
	}
	return 0
}

func typeURI(kind string) string {
	if strings.Contains(kind, ":") {
		return kind
	}
	return problemBase + kind
}

// retryAfter is in whole seconds, rounded up; 0 where the error does not say.
func retryAfter(err error) int {
	timed, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err)
	if !ok || timed.RetryAfter() <= 0 {
		return 0
	}
	return max(1, int(math.Ceil(timed.RetryAfter().Seconds())))
}
