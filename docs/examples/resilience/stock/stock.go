// Package stock is a shop's stock, which a warehouse of somebody else knows. Each route shows one policy.
package stock

import (
	"context"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/cache"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Warehouse knows how many there are of an item.
type Warehouse interface {
	Count(ctx context.Context, item string) (int, error)
}

// Module is the stock.
var Module = app.Module("stock",
	app.Providers(app.Bind[Warehouse](NewClient), app.Bind[http.RoundTripper](client.Base), NewPrices, NewLast),
	app.Controllers(NewController),
	app.OnShutdown(NewUpkeep),
)

type (
	// Item is what most routes take.
	Item struct {
		Item string `path:"item"`
	}
	// Level is how many there are of an item.
	Level struct {
		Count   int           `json:"count"`
		Guessed bool          `json:"guessed,omitempty"`
		Age     time.Duration `header:"X-Age" json:"-"`
	}
	// Search is what the search takes.
	Search struct {
		Text string `query:"text"`
	}
	// Found are the items that a search has found.
	Found struct {
		Items []string `json:"items"`
	}
)

// SetAge is called with how old a level is that stands in for one that could not be had.
func (l *Level) SetAge(age time.Duration) { l.Age = age }

// Controller has the routes.
type Controller struct {
	warehouse Warehouse
	prices    *Prices
	last      *cache.Cache[string, Level]
}

// NewController returns a controller.
func NewController(w Warehouse, p *Prices, last *cache.Cache[string, Level]) *Controller {
	return &Controller{w, p, last}
}

// Routes has a route for each page of the guide.
func (c *Controller) Routes() app.Routes {
	return app.Prefix("/stock").UseResilience(resilience.Policy{
		EnableCircuitBreaker: true,            // for every route of the group, each with a breaker of its own
		Timeout:              5 * time.Second, // unless the route has another
	}).Of(
		app.Get("/:item", c.Level).UseResilience(resilience.Policy{
			EnableFallback: true, // no retry here: the client of the warehouse has one
			Timeout:        4 * time.Second,
		}).Fallback(c.Guess),
		app.Get("/:item/price", c.Price).UseResilience(resilience.Policy{
			Name: "prices", // shared with every route of that name
			Breaker: circuitbreaker.Config{
				FailureThreshold: 0.3,                    // opens at 30 % failures …
				MinThroughput:    20,                     // … of at least 20 calls …
				SlidingWindow:    30 * time.Second,       // … in 30 s,
				SlowCallDuration: 800 * time.Millisecond, // or where half of them take longer than this
				ResetTimeout:     10 * time.Second,       // tries again after 10 s, then 20 s, 40 s …
				ResetGrowth:      2,
				MaxResetTimeout:  2 * time.Minute,
				HalfOpenMaxCalls: 3, // three trials, all of which must succeed
			},
		}),
		app.Put("/:item", c.Set).UseResilience(resilience.Policy{
			EnableRetry: true,
			Idempotent:  true, // setting a level twice does no harm
			Retry: retry.Policy{
				MaxAttempts: 4,
				BaseDelay:   200 * time.Millisecond,
				Backoff:     retry.DecorrelatedBackoff,
				MaxDuration: 3 * time.Second,
			},
		}),
		app.Get("/report", c.Report).UseResilience(resilience.Policy{
			Timeout:       20 * time.Second,
			TimeoutMode:   resilience.Hard, // the report generator does not look at its context
			MaxConcurrent: 4,
			MaxQueue:      20,
			QueueTimeout:  2 * time.Second,
			Priority:      resilience.Low,
		}),
		app.Get("/search", c.Search).UseResilience(resilience.Policy{
			Adaptive: true,
			Hedge:    resilience.Hedge{Delay: 80 * time.Millisecond, Max: 1},
		}),
		app.Get("/:item/last", cache.Keep(c.last, key, c.Level)).Name("last").UseResilience(resilience.Policy{
			EnableFallback: true,
		}).Fallback(cache.Fallback(c.last, key)),
		app.Post("/:item/orders", c.Order).Throttle(
			ratelimit.Limit{Requests: 10, Per: time.Minute},
			func(r *app.Request) string { return r.Header("X-Customer") }, // checked by a guard
		),
	)
}

// Level asks the warehouse.
func (c *Controller) Level(ctx context.Context, in *Item) (*Level, error) {
	count, err := c.warehouse.Count(ctx, in.Item)
	if err != nil {
		return nil, err
	}
	return &Level{Count: count}, nil
}

// Guess answers when Level cannot. The breaker is open, time is up, or all attempts failed: cause says which.
func (c *Controller) Guess(_ context.Context, in *Item, cause error) (*Level, error) {
	if kept, ok := c.last.Stale(in.Item); ok {
		return &Level{Count: kept.Value.Count, Guessed: true}, nil
	}
	return nil, cause // the answer is what it would have been without a fallback
}

// Price is how much one costs.
func (c *Controller) Price(ctx context.Context, in *Item) (*Price, error) {
	cents, err := c.prices.Of(ctx, in.Item)
	return &Price{cents}, err
}

// Set sets how many there are.
func (*Controller) Set(context.Context, *Item) (*Level, error) { return &Level{}, nil }

// Report counts everything.
func (*Controller) Report(context.Context, *Search) (*Found, error) { return &Found{}, nil }

// Search finds items.
func (*Controller) Search(_ context.Context, in *Search) (*Found, error) {
	return &Found{Items: []string{in.Text}}, nil
}

// Order takes one.
func (c *Controller) Order(ctx context.Context, in *Item) (*Level, error) { return c.Level(ctx, in) }

// key says which kept answer belongs to a request.
func key(in *Item) string { return in.Item }
