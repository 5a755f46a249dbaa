package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/shutdown"
)

// errStartTimeout is the cause with which OnStart hooks are cancelled after
// Config.StartTimeout.
var errStartTimeout = errors.New("the start took longer than APP_START_TIMEOUT")

// errStopped is what Start returns after a Stop that came first.
var errStopped = errors.New("the application was stopped before it was started")

// App is an application that was checked and built, made by New. It is started
// and stopped once. Its methods may be called concurrently.
type App struct {
	name   string
	house  *house
	values *config.Values
	fx     *fx.App
	hooks  *hooks
	parts  assembled

	starting atomic.Bool   // Start was called, or a Stop without it
	started  chan struct{} // closed when startErr is known
	startErr error
	stopping sync.Once
	stopErr  error
	exit     exitStatus
	reported sync.Once
}

// New checks and builds an application of the built-in modules and of what is
// given: modules, and any other fx option. It calls the constructors that are
// needed, which do no I/O, and compiles the routes. Nothing runs before Start.
//
// What is wrong is told all at once, phase by phase: the error is a
// *config.Error for settings, a *StartError for the graph and for the routes,
// or that of a constructor.
func New(name string, opts ...fx.Option) (*App, error) {
	h := walk(builtin(), opts)
	env, err := h.settings()
	if err != nil {
		return nil, err
	}
	values, err := config.Load(env, h.specs...)
	if err != nil {
		return nil, err
	}
	if err := startError(phaseGraph, h.check()); err != nil {
		return nil, err
	}
	return build(name, h, env, values)
}

// settings is the environment that was given, else that of the process.
func (h *house) settings() (config.Environment, error) {
	if h.env != nil {
		return *h.env, nil
	}
	return config.Process(".")
}

// build calls the constructors and compiles the routes.
func build(name string, h *house, env config.Environment, values *config.Values) (*App, error) {
	stop, err := config.Get[shutdown.Config](values)
	if err != nil {
		return nil, err
	}
	a := &App{name: name, house: h, values: values, started: make(chan struct{})}
	a.hooks = &hooks{patience: stop.CancelGrace, release: func() {}}
	options := slices.Concat([]fx.Option{
		fx.Logger(silence{}), // until the logger exists, and where it cannot be built
		fx.WithLogger(a.newEvents),
	}, h.root.options, []fx.Option{
		fx.Supply(values, env),
		fx.Decorate(a.lifecycle, a.shutdowner),
		fx.RecoverFromPanics(),
		fx.StopTimeout(stop.ForceTimeout + 5*time.Second),
		fx.Invoke(a.assemble), // last, so that its hooks start last and stop first
	})
	a.fx = fx.New(options...)
	if err := a.fx.Err(); err != nil {
		return nil, constructorError(err)
	}
	return a, nil
}

// lifecycle is the root decorator that puts every hook under the clocks of
// hooks. fx calls it before the first constructor that appends a hook.
func (a *App) lifecycle(inner fx.Lifecycle) fx.Lifecycle { //nolint:ireturn // the type that fx decorates
	a.hooks.inner = inner
	if !a.house.unheard {
		a.hooks.add("admin server", "admin server", a.adminHook())
	}
	return a.hooks
}

// Start runs the OnStart hooks in the order of construction, the servers last,
// and returns when requests are served. Where a hook fails, where ctx ends, where
// a stop is requested, or after Config.StartTimeout, no further hook runs, what
// has started is stopped again and the error says why. The stop sequence begins
// when no OnStart hook runs any more. A second call returns what the first one
// did.
func (a *App) Start(ctx context.Context) error {
	a.begin(func() error { return a.start(ctx) })
	return a.startErr
}

// begin runs the first start it is given, and waits for its end.
func (a *App) begin(start func() error) {
	if a.starting.CompareAndSwap(false, true) {
		defer close(a.started)
		a.startErr = start()
		return
	}
	<-a.started
}

func (a *App) start(ctx context.Context) error {
	if unknown := a.values.Unknown(); len(unknown) > 0 {
		lastWords(func() {
			a.parts.Log.WarnContext(ctx, "variables begin like settings but are none", slog.Any("names", unknown))
		})
	}
	phase, cancel := a.startPhase(ctx)
	defer cancel()
	a.hooks.start.enter(phase)
	a.hooks.release = a.parts.Stop.Hold()
	err := a.fx.Start(context.WithoutCancel(ctx)) // fx rolls back with this one: it must not end
	a.hooks.release()
	if err == nil {
		return nil
	}
	a.parts.Stop.Finish()
	if forced := a.wasForced(nil); forced != nil || len(a.parts.Stop.Report().Tasks) > 0 {
		lastWords(func() { a.report(ctx, forced) }) // at info, for err is told by whoever started
	}
	return fmt.Errorf("start %s: %w", a.name, err)
}

// startPhase is the context of the start. end waits for the goroutine that ends it
// when a stop is requested.
func (a *App) startPhase(ctx context.Context) (phase context.Context, end func()) {
	timed, cancel := context.WithTimeoutCause(ctx, a.parts.Config.StartTimeout, errStartTimeout)
	phase, abort := context.WithCancelCause(timed)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-a.parts.Stop.Requested():
			abort(a.hooks.requested())
		case <-phase.Done():
		}
	})
	return phase, func() { cancel(); watch.Wait(); abort(nil) }
}

// Stop runs the stop sequence of shutdown.Service, then the OnStop hooks in
// reverse, each bounded by SHUTDOWN_TASK_TIMEOUT. The sequence has its own clocks
// and takes its time whatever becomes of ctx; the hooks that come after the end of
// ctx run with contexts that have ended. So Stop may return later than ctx ends,
// but no later than StopTimeout. It returns when everything has stopped; the
// error joins that of the sequence and those of the hooks, and matches
// shutdown.ErrForced where SHUTDOWN_FORCE_TIMEOUT was reached. A second call waits
// for the first and returns what it did. It waits for a Start under way as well;
// without one there is nothing to do, and a Start that comes later fails.
func (a *App) Stop(ctx context.Context) error {
	a.stopping.Do(func() { a.stopErr = a.stop(ctx) })
	return a.stopErr
}

func (a *App) stop(ctx context.Context) error {
	a.begin(func() error { return errStopped })
	a.hooks.stop.enter(ctx)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.fx.StopTimeout())
	defer cancel()
	err := a.fx.Stop(bounded)
	a.parts.Stop.Finish()
	err = a.wasForced(err)
	lastWords(func() { a.report(ctx, err) })
	return err
}

// wasForced adds shutdown.ErrForced where the last hook has ended at the very
// moment of the force timeout.
func (a *App) wasForced(err error) error {
	if a.parts.Stop.Report().Forced && !errors.Is(err, shutdown.ErrForced) {
		return errors.Join(shutdown.ErrForced, err)
	}
	return err
}

// report writes the last line of the log, once: the one error of a stop that
// failed, at info where it went well. Every detail was a warning before.
func (a *App) report(ctx context.Context, err error) {
	a.reported.Do(func() {
		level, attrs := slog.LevelInfo, a.parts.Stop.Report().LogAttrs()
		if err != nil {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		a.parts.Log.LogAttrs(ctx, level, "stopped", attrs...)
	})
}

// StopTimeout is what a caller of Stop should allow: SHUTDOWN_FORCE_TIMEOUT, so
// that the stop sequence is never cut short, and 5 s more.
func (a *App) StopTimeout() time.Duration { return a.fx.StopTimeout() }

// Settings lists every setting with its value (secrets masked) and source.
func (a *App) Settings() []config.Value { return a.values.All() }

// Graph lists the modules with what they import, provide and export.
func (a *App) Graph() []ModuleInfo { return a.house.modules() }
