// Package routing shows what a route can be told.
package routing

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Module serves /parts.
var Module = app.Module("parts", app.Controllers(NewController))

// Controller serves parts.
type Controller struct{}

// NewController returns the controller.
func NewController() *Controller { return &Controller{} }

// Routes says what is served where.
func (c *Controller) Routes() app.Routes {
	return app.Prefix("/parts").Tags("parts").Use(noStore).UseResilience(resilience.Policy{Timeout: 5 * time.Second}).Of(
		app.Get("", c.List),
		app.Put("/:id", c.Save).UseResilience(resilience.Policy{EnableRetry: true, Idempotent: true}),
		app.Delete("/:id", c.Remove).Name("retire").Status(http.StatusAccepted),
		app.Raw(http.MethodGet, "/export", c.export).UseResilience(resilience.Policy{Streaming: true}),
	)
}

// noStore is middleware as any Go program has it.
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ListQuery says which parts are wanted.
type ListQuery struct {
	Limit  int        `query:"limit"     default:"50"        validate:"min=1,max=500"`
	Tags   []string   `query:"tag"`   // ?tag=a&tag=b
	Since  *time.Time `query:"since"` // nil where it is not sent
	Tenant string     `header:"X-Tenant" validate:"required"`
}

// Part is a part.
type Part struct {
	Status int    `status:""`     // 0 is the route's own
	ETag   string `header:"ETag"` // in the head, not in the body
	ID     int64  `json:"id"`
	Title  string `json:"title"`
}

// Parts is a list of titles.
type Parts struct {
	Items []string `json:"items"`
}

// List returns parts.
func (*Controller) List(_ context.Context, in *ListQuery) (*Parts, error) {
	return &Parts{Items: in.Tags[:min(in.Limit, len(in.Tags))]}, nil
}

// SavePart is a part as it shall be.
type SavePart struct {
	ID    int64  `path:"id"   validate:"min=1"`
	Title string `json:"title" validate:"required,max=100"`
	Sizes []Size `json:"sizes" validate:"max=10,dive"`
}

// Size is one of the sizes of a part.
type Size struct {
	Millimetres int `json:"mm" validate:"min=1"`
}

// Save writes a part.
func (*Controller) Save(_ context.Context, in *SavePart) (*Part, error) {
	if in.Title == "taken" {
		return nil, app.Conflict("part %d has this title", in.ID+1).With("part", in.ID+1)
	}
	return &Part{Status: http.StatusCreated, ETag: `"1"`, ID: in.ID, Title: in.Title}, nil
}

// ByID names a part.
type ByID struct {
	ID int64 `path:"id"`
}

// Remove takes a part out of the list, by and by.
func (*Controller) Remove(context.Context, *ByID) (*struct{}, error) { return nil, nil } //nolint:nilnil // an answer without a body

// export writes as it goes: what has begun is neither repeated nor replaced.
func (*Controller) export(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentType, "text/csv")
	for id := range 3 {
		if _, err := fmt.Fprintf(c.Response(), "%d,part\n", id); err != nil {
			return err
		}
		c.Response().Flush()
	}
	return nil
}
