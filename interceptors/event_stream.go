package interceptors

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/shutdown"
)

const mimeEventStream = "text/event-stream"

// goodbye is how long the last write of an event stream may take once it was told
// to end: a client that reads nothing holds up no stop.
const goodbye = time.Second

// EndEvents ends event streams by themselves. Where an answer is of type
// text/event-stream, the context of its request is cancelled at DRAINING with
// cause shutdown.ErrShuttingDown; that the handler returns this is no failure, and
// what it still writes has a second. It is for routes whose handlers write their
// own answers, outside of UseResilience.
func EndEvents(stop *shutdown.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			events := newEventStream(stop, c)
			defer events.end()
			return events.result(next(c))
		}
	}
}

// eventStream is a request that may be answered by an event stream.
type eventStream struct {
	http.ResponseWriter

	stop     *shutdown.Service
	name     string
	response *echo.Response
	ctx      context.Context //nolint:containedctx // that of the request, which this one is about
	cancel   context.CancelCauseFunc

	begun    bool               // the head is sent: the answer is a stream, or is none
	attached *shutdown.Attached // nil where it is none, or came too late
	untell   func() bool
	until    atomic.Pointer[time.Time] // when writes end, once it was told
}

// newEventStream gives the request of c a context that can be ended, and looks at
// the head of its answer.
func newEventStream(stop *shutdown.Service, c echo.Context) *eventStream {
	e := &eventStream{ResponseWriter: c.Response().Writer, stop: stop, name: route(c), response: c.Response()}
	e.ctx, e.cancel = context.WithCancelCause(c.Request().Context())
	c.SetRequest(c.Request().WithContext(e.ctx))
	c.Response().Writer = e
	return e
}

// WriteHeader implements http.ResponseWriter.
func (e *eventStream) WriteHeader(status int) {
	if status >= http.StatusOK {
		e.begin()
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (e *eventStream) Write(p []byte) (int, error) {
	e.begin()
	return e.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController looks for.
func (e *eventStream) FlushError() error {
	e.begin()
	return http.NewResponseController(e.ResponseWriter).Flush()
}

// Unwrap is what http.ResponseController looks for.
func (e *eventStream) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// begin attaches the stream to the stop of the process, if the answer is one. The
// head decides, so only the first call counts.
func (e *eventStream) begin() {
	if e.begun {
		return
	}
	e.begun = true
	if !isEventStream(e.Header()) {
		return
	}
	attached, err := e.stop.Stream(e.ctx, e.name, nil)
	if err != nil { // DRAINING came first
		e.tell(err)
		return
	}
	e.attached = attached
	e.untell = context.AfterFunc(attached.Context(), func() { e.tell(context.Cause(attached.Context())) })
}

// tell ends the stream. A connection that has no deadlines is one of a test.
func (e *eventStream) tell(cause error) {
	until := time.Now().Add(goodbye)
	e.until.Store(&until)
	e.cancel(cause)
	_ = e.SetWriteDeadline(until)
}

// SetWriteDeadline is what http.ResponseController looks for.
func (e *eventStream) SetWriteDeadline(t time.Time) error {
	if until := e.until.Load(); until != nil && (t.IsZero() || t.After(*until)) {
		t = *until
	}
	return http.NewResponseController(e.ResponseWriter).SetWriteDeadline(t)
}

// result is the outcome of the handler: having been told to end is none.
func (e *eventStream) result(err error) error {
	cause := context.Cause(e.ctx)
	told := errors.Is(cause, shutdown.ErrShuttingDown) || e.attached != nil && errors.Is(cause, shutdown.ErrShutdown)
	if told && ended(err) {
		return nil
	}
	return err
}

// ended tells whether an error says no more than that a stream was ended.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, shutdown.ErrShuttingDown) || errors.Is(err, shutdown.ErrShutdown)
}

// end is called when the handler has returned or panicked.
func (e *eventStream) end() {
	if e.attached != nil {
		e.untell()
		e.attached.Done()
	}
	e.cancel(nil)
	e.response.Writer = e.ResponseWriter
}

func isEventStream(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get(echo.HeaderContentType))
	return err == nil && kind == mimeEventStream
}

// acceptsEvents tells whether a request asks for an event stream by name.
func acceptsEvents(r *http.Request) bool {
	for _, line := range r.Header[echo.HeaderAccept] {
		if strings.Contains(strings.ToLower(line), mimeEventStream) {
			return true
		}
	}
	return false
}
