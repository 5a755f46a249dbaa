package record

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// maxIndexes is how many indexes a table has at most: those that it keeps from the start, and the first that queries
// asked for. A column beyond them is looked for row by row.
const maxIndexes = 12

// Table holds the rows of one entity in the order of their ids. The store's lock guards what is neither constant nor
// atomic.
type Table struct {
	entity  registry.Entity
	layout  atomic.Pointer[layout]
	rows    sorted[Row]
	last    int64 // highest id ever given
	serials map[string]int

	indexes  atomic.Pointer[[]*index] // by ordinal, nil where there is none yet; readers may add one
	building sync.Mutex               // held by a reader that adds an index
}

func newTable(e registry.Entity) *Table {
	t := &Table{entity: e, serials: map[string]int{}}
	columns := make([]Column, len(e.Fields))
	for i, f := range e.Fields {
		columns[i].Field = f
	}
	t.layout.Store(layoutOf(columns, e.UDFs > 0))
	t.indexes.Store(&[]*index{})
	for _, name := range []string{e.ParentField, e.Marks.ExternalID, e.Marks.Changed, "companyID", "status"} {
		if ord, ok := t.Ordinal(name); ok {
			t.index(ord)
		}
	}
	return t
}

// Entity returns the registry's entry.
func (t *Table) Entity() *registry.Entity { return &t.entity }

// indexed returns the index of a column, nil where there is none.
func (t *Table) indexed(ord int) *index {
	if all := *t.indexes.Load(); ord < len(all) {
		return all[ord]
	}
	return nil
}

// index returns the index of a column. The first that asks builds it; nil says that the table has too many already. The
// lock for reading is enough: nobody writes meanwhile.
func (t *Table) index(ord int) *index {
	if x := t.indexed(ord); x != nil {
		return x
	}
	t.building.Lock()
	defer t.building.Unlock()
	all := slices.Clone(*t.indexes.Load())
	if missing := ord + 1 - len(all); missing > 0 {
		all = append(all, make([]*index, missing)...)
	}
	used := 0
	for _, x := range all {
		if x != nil {
			used++
		}
	}
	if all[ord] == nil && used < maxIndexes {
		all[ord] = newIndex(&t.rows, ord)
		t.indexes.Store(&all)
	}
	return all[ord]
}

func (t *Table) find(id int64) (Row, bool) { return t.rows.get(Row{ID: id}) }

// put adds a row, or puts it in the place of the one with its id.
func (t *Table) put(id int64, vals []any) {
	r := Row{id, pack(t.Columns(), vals)}
	old, replaces := t.find(id)
	t.rows.put(r)
	t.last = max(t.last, id)
	if replaces {
		t.reindex(old, r)
		return
	}
	w := walker{data: r.data}
	for ord, v, ok := w.next(); ok; ord, v, ok = w.next() {
		if x := t.indexed(ord); x != nil {
			x.put(id, v)
		}
	}
}

// reindex tells the indexes what has changed in a record.
func (t *Table) reindex(old, changed Row) {
	for ord, x := range *t.indexes.Load() {
		if x == nil {
			continue
		}
		if before, after := old.value(ord), changed.value(ord); before != after {
			x.remove(old.ID, before)
			x.put(changed.ID, after)
		}
	}
}

func (t *Table) remove(id int64) bool {
	old, ok := t.find(id)
	if !ok {
		return false
	}
	t.rows.remove(old)
	t.reindex(old, Row{ID: id})
	return true
}
