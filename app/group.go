package app

import (
	"cmp"
	"slices"

	"github.com/holdfast-go/holdfast/modules/ratelimit"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Group is a common start for routes: of path, tags, guards, metadata,
// middleware and policy. It is a value; its methods give a changed copy, so a
// group can be the start of several.
type Group struct {
	prefix string
	tags   []string
	guards []Guard
	meta   []Meta
	uses   []any
	policy resilience.Policy
	limit  *throttle
}

// Prefix starts a group whose paths begin with path, which may be empty and
// may hold parameters.
func Prefix(path string) Group {
	return Group{prefix: path}
}

// Tags adds tags for documentation.
func (g Group) Tags(tags ...string) Group {
	g.tags = slices.Concat(g.tags, tags)
	return g
}

// UseGuards adds guards, which run in order and before those of the routes.
func (g Group) UseGuards(guards ...Guard) Group {
	g.guards = slices.Concat(g.guards, guards)
	return g
}

// UseResilience sets the group's policy: its switches hold for every route in
// it unless the route's Off removes them, its numbers where a route has zero.
func (g Group) UseResilience(p resilience.Policy) Group {
	g.policy = p
	return g
}

// Throttle bounds the requests to every route of the group, each route apart,
// unless it has a Throttle of its own. See Route.Throttle.
func (g Group) Throttle(limit ratelimit.Limit, key func(*Request) string) Group {
	g.limit = &throttle{limit: limit, key: key}
	return g
}

// With hangs metadata on every route of the group.
func (g Group) With(meta ...Meta) Group {
	g.meta = slices.Concat(g.meta, meta)
	return g
}

// Use adds middleware around every route of the group: an echo.MiddlewareFunc
// or a func(http.Handler) http.Handler; anything else is a fault at start.
func (g Group) Use(middleware ...any) Group {
	g.uses = slices.Concat(g.uses, middleware)
	return g
}

// Of puts the routes, and the routes of inner groups, into the group.
func (g Group) Of(routes ...Mountable) Routes {
	var all Routes
	for _, m := range routes {
		for _, r := range m.mount() {
			all.list = append(all.list, g.around(r))
		}
	}
	return all
}

func (g Group) around(r *route) *route {
	in := *r
	in.path = g.prefix + r.path
	in.tags = slices.Concat(g.tags, r.tags)
	in.guards = slices.Concat(g.guards, r.guards)
	in.meta = slices.Concat(g.meta, r.meta)
	in.uses = slices.Concat(g.uses, r.uses)
	in.policy = resilience.Merge(g.policy, r.policy)
	in.limit = cmp.Or(r.limit, g.limit)
	return &in
}
