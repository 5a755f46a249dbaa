package prove

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Proxy hands connections on to a server, through a [Toxic] if one is set. Its
// methods may be called concurrently.
type Proxy struct {
	listener net.Listener
	upstream string
	all      sync.WaitGroup
	ctx      context.Context //nolint:containedctx // the life of the proxy
	cancel   context.CancelFunc

	mu      sync.Mutex
	toxic   Toxic
	changed chan struct{} // closed when toxic changes
}

// NewProxy listens on a free port of 127.0.0.1 until Close.
func NewProxy(ctx context.Context, upstream string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the proxy: %w", err)
	}
	p := &Proxy{listener: listener, upstream: upstream, changed: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.all.Go(p.accept)
	return p, nil
}

// Addr returns host and port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close ends every connection and waits for it.
func (p *Proxy) Close() {
	p.cancel()
	_ = p.listener.Close() // the only error is that it is closed
	p.all.Wait()
}

// Set makes t hold for all connections, those that are open too. The zero Toxic
// does nothing.
func (p *Proxy) Set(t Toxic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.toxic = t
	close(p.changed)
	p.changed = make(chan struct{})
}

// now is the toxic that holds, and what is closed when another one does.
func (p *Proxy) now() (Toxic, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.toxic, p.changed
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.all.Go(func() { p.join(conn) })
	}
}

// join copies both ways until either side ends.
func (p *Proxy) join(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(p.ctx, "tcp", p.upstream)
	if err != nil {
		_ = client.Close() // all that can be said to it
		return
	}
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	l := &link{proxy: p, ctx: ctx, client: client, server: server}
	defer context.AfterFunc(ctx, l.close)()
	var up sync.WaitGroup
	defer up.Wait()
	up.Go(func() {
		defer cancel() // the client has gone
		l.up()
	})
	l.down()
	l.close() // ends up
}
