package app

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// maxBody is the largest JSON body that is read.
const maxBody = 1 << 20 // bytes

// eagerBody bounds what is set aside on the word of a Content-Length alone:
// slow senders of great bodies must not cost their memory before they send.
const eagerBody = 16 << 10 // bytes

// readBody reads a JSON body into buf. It stays empty where none was sent.
func readBody(c echo.Context, buf *bytes.Buffer) *Error {
	req := c.Request()
	if req.Body == nil || req.Body == http.NoBody || req.ContentLength == 0 {
		return nil
	}
	if req.ContentLength > maxBody {
		return tooLarge()
	}
	body := req.Body
	if req.ContentLength < 0 { // chunked: net/http does not know where it ends
		body = http.MaxBytesReader(c.Response(), body, maxBody)
	} else {
		buf.Grow(int(min(req.ContentLength, eagerBody)) + bytes.MinRead) // room to see the end without growing again
	}
	if _, err := buf.ReadFrom(body); err != nil {
		return unread(err)
	}
	if buf.Len() == 0 {
		return nil
	}
	return checkType(req.Header)
}

func tooLarge() *Error {
	return NewError(http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
}

func unread(err error) *Error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge()
	}
	if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() {
		return NewError(http.StatusRequestTimeout, "the body did not arrive in time").Wrap(err)
	}
	return BadRequest("the body ended before its stated length").Wrap(err)
}

// checkType refuses what is not JSON by its own account: a form or a text
// would otherwise be a puzzling syntax error.
func checkType(h http.Header) *Error {
	if coding := h.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return NewError(http.StatusUnsupportedMediaType, "the body is encoded as %q; send it plain", coding)
	}
	sent := h.Get(echo.HeaderContentType)
	if sent == echo.MIMEApplicationJSON {
		return nil
	}
	kind, _, _ := strings.Cut(sent, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind == echo.MIMEApplicationJSON || (strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")) {
		return nil
	}
	if kind == "" {
		return NewError(http.StatusUnsupportedMediaType, "the body has no Content-Type; send application/json")
	}
	return NewError(http.StatusUnsupportedMediaType, "the body is %q; send application/json", kind)
}
