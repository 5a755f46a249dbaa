// Package orders is the module of the guides: it has one of everything that a module can have.
package orders

import (
	"context"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/docs/examples/auth"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module takes orders.
var Module = app.Module("orders",
	config.Provide[Config](),
	app.Imports(auth.Module),
	app.Providers(NewOutbox, app.Bind[Payments](NewStripe)), // private to the module
	app.Exports(NewCatalogue),                               // visible to modules that import this one
	app.Controllers(NewController),
	app.Health(NewPaymentsHealth),
	app.OnShutdown(NewOutboxFlush),
	fx.Invoke(fillCatalogue), // any fx option mixes in, and sees what is private here
)

// NewPaymentsHealth makes /readyz ask the bank.
func NewPaymentsHealth(p Payments) health.Check {
	return health.Check{Name: "payments", Optional: true, Run: p.Ping}
}

// NewOutboxFlush sends what has not been sent when the process stops.
func NewOutboxFlush(o *Outbox) shutdown.Task {
	return shutdown.Task{Name: "orders.outbox", Priority: shutdown.PriorityFlush, Run: o.Flush}
}

func fillCatalogue(lc fx.Lifecycle, c *Catalogue) {
	lc.Append(fx.StartHook(func(context.Context) error { return c.Fill("hammer", "nails") }))
}
