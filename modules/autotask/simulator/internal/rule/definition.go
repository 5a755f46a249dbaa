package rule

import (
	"slices"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// definitions is the entity whose records are the user-defined fields of the others, listItems the one with the values
// of those that are lists.
const (
	definitions = "UserDefinedFieldDefinitions"
	listItems   = "UserDefinedFieldListItems"
)

// definitionProblems returns what is wrong with the definition of a user-defined field whose own fields are right.
func (f *form) definitionProblems() []string {
	if f.entity.Name != definitions {
		return nil
	}
	if f.old != nil {
		return f.changedDefinition()
	}
	e, t, ok := f.target()
	if !ok {
		return []string{wire.Text(wire.TextNoPick, "udfType")}
	}
	name, _ := f.value("name").(string)
	if len(name) > record.MaxName {
		return []string{wire.Text(wire.TextTooLong, "name", record.MaxName)}
	}
	if defined(t, name) != absent {
		return []string{wire.Text(wire.TextUDFTwice, name, e.Singular)}
	}
	if f.full(e) || len(t.Columns())-len(e.Fields) >= record.MaxExtra {
		return []string{wire.Text(wire.TextUDFLimit, e.UDFs, e.Singular)}
	}
	return nil
}

// changedDefinition returns what is wrong with a change. That types cannot change is documented; that a name cannot
// is a guess.
func (f *form) changedDefinition() []string {
	var problems []string
	for _, name := range []string{"dataType", "name", "udfType"} {
		if f.value(name) != f.was(name) {
			problems = append(problems, wire.Text(wire.TextNoChange, name))
		}
	}
	e, _, ok := f.target()
	if ok && f.was("isActive") == any(false) && f.full(e) {
		problems = append(problems, wire.Text(wire.TextUDFLimit, e.UDFs, e.Singular))
	}
	return problems
}

// full reports whether the definition is one active field too many for its entity.
func (f *form) full(e registry.Entity) bool {
	if f.value("isActive") == any(false) {
		return false
	}
	kind, _ := f.t.Ordinal("udfType")
	active, _ := f.t.Ordinal("isActive")
	n := 0
	for row := range f.tx.Rows(f.t, nil) {
		if row.Value(kind) == f.vals[kind] && row.Value(active) != any(false) {
			n++
		}
	}
	return n >= e.UDFs
}

// absent is the ordinal of no column.
const absent = -1

// defined returns the ordinal of a user-defined column, hidden ones too.
func defined(t *record.Table, name string) int {
	return slices.IndexFunc(t.Columns(), func(c record.Column) bool { return c.UDF && strings.EqualFold(c.Name, name) })
}

// define makes the column that a definition speaks of what the definition says.
func define(tx *record.Tx, t *record.Table, vals []any) {
	f := newForm(tx, t, vals, Writer{})
	_, target, ok := f.target()
	if !ok {
		return
	}
	c := f.column()
	if ord := defined(target, c.Name); ord != absent {
		tx.SetColumn(target, ord, c)
		return
	}
	tx.AddColumn(target, c)
}

// relist makes the column anew that an item of a list belongs to.
func relist(tx *record.Tx, items *record.Table, vals []any) {
	t, ok := tx.Table(definitions)
	if !ok {
		return
	}
	id, _ := newForm(tx, items, vals, Writer{}).value("udfFieldId").(int64)
	if row, ok := tx.Find(t, id); ok {
		define(tx, t, row.Values(t))
	}
}

// column returns what a definition speaks of. One that is not active is hidden, and no record needs it.
func (f *form) column() record.Column {
	name, _ := f.value("name").(string)
	required, _ := f.value("isRequired").(bool)
	description, _ := f.value("description").(string)
	hidden, label := f.value("isActive") == any(false), f.label("dataType")
	c := record.Column{
		Field: registry.Field{
			Name: name, Type: dataType(label), Required: required && !hidden, From: registry.Guess, Rules: registry.Guess,
		},
		UDF: true, Hidden: hidden, Description: description,
	}
	if label == "List (Single)" || label == "List (Multi)" {
		c.PickList, c.NotQueryable, c.Picks = true, label == "List (Multi)", f.items()
	}
	return c
}

// items returns the values of the list that a definition speaks of: its active items, and none that is there twice. The
// slice is not nil, which would say that nobody knows the values.
func (f *form) items() []registry.Pick {
	picks, seen := []registry.Pick{}, map[string]bool{}
	t, ok := f.tx.Table(listItems)
	if !ok {
		return picks
	}
	list, _ := t.Ordinal("udfFieldId")
	active, _ := t.Ordinal("isActive")
	display, _ := t.Ordinal("valueForDisplay")
	for row := range f.tx.Rows(t, &record.Filter{Op: record.Eq, Ord: list, Values: []any{f.vals[0]}}) {
		text, _ := row.Value(display).(string)
		if row.Value(active) != any(false) && !seen[text] {
			seen[text] = true
			picks = append(picks, registry.Pick{Value: text, Label: text, From: registry.Guess})
		}
	}
	return picks
}

// target returns the entity that a definition is for, which must be one that takes user-defined fields.
func (f *form) target() (registry.Entity, *record.Table, bool) {
	label := strings.ReplaceAll(f.label("udfType"), " ", "")
	for _, e := range registry.Entities() {
		if e.UDFs > 0 && label != "" && strings.HasSuffix(e.Singular, label) { // CompanySiteConfiguration is the longer one
			t, ok := f.tx.Table(e.Name)
			return e, t, ok
		}
	}
	return registry.Entity{}, nil, false
}

// dataType returns the type of the values that a definition speaks of; a list holds its values as text.
func dataType(label string) registry.Type {
	switch label {
	case "Number":
		return registry.Double
	case "Date":
		return registry.DateTime
	case "Boolean":
		return registry.Boolean
	default:
		return registry.String
	}
}

// label returns what the registry calls the value of a picklist.
func (f *form) label(field string) string {
	ord, ok := f.t.Ordinal(field)
	if !ok {
		return ""
	}
	value := literal(f.vals[ord])
	for _, p := range f.cols[ord].Picks {
		if p.Value == value {
			return p.Label
		}
	}
	return ""
}
