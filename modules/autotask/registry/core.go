package registry

import "slices"

// coreNames are the entities whose records the simulator holds.
func coreNames() []string {
	return []string{"Companies", "Contacts", "Resources", "TicketNotes", "Tickets", "TimeEntries"}
}

func ofCore(e Entity) bool { return slices.Contains(coreNames(), e.Name) }

// Lookup is [Find] among the core entities: those whose records the simulator holds.
func Lookup(name string) (Entity, bool) {
	e, ok := Find(name)
	if !ok || !ofCore(e) {
		return Entity{}, false
	}
	return e, true
}

// LookupChild is [FindChild] among the core entities.
func LookupChild(parent, child string) (Entity, bool) {
	e, ok := FindChild(parent, child)
	if !ok || !ofCore(e) {
		return Entity{}, false
	}
	return e, true
}

// All is [Entities] with the core entities alone.
func All() []Entity {
	return slices.DeleteFunc(Entities(), func(e Entity) bool { return !ofCore(e) })
}
