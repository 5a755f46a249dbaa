package tickets

import (
	"context"
	"fmt"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

// listNotes says which notes of a ticket are wanted.
type listNotes struct {
	page.Params
	TicketID int64 `path:"id" validate:"min=0"`
}

func (in *listNotes) request() page.Request {
	return page.Request{
		Params: in.Params,
		List:   ticketName(in.TicketID) + "/notes",
		Where:  []query.Filter{query.Eq("ticketID", in.TicketID)},
	}
}

// Notes returns a page of a ticket's notes. It costs one request to Autotask; a ticket that is not there has no notes.
func (c *Controller) Notes(ctx context.Context, in *listNotes) (*page.List[entities.TicketNote], error) {
	return c.notes().Next(ctx, in.request())
}

func (c *Controller) lastNotes(ctx context.Context, in *listNotes, cause error) (*page.List[entities.TicketNote], error) {
	return c.notes().Last(ctx, in.request(), cause)
}

func (c *Controller) notes() page.Pager[entities.TicketNote] {
	return page.Pager[entities.TicketNote]{
		Entity:  c.autotask.TicketNotes,
		Answers: c.answers,
		ID:      func(n *entities.TicketNote) int64 { return n.ID.Or(0) },
	}
}

// newNote is a note and the ticket that it is for.
type newNote struct {
	ForTicket int64 `path:"id" json:"-" validate:"min=0"`
	entities.TicketNote
}

// Note is a note in Autotask's own words.
type Note struct {
	entities.TicketNote
	Location string `json:"-" header:"Location"`
}

// AddNote adds a note to a ticket. A ticketID in the body does not count: the path says which ticket.
func (c *Controller) AddNote(ctx context.Context, in *newNote) (*Note, error) {
	made := Note{TicketNote: in.TicketNote}
	made.TicketID = entities.Some(in.ForTicket)
	id, err := c.autotask.TicketNotes.Create(ctx, &made.TicketNote)
	if err != nil {
		return nil, err
	}
	made.ID = entities.Some(id)
	made.Location = fmt.Sprintf("/api/v1/%s/notes", ticketName(in.ForTicket))
	return &made, nil
}
