package interceptors

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// WriteMargin is what an answer may take beyond the total deadline of its route:
// for encoding it, and for the client to read it. A server's write timeout is at
// least the longest Timeout that a route has at start, and this.
const WriteMargin = 5 * time.Second

// patience is the Timeout that a route had at start. The server's write timeout
// covers it.
type patience time.Duration

// extend moves the write deadline of the connection for a request whose route
// has no timeout, or was given a longer one since. A recorder, and whatever else
// has no deadlines, refuses that; there is nothing to lose.
func (p patience) extend(c echo.Context, timeout time.Duration) {
	var until time.Time
	switch {
	case timeout == resilience.NoTimeout:
	case timeout > time.Duration(p):
		until = time.Now().Add(timeout + WriteMargin)
	default:
		return
	}
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(until)
}
