package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// HeaderRetryAttempt counts the attempts before this one, on all but the first.
const HeaderRetryAttempt = "X-Retry-Attempt"

const headerIdempotencyKey = "Idempotency-Key"

// replay gives each attempt the body of the request from its beginning.
type replay struct {
	single bool          // there is a body that can be sent only once
	data   []byte        // the whole body, if it was kept
	rest   io.ReadCloser // for the only attempt: the body, a part of which was read
}

// prepare sees to it that the body can be sent again, if it may be.
func (c *call) prepare() error {
	req := c.req
	if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil {
		return nil
	}
	c.body = &replay{single: true}
	policy := c.admission.Policy()
	again, limit := policy.EnableRetry || policy.Hedge.Max > 0 && safe(req.Method), policy.MaxRequestBuffer
	if !again || !c.repeats() || req.ContentLength > limit {
		return nil
	}
	ctx := c.admission.Context()
	stop := context.AfterFunc(ctx, func() { closeBody(req) }) // unblocks a reader that waits for ever
	data, err := io.ReadAll(io.LimitReader(req.Body, limit+1))
	if !stop() {
		return c.late(nil)
	}
	switch {
	case err != nil:
		return &bodyError{err}
	case int64(len(data)) > limit:
		c.body.rest = spliced{io.MultiReader(bytes.NewReader(data), req.Body), req.Body}
	default:
		closeBody(req)
		c.body.data, c.body.single = data, false
	}
	return nil
}

// spliced is a body of which a part was read before.
type spliced struct {
	io.Reader
	io.Closer
}

// request returns the request of the n-th attempt.
func (c *call) request(ctx context.Context, n int) (*http.Request, error) {
	req := &c.out
	if n == 0 {
		*req = *c.req.WithContext(ctx) // inlined, the copy in between is on the stack
	} else {
		req = c.req.WithContext(ctx)
	}
	req.Header = c.header
	tell := c.transport.cfg.SendDeadline && !c.crossed
	if req.Header == nil || n > 0 || tell {
		req.Header = cloned(c.header)
	}
	if n > 0 {
		req.Header.Set(HeaderRetryAttempt, strconv.Itoa(n))
	}
	if at, ok := ctx.Deadline(); ok && tell {
		name := c.transport.cfg.DeadlineHeader
		req.Header.Set(name, remaining(name, time.Until(at)))
	}
	return req, c.attach(req, n)
}

// remaining is the value of a deadline header: at least 1, since 0 is no time at
// all to some servers and no deadline to others.
func remaining(name string, left time.Duration) string {
	const most = 99_999_999 // of gRPC: 8 digits and a unit
	ms := max(left.Milliseconds(), 1)
	if name == "Grpc-Timeout" {
		return strconv.FormatInt(min(ms, most), 10) + "m"
	}
	return strconv.FormatInt(ms, 10)
}

func cloned(h http.Header) http.Header {
	if h == nil {
		return make(http.Header, 1)
	}
	return h.Clone()
}

// attach gives the request of the n-th attempt its body.
func (c *call) attach(req *http.Request, n int) error {
	switch {
	case c.body != nil && c.body.data != nil:
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.body.data)), nil }
		req.ContentLength = int64(len(c.body.data))
	case c.body != nil && c.body.rest != nil:
		req.Body = c.body.rest
		return nil
	case n == 0 || req.GetBody == nil:
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return &bodyError{err}
	}
	req.Body = body
	return nil
}

// repeats reports whether making the request twice does no harm (RFC 9110,
// 9.2.2).
func (c *call) repeats() bool {
	if safe(c.req.Method) || c.admission.Policy().Idempotent {
		return true
	}
	switch c.req.Method {
	case http.MethodPut, http.MethodDelete:
		return false
	default:
		return c.req.Header.Get(headerIdempotencyKey) != ""
	}
}

// safe reports whether a method only reads (RFC 9110, 9.2.1).
func safe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// unsent reports whether err proves that no connection was made, so that nothing
// was sent: net/http never dials again for a request of which it has written a
// part, unless it may be repeated anyway.
func unsent(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
