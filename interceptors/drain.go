package interceptors

import (
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
// Health routes are registered outside of it, so that they answer until the end.
func Drain(stop *shutdown.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			work, ok := stop.Track(route(c))
			if !ok {
				closeConnection(c)
				return shutdown.ErrShuttingDown
			}
			defer work.Done()
			if stop.State() >= shutdown.Grace {
				closeConnection(c)
			}
			return next(c)
		}
	}
}

// closeConnection makes an HTTP/1 client open its next connection elsewhere.
// HTTP/2 has no such header; its server says GOAWAY by itself.
func closeConnection(c echo.Context) {
	if c.Request().ProtoMajor == 1 {
		c.Response().Header().Set(echo.HeaderConnection, "close")
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
