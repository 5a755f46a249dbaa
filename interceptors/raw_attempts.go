package interceptors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// rawAttempts is the resilience.Attempt of one request to a raw handler. What it
// needs of the pooled echo.Context it takes before the first attempt, because
// with a hard timeout an attempt may outlive the request.
type rawAttempts struct {
	policy  *resilience.Policy // of this request
	next    echo.HandlerFunc
	body    body
	request *http.Request
	client  *echo.Response
	header  http.Header // before the first attempt
	context func(*http.Request, *buffer) echo.Context

	mu       sync.Mutex
	ended    bool
	outer    echo.Context // of the request; not to be touched once it has ended
	current  *buffer
	returned *attemptContext // of the last attempt that came back in time, if it had its own
}

func newRawAttempts(policy *resilience.Policy, c echo.Context, next echo.HandlerFunc, kept body) *rawAttempts {
	a := &rawAttempts{
		policy:  policy,
		next:    next,
		body:    kept,
		request: c.Request(),
		client:  c.Response(),
		outer:   c,
	}
	a.header = a.client.Header().Clone()
	if policy.TimeoutMode == resilience.Hard {
		a.context = unpooled(c)
		return a
	}
	a.context = func(r *http.Request, w *buffer) echo.Context {
		rebind(c, r, w)
		return c
	}
	return a
}

// Do implements resilience.Attempt. Its value is the *buffer of the response.
func (a *rawAttempts) Do(ctx context.Context) (any, error) {
	r, response, ok := a.begin(ctx)
	if !ok {
		return nil, http.ErrHandlerTimeout
	}
	if err := a.call(r, response); err != nil {
		return nil, withStatus(err)
	}
	if status, _ := response.answer(); status >= http.StatusBadRequest {
		return nil, &answeredError{status: status, header: response.Header(), response: response}
	}
	return response, nil
}

// call runs the handler, in a context of its own unless this is all there will be.
func (a *rawAttempts) call(r *http.Request, response *buffer) error {
	c := a.context(r, response)
	defer removeUploads(a.request, c)
	if !a.apart() {
		return a.next(c)
	}
	own := &attemptContext{Context: c, attempts: a}
	err := a.next(own)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ended && a.current == response {
		a.returned = own
	}
	return err
}

// removeUploads removes the files of a form that the handler has read: net/http
// does so for the request it made alone, not for the copies of an attempt.
func removeUploads(original *http.Request, c echo.Context) {
	if form := c.Request().MultipartForm; form != nil && original.MultipartForm == nil {
		_ = form.RemoveAll() // at worst they stay
	}
}

// apart tells whether an attempt must leave nothing behind: another may follow,
// or the request may go on without it.
func (a *rawAttempts) apart() bool {
	return a.policy.EnableRetry || a.policy.TimeoutMode == resilience.Hard
}

// get reads what middleware outside has Set, while the request lives.
func (a *rawAttempts) get(key string) any {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return nil
	}
	return a.outer.Get(key)
}

// begin returns a request and a response for the next attempt, unless the
// request has ended. They are copies where another attempt may follow, or the
// request may go on without this one.
func (a *rawAttempts) begin(ctx context.Context) (*http.Request, *buffer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return nil, nil, false
	}
	if a.current != nil {
		a.current.abandon() // its handler may have left a goroutine behind
	}
	header, r := a.header, a.request
	if a.apart() {
		header, r = header.Clone(), r.Clone(ctx)
	} else {
		r = r.WithContext(ctx)
	}
	r.Body = a.body.reader()
	a.current = newBuffer(a.client, header, a.policy.MaxResponseBuffer)
	return r, a.current, true
}

// Fallback implements resilience.Attempt. A raw route has FallbackResponse only.
func (*rawAttempts) Fallback(_ context.Context, cause error) (any, error) { return nil, cause }

// Repeatable is asked by the pipeline before another attempt.
func (a *rawAttempts) Repeatable() bool {
	return a.body.repeatable() && (a.policy.Idempotent || safe(a.request.Method))
}

// Hedgeable is asked by the pipeline before the first attempt: two handlers
// cannot write one response.
func (*rawAttempts) Hedgeable() bool { return false }

// Committed is asked by the pipeline before another attempt, a fallback, and the
// error of a deadline.
func (a *rawAttempts) Committed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil {
		return false
	}
	_, committed := a.current.answer()
	return committed
}

// end cuts every attempt but the one to keep off from the request, and gives
// the context back to the interceptors outside. It may be called again.
func (a *rawAttempts) end(keep *buffer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != nil && a.current != keep {
		a.current.abandon()
	}
	if a.ended {
		return
	}
	a.ended = true
	a.outer.SetRequest(a.request)
	a.outer.SetResponse(a.client)
	if a.returned != nil {
		a.returned.handOver(a.outer)
	}
}

func safe(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method)
}

// answeredError is a status of 400 or more that a handler wrote by itself. It
// makes the pipeline see the status.
type answeredError struct {
	status   int
	header   http.Header
	response *buffer // nil where it was sent as it was written
}

func (e *answeredError) Error() string { return fmt.Sprintf("the handler answered %d", e.status) }

// StatusCode returns the status that was written.
func (e *answeredError) StatusCode() int { return e.status }

// RetryAfter returns what the handler put into Retry-After: seconds or a date.
func (e *answeredError) RetryAfter() time.Duration {
	after, _ := retry.ParseAfter(e.header.Get(echo.HeaderRetryAfter), time.Now())
	return after
}

// statusError gives an *echo.HTTPError the StatusCode that the pipeline looks for.
type statusError struct{ *echo.HTTPError }

// StatusCode returns the status of the error.
func (e *statusError) StatusCode() int { return e.Code }

// Unwrap returns the error of the handler.
func (e *statusError) Unwrap() error { return e.HTTPError }

func withStatus(err error) error {
	var coded interface{ StatusCode() int }
	if he, ok := errors.AsType[*echo.HTTPError](err); ok && !errors.As(err, &coded) {
		return &statusError{he}
	}
	return err
}

// plain takes the wrapping of withStatus off again.
func plain(err error) error {
	if wrapped, ok := err.(*statusError); ok { //nolint:errorlint // only the outermost
		return wrapped.HTTPError
	}
	return err
}
