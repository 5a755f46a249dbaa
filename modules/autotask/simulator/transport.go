package simulator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Transport returns the way to the simulator without a socket: whatever host a request names, the simulator answers
// it, as the zone that [Simulator.Handler] tells. It starts no goroutine of its own, waits on timers, on the request's
// context and on [Simulator.Stop] alone, and so works in virtual time inside a testing/synctest bubble. A connection
// reset is an error that matches syscall.ECONNRESET, a body that ends too early one that matches io.ErrUnexpectedEOF. A
// request whose own body breaks off is not carried out; the error is that of the body.
func (s *Simulator) Transport() http.RoundTripper { return transport{s} }

type transport struct{ *Simulator }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if req.Body != nil {
		closeBody := sync.OnceFunc(func() { _ = req.Body.Close() })
		defer closeBody()
		defer context.AfterFunc(ctx, closeBody)() // so that nobody reads a body that never ends
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if isControl(req.URL.Path) {
		return t.order(req), nil
	}
	a, unread := t.respond(req, byHost)
	if a.Status == 0 {
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL.Redacted(), broken(ctx, unread))
	}
	resp := &http.Response{
		Header: http.Header{}, StatusCode: a.Status, ContentLength: int64(len(a.Body)), Body: t.body(ctx, a),
	}
	t.setHeader(resp.Header, a)
	return complete(resp, req), nil
}

// broken is what a caller sees of a dropped connection: its own context's end, what broke its own body, or a reset.
func broken(ctx context.Context, unread error) error {
	if err := cmp.Or(ctx.Err(), unread); err != nil {
		return err
	}
	return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// body is what a client reads of an answer.
func (t transport) body(ctx context.Context, a wire.Answer) io.ReadCloser {
	if a.Cut == 0 && a.Trickle == 0 {
		return io.NopCloser(bytes.NewReader(a.Body))
	}
	p := t.piecesOf(ctx, a)
	return &slowBody{pieces: p, end: func() error {
		switch {
		case p.ended:
			return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, broken(ctx, nil))
		case a.Cut > 0:
			return io.ErrUnexpectedEOF
		default:
			return io.EOF
		}
	}}
}

// slowBody is a body that does not come at once, or not to its end.
type slowBody struct {
	*pieces

	piece []byte
	end   func() error
}

// Read implements [io.Reader].
func (b *slowBody) Read(p []byte) (int, error) {
	for len(b.piece) == 0 {
		var ok bool
		if b.piece, ok = b.next(); !ok {
			return 0, b.end()
		}
	}
	n := copy(p, b.piece)
	b.piece = b.piece[n:]
	return n, nil
}

// Close implements [io.Closer].
func (*slowBody) Close() error { return nil }

// order makes a control call.
func (t transport) order(req *http.Request) *http.Response {
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := &recorder{header: http.Header{}}
	t.control.ServeHTTP(rec, in)
	rec.WriteHeader(http.StatusOK)
	return complete(&http.Response{
		Header: rec.header, StatusCode: rec.status, ContentLength: int64(rec.body.Len()), Body: io.NopCloser(&rec.body),
	}, req)
}

func complete(resp *http.Response, req *http.Request) *http.Response {
	resp.Status = fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	resp.Proto, resp.ProtoMajor, resp.ProtoMinor = "HTTP/1.1", 1, 1
	resp.Request = req
	if req.Method == http.MethodHead {
		resp.Body = http.NoBody
	}
	return resp
}

// recorder is an [http.ResponseWriter] into memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
