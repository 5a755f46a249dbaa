// Package rates serves rates of exchange that another service keeps.
package rates

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Module serves /rates.
var Module = app.Module("rates",
	config.Provide[Config](),
	app.Providers(app.Bind[Source](NewUpstream)),
	app.Controllers(NewController),
)

// Config holds the settings of this module.
type Config struct {
	URL string `envconfig:"RATES_URL" default:"http://127.0.0.1:4000" desc:"Where the rates come from."`
}

// Source knows the rate of a currency.
type Source interface {
	Rate(ctx context.Context, currency string) (float64, error)
}

// Upstream is the Source that asks another service.
type Upstream struct {
	client http.Client
	url    string
}

// NewUpstream returns the Source at RATES_URL.
func NewUpstream(cfg Config) *Upstream {
	return &Upstream{client: http.Client{Timeout: 10 * time.Second}, url: cfg.URL}
}

// Rate asks the other service. A currency that it does not know is a 404 here as well.
func (u *Upstream) Rate(ctx context.Context, currency string) (rate float64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+"/rates/"+currency, http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := u.client.Do(req)
	if err != nil {
		return 0, app.Unavailable("the rates cannot be read now").Wrap(err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
		err = json.NewDecoder(resp.Body).Decode(&rate)
		return rate, err
	case http.StatusNotFound:
		return 0, app.NotFound("there is no rate of %s", currency)
	default:
		return 0, app.Unavailable("the rates cannot be read now")
	}
}

// Controller serves rates.
type Controller struct {
	source Source
	last   sync.Map // currency to the rate it had when it was last read
}

// NewController returns the controller.
func NewController(source Source) *Controller { return &Controller{source: source} }

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	return app.Prefix("/rates").Of(
		app.Get("/:currency", c.Get).UseResilience(resilience.Policy{
			EnableCircuitBreaker: true,
			EnableFallback:       true,
			Timeout:              2 * time.Second,
		}).Fallback(c.lastKnown),
	)
}

// Query is what a caller asks.
type Query struct {
	Currency string `path:"currency" validate:"iso4217"`
}

// Rate is the answer.
type Rate struct {
	Currency string  `json:"currency"`
	Rate     float64 `json:"rate"`
	Stale    bool    `json:"stale,omitempty"` // it is the last one known
}

// Get returns the rate of a currency.
func (c *Controller) Get(ctx context.Context, in *Query) (*Rate, error) {
	rate, err := c.source.Rate(ctx, in.Currency)
	if err != nil {
		return nil, err
	}
	c.last.Store(in.Currency, rate)
	return &Rate{Currency: in.Currency, Rate: rate}, nil
}

// lastKnown answers where the other service does not.
func (c *Controller) lastKnown(_ context.Context, in *Query, cause error) (*Rate, error) {
	known, _ := c.last.Load(in.Currency)
	if rate, ok := known.(float64); ok {
		return &Rate{Currency: in.Currency, Rate: rate, Stale: true}, nil
	}
	return nil, cause
}
