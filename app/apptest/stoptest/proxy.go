package stoptest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

// Proxy is a small reverse proxy: it sends each request, once, to a replica that a Balancer picks. A replica that refuses
// the connection makes a 502, none that is ready a 503, and one that loses the request a broken connection: nothing is tried
// again, so that nothing is hidden.
type Proxy struct {
	addr    string
	server  http.Server
	wire    *wire
	serving sync.WaitGroup
}

// errNoReplica is the answer 503.
var errNoReplica = errors.New("no replica is ready")

// NewProxy starts a proxy on a free port of loopback.
func NewProxy(ctx context.Context, b *Balancer) (*Proxy, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the proxy: %w", err)
	}
	p := &Proxy{addr: l.Addr().String(), wire: newWire(true)}
	p.server.ReadHeaderTimeout = time.Minute
	p.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	p.server.Handler = &httputil.ReverseProxy{
		Transport:     picking{b, p.wire},
		FlushInterval: -1, // at once: streams pass as they come
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme = "http" },
		ErrorHandler:  p.fail,
		ErrorLog:      p.server.ErrorLog,
	}
	p.serving.Go(func() { _ = p.server.Serve(l) }) // it ends with Close
	return p, nil
}

// picking sends a request to the replica of the moment.
type picking struct {
	balancer *Balancer
	wire     *wire
}

// RoundTrip implements http.RoundTripper.
func (t picking) RoundTrip(req *http.Request) (*http.Response, error) {
	addr, ok := t.balancer.Pick()
	if !ok {
		return nil, errNoReplica
	}
	req.URL.Host = addr
	return t.wire.RoundTrip(req)
}

func (*Proxy) fail(w http.ResponseWriter, _ *http.Request, err error) {
	_, refused := errors.AsType[*dialError](err)
	switch {
	case errors.Is(err, errNoReplica):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case refused:
		http.Error(w, err.Error(), http.StatusBadGateway)
	default:
		panic(http.ErrAbortHandler) // it was sent: the client sees what the replica did
	}
}

// Addr is where it listens, host:port.
func (p *Proxy) Addr() string { return p.addr }

// Close ends it at once, with what is under way.
func (p *Proxy) Close() {
	_ = p.server.Close()
	p.serving.Wait()
	p.wire.close()
}
