// Package listener is one HTTP listener with an owner: bound before Start
// returns, served by a goroutine that Stop waits for, and with every timeout set.
//
//	new -> Bind: the address is ours -> Start: serving -> Refuse: no new connections -> Stop: gone
package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The timeouts of every server.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 60 * time.Second // above that of the usual load balancers
	maxHeaderBytes    = 64 << 10
)

// Config says what is served where.
type Config struct {
	Name    string // "http", for the log
	Addr    string // host:port; port 0 picks a free one
	Setting string // the variable that sets Addr, for errors
	Handler http.Handler
	// WriteTimeout bounds one answer, from the end of the request's header.
	WriteTimeout time.Duration
	// Base is the context all requests are born with; nil is the background.
	Base context.Context //nolint:containedctx // handed on to http.Server.BaseContext
	Log  *slog.Logger
	// Failed is told, at most once, that serving has ended though nobody asked
	// for it. It must not wait for Stop. nil is allowed.
	Failed func(error)
}

// Server is one listener and what serves it. Its methods may be called concurrently.
type Server struct {
	cfg     Config
	http    *http.Server
	conns   *conns
	addr    atomic.Pointer[net.TCPAddr]
	err     atomic.Pointer[error]
	serving sync.WaitGroup

	mu      sync.Mutex
	bound   net.Listener // nil before Bind
	running bool         // Start has taken the listener
	refused atomic.Bool  // no new connections: the end of Serve was asked for
}

// New gives a server that does not listen yet.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, conns: newConns()}
	s.http = &http.Server{
		Handler:           cfg.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         s.conns.follow,
		ErrorLog:          slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	if cfg.Base != nil {
		s.http.BaseContext = func(net.Listener) context.Context { return cfg.Base }
	}
	return s
}

// errStopped is what Bind and Start return after Refuse and Stop.
var errStopped = errors.New("the server was stopped")

// Bind takes the address, so that a port in use is known before anything else
// starts. Connections wait until Start. A second call does nothing.
func (s *Server) Bind(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bind(ctx)
}

func (s *Server) bind(ctx context.Context) error {
	if s.refused.Load() {
		return fmt.Errorf("listen on %s: %w", s.cfg.Addr, errStopped)
	}
	if s.bound != nil {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return s.bindError(err)
	}
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		s.addr.Store(addr)
	}
	s.bound = s.conns.around(l)
	return nil
}

// Start binds the address, unless Bind has, and begins to serve. A second call
// does nothing.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.bind(ctx); err != nil || s.running {
		return err
	}
	s.running = true
	s.cfg.Log.InfoContext(ctx, "listening", slog.String("server", s.cfg.Name), slog.String("addr", s.bound.Addr().String()))
	s.serving.Go(func() { s.serve(s.bound) })
	return nil
}

func (s *Server) bindError(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen on %s: address already in use; set %s", s.cfg.Addr, s.cfg.Setting)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err // the rest repeats the address
	}
	return fmt.Errorf("listen on %s (%s): %w", s.cfg.Addr, s.cfg.Setting, err)
}

func (s *Server) serve(l net.Listener) {
	err := s.http.Serve(l)
	if s.refused.Load() {
		return
	}
	err = fmt.Errorf("serve %s on %s: %w", s.cfg.Name, s.cfg.Addr, err)
	s.err.Store(&err)
	if s.cfg.Failed != nil {
		s.cfg.Failed(err)
	}
}

// Addr is where the server listens, empty before Bind and Start.
func (s *Server) Addr() string {
	if addr := s.addr.Load(); addr != nil {
		return addr.String()
	}
	return ""
}

// WriteTimeout is the longest an answer may take.
func (s *Server) WriteTimeout() time.Duration { return s.cfg.WriteTimeout }

// Err is why serving ended unasked, or nil.
func (s *Server) Err() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

// Refuse closes the listener. Connections that were accepted stay, also the
// idle ones: what is sent on them is still answered. It does not wait, and may be
// called at any time and often.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.refused.Swap(true) && s.bound != nil {
		_ = s.bound.Close() // nobody is left to tell
	}
}

// Quiet waits until no request is under way and every answer is sent, which is
// later than the return of its handler: a client may read slowly. It closes
// nothing. The error tells how many answers were still being sent when ctx
// ended; clients that owe the rest of a request do not count.
func (s *Server) Quiet(ctx context.Context) error {
	sending := 0
	for _, c := range s.conns.quiet(ctx) {
		if c.sending.Load() {
			sending++
		}
	}
	if sending > 0 {
		return fmt.Errorf("%d answers of the %s server were not sent to their end: %w", sending, s.cfg.Name, context.Cause(ctx))
	}
	return nil
}

// Stop refuses new connections, closes those that send no request, waits until
// no request is under way, and cuts what still is when ctx ends. Then it closes
// what was hijacked and left open. What it has to cut is a warning in the log. The
// goroutine has ended when it returns. It may be called twice, and without Start.
func (s *Server) Stop(ctx context.Context) {
	s.Refuse()
	s.conns.closeSilent(ctx)
	if err := s.http.Shutdown(ctx); err != nil && ctx.Err() != nil { // else the listener was closed before, which is no fault
		s.warn(ctx, "connections closed in the middle of a request", len(s.conns.in(http.StateActive)))
		_ = s.http.Close() // nobody is left to tell
	}
	s.warn(ctx, "hijacked connections closed: nobody had ended them", s.conns.closeHijacked())
	s.serving.Wait()
}

func (s *Server) warn(ctx context.Context, msg string, count int) {
	if count > 0 {
		s.cfg.Log.WarnContext(ctx, msg, slog.String("server", s.cfg.Name), slog.Int("count", count)) //nolint:sloglint // one of two constants
	}
}
