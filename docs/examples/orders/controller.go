package orders

import (
	"context"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/docs/examples/auth"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Controller takes orders.
type Controller struct {
	gate      *auth.Gate
	payments  Payments
	outbox    *Outbox
	catalogue *Catalogue
}

// NewController returns the controller.
func NewController(gate *auth.Gate, payments Payments, outbox *Outbox, catalogue *Catalogue) *Controller {
	return &Controller{gate, payments, outbox, catalogue}
}

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	return app.Prefix("/orders").Tags("orders").UseGuards(c.gate.Check).Of(
		app.Post("", c.Create).With(auth.Roles.Set([]string{"buyer"})).
			UseResilience(resilience.Policy{
				EnableCircuitBreaker: true, Timeout: 1500 * time.Millisecond, EnableFallback: true, FallbackStatus: http.StatusAccepted,
			}).
			Fallback(c.acceptLater),
	)
}

// NewOrder is what a buyer sends.
type NewOrder struct {
	Item string `json:"item" validate:"required,max=100"`
}

// Order is what a buyer gets.
type Order struct {
	Item     string `json:"item"`
	Paid     bool   `json:"paid"`
	Location string `header:"Location"`
}

// Create takes an order and its money.
func (c *Controller) Create(ctx context.Context, in *NewOrder) (*Order, error) {
	if !c.catalogue.Has(in.Item) {
		return nil, app.Invalid("item %q is not sold here", in.Item)
	}
	if err := c.payments.Pay(ctx, in.Item); err != nil {
		return nil, err
	}
	return &Order{Item: in.Item, Paid: true, Location: "/orders/" + in.Item}, nil
}

// acceptLater takes the order, and its money when the bank is back.
func (c *Controller) acceptLater(_ context.Context, in *NewOrder, _ error) (*Order, error) {
	c.outbox.Put(in.Item)
	return &Order{Item: in.Item}, nil
}
