package app

import (
	"cmp"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/shutdown"
)

// RouteInfo describes a route to people and tools.
type RouteInfo struct {
	Name     string            // "orders.create"
	Method   string            // "POST"
	Path     string            // "/orders/:id"
	Module   string            // "orders"
	Source   string            // file:line of app.Post(…)
	Policy   resilience.Policy // the effective one, as of the start
	Throttle string            // "100/1m", empty for none
	Tags     []string
	In       string // Go type of the input; empty for a raw route
	Out      string // Go type of the output; empty for a raw route
	Guards   int    // how many
	Status   int    // of a good answer; 0 for a raw route
}

// mounted is a controller's routes and the module they came from.
type mounted struct {
	Module string
	Source string // file:line of the controller's constructor
	Routes Routes
}

// routerDeps is what the router puts around every route.
type routerDeps struct {
	runner   *resilience.Runner
	stop     *shutdown.Service
	observer *interceptors.Observer
	header   string       // in which callers send their deadline
	health   http.Handler // the public one; nil for none
	log      *slog.Logger
}

// router serves every route:
//
//	health ─ recover ─ request id ─ observe ─ drain gate ─ route, or 404, 405
//
// The chain is built once; echo only finds the route.
type router struct {
	runner   *resilience.Runner
	stop     *shutdown.Service
	echo     *echo.Echo
	probe    http.Handler
	probes   []string // paths of health
	outer    echo.HandlerFunc
	routes   []RouteInfo
	limiters []*ratelimit.Limiter // of routes with a Throttle
	longest  time.Duration        // the longest total deadline of a route
}

// newRouter compiles the routes of all controllers. With faults the router is
// nil.
func newRouter(deps routerDeps, mounts []mounted) (*router, []Fault) {
	rt := &router{runner: deps.runner, stop: deps.stop, echo: echo.New(), probe: deps.health}
	if deps.health != nil {
		rt.probes = health.Paths()
	}
	rt.echo.HTTPErrorHandler = problems{log: deps.log.With(slog.String("module", "app"))}.handle
	rt.outer = chain(rt.dispatch,
		interceptors.Recover(deps.log),
		interceptors.RequestID(),
		interceptors.Observe(deps.observer),
		interceptors.Drain(deps.stop))
	c := newCompiler(deps, rt)
	for _, m := range mounts {
		c.mount(m)
	}
	c.checkVariables()
	c.addHeads()
	if len(c.faults) == 0 {
		c.checkOverrides()
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return rt, nil
}

// chain puts middleware around a handler, the first outermost.
func chain(h echo.HandlerFunc, middleware ...echo.MiddlewareFunc) echo.HandlerFunc {
	for _, mw := range slices.Backward(middleware) {
		h = mw(h)
	}
	return h
}

// dispatch runs the route that echo found. Echo gives a parameter at the end of
// a path all the rest, slashes too; such a path is not the route's.
func (*router) dispatch(c echo.Context) error {
	names, values := c.ParamNames(), c.ParamValues()
	if last := len(names) - 1; last >= 0 && names[last] != "*" && strings.Contains(values[last], "/") {
		return echo.ErrNotFound
	}
	return c.Handler()(c)
}

// ServeHTTP answers probes of health outside of everything else, and all other
// requests through the chain.
func (rt *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rt.isProbe(r.URL.Path) {
		if rt.stop.State() >= shutdown.Grace && r.ProtoMajor == 1 {
			w.Header().Set("Connection", "close")
		}
		rt.probe.ServeHTTP(w, r)
		return
	}
	c := rt.echo.AcquireContext()
	defer rt.echo.ReleaseContext(c)
	c.Reset(r, w)
	rt.echo.Router().Find(r.Method, echo.GetPath(r), c)
	if err := rt.outer(c); err != nil {
		rt.echo.HTTPErrorHandler(err, c)
	}
}

func (rt *router) isProbe(path string) bool {
	return slices.Contains(rt.probes, path)
}

// Routes lists the routes in the order of their paths.
func (rt *router) Routes() []RouteInfo {
	routes := slices.Clone(rt.routes)
	slices.SortStableFunc(routes, func(a, b RouteInfo) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return routes
}

// admin shows the routes to operators, with what is set at the moment.
func (rt *router) admin() admin.Endpoint {
	infos := rt.Routes()
	return admin.Routes(func() []admin.Route {
		routes := make([]admin.Route, len(infos))
		for i, r := range infos {
			if p, ok := rt.runner.Pipeline(r.Name); ok {
				r.Policy = p.Policy()
			}
			settings, _ := rt.runner.Settings(r.Name)
			routes[i] = admin.Route{
				Name: r.Name, Method: r.Method, Path: r.Path, Module: r.Module, Source: r.Source,
				Tags: r.Tags, In: r.In, Out: r.Out, Guards: r.Guards, Resilience: r.strategies(), Settings: settings,
			}
		}
		return routes
	})
}

// overridden lists the settings that neither the code nor a default of the
// service decides: route, setting, value, source.
func (rt *router) overridden() [][]string {
	var rows [][]string
	for _, r := range rt.Routes() {
		settings, _ := rt.runner.Settings(r.Name)
		for _, s := range settings {
			if s.Source != "code" && !strings.HasPrefix(s.Source, "default") {
				rows = append(rows, []string{r.Name, s.Name, s.Value, s.Source})
			}
		}
	}
	return rows
}
