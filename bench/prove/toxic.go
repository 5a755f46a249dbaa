package prove

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// Toxic spoils what a server sends to its client, in the ways and by the names
// of Toxiproxy. The zero value does not.
type Toxic struct {
	// pass hands a chunk on in its own way; nil is at once.
	pass func(l *link, chunk []byte) error
	// linger delays the end of the connection after that of the server.
	linger time.Duration
}

// Latency delays everything by d.
func Latency(d time.Duration) Toxic {
	return Toxic{pass: func(l *link, chunk []byte) error {
		return errors.Join(l.wait(d), l.write(chunk))
	}}
}

// Bandwidth lets bytes through at a rate per second.
func Bandwidth(rate int) Toxic {
	const step = 100 // ms
	return Toxic{pass: func(l *link, chunk []byte) error {
		for len(chunk) > 0 {
			n := min(max(rate*step/1000, 1), len(chunk))
			if err := errors.Join(l.wait(step*time.Millisecond), l.write(chunk[:n])); err != nil {
				return err
			}
			chunk = chunk[n:]
		}
		return nil
	}}
}

// SlowClose keeps a connection open for d after the server has closed it.
func SlowClose(d time.Duration) Toxic { return Toxic{linger: d} }

// Timeout lets nothing through and leaves the connection open, as a cable that
// was pulled out.
func Timeout() Toxic {
	return Toxic{pass: func(l *link, _ []byte) error {
		_, changed := l.proxy.now()
		select {
		case <-changed:
			return errEnough
		case <-l.ctx.Done():
			return l.ctx.Err()
		}
	}}
}

// ResetPeer ends a connection with a TCP reset once the server answers.
func ResetPeer() Toxic {
	return Toxic{pass: func(l *link, _ []byte) error {
		if conn, ok := l.client.(*net.TCPConn); ok {
			return errors.Join(conn.SetLinger(0), errEnough)
		}
		return errEnough
	}}
}

// Slicer cuts what is sent into pieces of n bytes, d apart.
func Slicer(n int, d time.Duration) Toxic {
	return Toxic{pass: func(l *link, chunk []byte) error {
		for len(chunk) > 0 {
			k := min(n, len(chunk))
			if err := errors.Join(l.write(chunk[:k]), l.wait(d)); err != nil {
				return err
			}
			chunk = chunk[k:]
		}
		return nil
	}}
}

// LimitData ends a connection after n bytes.
func LimitData(n int64) Toxic {
	return Toxic{pass: func(l *link, chunk []byte) error {
		room := max(n-l.sent, 0)
		if int64(len(chunk)) <= room {
			return l.write(chunk)
		}
		return errors.Join(l.write(chunk[:room]), errEnough)
	}}
}

// errEnough ends a connection.
var errEnough = errors.New("the toxic ends the connection")

// link is one connection through a proxy.
type link struct {
	proxy          *Proxy
	ctx            context.Context //nolint:containedctx // the life of the connection
	client, server net.Conn
	sent           int64 // bytes to the client
}

// close ends both sides. It may be called more than once, by anybody.
func (l *link) close() {
	_ = l.client.Close() // nothing is left to be told
	_ = l.server.Close()
}

func (l *link) up() {
	_, _ = io.Copy(l.server, l.client) // its end is all that counts
}

// down copies what the server sends, through the toxic that holds when it comes.
func (l *link) down() {
	chunk := make([]byte, 64<<10)
	for {
		n, err := l.server.Read(chunk)
		toxic, _ := l.proxy.now()
		if n > 0 {
			pass := toxic.pass
			if pass == nil {
				pass = (*link).write
			}
			if pass(l, chunk[:n]) != nil {
				return
			}
		}
		if err != nil {
			_ = l.wait(toxic.linger) // cut short if the client goes
			return
		}
	}
}

func (l *link) write(b []byte) error {
	n, err := l.client.Write(b)
	l.sent += int64(n)
	return err //nolint:wrapcheck // only its being there counts
}

func (l *link) wait(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-l.ctx.Done():
		return l.ctx.Err() //nolint:wrapcheck // only its being there counts
	}
}
