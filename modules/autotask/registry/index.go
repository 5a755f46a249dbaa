package registry

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// index is the table with what is derived from it.
type index struct {
	entities []Entity
	names    map[string]string  // every first segment of a path by its lower case, entity or not
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
	for _, name := range nonEntities() {
		t.names[strings.ToLower(name)] = name
	}
	for i := range t.entities {
		e := &t.entities[i]
		complete(e)
		t.names[strings.ToLower(e.Name)] = e.Name
		t.byName[strings.ToLower(e.Name)] = e
		if e.Parent != "" {
			t.names[strings.ToLower(e.Parent)] = e.Parent
			t.byChild[strings.ToLower(e.Parent+"/"+e.Child)] = e
		}
	}
	for _, child := range []string{"InvoiceMarkupXml", "InvoicePdf"} { // three paths, one entity
		e := *t.byName["invoicemarkupapiintegration"]
		e.Child = child
		t.byChild[strings.ToLower(e.Parent+"/"+e.Child)] = &e
	}
	return t
})

// nonEntities are the paths that answer without being an entity and that count as requests.
func nonEntities() []string {
	return []string{"Authenticate", "EntityInformation", "Modules", "ThresholdInformation", "Version"}
}

// owner returns the entity that a first segment of a path stands for.
func owner(parent string) string {
	switch parent {
	case "Expenses":
		return "ExpenseReports"
	case "UserDefinedFields":
		return "UserDefinedFieldDefinitions"
	default:
		return parent
	}
}

// complete derives what a row of the table does not spell out.
func complete(e *Entity) {
	e.owner = owner(e.Parent)
	if e.Fields == nil {
		e.Fields, e.Partial = identity(*e), true
	}
	e.Fields = slices.Clip(e.Fields)
	e.From = Swagger
	if e.Partial {
		e.From = Guess
	}
	e.ords = make(map[string]int, len(e.Fields))
	for i := range e.Fields {
		f := &e.Fields[i]
		e.ords[strings.ToLower(f.Name)] = i
		if f.PickList {
			f.Picks = slices.Clip(picks(e.Name, f.Name))
		}
	}
	if f, ok := e.Field(e.ParentField); ok {
		e.ParentFrom = f.From
	}
	e.Marks = Marks{
		ExternalID: first(*e, "externalID", "externalProductID", "externalQuoteNumber", "extProjectNumber"),
		Created:    first(*e, "createDate", "createDateTime", "attachDate"),
		Creator:    first(*e, "creatorResourceID", "creatorUserID", "createdByResourceID", "attachedByResourceID"),
		Changed: first(*e, "lastActivityDate", "lastActivityDateTime", "lastActivity", "lastModifiedDateTime", "lastModifiedTime",
			"lastModifiedDate"),
	}
}

// identity are the fields that an entity must have: its id, and the id of its parent.
func identity(e Entity) []Field {
	id := Field{Name: "id", Type: Int64, ReadOnly: true, From: Guess, Rules: Guess}
	if e.Can(Get) {
		id.From, id.Rules = Swagger, Official
	}
	if e.Parent == "" {
		return []Field{id}
	}
	return []Field{id, {
		Name: e.ParentField, Type: Int32, Required: true, References: e.owner, From: cmp.Or(e.ParentFrom, Guess), Rules: Guess,
	}}
}

// first returns the first of these fields that e has.
func first(e Entity, names ...string) string {
	for _, name := range names {
		if f, ok := e.Field(name); ok {
			return f.Name
		}
	}
	return ""
}

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
