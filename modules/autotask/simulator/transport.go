package simulator

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Transport returns the way to the simulator without a socket: whatever host a request names, the simulator answers it.
// It starts no goroutine, waits on timers and on the request's context alone, and so works in virtual time inside a
// testing/synctest bubble. A connection reset is an error that matches syscall.ECONNRESET.
func (s *Simulator) Transport() http.RoundTripper { return transport{s.Handler()} }

type transport struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	rec := &recorder{header: http.Header{}}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
			resp, err = nil, resetError(req)
		} else if p != nil {
			panic(p)
		}
	}()
	t.handler.ServeHTTP(rec, inbound(req))
	return rec.response(req), nil
}

// inbound is req as a server would see it, except that its URL stays absolute.
func inbound(req *http.Request) *http.Request {
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.RequestURI = req.URL.RequestURI()
	in.RemoteAddr = "192.0.2.1:1234" // of the block that is set aside for documentation
	return in
}

// resetError is what a caller sees of a dropped connection: its own context's end, or a reset.
func resetError(req *http.Request) error {
	if err := req.Context().Err(); err != nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", req.Method, req.URL.Redacted(),
		&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET})
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

func (r *recorder) response(req *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode: r.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        r.header,
		Body:          io.NopCloser(&r.body),
		ContentLength: int64(r.body.Len()),
		Request:       req,
	}
}
