package tenant

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// maxURL is the longest address of a GET that is answered, in bytes.
const maxURL = 2048

// Answer answers a call that is let in. Like the web stack of the real API, a path that nothing serves is 404 whatever
// the method, and a path that something serves by another method is 405.
func (t *Tenant) Answer(c *wire.Call) wire.Answer {
	switch {
	case c.TooLarge:
		return wire.Message(http.StatusRequestEntityTooLarge, "The request body is larger than 10 MB.").
			Misusing("body_too_large")
	case c.Is(http.MethodGet) && len(c.Origin)+len(c.Path)+1+len(c.RawQuery) > maxURL:
		return c.NotFound().Misusing("url_too_long")
	case len(c.Segments) == 0:
		return c.NotFound()
	}
	if below, parent, ok := t.below(c); ok {
		return t.child(c, below, parent)
	}
	e, ok := registry.Find(c.Segments[0])
	if !ok {
		return t.about(c)
	}
	k, ok := t.kinds[e.Name]
	if !ok || e.Verbs == 0 {
		return c.NotFound()
	}
	return t.root(c, k)
}

// below returns what a path /{Parent}/{id}/{Child} leads to. An id is what tells it from
// /TicketWebhooks/entityInformation/fields, TicketWebhooks having a child of the name Fields.
func (t *Tenant) below(c *wire.Call) (k *kind, parent int64, ok bool) {
	if len(c.Segments) < 3 {
		return nil, 0, false
	}
	parent, ok = parseID(c.Segments[1])
	if !ok {
		return nil, 0, false
	}
	e, ok := registry.FindChild(c.Segments[0], c.Segments[2])
	if !ok {
		return nil, 0, false
	}
	k, ok = t.kinds[e.Name]
	return k, parent, ok && k.parent != absent
}

// root answers /{Entity} and below.
func (t *Tenant) root(c *wire.Call, k *kind) wire.Answer {
	if len(c.Segments) == 1 {
		return t.collection(c, k, k.entity.Verbs&^registry.Get, nil)
	}
	switch rest := c.Segments[2:]; {
	case strings.EqualFold(c.Segments[1], "query"):
		return t.query(c, k, rest)
	case strings.EqualFold(c.Segments[1], "entityInformation"):
		return t.metadata(c, k, k.entity.Verbs, rest)
	case len(rest) == 0:
		return t.item(c, k, k.entity.Verbs, c.Segments[1], nil)
	default:
		return c.NotFound()
	}
}

// child answers /{Parent}/{id}/{Child} and below.
func (t *Tenant) child(c *wire.Call, k *kind, parent int64) wire.Answer {
	switch rest := c.Segments[3:]; {
	case len(rest) == 0:
		return t.collection(c, k, k.entity.ChildVerbs, &parent)
	case strings.EqualFold(rest[0], "entityInformation"):
		return t.metadata(c, k, k.entity.ChildVerbs, rest[1:])
	case len(rest) == 1:
		return t.item(c, k, k.entity.ChildVerbs, rest[0], &parent)
	default:
		return c.NotFound()
	}
}

// collection answers a path without an id: writes and, below a parent, the list.
func (t *Tenant) collection(c *wire.Call, k *kind, verbs registry.Verbs, parent *int64) wire.Answer {
	const served = registry.Get | registry.Create | registry.Patch | registry.Put
	op := operation(c.Method)
	switch {
	case op&served == 0 || !verbs.Has(op):
		return refuse(c, k, verbs&served != 0, parent)
	case op == registry.Get:
		return t.list(c, k, *parent)
	default:
		return t.write(c, k, op, parent)
	}
}

// refuse is the answer to a method that a collection does not have. Where it has none, it does not exist.
func refuse(c *wire.Call, k *kind, exists bool, parent *int64) wire.Answer {
	refusal := c.NotFound()
	if exists {
		refusal = c.NotAllowed()
	}
	if c.Is(http.MethodPost) && parent == nil && k.entity.ChildOnly() {
		return refusal.Misusing("root_create_of_child")
	}
	return refusal
}

// item answers a path that ends in an id. Updates carry their id in the body: here they are 405.
func (t *Tenant) item(c *wire.Call, k *kind, verbs registry.Verbs, segment string, parent *int64) wire.Answer {
	id, ok := parseID(segment)
	if !ok || verbs&(registry.Get|registry.Delete) == 0 {
		return c.NotFound()
	}
	switch op := operation(c.Method); {
	case op == registry.Get && verbs.Has(op):
		return t.read(c, k, id, parent)
	case op == registry.Delete && verbs.Has(op):
		return t.delete(c, k, id, parent)
	default:
		return c.NotAllowed()
	}
}

// parseID reads an id in a path or a header: digits, and a minus before them at most. That a plus is none is a guess.
func parseID(s string) (id int64, ok bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && s[0] != '+'
}

// operation is what a method does to a record, 0 where it is none of those.
func operation(method string) registry.Verbs {
	switch method {
	case http.MethodGet:
		return registry.Get
	case http.MethodPost:
		return registry.Create
	case http.MethodPatch:
		return registry.Patch
	case http.MethodPut:
		return registry.Put
	case http.MethodDelete:
		return registry.Delete
	default:
		return 0
	}
}
