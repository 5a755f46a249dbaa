package simulator

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// row is one record. It never changes: a write puts a new row in the place of the old, so that answers are made from
// rows without a lock.
type row struct {
	id   int64
	vals []any // by ordinal
}

// table holds the rows of one entity, sorted by id, with equality indexes. The store's lock guards it.
type table struct {
	entity registry.Entity
	ords   map[string]int // ordinal of each field by its lower-case name
	keys   [][]byte       // `"name":` by ordinal
	width  int            // bytes that a row takes as JSON, roughly
	rows   []*row
	last   int64                   // highest id ever given
	index  map[int]map[any][]int64 // ordinal, value, ids in order
	days   map[string]int          // ticket numbers given per day
}

// indexed returns the fields beside id that are found without a scan.
func indexed(entity string) []string {
	switch entity {
	case "Contacts":
		return []string{"companyID", "emailAddress", "externalID"}
	case "Tickets":
		return []string{"companyID", "contactID", "assignedResourceID", "status", "queueID", "externalID", "ticketNumber"}
	case "TicketNotes":
		return []string{"ticketID"}
	case "TimeEntries":
		return []string{"ticketID", "resourceID"}
	default:
		return nil
	}
}

func newTable(e registry.Entity) *table {
	t := &table{
		entity: e,
		ords:   make(map[string]int, len(e.Fields)),
		index:  map[int]map[any][]int64{},
		days:   map[string]int{},
	}
	for i, f := range e.Fields {
		t.ords[strings.ToLower(f.Name)] = i
		t.keys = append(t.keys, []byte(`"`+f.Name+`":`))
		t.width += len(t.keys[i]) + 10
	}
	for _, name := range indexed(e.Name) {
		t.index[t.ords[strings.ToLower(name)]] = map[any][]int64{}
	}
	return t
}

// ord returns the ordinal of a field, in any case of letters.
func (t *table) ord(name string) (int, bool) {
	if i, ok := t.ords[name]; ok {
		return i, true
	}
	i, ok := t.ords[strings.ToLower(name)]
	return i, ok
}

// get returns a field of a row; a field that the entity has not is null.
func (t *table) get(vals []any, name string) any {
	if i, ok := t.ord(name); ok {
		return vals[i]
	}
	return nil
}

// set changes a field of a row in the making; a field that the entity has not is left alone.
func (t *table) set(vals []any, name string, v any) {
	if i, ok := t.ord(name); ok {
		vals[i] = v
	}
}

func (t *table) position(id int64) (int, bool) {
	return slices.BinarySearchFunc(t.rows, id, func(r *row, id int64) int { return cmp.Compare(r.id, id) })
}

func (t *table) find(id int64) *row {
	if i, ok := t.position(id); ok {
		return t.rows[i]
	}
	return nil
}

// insert adds a row with the next id.
func (t *table) insert(vals []any) int64 {
	t.last++
	t.place(t.last, vals)
	return t.last
}

// place adds a row with an id above all others.
func (t *table) place(id int64, vals []any) {
	vals[0] = id
	t.rows = append(t.rows, &row{id, vals})
	t.last = id
	for ord, ids := range t.index {
		if v := vals[ord]; v != nil {
			ids[indexKey(v)] = append(ids[indexKey(v)], id)
		}
	}
}

// replace puts vals in the place of the row with that id, which must exist.
func (t *table) replace(id int64, vals []any) {
	i, ok := t.position(id)
	if !ok {
		return
	}
	old := t.rows[i].vals
	t.rows[i] = &row{id, vals}
	for ord, ids := range t.index {
		if before, after := indexKey(old[ord]), indexKey(vals[ord]); before != after {
			removeID(ids, before, id)
			insertID(ids, after, id)
		}
	}
}

func (t *table) remove(id int64) bool {
	i, ok := t.position(id)
	if !ok {
		return false
	}
	for ord, ids := range t.index {
		removeID(ids, indexKey(t.rows[i].vals[ord]), id)
	}
	t.rows = slices.Delete(t.rows, i, i+1)
	return true
}

func insertID(ids map[any][]int64, key any, id int64) {
	if key == nil {
		return
	}
	if i, ok := slices.BinarySearch(ids[key], id); !ok {
		ids[key] = slices.Insert(ids[key], i, id)
	}
}

func removeID(ids map[any][]int64, key any, id int64) {
	i, ok := slices.BinarySearch(ids[key], id)
	if !ok {
		return
	}
	if ids[key] = slices.Delete(ids[key], i, i+1); len(ids[key]) == 0 {
		delete(ids, key)
	}
}

// after iterates in the order of ids over the rows that p admits and whose id is above cursor.
func (t *table) after(p plan, cursor int64) iter.Seq[*row] {
	if p.ids != nil {
		return t.listed(p.ids, cursor)
	}
	return func(yield func(*row) bool) {
		from, found := t.position(max(p.from, cursor))
		if found && t.rows[from].id == cursor {
			from++
		}
		for _, r := range t.rows[from:] {
			if r.id > p.to || !yield(r) {
				return
			}
		}
	}
}

func (t *table) listed(ids []int64, cursor int64) iter.Seq[*row] {
	return func(yield func(*row) bool) {
		from, found := slices.BinarySearch(ids, cursor)
		if found {
			from++
		}
		for _, id := range ids[from:] {
			if r := t.find(id); r != nil && !yield(r) {
				return
			}
		}
	}
}

// appendRow appends r as JSON, with the fields of ords, or with all where ords is nil.
func (t *table) appendRow(dst []byte, r *row, ords []int) []byte {
	dst = append(dst, '{')
	if ords == nil {
		for i, v := range r.vals {
			dst = appendValue(append(appendComma(dst, i), t.keys[i]...), v)
		}
		return append(dst, '}')
	}
	for i, ord := range ords {
		dst = appendValue(append(appendComma(dst, i), t.keys[ord]...), r.vals[ord])
	}
	return append(dst, '}')
}

func appendComma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}
