package rule

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// problems returns every text about the record, in the order of its fields, and then what is about several fields at
// once; of very many the first ones.
func (f *form) problems() []string {
	var problems []string
	for ord := range f.cols {
		if text := f.problem(ord); text != "" {
			problems = append(problems, text)
		}
	}
	problems = append(problems, f.badUDFs...)
	if f.unpaired() {
		problems = append(problems, wire.TextRolePair)
	}
	if text := f.elsewhere(); text != "" {
		problems = append(problems, text)
	}
	if len(problems) == 0 {
		problems = append(f.definitionProblems(), f.twin()...)
	}
	return problems[:min(len(problems), maxProblems)]
}

// problem returns the text about one field, "" where nothing is wrong. What an update does not give was right once,
// unless it gives the value that decides about this one's list.
func (f *form) problem(ord int) string {
	col, v := &f.cols[ord], f.vals[ord]
	switch text := f.wrong[ord]; {
	case text != "":
		return text
	case v == nil:
		return f.missing(ord)
	case f.given[ord]:
		return f.checkValue(col, v)
	case f.relisted(col) && !f.picked(col, v):
		return wire.Text(wire.TextNoPick, col.Name)
	default:
		return ""
	}
}

// relisted reports whether the draft gives the value above that of a column, and rightly.
func (f *form) relisted(col *record.Column) bool {
	above, ok := f.t.Ordinal(col.PickParent)
	return ok && f.given[above] && f.wrong[above] == ""
}

// missing is what the API says of a field without a value: of picklists the same as of a wrong one. A user-defined
// field may have become a required one when the record was there already.
func (f *form) missing(ord int) string {
	col := &f.cols[ord]
	switch {
	case !col.Required || col.ReadOnly || col.UDF && f.old != nil && !f.given[ord]:
		return ""
	case col.PickList:
		return wire.Text(wire.TextNoPick, col.Name)
	default:
		return wire.Text(wire.TextMissingField, col.Name)
	}
}

func (f *form) checkValue(col *record.Column, v any) string {
	switch v := v.(type) {
	case string:
		switch {
		case col.Required && strings.TrimSpace(v) == "":
			return wire.Text(wire.TextMissingField, col.Name)
		case tooLong(v, col.Length):
			return wire.Text(wire.TextTooLong, col.Name, col.Length)
		}
	case int64:
		if col.References != "" && !f.tx.Exists(col.References, v) {
			return wire.Text(wire.TextNoReference, col.Name, registry.Singular(col.References))
		}
	}
	if !f.picked(col, v) {
		return wire.Text(wire.TextNoPick, col.Name)
	}
	return ""
}

// tooLong counts a string as the database does, in UTF-16. It has never more of these units than bytes.
func tooLong(s string, limit int) bool {
	if limit == 0 || len(s) <= limit {
		return false
	}
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n > limit
}

// picked reports whether v is one of the values of the field's list, if that is known. A value may belong to one of
// another field's, as an issue's kinds do; that the API minds is a guess.
func (f *form) picked(col *record.Column, v any) bool {
	if col.Picks == nil {
		return true
	}
	parent := ""
	if col.PickParent != "" {
		parent = literal(f.value(col.PickParent))
	}
	for value := range chosen(col, v) {
		if !slices.ContainsFunc(col.Picks, func(p registry.Pick) bool {
			return p.Value == value && (p.Parent == "" || p.Parent == parent)
		}) {
			return false
		}
	}
	return true
}

// chosen iterates over the values that a field holds: one, but for a user-defined list of several, which holds them
// with commas between them.
func chosen(col *record.Column, v any) iter.Seq[string] {
	if col.UDF && col.NotQueryable {
		return strings.SplitSeq(literal(v), ",")
	}
	return slices.Values([]string{literal(v)})
}

// literal writes a value as the lists do, which hold numbers as text.
func literal(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return v
	default:
		return ""
	}
}

// unpaired reports whether a draft leaves a resource without a role, or a role without a resource.
func (f *form) unpaired() bool {
	resource, ok := f.t.Ordinal("assignedResourceID")
	role, both := f.t.Ordinal("assignedResourceRoleID")
	if !ok || !both || !f.given[resource] && !f.given[role] || f.wrong[resource] != "" || f.wrong[role] != "" {
		return false
	}
	return (f.vals[resource] == nil) != (f.vals[role] == nil)
}

// textElsewhere is known; that it is said of a contact of another company is a guess.
const textElsewhere = "contactID: Value %d does not exist or is invalid"

// elsewhere is the text about a ticket whose contact is of another company than the ticket, if the draft has a part in
// that.
func (f *form) elsewhere() string {
	if f.entity.Name != "Tickets" || !f.gives("contactID") && !f.gives("companyID") {
		return ""
	}
	id, ok := f.value("contactID").(int64)
	company, both := f.value("companyID").(int64)
	contacts, known := f.tx.Table("Contacts")
	if !ok || !both || !known {
		return ""
	}
	contact, _ := f.tx.Find(contacts, id)
	ord, _ := contacts.Ordinal("companyID")
	if of := contact.Value(ord); of == nil || of == any(company) {
		return ""
	}
	return wire.Text(textElsewhere, id)
}

// gives reports whether the draft has a value for a field, null included.
func (f *form) gives(name string) bool {
	ord, ok := f.t.Ordinal(name)
	return ok && f.given[ord]
}

// textTwin is ours: that a name which is there already is refused is known.
const textTwin = "The ContactGroup %s exists already."

// twin is the text about a contact group with the name of another, in any case of letters. The entity's fields are not
// known: its name is a column that it has learnt, or a property that it will learn.
func (f *form) twin() []string {
	ord, ok := f.t.Ordinal("name")
	if f.entity.Name != "ContactGroups" || !ok || !f.given[ord] {
		return nil
	}
	same := &record.Filter{Op: record.Eq, Ord: ord, Values: []any{f.vals[ord]}}
	for r := range f.tx.Rows(f.t, same) {
		if f.old == nil || f.old[0] != any(r.ID) {
			return []string{wire.Text(textTwin, wire.Short(literal(f.vals[ord])))}
		}
	}
	return nil
}
