package client

import (
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// other is the pipeline of all hosts beyond Config.MaxHosts.
const other = "other"

// host is one server, with what its policy says about requests.
type host struct {
	pipeline   *resilience.Pipeline
	retry      bool
	idempotent bool
	buffer     int64         // bytes of a body that is kept
	timeout    time.Duration // total, 0 is none
}

// hosts compiles a pipeline for each host when it is first called.
type hosts struct {
	name   string
	runner *resilience.Runner
	policy resilience.Policy
	limit  int
	log    *slog.Logger
	other  *host

	known  atomic.Pointer[map[string]*host] // by canonical host; replaced, never changed
	mu     sync.Mutex                       // held by who replaces it
	warned bool
}

// newHosts compiles the pipeline of "other" first: what is wrong with the policy
// is told at start.
func newHosts(name string, runner *resilience.Runner, cfg Config, log *slog.Logger) (*hosts, error) {
	h := &hosts{name: name, runner: runner, policy: cfg.Policy, limit: cfg.MaxHosts, log: log}
	h.known.Store(&map[string]*host{})
	var err error
	h.other, err = h.compile(other)
	return h, err
}

func (h *hosts) compile(key string) (*host, error) {
	pipeline, err := h.runner.Compile(h.name+"."+key, h.policy)
	if err != nil {
		return nil, err //nolint:wrapcheck // NewTransport says which client
	}
	p := pipeline.Policy()
	return &host{
		pipeline: pipeline, retry: p.EnableRetry, idempotent: p.Idempotent,
		buffer: p.MaxRequestBuffer, timeout: max(p.Timeout, 0),
	}, nil
}

// of returns the host of u.
func (h *hosts) of(u *url.URL) *host {
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
func (h *hosts) add(key string) *host {
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

// warn says once that hosts share a pipeline. The lock is held.
func (h *hosts) warn(key string, err error) {
	if h.warned {
		return
	}
	h.warned = true
	h.log.Warn("too many hosts, further ones share one pipeline",
		slog.Int("limit", h.limit), slog.String("first_beyond", key), slog.Any("error", err))
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
