package registry

import (
	"slices"
	"strings"
	"sync"
)

// Entity is one kind of record of the Autotask REST API.
type Entity struct {
	// Name is the path segment at the root: "TicketNotes".
	Name string
	// Singular is the name that Autotask uses in its own texts: "TicketNote".
	Singular string
	// Parent is the Name of the entity through which this one is created, empty where it is created at the root.
	Parent string
	// Child is the path segment below the parent: "Notes" in /Tickets/{id}/Notes.
	Child string
	// ParentField is the field that holds the id of the parent: "ticketID".
	ParentField string
	// Verbs is what the root path allows, ChildVerbs what /{Parent}/{id}/{Child} allows.
	Verbs, ChildVerbs Verbs
	// Fields are in the order of Autotask's own model, id first. They are shared: do not change them.
	Fields []Field
}

// Field returns the field of that name, in any case of letters, as Autotask matches names.
func (e Entity) Field(name string) (Field, bool) {
	i := slices.IndexFunc(e.Fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return Field{}, false
	}
	return e.Fields[i], true
}

// Field describes one field of an [Entity]. A tenant's own entityInformation/fields overrides Required, Length and the
// values of a picklist; what stands here is what a tenant starts with.
type Field struct {
	// Name is the JSON name, oddities included: "rmmAlertID", "problemTicketId".
	Name string
	// Type is the type of the value.
	Type Type
	// Required fields must hold a value in every record. ReadOnly fields are kept by Autotask; a value sent is ignored.
	Required, ReadOnly bool
	// Length is the longest string allowed, in characters; 0 says nothing.
	Length int
	// References is the Name of the entity that the value is an id of, in the table or not; empty for plain values.
	References string
	// PickList says that the value is one of a list which the tenant defines.
	PickList bool
}

// Lookup returns the entity of that root name, in any case of letters: "tickets" finds Tickets.
func Lookup(name string) (Entity, bool) {
	e, ok := find(name)
	if !ok {
		return Entity{}, false
	}
	return *e, true
}

// LookupChild returns the entity at /{parent}/{id}/{child}, both names in any case of letters: "tickets" and "notes" find
// TicketNotes.
func LookupChild(parent, child string) (Entity, bool) {
	e, ok := findChild(parent, child)
	if !ok {
		return Entity{}, false
	}
	return *e, true
}

// All returns every entity of the table, sorted by name. The slice is the caller's, the Fields inside are shared.
func All() []Entity { return slices.Clone(table().entities) }

// index is the table with what is derived from it.
type index struct {
	entities []Entity
	names    map[string]string  // every root name by its lower case, entity or not
	byName   map[string]*Entity // lower case
	byChild  map[string]*Entity // "tickets/notes", lower case
}

//nolint:gochecknoglobals // constant data: a slice cannot be a constant, and is built at the first question only
var table = sync.OnceValue(func() *index {
	t := &index{
		entities: entities(),
		names:    map[string]string{},
		byName:   map[string]*Entity{},
		byChild:  map[string]*Entity{},
	}
	for _, name := range []string{"Authenticate", "EntityInformation", "Modules", "ThresholdInformation", "Version"} {
		t.names[strings.ToLower(name)] = name
	}
	for i := range t.entities {
		e := &t.entities[i]
		t.names[strings.ToLower(e.Name)] = e.Name
		t.byName[strings.ToLower(e.Name)] = e
		if e.Parent != "" {
			t.byChild[strings.ToLower(e.Parent+"/"+e.Child)] = e
		}
	}
	return t
})

func find(name string) (*Entity, bool) {
	var buf [maxFold]byte
	key, ok := fold(buf[:0], name)
	if !ok {
		return nil, false
	}
	e, ok := table().byName[string(key)]
	return e, ok
}

func findName(root string) (string, bool) {
	var buf [maxFold]byte
	key, ok := fold(buf[:0], root)
	if !ok {
		return "", false
	}
	name, ok := table().names[string(key)]
	return name, ok
}

func findChild(parent, child string) (*Entity, bool) {
	var buf [maxFold]byte
	key, ok := fold(buf[:0], parent)
	if !ok {
		return nil, false
	}
	if key, ok = fold(append(key, '/'), child); !ok {
		return nil, false
	}
	e, ok := table().byChild[string(key)]
	return e, ok
}

// maxFold is longer than any two names of Autotask with a slash between them.
const maxFold = 128

// fold appends s in lower case to dst, which must not grow: a name that does not fit or is not ASCII is in no table.
func fold(dst []byte, s string) ([]byte, bool) {
	if len(s) > cap(dst)-len(dst)-1 {
		return nil, false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 0x80:
			return nil, false
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst, true
}
