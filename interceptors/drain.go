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
// request came.
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
			head := &drainHead{ResponseWriter: c.Response().Writer, stop: stop, request: c.Request(), response: c.Response()}
			c.Response().Writer = head
			defer head.leave()
			return next(c)
		}
	}
}

// drainHead looks at the head of an answer when it is sent.
type drainHead struct {
	http.ResponseWriter

	stop     *shutdown.Service
	request  *http.Request
	response *echo.Response
}

// WriteHeader implements http.ResponseWriter.
func (h *drainHead) WriteHeader(status int) {
	if status >= http.StatusOK {
		h.seal()
	}
	h.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter. Echo comes here after WriteHeader; who
// writes to Response.Writer by itself may not.
func (h *drainHead) Write(p []byte) (int, error) {
	h.seal()
	return h.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController looks for. It sends the head, if
// nothing has: from then on an error can only abort the connection.
func (h *drainHead) FlushError() error {
	h.seal()
	h.response.Committed = true
	return http.NewResponseController(h.ResponseWriter).Flush()
}

// Unwrap is what http.ResponseController looks for.
func (h *drainHead) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// seal does what has to be done before the head is sent. After it, it has no
// effect.
func (h *drainHead) seal() {
	if h.stop.State() >= shutdown.Grace {
		closeConnection(h.request, h.Header())
	}
}

// leave is called when the handler has returned or panicked: what it did not
// begin is answered further out, or by net/http.
func (h *drainHead) leave() {
	if !h.response.Committed {
		h.seal()
	}
	h.response.Writer = h.ResponseWriter
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
