// Package auth is the guard of the examples: it says who asks, and what a route wants of them.
package auth

import (
	"context"
	"crypto/subtle"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// Module exports *Gate.
var Module = app.Module("auth",
	config.Provide[Config](),
	app.Exports(NewGate),
)

// Config holds the settings of this package.
type Config struct {
	Key config.Secret `envconfig:"SHOP_KEY" required:"true" desc:"Key that callers send as X-API-Key." example:"4c1d9f0e7a"`
}

// Roles is what a route asks of its callers.
var Roles = app.NewKey[[]string]("roles")

// Caller is who asks.
type Caller struct{ Name string }

type callerKey struct{}

// From returns the caller that Gate.Check has put into the context.
func From(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// Gate lets those in who have the key.
type Gate struct{ key []byte }

// NewGate returns a gate for the configured key.
func NewGate(cfg Config) *Gate { return &Gate{[]byte(cfg.Key.Reveal())} }

// Check is a guard.
func (g *Gate) Check(ctx context.Context, r *app.Request) (context.Context, error) {
	if subtle.ConstantTimeCompare([]byte(r.Header("X-API-Key")), g.key) == 0 {
		return nil, app.Unauthorized("send the key as X-API-Key")
	}
	if roles, asked := Roles.Get(r); asked && r.Header("X-Role") != roles[0] {
		return nil, app.Forbidden("%s is for the role %s", r.Route(), roles[0])
	}
	return context.WithValue(ctx, callerKey{}, Caller{r.Header("X-User")}), nil
}
