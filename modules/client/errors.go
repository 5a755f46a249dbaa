package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/modules/retry"
)

// StatusError is an answer of 400 and above, as the pipeline sees it: what
// Policy.Retry.RetryIf, Policy.Breaker.Classify and Config.Fallback are given.
type StatusError struct {
	Method, Host string
	Status       int
	after        time.Duration
}

func newStatusError(req *http.Request, resp *http.Response) *StatusError {
	e := &StatusError{Method: req.Method, Host: req.URL.Host, Status: resp.StatusCode}
	if value := resp.Header.Get("Retry-After"); value != "" {
		e.after, _ = retry.ParseAfter(value, time.Now()) // 0 if it says nothing
	}
	return e
}

// Error names method, host and status; paths and queries may hold secrets.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.Method, e.Host, e.Status, http.StatusText(e.Status))
}

// StatusCode returns the status of the answer.
func (e *StatusError) StatusCode() int { return e.Status }

// RetryAfter returns what the server asked to wait when it answered, or 0.
func (e *StatusError) RetryAfter() time.Duration { return e.after }

// Check returns nil for an answer below 400, else an error that matches
// [*StatusError]. Where the call was repeated in vain, the error is marked as a
// [*retry.ExhaustedError], so that an outer retry does not repeat it again. It
// does not read or close the body.
func Check(resp *http.Response) error {
	if resp.StatusCode < http.StatusBadRequest {
		return nil
	}
	if a, ok := resp.Body.(*answer); ok && a.err != nil {
		return a.err
	}
	req := resp.Request
	if req == nil || req.URL == nil {
		return &StatusError{Status: resp.StatusCode}
	}
	return newStatusError(req, resp)
}

// SendError is a call that got no answer: no connection, or one that broke.
type SendError struct {
	Host string
	Err  error // of the inner transport
}

// Error names the host and what went wrong.
func (e *SendError) Error() string { return fmt.Sprintf("send to %s: %v", e.Host, e.Err) }

// Unwrap returns Err.
func (e *SendError) Unwrap() error { return e.Err }

// StatusCode returns 502 Bad Gateway.
func (*SendError) StatusCode() int { return http.StatusBadGateway }

// Timeout reports whether a network timeout was the reason, as in [net.Error].
func (e *SendError) Timeout() bool {
	timed, ok := errors.AsType[net.Error](e.Err)
	return ok && timed.Timeout()
}

// Transient reports whether another attempt may help: beyond what
// [retry.Transient] says, where the server closed the connection instead of
// answering.
func (e *SendError) Transient() bool {
	return retry.Transient(e.Err) || errors.Is(e.Err, io.EOF) ||
		errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, syscall.EPIPE)
}

// BodyTooLargeError is returned by the body of an answer that is larger than
// [Config.MaxResponseBody].
type BodyTooLargeError struct{ Limit int64 } // bytes

// Error names the limit.
func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the body of the answer is larger than %d bytes", e.Limit)
}

// StatusCode returns 502 Bad Gateway.
func (*BodyTooLargeError) StatusCode() int { return http.StatusBadGateway }

// Transient returns false: it would be as large again.
func (*BodyTooLargeError) Transient() bool { return false }

// RedirectError is a redirect that was not followed. From and To are scheme and
// host alone: paths and queries may hold secrets.
type RedirectError struct{ From, To, Why string }

// Error tells the redirect and why it was refused.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("refused a redirect %s: %s to %s", e.Why, e.From, e.To)
}

// StatusCode returns 502 Bad Gateway.
func (*RedirectError) StatusCode() int { return http.StatusBadGateway }

// Transient returns false: the server would answer the same.
func (*RedirectError) Transient() bool { return false }
