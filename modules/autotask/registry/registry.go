package registry

import "slices"

// Entity is one kind of record of the Autotask REST API.
type Entity struct {
	// Name is the path segment at the root: "TicketNotes". It is also the key under which concurrent requests are counted,
	// see [ThreadKey]. Three have no root path of their own: AccountInvoiceSettings, InvoiceMarkupApiIntegration and
	// ServiceLevelAgreements. Their Verbs are empty.
	Name string
	// Singular is the name that Autotask uses in its own texts: "TicketNote".
	Singular string
	// Parent is the path segment above Child: the Name of another entity, or one of three names that are no entity's, see
	// [Entity.Owner]. It is empty where there is no path below a parent.
	Parent string
	// Child is the path segment below the parent: "Notes" in /Tickets/{id}/Notes.
	Child string
	// ParentField is the field that holds the id of the parent: "ticketID". ParentFrom says who says so.
	ParentField string
	ParentFrom  Source
	// Verbs is what the root path allows, ChildVerbs what /{Parent}/{id}/{Child} allows.
	Verbs, ChildVerbs Verbs
	// UDFs is how many user-defined fields a tenant may have active on the entity, 0 where none are documented.
	UDFs int
	// Webhook is the Name of the entity through which callouts about this one are asked for, empty where there are none.
	Webhook string
	// Impersonation says that ImpersonationResourceId is taken, as far as clients have found.
	Impersonation bool
	// Fields are in the order of Autotask's own model, id first. They are shared: do not change them.
	Fields []Field
	// Partial says that Autotask has more fields than are listed. With no list at hand these are id and ParentField.
	Partial bool
	// From says where Singular and the completeness of Fields come from. Name, paths and verbs are always Swagger.
	From Source
	// Marks are the fields that Autotask, or the caller, tells a record's identity and age by.
	Marks Marks

	owner string
	ords  map[string]int // ordinals by lower-case name
}

// Marks are the names of fields with a part to play; each is empty where the entity has no such field among its Fields.
type Marks struct {
	// ExternalID holds the caller's own key, so that a create whose outcome is open can be looked for: "externalID". Other
	// names than that are a guess: "externalProductID", "externalQuoteNumber", "extProjectNumber".
	ExternalID string
	// Created is when Autotask made the record, Creator the resource that did.
	Created, Creator string
	// Changed is when the record changed last: what to poll by.
	Changed string
}

// Field returns the field of that name, in any case of letters, as Autotask matches names. It does not allocate.
func (e Entity) Field(name string) (Field, bool) {
	i, ok := e.Ordinal(name)
	if !ok {
		return Field{}, false
	}
	return e.Fields[i], true
}

// Ordinal returns the position in Fields of the field of that name, in any case of letters. It does not allocate.
func (e Entity) Ordinal(name string) (int, bool) {
	var buf [maxFold]byte
	key, ok := fold(buf[:0], name)
	if !ok {
		return 0, false
	}
	i, ok := e.ords[string(key)]
	return i, ok
}

// Can reports whether every one of these operations is allowed, be it at the root or below the parent.
func (e Entity) Can(want Verbs) bool { return (e.Verbs | e.ChildVerbs).Has(want) }

// ChildOnly reports whether records are made below the parent alone: a POST to the root answers 404.
func (e Entity) ChildOnly() bool { return e.ChildVerbs.Has(Create) && !e.Verbs.Has(Create) }

// Owner returns the Name of the entity whose ids stand in ParentField and in the path: Parent, except that /Expenses/{id}
// are ExpenseReports and /UserDefinedFields/{id} are UserDefinedFieldDefinitions. It is empty where there is no parent.
func (e Entity) Owner() string { return e.owner }

// IDType is the type of the id.
func (e Entity) IDType() Type { return e.Fields[0].Type }

// Children returns the entities whose records belong to one of this one, sorted by name.
func (e Entity) Children() []Entity {
	var below []Entity
	for _, c := range table().entities {
		if c.owner == e.Name {
			below = append(below, c)
		}
	}
	return below
}

// Attachments returns the entity at /{Name}/{id}/Attachments.
func (e Entity) Attachments() (Entity, bool) { return FindChild(e.Name, "Attachments") }

// Find returns the entity of that name, in any case of letters: "tickets" finds Tickets. It does not allocate.
func Find(name string) (Entity, bool) {
	e, ok := find(name)
	if !ok {
		return Entity{}, false
	}
	return *e, true
}

// FindChild returns the entity at /{parent}/{id}/{child}, both in any case of letters: "tickets" and "notes" find
// TicketNotes. The parent is a path segment: "expenses" and "items" find ExpenseItems, though Expenses is no entity. It
// does not allocate.
func FindChild(parent, child string) (Entity, bool) {
	e, ok := findChild(parent, child)
	if !ok {
		return Entity{}, false
	}
	return *e, true
}

// Singular is the name by which texts and metadata call the entity of that name, and the name itself where there is none.
// It does not allocate.
func Singular(name string) string {
	if e, ok := find(name); ok {
		return e.Singular
	}
	return name
}

// Entities returns the whole table, sorted by name. The slice is the caller's, the Fields inside are shared.
func Entities() []Entity { return slices.Clone(table().entities) }
