package interceptors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// body is a request body that each attempt can read from its beginning, if it
// was small enough to keep.
type body struct {
	kept   []byte
	rest   io.ReadCloser // what did not fit, and the original to close; nil if all is kept
	exists bool
}

// keepBody reads the body of r if it has at most limit bytes. A longer one stays
// readable once.
func keepBody(r *http.Request, limit int64) (body, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return body{}, nil
	}
	if r.ContentLength > limit {
		return body{rest: r.Body, exists: true}, nil
	}
	var kept bytes.Buffer
	if r.ContentLength > 0 {
		kept.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := kept.ReadFrom(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return body{}, &bodyError{err}
	}
	b := body{kept: kept.Bytes(), exists: true}
	if n > limit {
		b.rest = r.Body
	}
	return b, nil
}

// onceBody leaves the body where it is, for one attempt.
func onceBody(r *http.Request) body {
	return body{rest: r.Body, exists: r.Body != nil && r.Body != http.NoBody}
}

// repeatable reports whether every attempt can read the whole body.
func (b body) repeatable() bool { return b.rest == nil }

// reader returns the body for the next attempt.
func (b body) reader() io.ReadCloser {
	switch {
	case !b.exists:
		return http.NoBody
	case b.rest == nil:
		return io.NopCloser(bytes.NewReader(b.kept))
	case len(b.kept) == 0:
		return b.rest
	default:
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(b.kept), b.rest), b.rest}
	}
}

// bodyError is a request body that could not be read. The client, or the way to
// it, is at fault.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return fmt.Sprintf("read request body: %v", e.err) }
func (e *bodyError) Unwrap() error { return e.err }

// StatusCode returns 413 beyond a limit of the server, 408 where the client was
// too slow, else 400.
func (e *bodyError) StatusCode() int {
	if _, ok := errors.AsType[*http.MaxBytesError](e.err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(e.err, os.ErrDeadlineExceeded) {
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}
