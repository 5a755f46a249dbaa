package tenant

import (
	"fmt"
	"maps"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
)

// Access is how much of an entity one may do, as entityInformation tells it.
type Access uint8

// The accesses.
const (
	None       Access = iota // nothing
	All                      // everything
	Restricted               // only what belongs to oneself
)

// Rights are the accesses of one user to one entity.
type Rights struct{ Create, Delete, Query, Update Access }

// of returns the access to one operation.
func (r Rights) of(op registry.Verbs) Access {
	switch op {
	case registry.Create:
		return r.Create
	case registry.Delete:
		return r.Delete
	case registry.Patch, registry.Put:
		return r.Update
	default:
		return r.Query
	}
}

// within is what is left of an access where another must be had as well.
func (a Access) within(b Access) Access {
	switch {
	case a == None || b == None:
		return None
	case a == Restricted || b == Restricted:
		return Restricted
	default:
		return All
	}
}

// grants are the rights that differ from everything. They are never changed, only replaced.
type grants map[grant]Rights

// grant is whose rights to what.
type grant struct {
	resource int64
	entity   string
}

// SetRights changes what a resource may do with an entity; resource 0 is the API user. The error names the entity or
// the resource that does not exist.
func (t *Tenant) SetRights(resource int64, entity string, r Rights) error {
	e, ok := registry.Find(entity)
	if !ok {
		return fmt.Errorf("there is no entity %q", entity)
	}
	if resource == 0 {
		resource = seed.APIResource
	}
	if !t.exists("Resources", resource) {
		return fmt.Errorf("there is no resource %d", resource)
	}
	t.granting.Lock()
	defer t.granting.Unlock()
	next := maps.Clone(*t.granted.Load())
	next[grant{resource, e.Name}] = r
	t.granted.Store(&next)
	return nil
}

func (t *Tenant) exists(entity string, id int64) (found bool) {
	t.store.View(func(tx *record.Tx) { found = tx.Exists(entity, id) })
	return found
}

// of returns the access of a resource to one operation.
func (g grants) of(resource int64, k *kind, op registry.Verbs) Access {
	if r, ok := g[grant{resource, k.entity.Name}]; ok {
		return r.of(op)
	}
	return All
}
