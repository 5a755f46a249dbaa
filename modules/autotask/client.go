package autotask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// overall ends a call whose caller set no deadline.
const overall = 5 * time.Minute

// Client calls the Autotask API of one tenant. All its methods may be called concurrently. Its errors are those of package
// apierror, *[throttle.BudgetError], errors that match [circuitbreaker.ErrOpen] or [query.ErrInvalid], and the end of ctx.
type Client struct {
	Companies   *Entity[entities.Company]
	Contacts    *Entity[entities.Contact]
	Tickets     *Entity[entities.Ticket]
	TicketNotes *Entity[entities.TicketNote]
	TimeEntries *Entity[entities.TimeEntry]

	zones       *zone.Resolver
	zoneBreaker *circuitbreaker.Breaker
	throttle    *throttle.Limiter
	retries     *retry.Service
	transport   *transport
	metrics     *metrics
	log         *slog.Logger
	missing     error // which credentials are not set
}

// Option changes how a Client is made.
type Option func(*Client)

// WithTransport sends requests through rt, which must not follow redirects, instead of over the client's own connections.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Client) { c.transport.send = rt }
}

// New is a client that has sent nothing yet. It fails where cfg has a fault, with every fault at once. Where cfg has no
// credentials, which it may outside production, each call fails instead.
func New(
	cfg Config, breakers *circuitbreaker.Service, retries *retry.Service, log *slog.Logger, opts ...Option,
) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("autotask: %w", err)
	}
	limiter, err := throttle.New(cfg.limits())
	if err != nil {
		return nil, fmt.Errorf("autotask: %w", err)
	}
	c := &Client{
		throttle: limiter, retries: retries, transport: newTransport(cfg), metrics: newMetrics(limiter),
		log: log.With(slog.String("module", "autotask")), missing: errors.Join(cfg.missing()...),
	}
	for _, opt := range opts {
		opt(c)
	}
	if err := c.assemble(cfg, breakers); err != nil {
		return nil, fmt.Errorf("autotask: %w", err)
	}
	return c, nil
}

// assemble makes what needs the client, or a breaker.
func (c *Client) assemble(cfg Config, breakers *circuitbreaker.Service) error {
	var err error
	c.zones, err = zone.New(
		zone.Config{Username: cfg.Username, APIURL: cfg.APIURL, ZoneURL: cfg.ZoneURL, Hosts: cfg.hosts()},
		c.lookup, c.log,
	)
	if err != nil {
		return err
	}
	if c.zoneBreaker, err = breaker(breakers, "zone"); err != nil {
		return err
	}
	var errs [5]error
	c.Companies, errs[0] = newEntity[entities.Company](c, breakers, "Companies")
	c.Contacts, errs[1] = newEntity[entities.Contact](c, breakers, "Contacts")
	c.Tickets, errs[2] = newEntity[entities.Ticket](c, breakers, "Tickets")
	c.TicketNotes, errs[3] = newEntity[entities.TicketNote](c, breakers, "TicketNotes")
	c.TimeEntries, errs[4] = newEntity[entities.TimeEntry](c, breakers, "TimeEntries")
	return errors.Join(errs[:]...)
}

// policy repeats what may be repeated, unless the breaker has opened: there is no use in waiting for a refusal. The longest
// delay is the longest call, so that a Retry-After is never cut short.
func (*Client) policy(b *circuitbreaker.Breaker) retry.Policy {
	return retry.Policy{
		MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: overall, Multiplier: 2, JitterRange: 0.5, JitterMode: retry.RangeJitter,
		Dependency: "autotask",
		RetryIf: func(err error) bool {
			d, ok := apierror.Of(err)
			return ok && d.Transient() && b.Peek() == nil
		},
	}
}

// breaker is the breaker of an entity, with the outcome table of package apierror and one trial at a time.
func breaker(breakers *circuitbreaker.Service, entity string) (*circuitbreaker.Breaker, error) {
	return breakers.Register("autotask."+entity, circuitbreaker.Config{HalfOpenMaxCalls: 1, Classify: apierror.Outcome})
}

// Limits is how much of the two limits is in use.
func (c *Client) Limits() throttle.Stats { return c.throttle.Stats() }

// Close closes idle connections. Calls under way go on.
func (c *Client) Close() { c.transport.close() }

// lookup asks for the zone: without credentials, and outside of both limits (developer help, "Thread Limiting").
func (c *Client) lookup(ctx context.Context, u *url.URL) ([]byte, error) {
	r := request{Request: zone.Request()}
	var body []byte
	err := c.zoneBreaker.Do(ctx, func(ctx context.Context) error {
		a, err := c.transport.exchange(ctx, u, r, 1)
		if err != nil {
			return err
		}
		body = a.Body
		err = apierror.Classify(ctx, r.Request, a)
		c.observe(ctx, r, a, err)
		return err
	})
	return body, err
}
