package tenant

import (
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// actor is who asks: the API user, or a resource that it acts as. Its right is the intersection of both.
type actor struct {
	resource     int64
	impersonator int64 // the API user where it acts as another, else 0
}

// impersonation is the header ImpersonationResourceId in the spelling of net/http, which costs nothing to look up.
const impersonation = "Impersonationresourceid"

// actor finds out who a call acts as on a kind of record. ok is false with the answer of a refusal.
func (t *Tenant) actor(c *wire.Call, k *kind) (a actor, refusal wire.Answer, ok bool) {
	header := c.Header.Get(impersonation)
	if header == "" {
		return actor{resource: seed.APIResource}, wire.Answer{}, true
	}
	if !k.entity.Impersonation {
		refusal = wire.Failure(wire.Text(wire.TextNoImpersonation, k.entity.Singular))
		return actor{}, refusal.Misusing("unsupported_impersonation"), false
	}
	id, ok := parseID(header)
	if !ok || !t.active(id) {
		return actor{}, wire.Failure(wire.TextBadImpersonation), false
	}
	return actor{resource: id, impersonator: seed.APIResource}, wire.Answer{}, true
}

// active reports whether a resource exists and works here still.
func (t *Tenant) active(id int64) (active bool) {
	resources, ok := t.kinds["Resources"]
	if !ok {
		return false
	}
	ord, _ := resources.Ordinal("isActive")
	t.store.View(func(tx *record.Tx) {
		if r, ok := tx.Find(resources.Table, id); ok {
			active, _ = r.Value(ord).(bool)
		}
	})
	return active
}

// writer is the actor as the rules of a write know it.
func (t *Tenant) writer(a actor) rule.Writer {
	return rule.Writer{
		Resource: a.resource, Impersonator: a.impersonator, At: t.now(), RefuseReadOnly: t.cfg.RefuseReadOnly,
	}
}

// access is what an actor may do.
func (t *Tenant) access(a actor, k *kind, op registry.Verbs) Access {
	access := t.granted.Load().of(a.resource, k, op)
	if a.impersonator != 0 {
		access = access.within(t.granted.Load().of(a.impersonator, k, op))
	}
	return access
}

// scope is which records an operation may touch: all, or those of an owner.
type scope struct {
	kind  *kind
	owner int64
	own   bool // only the owner's
}

// allow returns the scope of an operation. ok is false, with the answer of a refusal, where the actor may not do it at
// all.
func (t *Tenant) allow(a actor, k *kind, op registry.Verbs) (s scope, refusal wire.Answer, ok bool) {
	access := t.access(a, k, op)
	if access == None {
		return scope{}, denied(k, op), false
	}
	return scope{kind: k, owner: a.resource, own: access == Restricted}, wire.Answer{}, true
}

// denied is the answer to what nobody may do who asks.
func denied(k *kind, op registry.Verbs) wire.Answer {
	return wire.Failure(wire.Text(wire.TextNoPermission, verb(op), k.entity.Singular))
}

func verb(op registry.Verbs) string {
	switch op {
	case registry.Create:
		return "create"
	case registry.Delete:
		return "delete"
	case registry.Patch, registry.Put:
		return "update"
	default:
		return "query"
	}
}

// holds reports whether a record with these values is in the scope.
func (s scope) holds(vals []any) bool {
	return !s.own || s.kind.belongs != absent && s.kind.belongs < len(vals) && vals[s.kind.belongs] == any(s.owner)
}

// holdsRow is holds of a record that is stored.
func (s scope) holdsRow(r record.Row) bool {
	return !s.own || s.kind.belongs != absent && r.Value(s.kind.belongs) == any(s.owner)
}

// narrow adds to a filter what the scope asks for.
func (s scope) narrow(f *record.Filter) *record.Filter {
	if !s.own {
		return f
	}
	if s.kind.belongs == absent {
		return &record.Filter{Op: record.In} // none of no ids
	}
	own := &record.Filter{Op: record.Eq, Ord: s.kind.belongs, Values: []any{s.owner}}
	return &record.Filter{Op: record.And, Items: []*record.Filter{own, f}}
}
