package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/labstack/echo/v4"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

// server is one that is stopped, in a process of its own.
type server struct {
	name string
	how  string // it is stopped
	// admin tells that it is looked at on a listener of its own. The others answer for their readiness as for any route.
	admin bool
	// pkg is what its program is built from, where that is not this program.
	pkg string
	// program is the path of its program, known when it is built.
	program string
}

func servers() []server {
	return []server{
		{name: "holdfast", how: "app.Run", admin: true},
		{name: "net/http", how: "NotifyContext, Server.Shutdown"},
		{name: "echo v4", how: "its recipe: Echo.Shutdown"},
		{name: "fx", how: "OnStop calls Server.Shutdown"},
		{name: "go-zero", how: "rest.Server, defaults", admin: true, pkg: "github.com/holdfast-go/holdfast/bench/stop/gozero"},
	}
}

// build gives every server its program, in the folder dir where it is not this one.
func build(dir string, list []server) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		s.program = self
		if s.pkg == "" {
			continue
		}
		if err := stoptest.Build(dir, s.pkg); err != nil {
			return err
		}
		s.program = filepath.Join(dir, path.Base(s.pkg))
	}
	return nil
}

// serve is the server that was ordered, until a signal has stopped it. It returns the exit code.
func serve(order subject.Order) (code int, err error) {
	switch order.Name {
	case "holdfast":
		return serveHoldfast(order)
	case "net/http":
		err = serveHTTP(order.Addr)
	case "echo v4":
		err = serveEcho(order.Addr)
	case "fx":
		serveFX(order.Addr)
	default:
		err = fmt.Errorf("no server is called %q", order.Name)
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

func serveHoldfast(order subject.Order) (int, error) {
	a, err := app.New("bench",
		app.WithEnvironment(config.Environment{Vars: map[string]string{
			"HTTP_ADDR": order.Addr, "ADMIN_ADDR": order.Admin, "ACCESS_LOG": "off", "LOG_LEVEL": "error",
			"SHUTDOWN_HEALTH_GRACE_PERIOD": order.Grace.String(), "SHUTDOWN_DRAIN_TIMEOUT": "4s", "SHUTDOWN_FORCE_TIMEOUT": "15s",
		}}),
		app.Module("bench", app.Controllers(func() *controller { return &controller{} })),
	)
	if err != nil {
		return 1, err
	}
	return a.Run(context.Background()), nil
}

type controller struct{}

// Routes implements app.Controller.
func (*controller) Routes() app.Routes {
	streaming := resilience.Policy{Streaming: true}
	return app.Prefix("").Of(
		raw("/fast", subject.Fast),
		raw("/slow", subject.Slow),
		raw("/stream", subject.Stream).UseResilience(streaming),
		raw("/hang", subject.Hang).UseResilience(streaming),
	)
}

func raw(route string, handler http.HandlerFunc) *app.RawRoute {
	return app.Raw(http.MethodGet, route, echo.WrapHandler(handler)).Name(strings.TrimPrefix(route, "/"))
}

// patience is how long net/http and echo wait for requests, as echo's recipe has it.
const patience = 10 * time.Second

// serveHTTP is written as the examples of os/signal and net/http are: NotifyContext, whose stop function is called as soon
// as the signal has come, and Shutdown.
func serveHTTP(addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &http.Server{Addr: addr, Handler: subject.Mux()} //nolint:gosec // as the example is
	failed := make(chan error, 1)
	go func() { failed <- s.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		stop()
	}
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Shutdown(limit)
}

// serveEcho is the recipe "Graceful Shutdown" of echo v4. It listens for os.Interrupt alone, so that SIGTERM would end it
// at once with all that is under way; SIGTERM is added, as in the recipe for v5.
func serveEcho(addr string) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	for route, handler := range subject.Routes() {
		e.GET(route, echo.WrapHandler(handler))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		if err := e.Start(addr); err != nil && !errors.Is(err, http.ErrServerClosed) {
			e.Logger.Fatal("shutting down the server: ", err)
		}
	}()
	<-ctx.Done()
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return e.Shutdown(limit)
}

// serveFX is the server of fx's "Get started", and fx's own clocks.
func serveFX(addr string) {
	fx.New(
		fx.Provide(func(lc fx.Lifecycle) *http.Server {
			s := &http.Server{Addr: addr, Handler: subject.Mux()} //nolint:gosec // as the example is
			lc.Append(fx.Hook{
				OnStart: func(ctx context.Context) error {
					l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Addr)
					if err != nil {
						return err
					}
					go func() { _ = s.Serve(l) }()
					return nil
				},
				OnStop: s.Shutdown,
			})
			return s
		}),
		fx.Invoke(func(*http.Server) {}),
	).Run()
}
