package app

import (
	"context"

	"github.com/labstack/echo/v4"
)

// guardedContext is the context of an attempt with the values that guards have added.
type guardedContext struct {
	context.Context //nolint:containedctx // this is a context

	values context.Context //nolint:containedctx // what the guards made of the request's
}

// Value prefers what the guards set. A value that is a context itself is how
// package context finds the parent to be cancelled with: that one is the
// attempt's.
func (g guardedContext) Value(key any) any {
	value := g.values.Value(key)
	if _, internal := value.(context.Context); internal || value == nil {
		return g.Context.Value(key)
	}
	return value
}

// guard runs the guards in order and gives the context they made of ctx.
func (r *route) guard(ctx context.Context, c echo.Context) (context.Context, error) {
	seen := Request{http: c.Request(), echo: c, route: r.name, meta: r.meta}
	for _, guard := range r.guards {
		next, err := guard(ctx, &seen)
		if err != nil {
			return nil, err
		}
		if next != nil {
			ctx = next //nolint:fatcontext // one layer per guard, and they are few
		}
	}
	return ctx, nil
}

// guardRaw runs the guards in front of a raw handler.
func (r *route) guardRaw(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := c.Request()
		ctx, err := r.guard(req.Context(), c)
		if err != nil {
			return err
		}
		if ctx != req.Context() {
			c.SetRequest(req.WithContext(ctx))
		}
		return next(c)
	}
}
