package record

import (
	"slices"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// How far a table may be widened.
const (
	MaxExtra = 500 // learnt and user-defined columns
	MaxName  = 100 // bytes of a column's name
)

// Column is a field of a table.
type Column struct {
	registry.Field
	UDF         bool   // user-defined: written as a pair of name and value below userDefinedFields
	Learnt      bool   // not in the registry's table: an entity whose fields are partly known has learnt it from a write
	Hidden      bool   // a user-defined column that nobody sees for now; records keep its values
	Description string // of a user-defined column, for the metadata
}

// Queryable reports whether a filter may name the column. Besides those of the registry, lists of several values and
// references among user-defined columns may not be named.
func (c *Column) Queryable() bool {
	return !c.NotQueryable && !c.Hidden && (!c.UDF || c.References == "")
}

// Parse takes a value for the column, as [ParseValue] does; of a moment where the column is a day, the day alone.
func (c *Column) Parse(raw any) (v any, ok bool) {
	if c.DateOnly && c.Type == registry.DateTime {
		return parseDay(literal(raw))
	}
	return ParseValue(c.Type, raw)
}

// IsName reports whether a name is made as all of Autotask's are, and no longer than a column's can be: letters and
// digits, a letter first.
func IsName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= MaxName
}

// layout is the columns of a table, and what is derived from them. It never changes: a table that gets a column gets
// another layout, in which all ordinals are what they were.
type layout struct {
	columns  []Column
	plain    map[string]int // ordinals by lower-case name
	udf      map[string]int
	udfOrds  []int
	userMade bool // records have a member userDefinedFields

	// blank is a record of nulls without its braces and its id: ,"title":null,"status":null
	blank string
	parts []part // where each column has its part of blank
	keys  []string
}

// part is a column's part of layout.blank: from start to value stands the name, from there to end the null.
type part struct{ start, value, end int }

// layoutOf returns the layout of these columns, whose first is the id.
func layoutOf(columns []Column, userMade bool) *layout {
	l := &layout{
		columns: slices.Clip(columns), userMade: userMade,
		plain: make(map[string]int, len(columns)), udf: map[string]int{},
		parts: make([]part, len(columns)), keys: make([]string, len(columns)),
	}
	var blank []byte
	for ord, c := range columns {
		name := string(wire.AppendString(nil, c.Name))
		if c.UDF {
			l.udf[strings.ToLower(c.Name)] = ord
			if !c.Hidden {
				l.udfOrds = append(l.udfOrds, ord)
			}
			l.keys[ord] = `{"name":` + name + `,"value":`
			l.parts[ord] = part{len(blank), len(blank), len(blank)}
			continue
		}
		l.plain[strings.ToLower(c.Name)] = ord
		l.keys[ord] = name + ":"
		if ord > 0 {
			start := len(blank)
			blank = append(blank, ","+l.keys[ord]+"null"...)
			l.parts[ord] = part{start, len(blank) - len("null"), len(blank)}
		}
	}
	l.blank = string(blank)
	return l
}

// instead returns the layout with another column in the place of one.
func (l *layout) instead(ord int, c Column) *layout {
	columns := slices.Clone(l.columns)
	columns[ord] = c
	return layoutOf(columns, l.userMade)
}

// with returns the layout with one more column, and its ordinal.
func (l *layout) with(c Column) (wider *layout, ord int) {
	return layoutOf(append(slices.Clone(l.columns), c), l.userMade), len(l.columns)
}

func look(ords map[string]int, name string) (int, bool) {
	if ord, ok := ords[name]; ok {
		return ord, true
	}
	ord, ok := ords[strings.ToLower(name)]
	return ord, ok
}

// Columns returns the fields of the entity in the registry's order, then learnt and user-defined ones in the order in
// which they came. The slice is shared: do not change it. It takes no lock.
func (t *Table) Columns() []Column { return t.layout.Load().columns }

// Ordinal returns the position of a column that is no user-defined one, in any case of letters. It takes no lock.
func (t *Table) Ordinal(name string) (int, bool) { return look(t.layout.Load().plain, name) }

// UDF returns the position of a user-defined column that is not hidden, in any case of letters. It takes no lock.
func (t *Table) UDF(name string) (int, bool) {
	l := t.layout.Load()
	ord, ok := look(l.udf, name)
	return ord, ok && !l.columns[ord].Hidden
}

// AddColumn adds a learnt or user-defined column and returns its ordinal. A column of that name that is there already,
// hidden or not, is returned as it is. ok is false when the table has as many extra columns as it can have, 500, when the name is
// empty or longer than 100 bytes, and for a user-defined column of an entity that has none.
func (tx *Tx) AddColumn(t *Table, c Column) (ord int, ok bool) {
	l := t.layout.Load()
	if c.UDF {
		ord, ok = look(l.udf, c.Name)
	} else {
		ord, ok = look(l.plain, c.Name)
	}
	switch {
	case ok:
		return ord, true
	case len(l.columns)-len(t.entity.Fields) >= MaxExtra, c.Name == "", len(c.Name) > MaxName, c.UDF && !l.userMade:
		return 0, false
	}
	l, ord = l.with(c)
	t.layout.Store(l)
	return ord, true
}

// SetColumn says anew what a user-defined column is like. ok is false where there is none with that ordinal, and for
// another name or type: values are packed by them.
func (tx *Tx) SetColumn(t *Table, ord int, c Column) (ok bool) {
	l := t.layout.Load()
	if ord < 0 || ord >= len(l.columns) {
		return false
	}
	old := &l.columns[ord]
	if !old.UDF || !c.UDF || old.Name != c.Name || old.Type != c.Type {
		return false
	}
	t.layout.Store(l.instead(ord, c))
	return true
}
