package rule

import (
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// maxProblems is how many texts one answer holds. The real API names no limit.
const maxProblems = 100

// form is a record in the making.
type form struct {
	tx      *record.Tx
	t       *record.Table
	w       Writer
	entity  *registry.Entity
	cols    []record.Column
	old     []any // as it was, nil for a new record
	vals    []any
	given   []bool         // by ordinal: the draft has a value for it, null included
	wrong   map[int]string // by ordinal: what is wrong with the value that was sent
	unknown []member       // what is no field that we know
	badUDFs []string       // what is wrong with the user-defined fields that are no column
}

func newForm(tx *record.Tx, t *record.Table, old []any, w Writer) *form {
	cols := t.Columns()
	f := &form{
		tx: tx, t: t, w: w, entity: t.Entity(), cols: cols,
		old: old, vals: make([]any, len(cols)), given: make([]bool, len(cols)),
	}
	copy(f.vals, old)
	return f
}

// read takes the values of a draft. Where it names a field twice, in any case of letters, the last one counts, as
// with the readers of JSON on the real API's platform; that is a guess.
func (f *form) read(d Draft) {
	for _, m := range d.members {
		ord, ok := f.t.Ordinal(m.name)
		switch {
		case !ok:
			f.unknown = append(f.unknown, m)
		case ord == 0: // the id has rules of its own
		case !f.cols[ord].ReadOnly:
			f.put(ord, m.value)
		case f.w.RefuseReadOnly:
			f.fault(ord, wire.Text(wire.TextReadOnly, f.cols[ord].Name))
		}
	}
	f.readUDFs(d)
}

// put takes a value as it was sent.
func (f *form) put(ord int, raw any) {
	delete(f.wrong, ord)
	f.given[ord] = true
	f.vals[ord] = nil
	if raw == nil {
		return
	}
	col := &f.cols[ord]
	parse := (*record.Column).Parse
	if col.UDF {
		parse = parseUDF
	}
	v, ok := parse(col, raw)
	if !ok {
		f.fault(ord, wire.Text(wire.TextBadValue, col.Name, col.Type))
		return
	}
	f.vals[ord] = v
}

func (f *form) fault(ord int, text string) {
	if f.wrong == nil {
		f.wrong = map[int]string{}
	}
	f.wrong[ord] = text
}

// newID refuses an id of the caller's own choice.
func (f *form) newID(d Draft) {
	raw := d.id()
	if raw == nil {
		return
	}
	switch v, ok := record.ParseValue(f.cols[0].Type, raw); {
	case !ok:
		f.fault(0, wire.Text(wire.TextBadValue, f.cols[0].Name, f.cols[0].Type))
	case v != any(int64(0)):
		f.fault(0, wire.TextIDOnCreate)
	}
}

// setParent gives a new record to the parent of the path, whatever the body says. The field refers to the parent's
// entity, so that it is looked at like any other reference.
func (f *form) setParent(parent *int64) {
	if ord, ok := f.parentField(); ok && parent != nil {
		delete(f.wrong, ord)
		f.vals[ord], f.given[ord] = *parent, true
	}
}

// parentField returns the ordinal of the field that holds the parent's id.
func (f *form) parentField() (ord int, ok bool) {
	if f.entity.Parent == "" {
		return 0, false
	}
	return f.t.Ordinal(f.entity.ParentField)
}

// moved reports whether the record does not belong to the parent of the path or, without one, whether the draft would
// give it to another, which the API does not do.
func (f *form) moved(parent *int64) bool {
	ord, ok := f.parentField()
	if !ok {
		return false
	}
	if parent != nil {
		delete(f.wrong, ord) // the path wins over the body
		f.vals[ord], f.given[ord] = f.old[ord], false
		return f.old[ord] != any(*parent)
	}
	return f.given[ord] && f.wrong[ord] == "" && f.vals[ord] != f.old[ord]
}

// clear makes every field null that may be written and is not given. User-defined fields stay: that a PUT leaves
// those alone which it does not name is a guess.
func (f *form) clear(parent *int64) {
	for ord, col := range f.cols {
		if ord > 0 && !col.ReadOnly && !col.UDF && !f.given[ord] {
			f.vals[ord] = nil
		}
	}
	if ord, ok := f.parentField(); ok && parent != nil {
		f.vals[ord] = *parent
	}
}

// value returns a field of the record; one that the entity does not have is null.
func (f *form) value(name string) any {
	if ord, ok := f.t.Ordinal(name); ok {
		return f.vals[ord]
	}
	return nil
}

// was returns a field of the record as it was, null for a new one.
func (f *form) was(name string) any {
	if ord, ok := f.t.Ordinal(name); ok && ord < len(f.old) {
		return f.old[ord]
	}
	return nil
}

// stray names a property that the entity does not have. Of an entity whose fields are partly known nobody can say.
func (f *form) stray() string {
	if len(f.unknown) > 0 && !f.entity.Partial {
		return wire.Short(f.unknown[0].name)
	}
	return ""
}
