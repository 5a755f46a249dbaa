package retry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
)

// Transient is the default of [Policy.RetryIf]: whether err may pass by itself.
// It is a positive list, looked up with errors.As from the outside in:
//
//	a method Transient() bool                        what it says
//	a method StatusCode() int                        408 425 429 502 503 504
//	network timeouts, failed dials, refused and
//	reset connections, temporary DNS failures        yes
//	everything else, a cancelled context above all   no
//
// A status below 100 is none: it belongs to an error that came before any
// answer. An open circuit breaker and an [*ExhaustedError] say no of themselves.
func Transient(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if self, ok := errors.AsType[passing](err); ok {
		return self.Transient()
	}
	if answer, ok := errors.AsType[coded](err); ok && answer.StatusCode() >= http.StatusContinue {
		return transientStatus(answer.StatusCode())
	}
	return brokenLine(err)
}

// passing and coded are what an error may say of itself.
type (
	passing interface {
		error
		Transient() bool
	}
	coded interface {
		error
		StatusCode() int
	}
)

// transientStatus picks those which ask for another attempt (RFC 9110, RFC 8470,
// RFC 6585). 500 is not among them: it says nothing of the kind.
func transientStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

func brokenLine(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsTimeout || dns.IsTemporary
	}
	if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() { // context.DeadlineExceeded, too
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ETIMEDOUT)
}
