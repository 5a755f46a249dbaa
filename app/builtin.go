package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/modules/logging"
	"github.com/holdfast-go/holdfast/modules/metrics"
	"github.com/holdfast-go/holdfast/modules/reliability"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
	"github.com/holdfast-go/holdfast/shutdown"
)

// builtin are the modules that New adds to every application.
func builtin() []fx.Option {
	return []fx.Option{
		logging.Module,
		metrics.Module,
		reliability.Module,
		health.Module,
		fx.Module("holdfast",
			config.Provide[Config](),
			config.Provide[interceptors.ObserveConfig](),
			config.Provide[interceptors.DeadlineConfig](),
			fx.Provide(interceptors.NewObserver, observerMetrics),
		),
	}
}

type observed struct {
	fx.Out

	Collector prometheus.Collector `group:"metrics.collectors"`
}

func observerMetrics(o *interceptors.Observer) observed { return observed{Collector: o} }

// needs is what an application is put together from.
type needs struct {
	fx.In

	Lifecycle fx.Lifecycle // asked for, so that hooks is there
	Config    Config
	Log       *slog.Logger
	Stop      *shutdown.Service
	Runner    *resilience.Runner
	Breakers  *circuitbreaker.Service
	Retries   *retry.Service
	Shedder   *shed.Shedder
	Observer  *interceptors.Observer
	Deadline  interceptors.DeadlineConfig
	Health    *health.Service
	Registry  *prometheus.Registry
	Mounts    []mounted        `group:"app.controllers"`
	Endpoints []admin.Endpoint `group:"admin.endpoints"`
}

// assembled is the application put together.
type assembled struct {
	Config Config
	Log    *slog.Logger
	Stop   *shutdown.Service
	router *router
	server *server
	admin  *admin.Server
}

// assemble compiles the routes and makes the servers. It is the last invoke,
// so the hooks it appends start last and stop first:
//
//	start   admin listener · the user's hooks · http server · ready
//	stop    grace, drain, cleanup · http server · the user's hooks in reverse · admin listener
func (a *App) assemble(in needs) error {
	slices.SortFunc(in.Mounts, func(x, y mounted) int { // fx gives groups in any order
		return cmp.Or(cmp.Compare(x.Module, y.Module), cmp.Compare(x.Source, y.Source))
	})
	rt, faults := newRouter(routerDeps{
		runner:   in.Runner,
		stop:     in.Stop,
		observer: in.Observer,
		header:   in.Deadline.Header,
		health:   in.Health.Handler(),
		log:      in.Log,
	}, in.Mounts)
	if err := startError(phaseRoutes, faults); err != nil {
		return err
	}
	for _, limiter := range rt.limiters {
		if err := in.Registry.Register(limiter); err != nil {
			return fmt.Errorf("register the metrics of the throttle of %s: %w", limiter.Name(), err)
		}
	}
	operator, err := newAdmin(in, rt)
	if err != nil {
		return err
	}
	a.parts = assembled{
		Config: in.Config, Log: in.Log, Stop: in.Stop,
		router: rt, admin: operator, server: newServer(in.Config, in.Stop, in.Log, rt),
	}
	if err := in.Stop.Check(); err != nil {
		return err
	}
	a.hooks.process = in.Stop
	if !a.house.unheard {
		a.hooks.add("http server", "http server", fx.Hook{OnStart: a.parts.server.Start, OnStop: stopping(a.parts.server.Stop)})
	}
	a.hooks.inner.Append(a.coordinator())
	return nil
}

// newAdmin adds our own pages to those of value group "admin.endpoints".
func newAdmin(in needs, rt *router) (*admin.Server, error) {
	endpoints := append(admin.Breakers(in.Breakers, in.Log),
		admin.Endpoint{Path: "/metrics", Handler: metrics.Handler(in.Registry)},
		admin.Retries(in.Retries),
		admin.Shutdown(in.Stop),
		admin.Limits(in.Runner, in.Shedder, rt.limiters),
		rt.admin(),
		admin.Settings(in.Runner, in.Log),
	)
	for _, path := range health.Paths() {
		endpoints = append(endpoints, admin.Endpoint{Path: path, Handler: in.Health.DetailedHandler(), Public: in.Health.Handler()})
	}
	slices.SortFunc(in.Endpoints, func(x, y admin.Endpoint) int { return cmp.Compare(x.Path, y.Path) })
	return admin.New(in.Config.admin(), in.Log, append(endpoints, in.Endpoints...)...)
}

// adminHook starts before every other hook and stops after every other, so
// that health answers from the first moment to the last. It takes the address
// of the routes as well: a port in use is told before anything has started. The
// servers are made later, by assemble.
func (a *App) adminHook() fx.Hook {
	return fx.Hook{
		OnStart: func(ctx context.Context) error {
			err := a.parts.server.Bind(ctx)
			if err == nil {
				err = a.parts.admin.Start(ctx)
			}
			if err != nil {
				a.parts.server.Stop(ctx)
			}
			return err
		},
		OnStop: stopping(func(ctx context.Context) {
			a.parts.server.Stop(ctx) // where its own hook has not started
			a.parts.admin.Stop(ctx)
		}),
	}
}

// stopping makes a hook of what cannot fail.
func stopping(stop func(context.Context)) func(context.Context) error {
	return func(ctx context.Context) error {
		stop(ctx)
		return nil
	}
}

// serveErr is why a server ended unasked, or nil.
func (p *assembled) serveErr() error { return errors.Join(p.server.Err(), p.admin.Err()) }

// Handler serves the routes without a listener, with everything that surrounds
// them: for tests, and for a server of one's own.
func (a *App) Handler() http.Handler { return a.parts.router }

// AdminHandler serves the pages of the admin listener without the listener.
func (a *App) AdminHandler() http.Handler { return a.parts.admin.Handler() }

// Addr is the address the routes are served on, host:port, or empty where
// there is no listener or it has not started.
func (a *App) Addr() string { return a.parts.server.Addr() }

// AdminAddr is Addr of the admin listener.
func (a *App) AdminAddr() string { return a.parts.admin.Addr() }

// Routes lists the compiled routes by path.
func (a *App) Routes() []RouteInfo { return a.parts.router.Routes() }
