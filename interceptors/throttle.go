package interceptors

import (
	"net"
	"net/netip"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

// Throttle lets a request through if the limiter has a unit for its key, and
// refuses it with the limiter's *ratelimit.LimitedError (429, Retry-After)
// otherwise. Either way the answer says where the client stands, in RateLimit-*
// and X-RateLimit-* headers. It belongs outside of Typed and UseResilience: then
// the attempts of one request use one unit.
//
// The key is that of ByRouteAndAddress if nil. Make keys of what a client cannot
// choose at will: never of the URL with its query. The limiter bounds how many it
// knows.
func Throttle(limiter *ratelimit.Limiter, key func(echo.Context) string) echo.MiddlewareFunc {
	if key == nil {
		key = ByRouteAndAddress
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			decision, err := limiter.Allow(c.Request().Context(), key(c))
			if decision.Limit > 0 { // 0: the request had ended, and nothing was decided
				decision.SetHeaders(c.Response().Header())
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// ByRouteAndAddress is the pattern of the route and the address of the peer of
// the connection, of IPv6 its /64: one client has all of it. Behind a proxy that
// is the proxy's; no forwarding header is believed.
func ByRouteAndAddress(c echo.Context) string {
	return route(c) + " " + address(c.Request().RemoteAddr)
}

func address(remote string) string {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		host, _, err := net.SplitHostPort(remote)
		if err != nil {
			return remote
		}
		return host
	}
	ip := peer.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
