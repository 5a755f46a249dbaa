// Package tickets uses the Autotask client.
package tickets

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

// Module exports *Desk.
var Module = app.Module("desk", app.Imports(autotask.Module), app.Exports(NewDesk))

// Desk works on tickets.
type Desk struct{ autotask *autotask.Client }

// NewDesk returns a desk.
func NewDesk(client *autotask.Client) *Desk { return &Desk{client} }

// Title reads one ticket, with one request.
func (d *Desk) Title(ctx context.Context, id int64) (string, error) {
	ticket, err := d.autotask.Tickets.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return ticket.Title.Or("(no title)"), nil
}

// Urgent counts the tickets of a priority, page by page.
func (d *Desk) Urgent(ctx context.Context, priority int64) (n int, err error) {
	open := query.New().
		Where(query.Eq("priority", priority), query.Or(query.NotEq("status", 5), query.NotExist("completedDate"))).
		Fields("title", "status")
	for ticket, err := range d.autotask.Tickets.Query(ctx, open) {
		if err != nil {
			return n, err
		}
		if ticket.Title.Or("") != "" {
			n++
		}
	}
	return n, nil
}

// Open makes a ticket. It never makes two: where nobody knows whether the first attempt has made one, it says so.
func (d *Desk) Open(ctx context.Context, company int64, title string) (int64, error) {
	id, err := d.autotask.Tickets.Create(ctx, &entities.Ticket{
		CompanyID: entities.Some(company),
		Title:     entities.Some(title),
		Status:    entities.Some[int64](1),
		Priority:  entities.Some[int64](1),
		QueueID:   entities.Some[int64](5),
	})
	if refused, ok := errors.AsType[*apierror.ValidationError](err); ok {
		return 0, fmt.Errorf("mend the ticket: %v: %w", refused.Messages, err)
	}
	if details, ok := apierror.Of(err); ok && details.Ambiguous {
		return 0, fmt.Errorf("look in Autotask before trying again: %w", err)
	}
	return id, err
}

// Close sets the status and clears the queue; every other field stays as it is.
func (d *Desk) Close(ctx context.Context, id int64) error {
	return d.autotask.Tickets.Patch(ctx, &entities.Ticket{
		ID:      entities.Some(id),
		Status:  entities.Some[int64](5),
		QueueID: entities.Null[int64](),
	})
}
