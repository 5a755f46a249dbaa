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
	"github.com/holdfast-go/holdfast/modules/retry"
)

// call is one request on its way through the pipeline: a [resilience.Attempt].
// Do may run on several goroutines at once, where a hard timeout abandons one.
type call struct {
	transport *Transport
	pipeline  *resilience.Pipeline // of the host
	req       *http.Request        // as it was given, save for the deadline of a redirect
	header    http.Header          // to send
	inherited time.Duration        // until the caller's deadline, 0 if there is none
	admission *resilience.Admission
	cancel    context.CancelFunc // of a redirect's deadline, nil if none
	body      *replay            // nil if the body needs no help

	crossed    bool // a redirect has led to another host
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
		a.ctx = &attemptContext{Context: to, attempt: ctx, hedged: c.hedged()}
		to = a.ctx
	}
	req, err := c.request(to, n) //nolint:contextcheck // made of ctx and that of the call
	if err != nil {
		a.ctx.end()
		return nil, err
	}
	resp, err := c.send(req, a.ctx) //nolint:bodyclose // the answer that takes it closes it
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	a.take(c, resp)
	if !a.ctx.answered() || !c.keep(a) {
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
	if n > 0 && !c.hedged() { // hedged, another attempt may be about to return it
		lost = c.takeFailed()
	}
	c.mu.Unlock()
	lost.discardAll()
	if n == 0 {
		return &c.first, n
	}
	return new(answer), n
}

// hedged reports whether attempts may run side by side.
func (c *call) hedged() bool { return c.admission.Policy().Hedge.Max > 0 && c.Hedgeable() }

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

// send makes the round trip. Without an answer, and even if the transport
// panics, x ends; after a panic the body is closed as well.
func (c *call) send(req *http.Request, x *attemptContext) (resp *http.Response, err error) {
	returned := false
	defer func() {
		if !returned {
			closeBody(req)
		}
		if resp == nil {
			x.end()
		}
	}()
	resp, err = c.transport.inner.RoundTrip(req)
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
	if c.repeats() {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unsent
}

// Hedgeable reports whether the call may be made twice at once: reads alone. A
// server that knows an Idempotency-Key refuses the second of two at once.
func (c *call) Hedgeable() bool { return safe(c.req.Method) && (c.body == nil || !c.body.single) }

// Discard closes an answer that came too late, or lost to another attempt.
func (c *call) Discard(value any) {
	if a, ok := value.(*answer); ok && c.drop(a) {
		a.discard()
	}
}

// drop takes an answer off the list. It reports false where it has left that
// already, closed or handed over.
func (c *call) drop(a *answer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := &c.open; *at != nil; at = &(*at).next {
		if *at == a {
			*at, a.next = a.next, nil
			return true
		}
	}
	return false
}

// Fallback asks Config.Fallback.
func (c *call) Fallback(ctx context.Context, cause error) (any, error) {
	req := c.req.WithContext(ctx)
	req.Header, req.Body = cloned(c.header), http.NoBody // of a redirect to another host what it may know
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
		return nil, nil, c.overdue(result.Err)
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

// overdue makes a total timeout of a deadline that was over while the call waited
// for its next attempt, or before its last answer could be handed over: a status
// is no error of a call, nor is it one of a caller that has gone.
func (c *call) overdue(err error) error {
	_, told := errors.AsType[*resilience.TimeoutError](err)
	_, failed := errors.AsType[*circuitbreaker.FallbackError](err)
	over := c.admission.Context().Err()
	if over == nil || told || failed {
		return err
	}
	_, answered := errors.AsType[*StatusError](err)
	if errors.Is(over, context.Canceled) {
		if answered && !errors.Is(err, over) {
			return over
		}
		return err
	}
	gaveUp, ok := errors.AsType[*retry.ExhaustedError](err)
	if answered || ok && gaveUp.Reason == retry.ReasonDeadline {
		return c.late(err)
	}
	return err
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
