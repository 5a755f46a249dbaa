package interceptors

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/shutdown"
)

// Drain counts requests in flight, so that a stop can wait for them, and keeps
// new ones away:
//
//	until GRACE      served
//	in GRACE         served, with Connection: close on HTTP/1
//	from DRAINING    shutdown.ErrShuttingDown (503, Retry-After: 5), Connection: close
//
// An answer that begins in GRACE or later says Connection: close whenever its
// request came. An event stream (an answer of type text/event-stream to a request
// that accepts it) ends by itself: at DRAINING the context of its request is
// cancelled with cause shutdown.ErrShuttingDown, and that the handler returns this
// is no failure.
//
// Health routes are registered outside of it, so that they answer until the end.
func Drain(stop *shutdown.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			name := route(c)
			work, ok := stop.Track(name)
			if !ok {
				closeConnection(c.Request(), c.Response().Header())
				return shutdown.ErrShuttingDown
			}
			defer work.Done()
			inner := c.Response().Writer
			head := &drainHead{ResponseWriter: inner, stop: stop, request: c.Request()}
			c.Response().Writer = head
			defer func() { c.Response().Writer = inner }()
			if !acceptsEvents(c.Request()) {
				return head.ended(c, next(c))
			}
			events := newEventStream(stop, name, c)
			defer events.end()
			head.events = events
			return head.ended(c, events.result(next(c)))
		}
	}
}

// drainHead looks at the head of an answer when it is sent.
type drainHead struct {
	http.ResponseWriter

	stop    *shutdown.Service
	request *http.Request
	events  *eventStream // nil where the client does not accept one
}

// WriteHeader implements http.ResponseWriter.
func (h *drainHead) WriteHeader(status int) {
	if status >= http.StatusOK {
		h.seal()
	}
	h.ResponseWriter.WriteHeader(status)
}

// FlushError is what http.ResponseController looks for. It sends the head, if
// nothing has.
func (h *drainHead) FlushError() error {
	h.seal()
	return http.NewResponseController(h.ResponseWriter).Flush()
}

// Unwrap is what http.ResponseController looks for.
func (h *drainHead) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// seal does what has to be done before the head is sent. Once more does no harm.
func (h *drainHead) seal() {
	if h.stop.State() >= shutdown.Grace {
		closeConnection(h.request, h.Header())
	}
	if h.events != nil {
		h.events.begin(h.Header())
	}
}

// ended marks an answer that is written further out: an error.
func (h *drainHead) ended(c echo.Context, err error) error {
	if err != nil && !c.Response().Committed && h.stop.State() >= shutdown.Grace {
		closeConnection(h.request, h.Header())
	}
	return err
}

// closeConnection makes an HTTP/1 client open its next connection elsewhere.
// HTTP/2 has no such header; its server says GOAWAY by itself.
func closeConnection(r *http.Request, h http.Header) {
	if r.ProtoMajor == 1 {
		h.Set(echo.HeaderConnection, "close")
	}
}

// unmatched is the route of requests that match none. Paths are never used as a
// label or name: clients choose them.
const unmatched = "unmatched"

// route returns the pattern of the matched route.
func route(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return unmatched
}
