// Package companies serves the companies of Autotask.
package companies

import (
	"context"
	"fmt"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Module serves /api/v1/companies.
var Module = app.Module("companies",
	app.Imports(autotask.Module, store.Module),
	app.Controllers(NewController),
)

// Controller serves companies.
type Controller struct {
	autotask *autotask.Client
	answers  *store.Store
}

// NewController returns the controller.
func NewController(client *autotask.Client, answers *store.Store) *Controller {
	return &Controller{client, answers}
}

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	read := resilience.Policy{EnableCircuitBreaker: true, Timeout: 10 * time.Second, EnableFallback: true}

	return app.Prefix("/api/v1/companies").Tags("companies").Of(
		app.Get("", c.List).UseResilience(read).Fallback(c.lastList),
		app.Get("/:id", c.Get).UseResilience(read).Fallback(c.lastCompany),
	)
}

type listCompanies struct {
	page.Params
}

func (in *listCompanies) request() page.Request {
	return page.Request{Params: in.Params, List: "companies"}
}

// List returns a page of companies. It costs one request to Autotask.
func (c *Controller) List(ctx context.Context, in *listCompanies) (*page.List[entities.Company], error) {
	return c.companies().Next(ctx, in.request())
}

func (c *Controller) lastList(ctx context.Context, in *listCompanies, cause error) (*page.List[entities.Company], error) {
	return c.companies().Last(ctx, in.request(), cause)
}

func (c *Controller) companies() page.Pager[entities.Company] {
	return page.Pager[entities.Company]{
		Entity:  c.autotask.Companies,
		Answers: c.answers,
		ID:      func(company *entities.Company) int64 { return company.ID.Or(0) },
		Keep:    kept,
	}
}

// Company is a company in Autotask's own words.
type Company struct {
	entities.Company
	Age string `json:"-" header:"Age"` // seconds; set where the company was kept from before
}

// byID names a company; 0 is the tenant's own.
type byID struct {
	ID int64 `path:"id" validate:"min=0"`
}

// Get returns a company. It costs one request to Autotask.
func (c *Controller) Get(ctx context.Context, in *byID) (*Company, error) {
	found, err := c.autotask.Companies.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c.answers.Put(ctx, kept(found))
	return &Company{Company: *found}, nil
}

// lastCompany answers with the company as it was when Autotask last gave it.
func (c *Controller) lastCompany(ctx context.Context, in *byID, cause error) (*Company, error) {
	var last Company
	age, err := c.answers.Get(ctx, name(in.ID), &last.Company)
	if err != nil {
		return nil, cause
	}
	last.Age = page.Seconds(age)
	return &last, nil
}

func kept(company *entities.Company) store.Answer {
	return store.Answer{Name: name(company.ID.Or(0)), Value: company}
}

func name(id int64) string { return fmt.Sprintf("companies/%d", id) }
