package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// call is one request on its way through the pipeline: a [resilience.Attempt].
// Do may run on several goroutines at once, where a hard timeout abandons one.
type call struct {
	transport *Transport
	host      *host
	req       *http.Request // as it was given, save for the deadline of a redirect
	header    http.Header   // to send
	inherited time.Duration // until the caller's deadline, 0 if there is none
	admission *resilience.Admission
	cancel    context.CancelFunc // of a redirect's deadline, nil if none
	body      *replay            // nil if the body needs no help

	handedOver bool // the answer's body ends the call

	mu      sync.Mutex
	sent    int          // attempts begun
	unsent  bool         // the last one made no connection
	settled bool         // the outcome is known: who comes now is too late
	open    *answer      // a list of answers not closed
	first   answer       // of the first attempt
	out     http.Request // of the first attempt
}

// Do makes one attempt. Its value is an *answer.
func (c *call) Do(ctx context.Context) (any, error) {
	a, n := c.begin()
	to := c.admission.Context()
	if ctx != to {
		a.ctx = &attemptContext{Context: to, attempt: ctx}
		to = a.ctx
	}
	req, err := c.request(to, n) //nolint:contextcheck // made of ctx and that of the call
	if err != nil {
		return nil, err
	}
	resp, err := c.send(req) //nolint:bodyclose // the answer that takes it closes it
	timely := a.ctx.answered()
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	a.take(c, resp)
	if !timely || !c.keep(a) {
		a.discard()
		return nil, c.failed(ctx, context.Canceled)
	}
	if a.failure != nil {
		return nil, a.failure
	}
	return a, nil
}

// begin numbers the attempt, from 0, and lets go of the answers before it.
func (c *call) begin() (*answer, int) {
	c.mu.Lock()
	n := c.sent
	c.sent++
	c.unsent = false
	var lost *answer
	if n > 0 {
		lost = c.takeFailed()
	}
	c.mu.Unlock()
	lost.discardAll()
	if n == 0 {
		return &c.first, n
	}
	return new(answer), n
}

// takeFailed takes the answers with an error status off the list. The lock is
// held.
func (c *call) takeFailed() (lost *answer) {
	kept := c.open
	c.open = nil
	for kept != nil {
		a := kept
		kept = a.next
		into := &c.open
		if a.failure != nil {
			into = &lost
		}
		a.next, *into = *into, a
	}
	return lost
}

// send makes the round trip. A body is closed even if the transport panics.
func (c *call) send(req *http.Request) (*http.Response, error) {
	returned := false
	defer func() {
		if !returned {
			closeBody(req)
		}
	}()
	resp, err := c.transport.inner.RoundTrip(req)
	returned = true
	if err == nil && resp == nil {
		err = errNoResponse
	}
	return resp, err
}

var errNoResponse = errors.New("the inner transport returned neither an answer nor an error")

// failed is the error of an attempt without an answer: the end of its context,
// whatever a transport calls that, or a [*SendError].
func (c *call) failed(ctx context.Context, err error) error {
	if over := ctx.Err(); over != nil {
		if errors.Is(err, over) {
			return err
		}
		return fmt.Errorf("%w: %w", over, notCanceled(over, err))
	}
	c.mu.Lock()
	c.unsent = unsent(err)
	c.mu.Unlock()
	return &SendError{Host: c.req.URL.Host, Err: err}
}

// notCanceled takes the mark of a cancelled caller off an attempt that was cut
// by a deadline.
func notCanceled(over, err error) error {
	if errors.Is(over, context.DeadlineExceeded) && errors.Is(err, context.Canceled) {
		return errors.New(err.Error())
	}
	return err
}

// keep notes an answer, so that it is closed in the end. It reports false where
// nobody waits for it any more.
func (c *call) keep(a *answer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settled {
		return false
	}
	a.next, c.open = c.open, a
	return true
}

// Repeatable reports whether another attempt would do no harm.
func (c *call) Repeatable() bool {
	if c.body != nil && c.body.single {
		return false
	}
	if c.host.repeats(c.req) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unsent
}

// Fallback asks Config.Fallback.
func (c *call) Fallback(ctx context.Context, cause error) (any, error) {
	req := c.req.WithContext(ctx)
	req.Body = http.NoBody
	resp, err := c.transport.cfg.Fallback(req, cause)
	if err != nil {
		return nil, err
	}
	if resp == nil {
		return nil, errNoFallback
	}
	return contained(resp, c.transport.cfg.MaxResponseBody) //nolint:bodyclose // in memory
}

var errNoFallback = errors.New("the fallback returned neither an answer nor an error")

// decide says what the caller gets: an answer of an attempt, whatever its
// status, a substitute, or an error.
func (c *call) decide(result resilience.Result) (won *answer, substitute *http.Response, err error) {
	if result.Err != nil {
		if won = c.last(result.Err); won != nil {
			return won, nil, nil
		}
		return nil, nil, result.Err
	}
	switch value := result.Value.(type) {
	case *answer:
		return value, nil, nil
	case *http.Response:
		return nil, mark(value, c.req), nil
	default: // FallbackResponse
		return nil, c.transport.canned.response(c.req), nil
	}
}

// last returns the answer that err stands for, or nil if it stands for none: a
// caller that has gone, and a fallback that failed, are more than a status.
func (c *call) last(err error) *answer {
	if _, failed := errors.AsType[*circuitbreaker.FallbackError](err); failed || c.admission.Context().Err() != nil {
		return nil
	}
	status, ok := errors.AsType[*StatusError](err)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for a := c.open; a != nil; a = a.next {
		if a.failure == status {
			return a
		}
	}
	return nil
}

// settle closes every answer except the one that is handed over, and the body
// that nobody has sent.
func (c *call) settle(won *answer) {
	c.mu.Lock()
	c.settled = true
	a, sent := c.open, c.sent
	c.open = nil
	c.mu.Unlock()
	for a != nil {
		next := a.next
		if a.next = nil; a != won {
			a.discard()
		}
		a = next
	}
	if sent == 0 && (c.body == nil || c.body.data == nil) {
		closeBody(c.req)
	}
}
