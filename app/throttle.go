package app

import (
	"cmp"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

// throttle is what Throttle was given.
type throttle struct {
	limit ratelimit.Limit
	key   func(*Request) string // nil: the address of the peer
}

// throttle gives the middleware that bounds the requests to a route, or nil. The
// limiter has the name of the route.
func (c *compiler) throttle(r *route) echo.MiddlewareFunc {
	if r.limit == nil {
		return nil
	}
	limiter, err := ratelimit.New(r.name, r.limit.limit)
	if err != nil {
		for _, wrong := range flatten(cmp.Or(r.limit.limit.Validate(), err)) {
			c.fault(r, fmt.Sprintf("%s has a Throttle it cannot have: %v", r.title(), wrong), "write ratelimit.Limit{Requests: 100, Per: time.Minute}")
		}
		return nil
	}
	c.router.limiters = append(c.router.limiters, limiter)
	return interceptors.Throttle(limiter, r.throttleKey())
}

func (r *route) throttleKey() func(echo.Context) string {
	if r.limit.key == nil {
		return interceptors.ByRouteAndAddress
	}
	return func(c echo.Context) string {
		return r.limit.key(&Request{http: c.Request(), echo: c, route: r.name, meta: r.meta})
	}
}
