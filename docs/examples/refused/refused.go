// Package refused is a program that compiles, and that start refuses. Its report stands in docs/modules.md.
package refused

import (
	"context"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// Clock tells the time.
type Clock struct{}

// Mailer sends letters.
type Mailer interface {
	Send(ctx context.Context, letter string) error
}

// Post is a Mailer.
type Post struct{}

// Send sends a letter.
func (*Post) Send(context.Context, string) error { return nil }

// NewPost returns a Mailer.
func NewPost() *Post { return &Post{} }

// Shop sells.
type Shop struct{}

// NewShop needs two things that it cannot have.
func NewShop(*Clock, Mailer) *Shop { return &Shop{} }

// Egg needs a Hen.
type Egg struct{}

// Hen needs an Egg.
type Hen struct{}

// NewEgg and NewHen need each other.
func NewEgg(*Hen) *Egg { return &Egg{} }

// NewHen and NewEgg need each other.
func NewHen(*Egg) *Hen { return &Hen{} }

// Check returns the report on three modules.
func Check() error {
	mail := app.Module("mail", app.Exports(app.Bind[Mailer](NewPost)))
	farm := app.Module("farm", app.Providers(NewEgg, NewHen))
	shop := app.Module("shop", app.Providers(NewShop)) // forgot app.Imports(mail), and nobody makes a Clock

	return app.Explain(shop, mail, farm, app.WithEnvironment(config.Environment{}))
}
