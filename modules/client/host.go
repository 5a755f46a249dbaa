package client

import (
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// other is the pipeline of all hosts beyond Config.MaxHosts.
const other = "other"

// hosts compiles a pipeline for each host when it is first called.
type hosts struct {
	name   string
	runner *resilience.Runner
	policy resilience.Policy
	limit  int
	log    *slog.Logger
	other  *resilience.Pipeline

	known  atomic.Pointer[map[string]*resilience.Pipeline] // by canonical host; replaced, never changed
	mu     sync.Mutex                                      // held by who replaces it
	warned bool
}

// newHosts compiles the pipeline of "other" first: what is wrong with the policy
// is told at start.
func newHosts(name string, runner *resilience.Runner, cfg Config, log *slog.Logger) (*hosts, error) {
	h := &hosts{name: name, runner: runner, policy: cfg.Policy, limit: cfg.MaxHosts, log: log}
	h.known.Store(&map[string]*resilience.Pipeline{})
	runner.Expect(name)
	var err error
	h.other, err = h.compile(other)
	return h, err
}

func (h *hosts) compile(key string) (*resilience.Pipeline, error) {
	return h.runner.Compile(h.name+"."+key, h.policy) //nolint:wrapcheck // NewTransport says which client
}

// of returns the pipeline of the host of u.
func (h *hosts) of(u *url.URL) *resilience.Pipeline {
	if known, ok := (*h.known.Load())[u.Host]; ok {
		return known
	}
	key := canonical(u)
	known := *h.known.Load()
	if known, ok := known[key]; ok {
		return known
	}
	return h.add(key)
}

// add compiles a pipeline for a new host, if there is room. Where the runner has
// none, the host is remembered as one of the others.
func (h *hosts) add(key string) *resilience.Pipeline {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := *h.known.Load()
	if known, ok := known[key]; ok {
		return known
	}
	if len(known) >= h.limit {
		h.warn(key, nil)
		return h.other
	}
	added, err := h.compile(key)
	if err != nil {
		h.warn(key, err)
		added = h.other
	}
	known = maps.Clone(known)
	known[key] = added
	h.known.Store(&known)
	return added
}

// warn says once that hosts share a pipeline: too many, or one that cannot be compiled. The lock is held.
func (h *hosts) warn(key string, err error) {
	if h.warned {
		return
	}
	h.warned = true
	h.log.Warn("a host has no pipeline of its own, it shares one",
		slog.Int("limit", h.limit), slog.String("host", key), slog.Any("error", err))
}

// canonical returns the host of u in lower case, without the port of its scheme.
func canonical(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "" || port == defaultPort(u.Scheme) {
		return strings.TrimSuffix(host, ":"+port)
	}
	return host
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}
