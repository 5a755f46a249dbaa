package interceptors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// rawAttempts is the resilience.Attempt of one request to a raw handler. What it
// needs of the pooled echo.Context it takes before the first attempt, because
// with a hard timeout an attempt may outlive the request.
type rawAttempts struct {
	route   *rawRoute
	next    echo.HandlerFunc
	body    body
	request *http.Request
	client  *echo.Response
	header  http.Header // before the first attempt
	context func(*http.Request, *buffer) echo.Context
	restore func()

	mu      sync.Mutex
	ended   bool
	current *buffer
}

func newRawAttempts(route *rawRoute, c echo.Context, next echo.HandlerFunc, kept body) *rawAttempts {
	a := &rawAttempts{
		route:   route,
		next:    next,
		body:    kept,
		request: c.Request(),
		client:  c.Response(),
		header:  c.Response().Header().Clone(),
		restore: func() {},
	}
	if route.policy.TimeoutMode == resilience.Hard {
		a.context = a.ownContext(c)
		return a
	}
	a.context = func(r *http.Request, w *buffer) echo.Context {
		rebind(c, r, w)
		return c
	}
	a.restore = func() {
		c.SetRequest(a.request)
		c.SetResponse(a.client)
	}
	return a
}

// rebind points a context at the request and response of an attempt.
func rebind(c echo.Context, r *http.Request, w *buffer) {
	c.SetRequest(r)
	c.SetResponse(echo.NewResponse(w, c.Echo()))
	w.renew = func() { c.SetResponse(echo.NewResponse(w, c.Echo())) }
}

// Do implements resilience.Attempt. Its value is the *buffer of the response.
func (a *rawAttempts) Do(ctx context.Context) (any, error) {
	r, response, ok := a.begin(ctx)
	if !ok {
		return nil, http.ErrHandlerTimeout
	}
	if err := a.next(a.context(r, response)); err != nil {
		return nil, withStatus(err)
	}
	if status, _ := response.answer(); status >= http.StatusBadRequest {
		return nil, &answeredError{status: status, header: response.Header(), response: response}
	}
	return response, nil
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
	if a.route.policy.EnableRetry || a.route.policy.TimeoutMode == resilience.Hard {
		header, r = header.Clone(), r.Clone(ctx)
	} else {
		r = r.WithContext(ctx)
	}
	r.Body = a.body.reader()
	a.current = newBuffer(a.client, header, a.route.policy.MaxResponseBuffer)
	return r, a.current, true
}

// Fallback implements resilience.Attempt. A raw route has FallbackResponse only.
func (*rawAttempts) Fallback(_ context.Context, cause error) (any, error) { return nil, cause }

// Repeatable is asked by the pipeline before another attempt.
func (a *rawAttempts) Repeatable() bool {
	return a.body.repeatable() && (a.route.policy.Idempotent || safe(a.request.Method))
}

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
	a.ended = true
	if a.current != nil && a.current != keep {
		a.current.abandon()
	}
	a.mu.Unlock()
	a.restore()
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
	text := e.header.Get(echo.HeaderRetryAfter)
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
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
