package autotasktest

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// Sim is a simulated tenant that ends with its test.
type Sim struct {
	*simulator.Simulator

	tb        testing.TB
	cfg       simulator.Config
	start     sync.Once
	receivers *receivers

	mu      sync.Mutex
	allowed map[string]bool // rules that may be broken
}

// New returns a tenant with the demo credentials and 1,203 tickets, unless options say otherwise. It opens no port
// until [Sim.URL] is asked for, and there is nothing to close. A wrong option ends the test.
func New(tb testing.TB, opts ...Option) *Sim {
	tb.Helper()
	sim := &Sim{tb: tb, cfg: simulator.Config{Addr: "127.0.0.1:0"}, receivers: newReceivers(), allowed: map[string]bool{}}
	for _, opt := range opts {
		opt(&sim.cfg)
	}
	var err error
	if sim.Simulator, err = simulator.New(sim.cfg, simulator.WithWebhookTransport(sim.receivers)); err != nil {
		tb.Fatalf("autotasktest: %v", err)
	}
	tb.Cleanup(sim.end)
	return sim
}

// end stops what runs and, where the test is strict, fails it for each violation.
func (s *Sim) end() {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // the test's own is over by now
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		s.tb.Errorf("autotasktest: %v", err)
	}
	s.receivers.close()
	if s.cfg.Strict {
		s.complain()
	}
}

// Allow lets a strict test break rules on purpose, by the names that simulator.Violation tells:
//
//	sim.Allow("thread_limit", "hourly_limit")
//
// It counts for the whole test, wherever in it Allow is called.
func (s *Sim) Allow(rules ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range rules {
		s.allowed[rule] = true
	}
}

// complaints are the violations that nobody has allowed: the last ones in full, and how many there were of each rule,
// also of those that later ones have displaced.
func (s *Sim) complaints() (violations []simulator.Violation, counts map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	allowed := func(v simulator.Violation) bool { return s.allowed[v.Rule] }
	violations, counts = slices.DeleteFunc(s.Violations(), allowed), s.Stats().Violations
	maps.DeleteFunc(counts, func(rule string, _ int64) bool { return s.allowed[rule] })
	return violations, counts
}

// toldViolations is how many violations are told one by one.
const toldViolations = 20

func (s *Sim) complain() {
	s.tb.Helper()
	violations, counts := s.complaints()
	violations = violations[:min(len(violations), toldViolations)]
	more := -int64(len(violations))
	for _, n := range counts {
		more += n
	}
	for _, v := range violations {
		s.tb.Errorf("autotasktest: misuse of the protocol: %s: %s %s answered %d %s",
			v.Rule, v.Method, v.Path, v.Status, v.Text)
	}
	if more > 0 {
		s.tb.Errorf("autotasktest: and %d more misuses of the protocol: %v", more, counts)
	}
}

// URL returns the origin of a listener on a free loopback port, started at the first call and stopped with the test.
// Each zone has a listener of its own; this is that of the first. In a testing/synctest bubble use Transport: sockets
// know no virtual time.
func (s *Sim) URL() string {
	s.tb.Helper()
	s.start.Do(s.listen)
	return s.Simulator.URL()
}

// ZoneURL is the AUTOTASK_ZONE_URL under which a client finds the tenant. It starts the listeners as URL does.
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
}

// Client returns an HTTP client that reaches the tenant in process and sends its credentials with each request, for
// tests that look at the API itself. A body without a type is sent as JSON. A header that a request already has is
// kept.
func (s *Sim) Client() *http.Client {
	username, code, secret := s.credentials()
	return &http.Client{Transport: authorized{s.Transport(), map[string]string{
		"UserName": username, "ApiIntegrationCode": code, "Secret": secret,
	}}}
}

// credentials are those that the tenant accepts, with the first of its integration codes.
func (s *Sim) credentials() (username, code, secret string) {
	username, code, secret = simulator.Credentials()
	if len(s.cfg.IntegrationCodes) > 0 {
		code = s.cfg.IntegrationCodes[0]
	}
	return cmp.Or(s.cfg.Username, username), code, cmp.Or(s.cfg.Secret.Reveal(), secret)
}

type authorized struct {
	next   http.RoundTripper
	header map[string]string
}

// RoundTrip implements [http.RoundTripper].
func (a authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	for name, v := range a.header {
		if req.Header.Get(name) == "" {
			req.Header.Set(name, v)
		}
	}
	if req.Body != nil && req.Body != http.NoBody && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return a.next.RoundTrip(req)
}
