package registry

import "strings"

// Verbs is a set of operations that a path allows.
type Verbs uint8

// The operations. Put replaces a record, Patch merges into it.
const (
	Query  Verbs = 1 << iota // Query is query, query/next and query/count.
	Info                     // Info is entityInformation with fields and userDefinedFields.
	Get                      // Get is a read by id; below a parent it is also the list.
	Create                   // Create is POST.
	Patch                    // Patch is PATCH with the id in the body.
	Put                      // Put is PUT with the id in the body.
	Delete                   // Delete is DELETE by id.
)

// Has reports whether every operation of want is in v.
func (v Verbs) Has(want Verbs) bool { return v&want == want }

// String spells the set in the letters Q I G C P U D, U being Put: "QIG" is a read-only entity.
func (v Verbs) String() string {
	const letters = "QIGCPUD"
	var b strings.Builder
	for i := range len(letters) {
		if v.Has(1 << i) {
			b.WriteByte(letters[i])
		}
	}
	return b.String()
}

// Type is the type of a field's value.
type Type uint8

// The types, as entityInformation/fields names them in dataType.
const (
	Int32    Type = iota + 1 // Int32 is a whole number, "integer" in the metadata.
	Int64                    // Int64 is a whole number, "long" in the metadata.
	String                   // String is text.
	DateTime                 // DateTime is a moment in UTC, to the millisecond.
	Boolean                  // Boolean is true or false; null is refused in filters.
	Double                   // Double is a number with a fraction.
)

// String returns the name that the metadata calls use.
func (t Type) String() string {
	switch t {
	case Int32:
		return "integer"
	case Int64:
		return "long"
	case String:
		return "string"
	case DateTime:
		return "datetime"
	case Boolean:
		return "boolean"
	case Double:
		return "double"
	default:
		return "unknown"
	}
}
