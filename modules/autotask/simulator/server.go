package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// server is the listeners of a simulator that is started, one for each zone.
type server struct {
	mu     sync.Mutex
	addr   string // that the first zone listens on, "" while none does
	zones  []*http.Server
	cancel context.CancelFunc // ends what Stop cuts off
	serves sync.WaitGroup
	silent silent
}

// Start listens on the address of the configuration and, for more zones than one, on the ports above it, and returns
// once requests are taken: by all zones, or by none. A second Start does nothing. A Start after [Simulator.Stop] goes on
// as it was ordered, outage and latency included; webhooks alone are not delivered any more. The error names the address;
// for a port in use it matches syscall.EADDRINUSE.
func (s *Simulator) Start(ctx context.Context) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.addr != "" {
		return nil
	}
	listeners, err := s.listen(ctx)
	if err != nil {
		return err
	}
	ports := make([]int, len(listeners))
	for i, l := range listeners {
		ports[i] = portOf(l)
	}
	s.zones.ports.Store(&ports)
	s.room.Open()
	s.server.silent.open()
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.server.addr, s.server.cancel = listeners[0].Addr().String(), cancel
	s.server.zones = make([]*http.Server, len(listeners))
	for i, l := range listeners {
		srv := s.serverOf(base, i)
		s.server.zones[i] = srv
		s.server.serves.Go(func() { _ = srv.Serve(l) }) // ErrServerClosed: nobody but Stop touches the listener
	}
	return nil
}

// listen opens a listener for each zone, or none.
func (s *Simulator) listen(ctx context.Context) (listeners []net.Listener, err error) {
	defer func() {
		for _, l := range listeners {
			if err != nil {
				_ = l.Close()
			}
		}
	}()
	host, first, err := net.SplitHostPort(s.cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("autotask simulator: listen on %s: %w", s.cfg.Addr, err)
	}
	for i := range s.zones.list {
		addr := s.cfg.Addr
		if port, err := strconv.Atoi(first); err == nil && port > 0 {
			addr = net.JoinHostPort(host, strconv.Itoa(port+i))
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
		if err != nil {
			return listeners, fmt.Errorf("autotask simulator: listen on %s: %w", addr, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func portOf(l net.Listener) int {
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

func (s *Simulator) serverOf(base context.Context, port int) *http.Server {
	return &http.Server{
		Handler:           s.handler(port),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnState:         s.server.silent.watch,
	}
}

// silent are the connections that have not asked for anything yet: clients open some to spare. http.Server.Shutdown takes
// them for busy for five seconds.
type silent struct {
	mu     sync.Mutex
	closed bool // those that come are closed at once
	conns  map[net.Conn]struct{}
}

func (c *silent) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed, c.conns = false, map[net.Conn]struct{}{}
}

func (c *silent) watch(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(c.conns, conn)
	case c.closed:
		_ = conn.Close()
	default:
		c.conns[conn] = struct{}{}
	}
}

func (c *silent) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// Stop ends everything that the simulator waits for by itself, latency, outages that hang, slow answers and aborted
// executions: their connections break at once, also by [Simulator.Transport] and without a [Simulator.Start], and until
// the next Start nothing waits. It takes no more requests, waits for those in flight until ctx ends, cuts off the rest,
// drops what webhooks have queued, and returns when no goroutine of its own is left; a request that was cut off may be
// on its last lines.
func (s *Simulator) Stop(ctx context.Context) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.room.Close() // before anybody waits for a request that waits
	var hooks error
	var both sync.WaitGroup
	both.Go(func() { hooks = s.tenant.Hooks().Stop(ctx) }) // at once: a control call may wait for deliveries
	var faults []error
	if s.server.addr != "" {
		s.server.addr = ""
		faults = s.shutdown(ctx)
	}
	both.Wait()
	if err := errors.Join(append(faults, hooks)...); err != nil {
		return fmt.Errorf("autotask simulator: stop: %w", err)
	}
	return nil
}

// shutdown closes all listeners, at once, and waits for their goroutines.
func (s *Simulator) shutdown(ctx context.Context) []error {
	s.server.silent.close()
	faults := make([]error, len(s.server.zones))
	var all sync.WaitGroup
	for i, srv := range s.server.zones {
		all.Go(func() { faults[i] = srv.Shutdown(ctx) })
	}
	all.Wait()
	s.server.cancel()
	for i, srv := range s.server.zones {
		if faults[i] != nil {
			faults[i] = errors.Join(faults[i], srv.Close())
		}
	}
	s.server.serves.Wait()
	s.zones.ports.Store(nil)
	return faults
}

// Addr returns the address that the first zone listens on, port 0 resolved, and before [Simulator.Start] the one that
// it is told to listen on.
func (s *Simulator) Addr() string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return orDefault(s.server.addr, s.cfg.Addr)
}

// URL returns the origin of the first zone, http://127.0.0.1:4480.
func (s *Simulator) URL() string { return "http://" + s.Addr() }

// ZoneURL returns what a client's AUTOTASK_ZONE_URL must be to find this simulator.
func (s *Simulator) ZoneURL() string { return s.URL() + "/atservicesrest/" }
