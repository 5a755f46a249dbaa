package interceptors

import (
	"bufio"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// buffer is the http.ResponseWriter of one attempt. It keeps the response until
// the pipeline has decided, or commits: sends what it has and writes through from
// then on. See the picture in the package comment.
//
// Its lock lets a request abandon an attempt that runs on: later writes fail with
// http.ErrHandlerTimeout.
type buffer struct {
	client *echo.Response // where it goes
	limit  int64

	mu        sync.Mutex
	header    http.Header // the handler's for good: it may keep the map
	status    int         // 0 until it is known
	body      []byte
	committed bool
	dead      bool
	renew     func() // gives the handler a fresh echo.Response after a 1xx
}

// newBuffer takes header over.
func newBuffer(client *echo.Response, header http.Header, limit int64) *buffer {
	return &buffer{client: client, limit: limit, header: header}
}

// Header implements http.ResponseWriter.
func (b *buffer) Header() http.Header {
	return b.header
}

// WriteHeader implements http.ResponseWriter.
func (b *buffer) WriteHeader(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.dead:
	case status < http.StatusOK && status != http.StatusSwitchingProtocols:
		b.inform(status)
	case b.status != 0:
	default:
		b.status = status
		if b.committed { // a 1xx went ahead
			b.writeHeader()
		}
	}
}

// inform sends a 1xx past echo.Response, which would take it for the final
// status. The final one is still open, but the answer has begun.
func (b *buffer) inform(status int) {
	b.committed = true
	b.handOverHeader()
	b.client.Writer.WriteHeader(status)
	if b.renew != nil {
		b.renew()
	}
}

// Write implements http.ResponseWriter.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return 0, http.ErrHandlerTimeout
	}
	if !b.committed && int64(len(b.body)+len(p)) > b.limit {
		if err := b.commit(); err != nil {
			return 0, err
		}
	}
	if b.status == 0 {
		b.status = http.StatusOK
	}
	if b.committed {
		b.writeHeader() // unless it went ahead
		return b.client.Write(p)
	}
	b.body = append(b.body, p...)
	return len(p), nil
}

// FlushError commits. It is what http.ResponseController looks for.
func (b *buffer) FlushError() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return http.ErrHandlerTimeout
	}
	if err := b.commit(); err != nil {
		return err
	}
	return http.NewResponseController(b.client.Writer).Flush()
}

// Flush implements http.Flusher.
func (b *buffer) Flush() { _ = b.FlushError() }

// Hijack implements http.Hijacker.
func (b *buffer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return nil, nil, http.ErrHandlerTimeout
	}
	conn, rw, err := http.NewResponseController(b.client.Writer).Hijack()
	if err == nil {
		b.committed = true
		b.client.Committed = true
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController set deadlines, until the attempt is
// abandoned: the connection then belongs to the next request.
func (b *buffer) Unwrap() http.ResponseWriter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return nowhere{}
	}
	return b.client.Writer
}

// send commits what the handler has written.
func (b *buffer) send() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status == 0 && len(b.body) == 0 && !b.committed {
		b.handOverHeader() // net/http says 200 by itself
		return nil
	}
	err := b.commit()
	maps.Copy(b.client.Header(), b.header) // trailers: the rest was sent
	return err
}

func (b *buffer) commit() error {
	b.committed = true
	if b.status == 0 {
		b.status = http.StatusOK
	}
	b.writeHeader()
	if len(b.body) == 0 || b.status == http.StatusNoContent || b.status == http.StatusNotModified {
		return nil // these have no body, and net/http would refuse one
	}
	rest := b.body
	b.body = nil
	_, err := b.client.Write(rest)
	return err
}

// writeHeader sends the status and the header, once.
func (b *buffer) writeHeader() {
	if !b.client.Committed {
		b.handOverHeader()
		b.client.WriteHeader(b.status)
	}
}

// handOverHeader makes the client's header what the attempt made of its copy,
// but for the trailers, which follow the body.
func (b *buffer) handOverHeader() {
	header := b.client.Header()
	clear(header)
	maps.Copy(header, b.header)
	for _, names := range b.header["Trailer"] {
		for name := range strings.SplitSeq(names, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
}

// abandon makes all further use of the buffer fail.
func (b *buffer) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = true
}

// answer returns the status, and whether the answer has begun to be sent.
func (b *buffer) answer() (status int, committed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status, b.committed
}

// nowhere stands in for the writer of a request that is over.
type nowhere struct{}

// Header implements http.ResponseWriter.
func (nowhere) Header() http.Header { return http.Header{} }

// Write implements http.ResponseWriter.
func (nowhere) Write([]byte) (int, error) { return 0, http.ErrHandlerTimeout }

// WriteHeader implements http.ResponseWriter.
func (nowhere) WriteHeader(int) {}
