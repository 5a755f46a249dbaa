package autotasktest

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// Option changes the tenant before it is made.
type Option func(cfg *simulator.Config)

// Sim is a simulated tenant that ends with its test.
type Sim struct {
	*simulator.Simulator
	tb    testing.TB
	start sync.Once
}

// New returns a tenant with the demo credentials and 1,203 tickets, unless options say otherwise. It opens no port until
// [Sim.URL] is asked for, and there is nothing to close. A wrong option ends the test.
func New(tb testing.TB, opts ...Option) *Sim {
	tb.Helper()
	cfg := simulator.Config{Addr: "127.0.0.1:0"}
	for _, opt := range opts {
		opt(&cfg)
	}
	s, err := simulator.New(cfg)
	if err != nil {
		tb.Fatalf("autotasktest: %v", err)
	}
	return &Sim{Simulator: s, tb: tb}
}

// URL returns the origin of a listener on a free loopback port, started at the first call and stopped with the test.
// In a testing/synctest bubble use Transport: sockets know no virtual time.
func (s *Sim) URL() string {
	s.tb.Helper()
	s.start.Do(s.listen)
	return s.Simulator.URL()
}

// ZoneURL is the AUTOTASK_ZONE_URL under which a client finds the tenant. It starts the listener as URL does.
func (s *Sim) ZoneURL() string {
	s.tb.Helper()
	s.start.Do(s.listen)
	return s.Simulator.ZoneURL()
}

func (s *Sim) listen() {
	s.tb.Helper()
	if err := s.Start(s.tb.Context()); err != nil {
		s.tb.Fatalf("autotasktest: %v", err)
	}
	s.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // the test's own is over by now
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			s.tb.Errorf("autotasktest: %v", err)
		}
	})
}

// Client returns an HTTP client that reaches the tenant in process and sends the demo credentials with each request, for
// tests that look at the API itself. A header that a request already has is kept.
func (s *Sim) Client() *http.Client {
	return &http.Client{Transport: authorized{s.Transport()}}
}

type authorized struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (a authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	username, code, secret := simulator.Credentials()
	req = req.Clone(req.Context())
	for name, v := range map[string]string{"UserName": username, "ApiIntegrationCode": code, "Secret": secret} {
		if req.Header.Get(name) == "" {
			req.Header.Set(name, v)
		}
	}
	return a.next.RoundTrip(req)
}
