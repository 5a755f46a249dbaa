package stoptest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// longestDial bounds one attempt to connect: on loopback it takes microseconds, or the kernel's queue is full.
const longestDial = 5 * time.Second

// dialError says that there was no connection: nothing was sent.
type dialError struct{ error }

// Unwrap is what was wrong with the connection.
func (e *dialError) Unwrap() error { return e.error }

// wire is an http.RoundTripper that sends every request exactly once. http.Transport sends some again when their connection
// turns out to be closed.
type wire struct {
	keep   bool // connections are used again, the one that has been idle for longest first
	dialer net.Dialer

	mu     sync.Mutex
	idle   map[string][]*conn // by address
	closed bool
}

// conn is a connection with what was read from it and not used yet.
type conn struct {
	net.Conn

	addr   string
	reader *bufio.Reader
	used   bool // it has carried a request before
}

func newWire(keep bool) *wire {
	return &wire{keep: keep, dialer: net.Dialer{Timeout: longestDial}, idle: map[string][]*conn{}}
}

// close closes the idle connections, and from now on those that become idle.
func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, list := range w.idle {
		for _, c := range list {
			_ = c.Close()
		}
	}
	clear(w.idle)
}

// RoundTrip implements http.RoundTripper. The error is a *dialError where nothing was sent.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	response, _, err := w.send(req)
	return response, err
}

// passage is how a request went out.
type passage struct {
	sent   time.Time // zero where it did not
	reused bool      // over a connection that had carried another
}

// send sends a request, over a kept connection if there is one that still stands, and reads the head of the answer. The
// body is to be closed; where it was read to its end, the connection is kept for another request.
func (w *wire) send(req *http.Request) (*http.Response, passage, error) {
	ctx := req.Context()
	c, err := w.connect(ctx, req.URL.Host)
	if err != nil {
		return nil, passage{}, &dialError{err}
	}
	release := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	p := passage{sent: time.Now(), reused: c.used}
	c.used = true
	response, err := exchange(c, req)
	if err != nil {
		release()
		_ = c.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, p, err
	}
	response.Body = &body{ReadCloser: response.Body, done: func(whole bool) {
		if release() && whole && w.keep && !response.Close {
			w.put(c)
			return
		}
		_ = c.Close()
	}}
	return response, p, nil
}

// exchange writes a request and reads the head of its final answer. A server may answer and close before it has read the
// whole request, so an answer counts even where the writing failed.
func exchange(c *conn, req *http.Request) (*http.Response, error) {
	wrote := req.Write(c)
	for {
		response, err := http.ReadResponse(c.reader, req)
		if err != nil {
			return nil, errors.Join(wrote, err)
		}
		if response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols {
			return response, nil
		}
	}
}

func (w *wire) connect(ctx context.Context, addr string) (*conn, error) {
	for c := w.take(addr); c != nil; c = w.take(addr) {
		if c.reader.Buffered() == 0 && open(c.Conn) {
			return c, nil
		}
		_ = c.Close()
	}
	dialed, err := w.dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: dialed, addr: addr, reader: bufio.NewReader(dialed)}, nil
}

func (w *wire) take(addr string) *conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.idle[addr]
	if len(list) == 0 {
		return nil
	}
	w.idle[addr] = list[1:]
	return list[0]
}

func (w *wire) put(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = c.Close()
		return
	}
	w.idle[c.addr] = append(w.idle[c.addr], c)
}

// body tells, once, whether it was read to its end.
type body struct {
	io.ReadCloser

	once  sync.Once
	whole bool
	done  func(whole bool)
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.whole = true
	} else if err != nil {
		err = fmt.Errorf("read the body: %w", err)
	}
	return n, err
}

// Close implements io.Closer. It reads nothing: a body that was not read ends its connection.
func (b *body) Close() error {
	b.once.Do(func() { b.done(b.whole) })
	return nil
}
