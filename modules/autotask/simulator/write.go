package simulator

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// write sends an answer over a connection.
func (s *Simulator) write(ctx context.Context, w http.ResponseWriter, a wire.Answer) {
	if a.Status == 0 {
		abort(w)
		return
	}
	s.setHeader(w.Header(), a)
	w.WriteHeader(a.Status)
	if a.Cut == 0 && a.Trickle == 0 {
		_, _ = w.Write(a.Body) // a client that has gone away is no concern of ours
		return
	}
	flush := http.NewResponseController(w).Flush
	p := s.piecesOf(ctx, a)
	for piece, ok := p.next(); ok; piece, ok = p.next() {
		_, _ = w.Write(piece) //nolint:gosec // the same JSON as above
		_ = flush()
	}
	switch {
	case p.ended:
		abort(w)
	case a.Cut > 0:
		hangUp(w, func(*net.TCPConn) {}) // what was sent arrives
	}
}

// setHeader has the date of the simulation, which other dates in the answer go by.
func (s *Simulator) setHeader(h http.Header, a wire.Answer) {
	if a.ContentType != "" {
		h["Content-Type"] = []string{a.ContentType}
	}
	if a.RetryAfter != "" {
		h["Retry-After"] = []string{a.RetryAfter}
	}
	h["Date"] = []string{s.Now().Format(http.TimeFormat)}
	h["Content-Length"] = []string{strconv.Itoa(len(a.Body))}
}

// abort resets the connection: a TCP RST where there is one. What is not yet sent never arrives.
func abort(w http.ResponseWriter) {
	hangUp(w, func(tcp *net.TCPConn) { _ = tcp.SetLinger(0) })
}

// hangUp closes the connection, or has net/http drop the request where there is none to take over.
func hangUp(w http.ResponseWriter, first func(tcp *net.TCPConn)) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		first(tcp)
	}
	_ = conn.Close()
}

// trickled is in how many pieces a slow body comes, unless it has fewer bytes.
const trickled = 10

// pieces are the parts of a body as they come over the network, up to where it is cut.
type pieces struct {
	rest  []byte
	size  int
	left  int                        // pieces
	span  time.Duration              // of those that are left
	wait  func(d time.Duration) bool // before each; false is the end of the request
	ended bool                       // before its last piece
}

func (s *Simulator) piecesOf(ctx context.Context, a wire.Answer) *pieces {
	p := &pieces{
		rest: a.Body, left: 1, span: a.Trickle,
		wait: func(d time.Duration) bool { return s.room.Wait(ctx, d, nil) },
	}
	if a.Cut > 0 {
		p.rest = p.rest[:min(a.Cut, len(p.rest))]
	}
	if p.size = len(p.rest); a.Trickle > 0 && p.size > 0 {
		p.size = (len(p.rest) + trickled - 1) / trickled
		p.left = (len(p.rest) + p.size - 1) / p.size
	}
	return p
}

// next returns the next piece when it is due; false is the end.
func (p *pieces) next() (piece []byte, ok bool) {
	if p.left == 0 || p.ended {
		return nil, false
	}
	share := p.span / time.Duration(p.left)
	if !p.wait(share) {
		p.ended = true
		return nil, false
	}
	p.span -= share
	p.left--
	n := min(p.size, len(p.rest))
	piece, p.rest = p.rest[:n], p.rest[n:]
	return piece, true
}
