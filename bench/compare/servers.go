package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/labstack/echo/v4"
	"go.uber.org/fx"
)

// What the routes take and give, the same in every program.
type (
	greeting struct {
		Message string `json:"message"`
	}
	order struct {
		ID       int    `json:"id"`
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
		Note     string `json:"note"`
	}
)

// serve runs the server named until standard input closes.
func serve(name string) error {
	addr := os.Getenv("BENCH_ADDR") //nolint:forbidigo // from the parent process
	ctx := context.Background()
	switch name {
	case "echo":
		return serveEcho(addr, false)
	case "echo-timeouts":
		return serveEcho(addr, true)
	case "typed":
		return serveHoldfast(ctx, addr, "sampled", resilience.Policy{})
	case "annotated":
		return serveHoldfast(ctx, addr, "sampled", annotated())
	case "annotated-full-log":
		return serveHoldfast(ctx, addr, "all", annotated())
	default:
		return fmt.Errorf("no program is called %q", name)
	}
}

// serveEcho is echo as it comes, without any middleware; with timeouts it has the server timeouts that Holdfast sets, and that
// echo leaves at none.
func serveEcho(addr string, timeouts bool) error {
	e := echo.New()
	if timeouts {
		e.Server.ReadHeaderTimeout, e.Server.ReadTimeout = 5*time.Second, 30*time.Second
		e.Server.WriteTimeout, e.Server.IdleTimeout = 35*time.Second, 60*time.Second
	}
	e.HideBanner, e.HidePort = true, true
	e.GET("/hello/:name", func(c echo.Context) error {
		return c.JSON(http.StatusOK, &greeting{"hello " + c.Param("name")})
	})
	e.POST("/orders", func(c echo.Context) error {
		var in order
		if err := c.Bind(&in); err != nil {
			return err
		}
		in.ID = 42
		return c.JSON(http.StatusCreated, &in)
	})
	failed := make(chan error, 1)
	go func() { failed <- e.Start(addr) }()
	report()
	select {
	case err := <-failed:
		return err
	default:
		return e.Close()
	}
}

func serveHoldfast(ctx context.Context, addr, accessLog string, policy resilience.Policy) error {
	sink, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	a, err := app.New("bench",
		app.WithEnvironment(config.Environment{Vars: map[string]string{
			"HTTP_ADDR": addr, "ADMIN_ADDR": "127.0.0.1:0", "ACCESS_LOG": accessLog, "SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
		}}),
		fx.Supply(logging.Output{Writer: sink}),
		app.Module("bench", app.Controllers(func() *controller { return &controller{policy} })),
	)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return err
	}
	report()
	return a.Stop(ctx)
}

// annotated switches everything on.
func annotated() resilience.Policy {
	return resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true,
		Timeout: 5 * time.Second, Idempotent: true,
	}
}

type controller struct{ policy resilience.Policy }

type (
	helloIn struct {
		Name string `path:"name"`
	}
	orderIn struct {
		Item     string `json:"item" validate:"required,max=100"`
		Quantity int    `json:"quantity" validate:"min=1"`
		Note     string `json:"note"`
	}
)

func (c *controller) Routes() app.Routes {
	hello := app.Get("/hello/:name", c.hello).UseResilience(c.policy)
	orders := app.Post("/orders", c.order).UseResilience(c.policy)
	if c.policy.EnableFallback {
		hello.Fallback(func(context.Context, *helloIn, error) (*greeting, error) { return &greeting{"hello"}, nil })
		orders.Fallback(func(context.Context, *orderIn, error) (*order, error) { return &order{}, nil })
	}
	return app.Prefix("").Of(hello, orders)
}

func (c *controller) hello(_ context.Context, in *helloIn) (*greeting, error) {
	return &greeting{"hello " + in.Name}, nil
}

func (c *controller) order(_ context.Context, in *orderIn) (*order, error) {
	return &order{ID: 42, Item: in.Item, Quantity: in.Quantity, Note: in.Note}, nil
}
