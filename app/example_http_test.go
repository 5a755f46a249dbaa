package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

var Roles = app.NewKey[[]string]("roles")

type CreateOrder struct {
	Tenant string `header:"X-Tenant" validate:"required"`
	Title  string `json:"title"      validate:"required,max=100"`
}

type Order struct {
	Location string `header:"Location"`
	ID       int    `json:"id"`
	Title    string `json:"title"`
}

type OrderID struct {
	ID int `path:"id"`
}

type OrderController struct{}

func (c *OrderController) Routes() app.Routes {
	return app.Prefix("/orders").Tags("orders").UseGuards(c.check).Of(
		app.Get("/:id", c.Get).UseResilience(resilience.Policy{
			EnableCircuitBreaker: true, EnableRetry: true, Timeout: 5 * time.Second,
		}),
		app.Post("", c.Create).With(Roles.Set([]string{"buyer"})).
			UseResilience(resilience.Policy{EnableCircuitBreaker: true, Timeout: time.Second, EnableFallback: true, FallbackStatus: http.StatusAccepted}).
			Fallback(c.acceptLater),
	)
}

func (*OrderController) Get(_ context.Context, in *OrderID) (*Order, error) {
	if in.ID != 1 {
		return nil, app.NotFound("order %d is not known", in.ID)
	}
	return &Order{ID: 1, Title: "nails"}, nil
}

func (*OrderController) Create(_ context.Context, in *CreateOrder) (*Order, error) {
	if in.Title == "hammer" {
		return nil, errors.New("the warehouse does not answer")
	}
	return &Order{Location: "/orders/1", ID: 1, Title: in.Title}, nil
}

func (*OrderController) acceptLater(_ context.Context, in *CreateOrder, _ error) (*Order, error) {
	return &Order{Title: in.Title}, nil
}

func (*OrderController) check(ctx context.Context, r *app.Request) (context.Context, error) {
	roles, needed := Roles.Get(r)
	if needed && r.Header("X-Role") != roles[0] {
		return nil, app.Forbidden("%s needs the role %s", r.Route(), roles[0])
	}
	return ctx, nil
}

func ExamplePrefix() {
	r := exampleRouter((&OrderController{}).Routes())
	show := func(method, path, body string) {
		rec := send(r, method, path, body, "X-Tenant: acme", "X-Role: buyer")
		fmt.Println(rec.Code, rec.Body.String())
	}
	show("GET", "/orders/1", "")
	show("POST", "/orders", `{"title":"nails"}`)
	show("POST", "/orders", `{"title":"hammer"}`)
	// Output:
	// 200 {"id":1,"title":"nails"}
	//
	// 201 {"id":1,"title":"nails"}
	//
	// 202 {"id":0,"title":"hammer"}
}

func ExampleNotFound() {
	err := app.NotFound("order %d is not known", 7).With("archived", true)
	fmt.Println(err.StatusCode(), err)
	// Output: 404 order 7 is not known
}

func ExampleInvalid() {
	err := app.Invalid("the order is not valid").WithFields(app.FieldError{
		Field: "lines[0].sku", Rule: "known", Message: "lines[0].sku is not sold here",
	})
	fmt.Println(err.StatusCode(), err)
	// Output: 422 the order is not valid
}

func ExampleUnavailable() {
	err := app.Unavailable("payments are closed").WithRetryAfter(90 * time.Second).Wrap(errors.New("dial tcp: timeout"))
	fmt.Println(err.StatusCode(), err.PublicDetail(), err.RetryAfter())
	fmt.Println(err)
	// Output:
	// 503 payments are closed 1m30s
	// payments are closed: dial tcp: timeout
}

func ExampleNewKey() {
	limits := app.NewKey[int]("limit")
	guard := func(ctx context.Context, r *app.Request) (context.Context, error) {
		limit, ok := limits.Get(r)
		fmt.Println(limits, limit, ok)
		return ctx, nil
	}
	get := (&OrderController{}).Get
	r := exampleRouter(app.Prefix("/a").UseGuards(guard).Of(
		app.Get("/:id", get).Name("limited").With(limits.Set(5)),
		app.Get("/free/:id", get).Name("free"),
	))
	send(r, "GET", "/a/1", "")
	send(r, "GET", "/a/free/1", "")
	// Output:
	// limit 5 true
	// limit 0 false
}
