package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Transport is an [http.RoundTripper] that runs each request through the
// pipeline of its host. It comes from [NewTransport]; its methods may be called
// concurrently.
type Transport struct {
	cfg    Config // complete
	inner  http.RoundTripper
	hosts  *hosts
	canned *canned // FallbackResponse, nil if there is none
	log    *slog.Logger
}

// errURL refuses what no transport could send; it says nothing about a host.
var errURL = errors.New("client: a request needs an http or https URL with a host")

// RoundTrip makes the call. See the package comment for what is repeated, what
// is an answer, and what an error. It does not change req and closes its body.
// The body of the answer must be closed; it fails with a
// [*resilience.TimeoutError] once the total deadline is over.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.URL.Host == "" || req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		closeBody(req)
		return nil, errURL
	}
	c := &call{transport: t, pipeline: t.hosts.of(req.URL), req: req, header: req.Header}
	if req.Response != nil { // a redirect led here
		if err := c.redirected(); err != nil {
			closeBody(req)
			return nil, err
		}
	}
	return c.run()
}

// CloseIdleConnections closes those of the inner transport.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.inner.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// redirected applies Config.Redirects to a request that a redirect caused, and
// the deadline of the call it belongs to.
func (c *call) redirected() error {
	crossed, err := c.transport.cfg.Redirects.judge(c.req)
	if err != nil {
		return err
	}
	if c.crossed = crossed; crossed {
		c.header = anonymous(c.req.Header)
	}
	if before, ok := c.req.Response.Body.(*answer); ok {
		if at, ok := before.call.admission.Context().Deadline(); ok {
			ctx, cancel := context.WithDeadline(c.req.Context(), at)
			c.req, c.cancel = c.req.WithContext(ctx), cancel
		}
	}
	return nil
}

// run makes the call within its pipeline.
func (c *call) run() (*http.Response, error) {
	if at, ok := c.req.Context().Deadline(); ok {
		c.inherited = time.Until(at)
	}
	admission, err := c.pipeline.Enter(c.req.Context())
	if err != nil {
		closeBody(c.req)
		c.end()
		return nil, err
	}
	c.admission = admission
	if p := admission.Policy(); p.TimeoutMode == resilience.Hard || p.Hedge.Max > 0 {
		c.detach()
	}
	defer func() {
		if !c.handedOver { // an error, a substitute, or a panic of RetryIf
			c.settle(nil)
			c.end()
		}
	}()
	if err := c.prepare(); err != nil {
		return nil, err
	}
	result := admission.Run(c)
	won, resp, err := c.decide(result)
	if won == nil {
		return resp, err
	}
	c.settle(won)
	return won.hand(result.Err), nil
}

// detach makes the request one of the call's own, for attempts that may outlive
// it: the caller may use what it gave again.
func (c *call) detach() {
	c.header = cloned(c.header)
	c.req = c.req.Clone(c.req.Context())
}

// end gives back what the call holds. It is called once: by run, or by the end
// of the body that run has handed over.
func (c *call) end() {
	if c.admission != nil {
		c.admission.Leave()
	}
	if c.cancel != nil {
		c.cancel()
	}
}

// closeBody keeps the promise of a RoundTripper for a request that is not sent.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // nothing to save: nobody has read it
	}
}

// bodyError is a request body that could not be read. It says nothing about the
// host and stays as it is.
type bodyError struct{ err error }

func (e *bodyError) Error() string {
	return fmt.Sprintf("client: read the body of the request: %v", e.err)
}
func (e *bodyError) Unwrap() error { return e.err }

// Transient returns false: what was read of the body is gone.
func (*bodyError) Transient() bool { return false }

// Excluded returns true: the host was not asked.
func (*bodyError) Excluded() bool { return true }
