package app

import (
	"context"
	"net/http"
	"reflect"
	"runtime"

	"github.com/labstack/echo/v4"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Controller has routes. What Controllers is given are constructors of types
// that have this method.
type Controller interface {
	Routes() Routes
}

// Routes are the routes of a controller, made by Group.Of.
type Routes struct {
	list []*route
}

// Mountable is what Group.Of takes: a *Route, a *RawRoute, or the Routes of an
// inner group.
type Mountable interface {
	mount() []*route
}

// route is what is known of a route before it is compiled, its groups' parts
// already merged in.
type route struct {
	where  string // file:line of app.Get(…)
	module string // known once mounted
	method string
	path   string
	name   string // as given by Name; the full one once mounted
	status int
	tags   []string
	guards []Guard
	meta   []Meta
	uses   []any
	policy resilience.Policy
	limit  *throttle // nil for none

	handler  any                                       // the handler, for its name
	raw      echo.HandlerFunc                          // Raw only
	in, out  reflect.Type                              // typed only
	fallback bool                                      // a fallback function was given
	compile  func(*compiler, *route) interceptors.Call // typed only
}

func (r *route) mount() []*route { return []*route{r} }

func (s Routes) mount() []*route { return s.list }

// Route is a typed route: its handler gets In, bound and validated, and gives
// Out. Make it with Get, Post, Put, Patch or Delete and change it by its
// methods before it goes into Group.Of; each gives the route back.
type Route[In, Out any] struct {
	route

	run      func(context.Context, *In) (*Out, error)
	recovery func(context.Context, *In, error) (*Out, error)
}

// Get declares a GET route; HEAD is answered too, without the body. The path
// may hold parameters, "/:id", and end in a wildcard, "/*".
func Get[In, Out any](path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	return newRoute(http.MethodGet, path, handler)
}

// Post declares a POST route, which answers 201 unless Status says otherwise.
func Post[In, Out any](path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	return newRoute(http.MethodPost, path, handler)
}

// Put declares a PUT route.
func Put[In, Out any](path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	return newRoute(http.MethodPut, path, handler)
}

// Patch declares a PATCH route.
func Patch[In, Out any](path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	return newRoute(http.MethodPatch, path, handler)
}

// Delete declares a DELETE route.
func Delete[In, Out any](path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	return newRoute(http.MethodDelete, path, handler)
}

func newRoute[In, Out any](method, path string, handler func(context.Context, *In) (*Out, error)) *Route[In, Out] {
	r := &Route[In, Out]{
		route: route{
			where:   callSite(),
			method:  method,
			path:    path,
			handler: handler,
			in:      reflect.TypeFor[In](),
			out:     reflect.TypeFor[Out](),
		},
		run: handler,
	}
	r.compile = func(c *compiler, merged *route) interceptors.Call { return compileCall(c, merged, r.run, r.recovery) }
	return r
}

// callSite is the file:line that called Get, Post, … or Raw.
func callSite() string {
	_, file, line, ok := runtime.Caller(3)
	if !ok {
		return ""
	}
	return place(file, line)
}

// UseResilience sets the route's policy. Switches of its groups are OR-ed in,
// numbers left at zero are taken from them.
func (r *Route[In, Out]) UseResilience(p resilience.Policy) *Route[In, Out] {
	r.policy = p
	return r
}

// Throttle bounds the requests to the route, in place of what its groups say:
// limit for each key, more get 429. The key is the address of the peer where it is
// nil; make it of what a client cannot choose at will. It comes before guards,
// middleware and the policy: a request that is retried uses one unit.
func (r *Route[In, Out]) Throttle(limit ratelimit.Limit, key func(*Request) string) *Route[In, Out] {
	r.limit = &throttle{limit: limit, key: key}
	return r
}

// Fallback answers when the handler cannot: the breaker is open, time is up,
// or it failed with a server error. It gets its own copy of what was bound,
// and the error, and needs EnableFallback in the policy.
func (r *Route[In, Out]) Fallback(fn func(ctx context.Context, in *In, cause error) (*Out, error)) *Route[In, Out] {
	r.recovery = fn
	r.fallback = fn != nil
	return r
}

// Name replaces the name made from the handler's. A name without a dot gets
// the module's in front: "create" in the module orders is "orders.create".
func (r *Route[In, Out]) Name(name string) *Route[In, Out] {
	r.name = name
	return r
}

// Status sets the status of a good answer, 200 to 399.
func (r *Route[In, Out]) Status(code int) *Route[In, Out] {
	r.status = code
	return r
}

// Tags adds tags, after those of the groups.
func (r *Route[In, Out]) Tags(tags ...string) *Route[In, Out] {
	r.tags = append(r.tags, tags...)
	return r
}

// With hangs metadata on the route, for guards to read.
func (r *Route[In, Out]) With(meta ...Meta) *Route[In, Out] {
	r.meta = append(r.meta, meta...)
	return r
}

// UseGuards adds guards, which run after those of the groups.
func (r *Route[In, Out]) UseGuards(guards ...Guard) *Route[In, Out] {
	r.guards = append(r.guards, guards...)
	return r
}

// Use adds middleware around the route, inside that of the groups. Each is an
// echo.MiddlewareFunc or a func(http.Handler) http.Handler; anything else is a
// fault at start. It sees a request once, however often the handler is tried.
func (r *Route[In, Out]) Use(middleware ...any) *Route[In, Out] {
	r.uses = append(r.uses, middleware...)
	return r
}

// RawRoute is a route whose handler works on the echo.Context itself: for
// downloads, event streams and websockets.
type RawRoute struct {
	route
}

// Raw declares a route that binds, validates and encodes nothing. The policy
// holds for it too; its answer is then buffered until it is final.
func Raw(method, path string, handler echo.HandlerFunc) *RawRoute {
	return newRaw(method, path, handler)
}

func newRaw(method, path string, handler echo.HandlerFunc) *RawRoute {
	return &RawRoute{route{where: callSite(), method: method, path: path, handler: handler, raw: handler}}
}

// UseResilience is as Route.UseResilience.
func (r *RawRoute) UseResilience(p resilience.Policy) *RawRoute {
	r.policy = p
	return r
}

// Throttle is as Route.Throttle.
func (r *RawRoute) Throttle(limit ratelimit.Limit, key func(*Request) string) *RawRoute {
	r.limit = &throttle{limit: limit, key: key}
	return r
}

// Name is as Route.Name.
func (r *RawRoute) Name(name string) *RawRoute {
	r.name = name
	return r
}

// Tags is as Route.Tags.
func (r *RawRoute) Tags(tags ...string) *RawRoute {
	r.tags = append(r.tags, tags...)
	return r
}

// With is as Route.With.
func (r *RawRoute) With(meta ...Meta) *RawRoute {
	r.meta = append(r.meta, meta...)
	return r
}

// UseGuards is as Route.UseGuards.
func (r *RawRoute) UseGuards(guards ...Guard) *RawRoute {
	r.guards = append(r.guards, guards...)
	return r
}

// Use is as Route.Use.
func (r *RawRoute) Use(middleware ...any) *RawRoute {
	r.uses = append(r.uses, middleware...)
	return r
}
