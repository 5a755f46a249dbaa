package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

const (
	maxDrain  = 64 << 10               // bytes read of an answer nobody wants, to keep its connection
	drainTime = 100 * time.Millisecond // and how long
)

// answer is what an attempt gave. Once handed over it is the body of the
// response, and its end is that of the call.
type answer struct {
	call    *call
	resp    *http.Response
	inner   io.ReadCloser
	failure *StatusError    // of a status from 400 on
	ctx     *attemptContext // nil where the attempt has no deadline of its own
	next    *answer         // in call.open

	err      error // of the call, if the answer is a failure that was handed over
	limit    int64 // bytes
	read     int64
	tooLarge bool
	ended    atomic.Bool
}

// take fills in the response.
func (a *answer) take(c *call, resp *http.Response) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	a.call, a.resp, a.inner = c, resp, resp.Body
	a.limit = c.transport.cfg.MaxResponseBody
	if resp.StatusCode >= http.StatusBadRequest {
		a.failure = newStatusError(c.req, resp)
	}
}

// hand returns the response, with a as its body. The call ends with the body, or
// now, if there is none; from 300 on even an empty body is a, which knows what
// [Check] and a redirect ask for.
func (a *answer) hand(err error) *http.Response {
	c, resp := a.call, a.resp
	a.err = err
	resp.Request = c.req
	c.handedOver = true
	empty := resp.Body == http.NoBody
	if resp.StatusCode == http.StatusSwitchingProtocols || empty {
		a.end() // a connection that became the caller's has no deadline of ours
	}
	if resp.StatusCode != http.StatusSwitchingProtocols && (!empty || resp.StatusCode >= http.StatusMultipleChoices) {
		resp.Body = a
	}
	return resp
}

// Read reads the body, up to the size limit and until the deadline.
func (a *answer) Read(p []byte) (int, error) {
	if a.inner == http.NoBody { // whose length, for a HEAD, is that of a GET
		return 0, io.EOF
	}
	if err := a.late(nil); err != nil {
		return 0, err
	}
	room := a.limit - a.read
	if a.limit >= 0 {
		if err := a.beyond(); err != nil {
			return 0, err
		}
		if int64(len(p)) > room {
			p = p[:room+1]
		}
	}
	n, err := a.inner.Read(p)
	if a.limit >= 0 && int64(n) > room {
		a.tooLarge = true
		n, err = int(room), a.beyond()
	}
	a.read += int64(n)
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		a.end()
	default:
		if late := a.late(err); late != nil {
			err = late
		}
	}
	return n, err //nolint:wrapcheck // a reader hands on what it was given
}

// beyond is the error of a body that was, or says that it is, too large.
func (a *answer) beyond() error {
	if a.tooLarge || a.resp.ContentLength > a.limit {
		return &BodyTooLargeError{Limit: a.limit}
	}
	return nil
}

// late is the error of a body that was not read when the deadline was over, or
// nil.
func (a *answer) late(err error) error {
	if a.ended.Load() {
		return nil
	}
	return a.call.late(err)
}

// late is a total timeout, if the deadline is over, else nil.
func (c *call) late(err error) error {
	over := c.admission.Context().Err()
	if !errors.Is(over, context.DeadlineExceeded) {
		return over
	}
	after := max(c.admission.Policy().Timeout, 0)
	if c.inherited > 0 && (after == 0 || c.inherited < after) {
		after = c.inherited
	}
	return &resilience.TimeoutError{After: after, Kind: resilience.KindTotal, Err: err}
}

// Close closes the body and ends the call.
func (a *answer) Close() error {
	err := a.inner.Close()
	a.end()
	return err //nolint:wrapcheck // as for Read
}

// end ends the call, once.
func (a *answer) end() {
	if a.ended.CompareAndSwap(false, true) {
		a.ctx.end()
		a.call.end()
	}
}

// discard drains an answer that nobody gets, within bounds, so that its
// connection can be used again, and closes it.
func (a *answer) discard() {
	if a.resp.ContentLength <= maxDrain && a.inner != http.NoBody {
		stop := time.AfterFunc(drainTime, func() { _ = a.inner.Close() }) // unblocks Read
		_, _ = io.CopyN(io.Discard, a.inner, maxDrain)
		stop.Stop()
	}
	_ = a.inner.Close() // nothing to save
	a.ctx.end()
}

// discardAll discards a list of answers.
func (a *answer) discardAll() {
	for a != nil {
		next := a.next
		a.next = nil
		a.discard()
		a = next
	}
}
