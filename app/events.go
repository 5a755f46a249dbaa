package app

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync/atomic"

	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"
)

// events writes what fx reports at Debug. A failure reaches whoever started
// the application as an error; it is not logged here a second time. It tells hooks
// which constructor fx calls.
type events struct {
	log      *slog.Logger
	slog     fxevent.SlogLogger
	hooks    *hooks
	invoking string
}

func (a *App) newEvents(log *slog.Logger) fxevent.Logger { //nolint:ireturn // the type that fx asks for
	log = log.With(slog.String("module", "fx"))
	e := &events{log: log, slog: fxevent.SlogLogger{Logger: log}, hooks: a.hooks}
	e.slog.UseLogLevel(slog.LevelDebug)
	e.slog.UseErrorLevel(slog.LevelDebug)
	return e
}

// LogEvent implements fxevent.Logger.
func (e *events) LogEvent(event fxevent.Event) {
	e.follow(event)
	if e.log.Enabled(context.Background(), slog.LevelDebug) {
		e.slog.LogEvent(event)
	}
}

// follow notes the function that fx calls. All that a constructor needs is made
// before it is called, so calls do not nest, but for those that an invoke makes.
func (e *events) follow(event fxevent.Event) {
	switch event := event.(type) {
	case *fxevent.Invoking:
		e.invoking = functionName(event.FunctionName)
		e.hooks.making = e.invoking
	case *fxevent.BeforeRun:
		e.hooks.making = functionName(event.Name)
	case *fxevent.Run:
		e.hooks.making = e.invoking
	}
}

// functionName is "orders.New" of what fx calls "example.com/shop/orders.New()", or
// "fx.Annotate(example.com/shop/orders.New(), …)".
func functionName(name string) string {
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "fx.Annotate("), "()")
	return shortName(name)
}

// silence is the fx.Printer that prints nothing.
type silence struct{}

// Printf implements fx.Printer.
func (silence) Printf(string, ...any) {}

// exitStatus is the exit code that fx.ExitCode asked for.
type exitStatus struct{ code atomic.Int64 }

// shutdowner is the root decorator that makes fx.Shutdowner a request to
// shutdown.Service: it works during the start too, and needs no goroutine of fx.
func (a *App) shutdowner() fx.Shutdowner { //nolint:ireturn // the type that fx decorates
	return &shutdowner{app: a}
}

type shutdowner struct{ app *App }

// Shutdown implements fx.Shutdowner.
func (s *shutdowner) Shutdown(opts ...fx.ShutdownOption) error {
	for _, o := range opts {
		if v := reflect.ValueOf(o); v.Kind() == reflect.Int { // fx.ExitCode; fx offers no other way to read it
			s.app.exit.code.Store(v.Int())
		}
	}
	if s.app.parts.Stop == nil {
		return errors.New("shut down: the application is not built yet")
	}
	s.app.parts.Stop.Request("fx.Shutdowner")
	return nil
}
