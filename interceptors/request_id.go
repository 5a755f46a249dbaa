package interceptors

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"

	"github.com/labstack/echo/v4"
)

// HeaderCorrelationID is another name of X-Request-Id. It is sent back to
// clients that use it.
const HeaderCorrelationID = "X-Correlation-Id"

// maxRequestID is the length of the longest id that is taken from a client.
const maxRequestID = 128

// RequestID gives each request an id: the one in X-Request-Id, else in
// X-Correlation-ID, if it consists of 1 to 128 letters, digits, dots, underscores
// and dashes; else a random one of 32 hexadecimal digits. The id is in the
// response header X-Request-Id and in the context, see RequestIDFrom.
//
// Ids come from the runtime's ChaCha8 generator, which no client can predict and
// which asks the kernel for nothing. They are names, not secrets.
func RequestID() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			header := c.Response().Header()
			id, aliased := inboundID(r.Header)
			if id == "" {
				id = newID()
			}
			ctx := &requestContext{Context: r.Context(), id: [1]string{id}}
			header[echo.HeaderXRequestID] = ctx.id[:]
			if aliased {
				header[HeaderCorrelationID] = []string{id}
			}
			c.SetRequest(r.WithContext(ctx))
			defer func() { r.MultipartForm = c.Request().MultipartForm }() // net/http removes its files
			return next(c)
		}
	}
}

// RequestIDFrom returns the id that RequestID put into the context of a request,
// or "".
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

type requestIDKey struct{}

// requestContext is context.WithValue and the value of a header in one
// allocation.
type requestContext struct {
	context.Context //nolint:containedctx // it is a context

	id [1]string
}

// Value implements context.Context.
func (c *requestContext) Value(key any) any {
	if _, ok := key.(requestIDKey); ok {
		return c.id[0]
	}
	return c.Context.Value(key)
}

// inboundID returns the id a client has sent, if it is sound, and whether it
// uses the other header.
func inboundID(h http.Header) (id string, aliased bool) {
	if values := h[echo.HeaderXRequestID]; len(values) > 0 && soundID(values[0]) {
		id = values[0]
	}
	values := h[HeaderCorrelationID]
	if id == "" && len(values) > 0 && soundID(values[0]) {
		id = values[0]
	}
	return id, len(values) > 0
}

// soundID reports whether an id can go into logs and headers as it is.
func soundID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		switch b := id[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		case b == '.', b == '_', b == '-':
		default:
			return false
		}
	}
	return true
}

func newID() string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], rand.Uint64()) //nolint:gosec // a name, not a secret
	binary.BigEndian.PutUint64(raw[8:], rand.Uint64()) //nolint:gosec // see above
	var text [32]byte
	hex.Encode(text[:], raw[:])
	return string(text[:])
}
