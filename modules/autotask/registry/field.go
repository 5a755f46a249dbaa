package registry

// Field describes one field of an [Entity]. A tenant's own entityInformation/fields overrides Required, Length and the
// values of a picklist; what stands here is what a tenant starts with.
type Field struct {
	// Name is the JSON name, oddities included: "rmmAlertID", "problemTicketId".
	Name string
	// Type is the type of the value.
	Type Type
	// Required fields must hold a value in every record. ReadOnly fields are kept by Autotask; a value sent is ignored.
	Required, ReadOnly bool
	// NotQueryable fields are refused in filters: those of tickets by the developer help, those of attachments as seen in
	// traffic, those of projects and tasks because tickets have them.
	NotQueryable bool
	// DateOnly says that a moment is a day: Autotask sets such a field to midnight without a conversion between time zones.
	// That it does is documented; of which fields is a guess.
	DateOnly bool
	// Base64 says that the text is bytes in base64.
	Base64 bool
	// Length is the longest string allowed, in characters; 0 says nothing.
	Length int
	// References is the Name of the entity that the value is an id of; empty for plain values.
	References string
	// PickList says that the value is one of a list which the tenant defines.
	PickList bool
	// Picks are the values of the list, as far as they are known; a tenant has others. They are shared: do not change them.
	Picks []Pick
	// PickParent is the field of the same entity whose value decides which of Picks are meant: "issueType" of a ticket's
	// subIssueType. It is empty for most lists.
	PickParent string
	// From says where Name and Type come from, Rules where the rest does: the worst source that has a part in it.
	From, Rules Source
}

// Pick is one value of a picklist.
type Pick struct {
	// Value is what metadata calls write as a string; in a record it has the type of its field.
	Value string
	Label string
	// Parent is the value of the field PickParent that this value belongs to; empty where there is none.
	Parent string
	// From says where the value comes from.
	From Source
}

// Source says how well a fact of the table is known. What is a guess, is marked as one.
type Source uint8

// The sources, the worst first.
const (
	Guess    Source = iota + 1 // Guess follows from names, or from what is usual. Nobody says it.
	Peer                       // Peer is what another client's code says.
	Official                   // Official is what Autotask's developer help says.
	Swagger                    // Swagger is what the API's own description says.
)

// String returns the mark that this project's notes use: "?", "PEER", "OD" or "SW".
func (s Source) String() string {
	switch s {
	case Guess:
		return "?"
	case Peer:
		return "PEER"
	case Official:
		return "OD"
	case Swagger:
		return "SW"
	default:
		return "unknown"
	}
}

// sourced marks a list of fields from Autotask's own model: names and types are Swagger, rules are as given, where a field
// does not say otherwise. That an id is not the caller's to choose is documented.
func sourced(rules Source, fields []Field) []Field {
	for i := range fields {
		f := &fields[i]
		if f.From == 0 {
			f.From = Swagger
		}
		switch {
		case f.Rules != 0:
		case f.Name == "id":
			f.Rules = Official
		default:
			f.Rules = rules
		}
	}
	return fields
}
