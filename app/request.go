package app

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// Guard decides whether a request may go on. It runs before anything is bound,
// once per request however often the handler is tried. The context it gives
// back reaches the next guard and the handler, so it can carry who the caller
// is; nil means "the same". An error ends the request and is rendered like a
// handler's: return Unauthorized or Forbidden. It is never retried, never
// replaced by a fallback and never counted by a breaker.
type Guard func(ctx context.Context, r *Request) (context.Context, error)

// Request is what a guard may know of a request. It is valid until the guard
// returns.
type Request struct {
	http  *http.Request
	echo  echo.Context
	route string
	meta  []Meta
	query url.Values
}

// Method is the HTTP method.
func (r *Request) Method() string { return r.http.Method }

// Path is the path of the URL as sent, without the query.
func (r *Request) Path() string { return r.http.URL.Path }

// Route is the name of the route, such as "orders.create".
func (r *Request) Route() string { return r.route }

// Param is the text of a path parameter, empty where the route has none of
// that name.
func (r *Request) Param(name string) string {
	value, err := pathParam(r.echo, name)
	if err != nil {
		return ""
	}
	return value
}

// Query is the first value of a query parameter, or empty.
func (r *Request) Query(name string) string {
	if r.query == nil {
		r.query = r.http.URL.Query()
	}
	return r.query.Get(name)
}

// Header is the first value of a header, or empty. The name's case is of no
// matter.
func (r *Request) Header(name string) string { return r.http.Header.Get(name) }

// Headers are all headers. They must not be changed.
func (r *Request) Headers() http.Header { return r.http.Header }

// Cookie is the value of a cookie, or empty.
func (r *Request) Cookie(name string) string {
	c, err := r.http.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// RemoteAddr is the IP address of the peer of the connection. Behind a proxy
// that is the proxy's; no forwarding header is believed.
func (r *Request) RemoteAddr() string {
	host, _, err := net.SplitHostPort(r.http.RemoteAddr)
	if err != nil {
		return r.http.RemoteAddr
	}
	return host
}

// pathParam unescapes where net/http kept the path raw.
func pathParam(c echo.Context, name string) (string, error) {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value, nil
	}
	return url.PathUnescape(value)
}
