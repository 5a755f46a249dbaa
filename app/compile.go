package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// compiler turns routes into handlers and gathers what is wrong with them.
type compiler struct {
	routerDeps

	deadline interceptors.Option
	router   *router
	rules    *rules
	buffers  *buffers
	jsonType []string
	faults   []Fault
	heads    []head

	names  map[string]string // name of a route, to where it is written
	places map[string]string // method and path, to where
}

func newCompiler(deps routerDeps, rt *router) *compiler {
	return &compiler{
		routerDeps: deps,
		deadline:   interceptors.WithDeadlineHeader(deps.header),
		router:     rt,
		rules:      newRules(),
		buffers:    &buffers{},
		jsonType:   []string{echo.MIMEApplicationJSON},
		names:      map[string]string{},
		places:     map[string]string{},
	}
}

// fault notes what is wrong with a route, and what to type.
func (c *compiler) fault(r *route, problem, fix string) {
	c.faults = append(c.faults, Fault{Where: r.where, Problem: problem, Fix: fix})
}

// title is how faults name a route.
func (r *route) title() string { return r.method + " " + r.path }

// mount compiles the routes of a controller.
func (c *compiler) mount(m mounted) {
	if len(m.Routes.list) == 0 {
		c.faults = append(c.faults, Fault{
			Where: m.Source, Problem: fmt.Sprintf("a controller of the module %s has no routes", m.Module),
			Fix: "return app.Prefix(…).Of(app.Get(…)) from Routes",
		})
	}
	for _, declared := range m.Routes.list {
		r := *declared
		r.module = m.Module
		c.route(&r)
	}
}

// route compiles one route. It goes on after a fault, so that all are told.
func (c *compiler) route(r *route) {
	before := len(c.faults)
	if reflect.ValueOf(r.handler).IsNil() {
		c.fault(r, r.title()+" has no handler", "give it a function")
		return
	}
	c.checkPath(r)
	c.nameRoute(r)
	c.checkPolicy(r)
	if slices.ContainsFunc(r.guards, func(g Guard) bool { return g == nil }) {
		c.fault(r, r.title()+" has a guard that is nil", "give UseGuards a function")
	}
	middleware := c.middleware(r)
	if limit := c.throttle(r); limit != nil {
		middleware = slices.Insert(middleware, 0, limit)
	}
	h := c.handler(r)
	if len(c.faults) > before {
		return
	}
	effective := c.effective(r)
	c.router.longest = max(c.router.longest, effective.Timeout)
	c.router.routes = append(c.router.routes, r.info(effective))
	h = chain(h, middleware...)
	c.router.echo.Add(r.method, r.path, h)
	if r.method == http.MethodGet && r.raw == nil {
		c.heads = append(c.heads, head{path: r.path, handler: h})
	}
}

// head is a GET route that answers HEAD as well.
type head struct {
	path    string
	handler echo.HandlerFunc
}

// addHeads serves HEAD where there is a GET, unless a route of its own does.
func (c *compiler) addHeads() {
	for _, h := range c.heads {
		if _, taken := c.places[http.MethodHead+" "+anonymous(h.path)]; !taken {
			c.router.echo.HEAD(h.path, h.handler)
		}
	}
}

// handler gives the route's handler with its policy around it. The policy is
// compiled, and what is wrong with it told, whatever else is wrong.
func (c *compiler) handler(r *route) echo.HandlerFunc {
	h, err := c.resilient(r)
	for _, err := range flatten(err) {
		if fault, ok := errors.AsType[resilience.Fault](err); ok {
			c.fault(r, fmt.Sprintf("%s: %s", r.title(), problemOf(fault)), fault.Fix)
			continue
		}
		c.fault(r, fmt.Sprintf("%s: %v", r.title(), err), "")
	}
	return h
}

func (c *compiler) resilient(r *route) (echo.HandlerFunc, error) {
	if r.raw == nil {
		return interceptors.Typed(c.runner, r.name, r.policy, r.compile(c, r), c.deadline)
	}
	mw, err := interceptors.UseResilience(c.runner, r.name, r.policy, c.deadline)
	if err != nil {
		return nil, err
	}
	h := interceptors.EndEvents(c.stop)(mw(r.raw))
	if len(r.guards) > 0 {
		h = r.guardRaw(h)
	}
	return h, nil
}

// effective is the route's policy with everything it inherits.
func (c *compiler) effective(r *route) resilience.Policy {
	if p, ok := c.runner.Pipeline(r.name); ok {
		return p.Policy()
	}
	return r.policy
}

// checkOverrides tells which RESILIENCE_* variables set nothing. It comes last: a
// route that has faults is not known to the runner.
func (c *compiler) checkOverrides() {
	for _, err := range flatten(c.runner.Check()) {
		fault := Fault{Problem: err.Error()}
		if wrong, ok := errors.AsType[resilience.Fault](err); ok {
			fault = Fault{Where: c.names[wrong.Route], Problem: problemOf(wrong), Fix: wrong.Fix}
		}
		c.faults = append(c.faults, fault)
	}
}

// problemOf is what is wrong, after the variable that is at fault, if one is.
func problemOf(f resilience.Fault) string {
	if f.Setting == "" {
		return f.Problem
	}
	return f.Setting + ": " + f.Problem
}

// info describes the route to people and tools.
func (r *route) info(effective resilience.Policy) RouteInfo {
	info := RouteInfo{
		Name: r.name, Method: r.method, Path: r.path, Module: r.module, Source: r.where,
		Policy: effective, Tags: r.tags, Guards: len(r.guards),
	}
	if r.limit != nil {
		info.Throttle = r.limit.limit.String()
	}
	if r.raw == nil {
		info.In, info.Out, info.Status = r.in.String(), r.out.String(), defaultStatus(r)
	}
	return info
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// middleware reads what Use was given.
func (c *compiler) middleware(r *route) []echo.MiddlewareFunc {
	var all []echo.MiddlewareFunc
	for _, use := range r.uses {
		if v := reflect.ValueOf(use); v.Kind() == reflect.Func && v.IsNil() {
			use = nil
		}
		switch mw := use.(type) {
		case echo.MiddlewareFunc:
			all = append(all, mw)
		case func(echo.HandlerFunc) echo.HandlerFunc:
			all = append(all, mw)
		case func(http.Handler) http.Handler:
			all = append(all, echo.WrapMiddleware(mw))
		default:
			c.fault(r, fmt.Sprintf("%s uses a %T, which is no middleware", r.title(), use),
				"give Use an echo.MiddlewareFunc or a func(http.Handler) http.Handler")
		}
	}
	return all
}

// checkPath refuses paths that echo would take for something else, and a path
// that is taken. Parameters of any name are the same path.
func (c *compiler) checkPath(r *route) {
	r.path = cmp.Or(r.path, "/")
	switch {
	case r.method == "" || strings.ToUpper(r.method) != r.method || strings.ContainsAny(r.method, " \t/"):
		c.fault(r, fmt.Sprintf("%q is no HTTP method", r.method), "use http.MethodGet and its like")
	case !strings.HasPrefix(r.path, "/"):
		c.fault(r, fmt.Sprintf("the path %q does not begin with a slash", r.path), fmt.Sprintf("write %q", "/"+r.path))
	case strings.Contains(r.path, "//"):
		c.fault(r, fmt.Sprintf("the path %q has an empty segment", r.path), `a route at its group's own path is app.Get("", …)`)
	case len(r.path) > 1 && strings.HasSuffix(r.path, "/"):
		c.fault(r, fmt.Sprintf("the path %q ends in a slash", r.path), fmt.Sprintf("write %q", strings.TrimSuffix(r.path, "/")))
	case strings.Contains(strings.TrimSuffix(r.path, "/*"), "*"):
		c.fault(r, fmt.Sprintf("the path %q has a wildcard that is no last segment", r.path), `end the path in "/*"`)
	case slices.Contains(c.router.probes, r.path):
		c.fault(r, fmt.Sprintf("the path %q is that of a health probe", r.path), "choose another path")
	}
	names := pathParams(r.path)
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			c.fault(r, fmt.Sprintf("the path %q has a parameter without a name of its own", r.path), `name each: "/:order/items/:item"`)
		}
	}
	place := r.method + " " + anonymous(r.path)
	if other, taken := c.places[place]; taken {
		c.fault(r, fmt.Sprintf("%s is served by the route at %s already", r.title(), other), "drop one of the two, or change its path")
		return
	}
	c.places[place] = r.where
}

// anonymous takes the names of the parameters out of a path.
func anonymous(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if before, _, ok := strings.Cut(s, ":"); ok {
			segments[i] = before + ":"
		}
	}
	return strings.Join(segments, "/")
}
