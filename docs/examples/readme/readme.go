// Package readme holds the route that the README shows.
package readme

import (
	"context"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Module serves /orders.
var Module = app.Module("orders", app.Controllers(NewController))

// Controller serves orders.
type Controller struct{}

// NewController returns the controller.
func NewController() *Controller { return &Controller{} }

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	return app.Prefix("/orders").Of(
		app.Get("/:id", c.Get).UseResilience(resilience.Policy{
			EnableCircuitBreaker: true,            // opens at 50 % failures, tries again after 30 s
			EnableRetry:          true,            // 3 attempts, 1 s apart and doubling; refused on routes that are not idempotent
			EnableFallback:       true,            // when the breaker is open, time is up, or all attempts failed
			Timeout:              5 * time.Second, // all attempts together; then 504
		}).Fallback(c.lastKnown),
	)
}

// Order is an order.
type Order struct {
	ID   int64 `json:"id"`
	Last bool  `json:"last,omitempty"`
}

// ByID names an order.
type ByID struct {
	ID int64 `path:"id" validate:"min=1"`
}

// Get returns an order.
func (*Controller) Get(_ context.Context, in *ByID) (*Order, error) {
	if in.ID > 1 {
		return nil, app.Unavailable("the warehouse does not answer")
	}
	return &Order{ID: in.ID}, nil
}

func (*Controller) lastKnown(_ context.Context, in *ByID, _ error) (*Order, error) {
	return &Order{ID: in.ID, Last: true}, nil
}
