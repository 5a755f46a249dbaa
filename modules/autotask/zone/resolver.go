package zone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
)

const (
	keep    = 24 * time.Hour // how long an answer is believed
	recheck = time.Minute    // how soon a failed or useless question is asked again
)

// DefaultURL is where a zone is asked for unless the configuration says otherwise.
const DefaultURL = "https://webservices.autotask.net/atservicesrest/"

// secondHost answers the same question as the host of DefaultURL.
const secondHost = "webservices2.autotask.net"

// Config says whom to ask, and for whom.
type Config struct {
	Username string // the API user
	APIURL   string // where set, the zone: nothing is asked
	ZoneURL  string // whom to ask; DefaultURL where empty
	Hosts    Hosts  // what may be asked, and what may be answered
}

// Lookup sends a GET without credentials and returns the body of a good answer. Its errors are those of package apierror.
type Lookup func(ctx context.Context, u *url.URL) ([]byte, error)

// Resolver keeps the zone of one tenant. All methods may be called concurrently. It starts no goroutine: a question is
// asked by one of the callers that need its answer.
type Resolver struct {
	fixed  bool
	ask    []*url.URL
	hosts  Hosts
	lookup Lookup
	log    *slog.Logger

	mu      sync.Mutex
	zone    Zone // zero until known
	expires time.Time
	settled time.Time // until then a question after a 401 is pointless
	flight  *flight
}

// flight is a question under way. Its fields are read once done is closed.
type flight struct {
	done      chan struct{}
	zone      Zone
	err       error
	abandoned bool // the caller that asked gave up: somebody else must ask
}

// New is a resolver that has asked nothing yet. It fails for an address that cannot be read or is not allowed.
func New(cfg Config, lookup Lookup, log *slog.Logger) (*Resolver, error) {
	r := &Resolver{hosts: cfg.Hosts, lookup: lookup, log: log}
	if cfg.APIURL != "" {
		base, err := r.parse(cfg.APIURL)
		if err != nil {
			return nil, fmt.Errorf("API address: %w", err)
		}
		r.fixed, r.zone = true, At(base)
		return r, nil
	}
	if cfg.ZoneURL == "" {
		cfg.ZoneURL = DefaultURL
	}
	base, err := r.parse(cfg.ZoneURL)
	if err != nil {
		return nil, fmt.Errorf("zone address: %w", err)
	}
	first := At(base).Join("zoneInformation", "user="+url.QueryEscape(cfg.Username))
	r.ask = []*url.URL{first}
	if strings.EqualFold(first.Host, "webservices.autotask.net") {
		second := *first
		second.Host = secondHost
		r.ask = append(r.ask, &second)
	}
	return r, nil
}

func (r *Resolver) parse(raw string) (*url.URL, error) {
	u, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	return u, r.hosts.Check(u)
}

// Pick is the tenant's zone. It asks Autotask where it is not known, or known for more than 24 h; one caller asks, the
// others wait. A failure is *[apierror.UnknownUserError], another error of that package, or the end of ctx.
func (r *Resolver) Pick(ctx context.Context) (Zone, error) {
	for {
		r.mu.Lock()
		if r.fixed || time.Now().Before(r.expires) {
			z := r.zone
			r.mu.Unlock()
			return z, nil
		}
		f := r.flight
		if f == nil {
			f = &flight{done: make(chan struct{}), abandoned: true}
			r.flight = f
			r.mu.Unlock()
			r.lead(ctx, f)
			return f.zone, f.err
		}
		r.mu.Unlock()
		select {
		case <-f.done:
			if !f.abandoned {
				return f.zone, f.err
			}
		case <-ctx.Done():
			return Zone{}, fmt.Errorf("wait for the zone: %w", ctx.Err())
		}
	}
}

// Moved tells, after a 401 from stale, whether the tenant has another zone by now. The question costs a lookup, at most
// one a minute as long as the answer stays the same.
func (r *Resolver) Moved(ctx context.Context, stale Zone) (Zone, bool) {
	r.mu.Lock()
	known := r.zone
	if r.fixed || known == stale && time.Now().Before(r.settled) {
		r.mu.Unlock()
		return Zone{}, false
	}
	if known == stale {
		r.expires = time.Time{}
	}
	r.mu.Unlock()
	z, err := r.Pick(ctx)
	if err != nil || z == stale {
		return Zone{}, false
	}
	return z, true
}

// lead asks for all who wait on f.
func (r *Resolver) lead(ctx context.Context, f *flight) {
	defer close(f.done)
	defer r.land(f)
	f.zone, f.err = r.question(ctx)
	f.abandoned = f.err != nil && ctx.Err() != nil
}

// land keeps the answer. A zone that was known outlives a question that failed.
func (r *Resolver) land(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight = nil
	now := time.Now()
	switch {
	case f.abandoned:
	case f.err != nil && r.zone != (Zone{}):
		f.zone, f.err = r.zone, nil
		r.expires, r.settled = now.Add(recheck), now.Add(recheck)
	case f.err == nil:
		if f.zone.String() == r.zone.String() {
			f.zone = r.zone // the same value, so that zones compare
			r.settled = now.Add(recheck)
		}
		r.zone, r.expires = f.zone, now.Add(keep)
	}
}

// question asks one host after the other. That no host knows the user says more than that one is out of reach.
func (r *Resolver) question(ctx context.Context) (Zone, error) {
	var failure error
	for _, u := range r.ask {
		z, err := r.read(ctx, u)
		if err == nil {
			r.log.InfoContext(ctx, "zone picked", slog.String("zone", z.String()))
			return z, nil
		}
		_, unknown := errors.AsType[*apierror.UnknownUserError](err)
		if failure == nil || unknown {
			failure = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return Zone{}, failure
}

func (r *Resolver) read(ctx context.Context, u *url.URL) (Zone, error) {
	body, err := r.lookup(ctx, u)
	if err != nil {
		return Zone{}, err
	}
	var answer struct {
		URL string `json:"url"`
	}
	if err = json.Unmarshal(body, &answer); err == nil {
		var base *url.URL
		if base, err = r.parse(answer.URL); err == nil {
			return At(base), nil
		}
	}
	return Zone{}, apierror.Unreadable(Request(), err)
}

// Request is how errors name the question for a zone.
func Request() apierror.Request {
	return apierror.Request{Op: apierror.Lookup, Entity: "zoneInformation", Method: "GET", Path: "zoneInformation"}
}
