package client

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// HeaderDeadline is the header in which [Config.SendDeadline] tells the
// milliseconds that are left. A Holdfast server reads it.
const HeaderDeadline = "X-Request-Deadline"

// NoLimit as a [Config.MaxResponseBody] lifts the bound.
const NoLimit int64 = -1

const (
	defaultMaxBody  = 32 << 20 // bytes
	defaultMaxHosts = 1000
)

// Config says how a client calls. The zero value has the total deadline of
// REQUEST_TIMEOUT, follows redirects within a host, and nothing else.
type Config struct {
	// Policy is that of every call, with these particulars: breaker and
	// MaxConcurrent are per host, unless Name gives all hosts one breaker;
	// RetryOnStatus is 408, 425, 429, 502, 503 and 504 if nil; MaxRequestBuffer
	// bounds a body kept for replay; MaxResponseBuffer is not used, since no
	// answer is kept. FallbackResponse is sent as it is if it is a []byte, as
	// text if it is a string, else as JSON.
	Policy resilience.Policy

	// Fallback answers where the policy has EnableFallback and no
	// FallbackResponse. The request has no body any more, save by GetBody; its
	// context is that of the fallback, with a time of its own. The body of the
	// answer is read before RoundTrip returns. Returning cause hands it on: the
	// caller gets what it would have got without a fallback.
	Fallback func(req *http.Request, cause error) (*http.Response, error)

	// Redirects says which redirects are followed: [SameHost] if zero.
	Redirects Redirects

	// MaxResponseBody bounds, in bytes, the body of an answer as it is read,
	// which is after decompression where the transport decompresses: 32 MiB if
	// zero, [NoLimit] for none. Reading beyond it is a [*BodyTooLargeError].
	MaxResponseBody int64

	// MaxHosts bounds the hosts with a pipeline of their own: 1,000 if zero.
	// Further hosts share the pipeline "<client>.other".
	MaxHosts int

	// SendDeadline tells the server with each attempt how many milliseconds are
	// left: of the attempt, or of the whole call if that ends sooner, and at
	// least 1. A redirect takes it to no other host.
	SendDeadline bool
	// DeadlineHeader is where SendDeadline writes it: [HeaderDeadline] if empty.
	// As grpc-timeout it is written in gRPC's way, "1500m".
	DeadlineHeader string
}

// Option changes what a client is made of.
type Option func(*Transport)

// WithTransport sets the inner transport; [Base] is the default. It must honour
// the context of a request, as [http.RoundTripper] asks.
func WithTransport(inner http.RoundTripper) Option { return func(t *Transport) { t.inner = inner } }

// WithLogger sets the logger; without it the client is silent.
func WithLogger(log *slog.Logger) Option { return func(t *Transport) { t.log = log } }

// New returns an http.Client over a [Transport]. The name is that of the
// dependency, "billing": breakers and metrics of its hosts are called
// "billing.api.example.com". It may be given once for each runner. The error
// joins everything that is wrong with cfg.
//
// The client needs no Timeout: the policy has one. Call its CloseIdleConnections
// when it is no longer used.
func New(name string, runner *resilience.Runner, cfg Config, opts ...Option) (*http.Client, error) {
	t, err := NewTransport(name, runner, cfg, opts...)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: t, CheckRedirect: cfg.Redirects.Check}, nil
}

// NewTransport returns the transport of [New], for an http.Client of one's own.
// Set its CheckRedirect to [Redirects.Check], so that a refused redirect is told
// early; the transport refuses it in any case.
func NewTransport(name string, runner *resilience.Runner, cfg Config, opts ...Option) (*Transport, error) {
	if err := cfg.validate(name); err != nil {
		return nil, fmt.Errorf("client %q: %w", name, err)
	}
	cfg.MaxHosts = cmp.Or(cfg.MaxHosts, defaultMaxHosts)
	cfg.MaxResponseBody = cmp.Or(cfg.MaxResponseBody, defaultMaxBody)
	cfg.DeadlineHeader = http.CanonicalHeaderKey(cmp.Or(cfg.DeadlineHeader, HeaderDeadline))
	cfg.Policy.Safe = true // each request is judged by itself
	cfg.Policy.Group = cmp.Or(cfg.Policy.Group, name)
	if cfg.Policy.RetryOnStatus == nil {
		cfg.Policy.RetryOnStatus = defaultRetryOnStatus()
	}
	t := &Transport{cfg: cfg}
	for _, opt := range opts {
		opt(t)
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.log = t.log.With(slog.String("module", "client"), slog.String("client", name))
	var err error
	if t.canned, err = newCanned(cfg.Policy); err != nil {
		return nil, fmt.Errorf("client %q: FallbackResponse: %w", name, err)
	}
	if t.hosts, err = newHosts(name, runner, cfg, t.log); err != nil {
		return nil, fmt.Errorf("client %q: %w", name, err)
	}
	if t.inner == nil {
		t.inner = baseFor(t.hosts.other.Policy())
	}
	return t, nil
}

func (c Config) validate(name string) error {
	var errs []error
	refuse := func(wrong bool, problem string) {
		if wrong {
			errs = append(errs, errors.New(problem))
		}
	}
	refuse(name == "", "a client needs a name")
	refuse(c.MaxHosts < 0, fmt.Sprintf("MaxHosts is %d: it must not be negative", c.MaxHosts))
	refuse(c.MaxResponseBody < NoLimit, fmt.Sprintf("MaxResponseBody is %d: for no limit, type client.NoLimit", c.MaxResponseBody))
	refuse(c.Redirects > AnyHost, fmt.Sprintf("Redirects is %d: type client.SameHost, NoRedirects or AnyHost", c.Redirects))
	refuse(strings.ContainsFunc(c.DeadlineHeader, notInToken), fmt.Sprintf("DeadlineHeader %q is no name of a header", c.DeadlineHeader))
	refuse(c.DeadlineHeader != "" && !c.SendDeadline, "DeadlineHeader is set and SendDeadline is not: it would never be sent")
	replaces := c.Policy.EnableFallback && c.Policy.Off&resilience.Fallback == 0
	refuse(replaces && c.Fallback == nil && c.Policy.FallbackResponse == nil, "EnableFallback needs Fallback or FallbackResponse")
	refuse(c.Fallback != nil && c.Policy.FallbackResponse != nil, "Fallback and FallbackResponse are both set: leave out one")
	refuse(c.Fallback != nil && !c.Policy.EnableFallback, "Fallback is set and EnableFallback is not: it would never be asked")
	return errors.Join(errs...)
}

// notInToken reports a character that no name of a header may have (RFC 9110, 5.6.2).
func notInToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// defaultRetryOnStatus are the answers that ask for another attempt: those of
// a route, and what a client, unlike a server, is told itself.
func defaultRetryOnStatus() []int {
	return []int{
		http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}
}
