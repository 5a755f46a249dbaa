package registry

import "slices"

// coreNames are the entities whose records the simulator holds.
func coreNames() []string {
	return []string{"Companies", "Contacts", "Resources", "TicketNotes", "Tickets", "TimeEntries"}
}

// Lookup is [Find] among the core entities: those whose records the simulator holds. It does not allocate.
func Lookup(name string) (Entity, bool) {
	e, ok := find(name)
	if !ok || !e.core {
		return Entity{}, false
	}
	return *e, true
}

// LookupChild is [FindChild] among the core entities. It does not allocate.
func LookupChild(parent, child string) (Entity, bool) {
	e, ok := findChild(parent, child)
	if !ok || !e.core {
		return Entity{}, false
	}
	return *e, true
}

// All is [Entities] with the core entities alone.
func All() []Entity {
	return slices.DeleteFunc(Entities(), func(e Entity) bool { return !e.core })
}
