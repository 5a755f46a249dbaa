package tenant

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// kind is an entity as the tenant holds it: its table, and what of the registry's entry every request asks for.
type kind struct {
	*record.Table
	entity     registry.Entity
	parent     int     // ordinal of the field with the id of the parent, or absent
	belongs    int     // ordinal of the field with the resource that a record belongs to, or absent
	children   []*kind // what hangs below a record
	attachment bool
	width      atomic.Int64 // bytes of a record as JSON, as of late
}

const absent = -1

// kindsOf makes a kind of every entity.
func kindsOf(store *record.Store, entities []registry.Entity) map[string]*kind {
	kinds := make(map[string]*kind, len(entities))
	for _, e := range entities {
		table, ok := store.Table(e.Name)
		if !ok {
			continue
		}
		kinds[e.Name] = &kind{
			Table: table, entity: e, attachment: attachment.Is(table),
			parent:  ordinal(table, e.ParentField),
			belongs: ordinal(table, "assignedResourceID", "ownerResourceID", "resourceID", e.Marks.Creator),
		}
	}
	for _, k := range kinds {
		if above, ok := kinds[k.entity.Owner()]; ok && k.parent != absent {
			above.children = append(above.children, k)
		}
	}
	for _, k := range kinds {
		slices.SortFunc(k.children, func(a, b *kind) int { return strings.Compare(a.entity.Name, b.entity.Name) })
	}
	return kinds
}

// ordinal is that of the first of these names that the table has a field of.
func ordinal(t *record.Table, names ...string) int {
	for _, name := range names {
		if ord, ok := t.Ordinal(name); ok {
			return ord
		}
	}
	return absent
}
