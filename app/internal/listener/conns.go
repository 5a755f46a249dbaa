package listener

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// conns knows every open connection of a server and its state, for what
// http.Server leaves undone at a stop: it never closes hijacked connections,
// waits 5 s for those that have not sent anything yet, and cannot say that all
// answers are sent without closing the idle ones.
type conns struct {
	watched atomic.Bool   // somebody waits for changes
	changed chan struct{} // size 1: "look again"

	mu   sync.Mutex
	open map[*conn]struct{}
}

func newConns() *conns {
	return &conns{changed: make(chan struct{}, 1), open: map[*conn]struct{}{}}
}

// conn is a connection that says what it does. What it embeds keeps the ways of
// net.TCPConn that net/http uses, such as sendfile. It is what a handler that
// hijacks gets.
type conn struct {
	*net.TCPConn

	owner   *conns
	since   time.Time
	state   atomic.Int32 // an http.ConnState; the zero value is StateNew
	sending atomic.Bool  // in the middle of a write
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	c.sending.Store(true)
	defer c.sending.Store(false)
	return c.TCPConn.Write(p)
}

// ReadFrom implements io.ReaderFrom.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	c.sending.Store(true)
	defer c.sending.Store(false)
	return c.TCPConn.ReadFrom(r)
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.open, c)
	c.owner.mu.Unlock()
	c.owner.notify()
	return c.TCPConn.Close()
}

// follow is the http.Server.ConnState.
func (cs *conns) follow(nc net.Conn, state http.ConnState) {
	if c, ok := nc.(*conn); ok {
		c.state.Store(int32(state)) //nolint:gosec // there are five
		cs.notify()
	}
}

func (cs *conns) notify() {
	if !cs.watched.Load() {
		return
	}
	select {
	case cs.changed <- struct{}{}:
	default: // a look is on its way already
	}
}

// quiet waits until no connection is in the middle of a request, and returns
// those that are when ctx ends.
func (cs *conns) quiet(ctx context.Context) []*conn {
	cs.watched.Store(true)
	for {
		busy := cs.in(http.StateActive)
		if len(busy) == 0 {
			return nil
		}
		select {
		case <-cs.changed:
		case <-ctx.Done():
			return busy
		}
	}
}

// around returns l, with every connection that it accepts known.
func (cs *conns) around(l net.Listener) net.Listener { return accepting{Listener: l, conns: cs} }

type accepting struct {
	net.Listener

	conns *conns
}

// Accept implements net.Listener.
func (a accepting) Accept() (net.Conn, error) {
	nc, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nc, nil
	}
	c := &conn{TCPConn: tcp, owner: a.conns, since: time.Now()}
	a.conns.mu.Lock()
	defer a.conns.mu.Unlock()
	a.conns.open[c] = struct{}{}
	return c, nil
}

// in returns the connections that are in a state.
func (cs *conns) in(state http.ConnState) []*conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	var found []*conn
	for c := range cs.open {
		if http.ConnState(c.state.Load()) == state {
			found = append(found, c)
		}
	}
	return found
}

// closeHijacked closes what was hijacked and left open, and returns how many.
func (cs *conns) closeHijacked() int {
	found := cs.in(http.StateHijacked)
	for _, c := range found {
		_ = c.Close() // it is not needed any more, in whatever shape it is
	}
	return len(found)
}

// silence is how long a new connection may take to send the head of its first
// request: on a busy machine, that may be on its way.
const silence = 250 * time.Millisecond

// closeSilent closes the connections that have not done so in that time. It
// returns when there are none, or when ctx ends.
func (cs *conns) closeSilent(ctx context.Context) {
	for _, c := range cs.in(http.StateNew) {
		patience := time.NewTimer(time.Until(c.since.Add(silence)))
		select {
		case <-patience.C:
		case <-ctx.Done():
		}
		patience.Stop()
		if http.ConnState(c.state.Load()) == http.StateNew {
			_ = c.Close() // there is nothing to answer
		}
	}
}
