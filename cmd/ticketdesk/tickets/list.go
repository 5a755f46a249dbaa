package tickets

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

// listTickets says which tickets are wanted.
type listTickets struct {
	page.Params
	Status    *int64 `query:"status"`
	CompanyID *int64 `query:"companyId"`            // 0 is the tenant's own company
	Q         string `query:"q" validate:"max=100"` // stands in the title
}

// request is the list in the words of package page.
func (in *listTickets) request() page.Request {
	r := page.Request{Params: in.Params}
	name := url.Values{}
	if in.Status != nil {
		name.Set("status", strconv.FormatInt(*in.Status, 10))
		r.Where = append(r.Where, query.Eq("status", *in.Status))
	}
	if in.CompanyID != nil {
		name.Set("companyId", strconv.FormatInt(*in.CompanyID, 10))
		r.Where = append(r.Where, query.Eq("companyID", *in.CompanyID))
	}
	if in.Q != "" {
		name.Set("q", in.Q)
		r.Where = append(r.Where, query.Contains("title", in.Q))
	}
	r.List = "tickets?" + name.Encode()
	return r
}

// List returns a page of tickets. It costs one request to Autotask.
func (c *Controller) List(ctx context.Context, in *listTickets) (*page.List[entities.Ticket], error) {
	return c.tickets().Next(ctx, in.request())
}

func (c *Controller) lastList(ctx context.Context, in *listTickets, cause error) (*page.List[entities.Ticket], error) {
	return c.tickets().Last(ctx, in.request(), cause)
}

func (c *Controller) tickets() page.Pager[entities.Ticket] {
	return page.Pager[entities.Ticket]{
		Entity:  c.autotask.Tickets,
		Answers: c.answers,
		ID:      func(t *entities.Ticket) int64 { return t.ID.Or(0) },
		Keep:    kept,
	}
}

func kept(ticket *entities.Ticket) store.Answer {
	return store.Answer{Name: ticketName(ticket.ID.Or(0)), Value: ticket}
}

func ticketName(id int64) string { return fmt.Sprintf("tickets/%d", id) }
