package interceptors

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/shutdown"
)

const mimeEventStream = "text/event-stream"

// eventStream is a request that may be answered by an event stream.
type eventStream struct {
	stop   *shutdown.Service
	name   string
	ctx    context.Context //nolint:containedctx // that of the request, which this one is about
	cancel context.CancelCauseFunc

	attached *shutdown.Attached // nil until the stream has begun
	untell   func() bool
}

// newEventStream gives the request of c a context that can be ended.
func newEventStream(stop *shutdown.Service, name string, c echo.Context) *eventStream {
	ctx, cancel := context.WithCancelCause(c.Request().Context())
	c.SetRequest(c.Request().WithContext(ctx))
	return &eventStream{stop: stop, name: name, ctx: ctx, cancel: cancel}
}

// begin attaches the stream to the stop of the process, if the answer is one.
func (e *eventStream) begin(h http.Header) {
	if e.attached != nil || !strings.HasPrefix(h.Get(echo.HeaderContentType), mimeEventStream) {
		return
	}
	attached, err := e.stop.Stream(e.ctx, e.name, nil)
	if err != nil {
		e.cancel(err)
		return
	}
	e.attached = attached
	e.untell = context.AfterFunc(attached.Context(), func() { e.cancel(context.Cause(attached.Context())) })
}

// result is the outcome of the handler: having been told to end is none.
func (e *eventStream) result(err error) error {
	told := errors.Is(context.Cause(e.ctx), shutdown.ErrShuttingDown)
	if told && (errors.Is(err, context.Canceled) || errors.Is(err, shutdown.ErrShuttingDown)) {
		return nil
	}
	return err
}

// end is called when the handler has returned.
func (e *eventStream) end() {
	if e.attached != nil {
		e.untell()
		e.attached.Done()
	}
	e.cancel(nil)
}

func acceptsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get(echo.HeaderAccept), mimeEventStream)
}
