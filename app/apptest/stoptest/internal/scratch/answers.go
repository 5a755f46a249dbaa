package main

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// answers are the routes whose answer is sent in one piece, if at all.
type answers struct{}

func newAnswers() *answers { return &answers{} }

// Routes implements app.Controller.
func (a *answers) Routes() app.Routes {
	patient := resilience.Policy{Timeout: 10 * time.Minute}
	return app.Prefix("").Of(
		app.Post("/fast", a.Fast).Status(http.StatusOK),
		app.Post("/slow", a.Slow).Status(http.StatusOK).UseResilience(patient),
		app.Raw(http.MethodPost, "/obedient", a.obedient).UseResilience(patient),
		app.Raw(http.MethodPost, "/deaf", a.deaf).UseResilience(patient),
	)
}

type (
	question struct {
		Millis int `query:"ms" validate:"min=0,max=600000"`
	}
	answer struct {
		Done bool `json:"done"`
	}
)

// Fast answers at once.
func (*answers) Fast(context.Context, *question) (*answer, error) { return &answer{true}, nil }

// Slow answers after ms milliseconds, or when it is told that its time is over.
func (*answers) Slow(ctx context.Context, in *question) (*answer, error) {
	if err := wait(ctx, time.Duration(in.Millis)*time.Millisecond); err != nil {
		return nil, err
	}
	return &answer{true}, nil
}

// obedient never answers, and returns when it is told that its time is over.
func (*answers) obedient(c echo.Context) error {
	<-c.Request().Context().Done()
	return context.Cause(c.Request().Context())
}

// deaf never returns.
func (*answers) deaf(echo.Context) error { select {} }
