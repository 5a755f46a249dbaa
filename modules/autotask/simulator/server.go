package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// server is the listener of a simulator that is started.
type server struct {
	mu     sync.Mutex
	addr   string // that it listens on, "" while it does not
	http   *http.Server
	cancel context.CancelFunc // ends requests that hang
	done   chan struct{}
}

// Start listens on the address of the configuration and returns once requests are taken. A second Start does nothing.
// The error names the address; for a port in use it matches syscall.EADDRINUSE.
func (s *Simulator) Start(ctx context.Context) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.addr != "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("autotask simulator: listen on %s: %w", s.cfg.Addr, err)
	}
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.server.addr, s.server.cancel, s.server.done = listener.Addr().String(), cancel, make(chan struct{})
	s.server.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10, // the journal keeps headers and addresses
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	go s.server.serve(s.server.http, listener, s.server.done)
	return nil
}

// serve ends when Stop closes the listener; the error is always that.
func (v *server) serve(srv *http.Server, listener net.Listener, done chan<- struct{}) {
	defer close(done)
	_ = srv.Serve(listener)
}

// Stop closes the listener, lets requests finish until ctx ends, cuts off the rest, and returns when the listener's
// goroutine is gone. Requests that hang in an outage end at once. Stop without Start does nothing.
func (s *Simulator) Stop(ctx context.Context) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.addr == "" {
		return nil
	}
	s.server.addr = ""
	s.SetOutage(OutageOff)
	err := s.server.http.Shutdown(ctx)
	s.server.cancel()
	if err != nil {
		err = errors.Join(err, s.server.http.Close())
	}
	<-s.server.done
	if err != nil {
		return fmt.Errorf("autotask simulator: stop: %w", err)
	}
	return nil
}

// Addr returns the address that the simulator listens on, port 0 resolved, and before [Simulator.Start] the one that it
// is told to listen on.
func (s *Simulator) Addr() string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return orDefault(s.server.addr, s.cfg.Addr)
}

// URL returns the origin of the listener, http://127.0.0.1:4480.
func (s *Simulator) URL() string { return "http://" + s.Addr() }

// ZoneURL returns what a client's AUTOTASK_ZONE_URL must be to find this simulator.
func (s *Simulator) ZoneURL() string { return s.URL() + "/atservicesrest/" }
