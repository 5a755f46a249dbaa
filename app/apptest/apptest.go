// Package apptest tests applications in process: the whole application is built
// and started, requests go through its handler, and no port is opened. Nothing
// in it waits, so tests may run inside a synctest bubble.
//
//	a := apptest.New(t, orders.Module, apptest.Override[orders.Payments](&fakePayments{}))
//	var order orders.Order
//	a.Post("/orders").JSON(body).Do().Status(http.StatusCreated).JSON(&order)
package apptest

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/logging"
)

// App is a started application.
type App struct {
	*app.App

	t testing.TB
}

// patience bounds the start and the stop of an application under test.
const patience = 30 * time.Second

// New builds and starts an application from modules and other fx options, and
// stops it when the test ends. What is wrong with it fails the test. Settings
// are the defaults, with APP_ENV=test, a database in memory and no grace period
// at stop; nothing is taken from the environment of the process. Change them
// with Env. The log goes to the output of the test.
func New(tb testing.TB, opts ...fx.Option) *App {
	tb.Helper()
	all := []fx.Option{
		app.WithoutListeners(),
		Env(map[string]string{
			"APP_ENV":                      "test",
			"DATABASE_URL":                 "file::memory:",
			"LOG_FORMAT":                   "text",
			"SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
		}),
		fx.Supply(logging.Output{Writer: output{tb}}),
	}
	a, err := app.New("test", append(all, opts...)...)
	if err != nil {
		tb.Fatalf("build the application: %v", err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	if err := a.Start(ctx); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			tb.Errorf("stop the application: %v", err)
		}
	})
	return &App{App: a, t: tb}
}

// For is the same application, whose requests end and fail another test: in a
// subtest, ask a.For(t).Get("/orders/1").
func (a *App) For(tb testing.TB) *App {
	tb.Helper()
	return &App{App: a.App, t: tb}
}

// output writes the log to the test for as long as the test runs.
type output struct{ testing.TB }

func (o output) Write(line []byte) (int, error) { return o.Output().Write(line) }

var _ io.Writer = output{}

// Override puts v in the place of whatever provides T, also where that is
// private to a module. The constructor it replaces is not called. T is often an
// interface and must then be named: Override[orders.Payments](fake). Where nothing
// provides T, New fails the test; of several for one T, the last wins.
func Override[T any](v T) fx.Option {
	return fx.Decorate(func() T { return v })
}

// Env sets variables for the application, beside those of New. Later ones win.
func Env(vars map[string]string) fx.Option {
	return app.WithEnvironment(config.Environment{Vars: vars})
}

// Get begins a GET request. The path may have a query.
func (a *App) Get(path string) *Request { return a.Request(http.MethodGet, path) }

// Post begins a POST request.
func (a *App) Post(path string) *Request { return a.Request(http.MethodPost, path) }

// Put begins a PUT request.
func (a *App) Put(path string) *Request { return a.Request(http.MethodPut, path) }

// Patch begins a PATCH request.
func (a *App) Patch(path string) *Request { return a.Request(http.MethodPatch, path) }

// Delete begins a DELETE request.
func (a *App) Delete(path string) *Request { return a.Request(http.MethodDelete, path) }

// Request begins a request of any method.
func (a *App) Request(method, path string) *Request {
	return &Request{app: a, method: method, path: path, header: http.Header{}}
}
