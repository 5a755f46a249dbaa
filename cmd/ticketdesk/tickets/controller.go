package tickets

import (
	"context"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/auth"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Controller serves tickets and their notes.
type Controller struct {
	autotask *autotask.Client
	answers  *store.Store
	keys     *auth.Keys
}

// NewController returns the controller.
func NewController(client *autotask.Client, answers *store.Store, keys *auth.Keys) *Controller {
	return &Controller{client, answers, keys}
}

// Routes says what is served where. None of the routes retries: the Autotask client does, and one retry per path is enough.
func (c *Controller) Routes() app.Routes {
	read := resilience.Policy{EnableCircuitBreaker: true, Timeout: 10 * time.Second, EnableFallback: true}
	write := resilience.Policy{EnableCircuitBreaker: true, Timeout: 30 * time.Second}

	return app.Prefix("/api/v1/tickets").Tags("tickets").Of(
		app.Get("", c.List).UseResilience(read).Fallback(c.lastList),
		app.Get("/:id", c.Get).UseResilience(read).Fallback(c.lastTicket),
		app.Post("", c.Create).UseResilience(write).UseGuards(c.keys.Check),
		app.Patch("/:id", c.Update).UseResilience(write).UseGuards(c.keys.Check),
		app.Get("/:id/notes", c.Notes).UseResilience(read).Fallback(c.lastNotes),
		app.Post("/:id/notes", c.AddNote).UseResilience(write).UseGuards(c.keys.Check),
	)
}

// Ticket is a ticket in Autotask's own words.
type Ticket struct {
	entities.Ticket
	Location string `json:"-" header:"Location"` // set where the ticket was made
	Age      string `json:"-" header:"Age"`      // seconds; set where the ticket was kept from before
}

type byID struct {
	ID int64 `path:"id" validate:"min=0"`
}

// Get returns a ticket. It costs one request to Autotask.
func (c *Controller) Get(ctx context.Context, in *byID) (*Ticket, error) {
	found, err := c.autotask.Tickets.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c.answers.Put(ctx, kept(found))
	return &Ticket{Ticket: *found}, nil
}

// lastTicket answers with the ticket as it was when Autotask last gave it.
func (c *Controller) lastTicket(ctx context.Context, in *byID, cause error) (*Ticket, error) {
	var last Ticket
	age, err := c.answers.Get(ctx, ticketName(in.ID), &last.Ticket)
	if err != nil {
		return nil, cause
	}
	last.Age = page.Seconds(age)
	return &last, nil
}

// Create makes a ticket. What Autotask says of a faulty one reaches the caller word for word.
func (c *Controller) Create(ctx context.Context, in *entities.Ticket) (*Ticket, error) {
	id, err := c.autotask.Tickets.Create(ctx, in)
	if err != nil {
		return nil, err
	}
	made := Ticket{Ticket: *in, Location: "/api/v1/" + ticketName(id)}
	made.ID = entities.Some(id)
	return &made, nil
}

// update is a ticket's id and those of its fields that change; null clears a field.
type update struct {
	TicketID int64 `path:"id" json:"-" validate:"min=0"`
	entities.Ticket
}

// Update changes the fields that are in the body, and answers with them.
func (c *Controller) Update(ctx context.Context, in *update) (*Ticket, error) {
	change := in.Ticket
	change.ID = entities.Some(in.TicketID)
	if err := c.autotask.Tickets.Patch(ctx, &change); err != nil {
		return nil, err
	}
	c.answers.Forget(ctx, ticketName(in.TicketID))
	return &Ticket{Ticket: change}, nil
}
