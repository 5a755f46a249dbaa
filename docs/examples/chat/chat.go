// Package chat is the module of the guide to the stop: it has one of everything that a stop must not lose.
package chat

import (
	"context"
	"net/http"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Module is a room to talk in. Who is not in it gets a letter.
var Module = app.Module("chat",
	app.Providers(NewRoom, NewLetters, app.Bind[Post](NewPostman)),
	app.Exports(NewDrawer),
	app.Controllers(NewController),
	app.OnShutdown(NewKeep, NewReceipt),
	fx.Invoke(deliver, warn),
)

func deliver(lc fx.Lifecycle, l *Letters) { lc.Append(fx.StartHook(l.Start)) }

// warn tells those in the room while they have the time to end their sentence.
func warn(stop *shutdown.Service, room *Room) error {
	return stop.OnPhase("chat.warn", shutdown.Grace, func(context.Context) error {
		room.Say("this room closes in a moment; the next one is open")
		return nil
	})
}

// Controller lets people talk, listen and write.
type Controller struct {
	stop    *shutdown.Service
	room    *Room
	letters *Letters
}

// NewController returns the controller.
func NewController(stop *shutdown.Service, room *Room, letters *Letters) *Controller {
	return &Controller{stop, room, letters}
}

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	stream := resilience.Policy{Streaming: true, MaxConcurrent: 1000}
	return app.Prefix("/chat").Of(
		app.Raw(http.MethodGet, "/talk", c.talk).UseResilience(stream),
		app.Raw(http.MethodGet, "/listen", c.listen).UseResilience(stream),
		app.Get("/letters", c.Waiting),
		app.Post("/letters", c.Write).Status(http.StatusAccepted),
	)
}

// Queue tells how long it is.
type Queue struct {
	Waiting int `json:"waiting"`
}

// Waiting tells how many letters wait.
func (c *Controller) Waiting(context.Context, *struct{}) (*Queue, error) {
	return &Queue{Waiting: len(c.letters.queue)}, nil
}

// NewLetter is what is sent to somebody who is not there.
type NewLetter struct {
	Text string `json:"text" validate:"required,max=1000"`
}

// Write takes a letter.
func (c *Controller) Write(_ context.Context, in *NewLetter) (*struct{}, error) {
	return nil, c.letters.Put(in.Text)
}
