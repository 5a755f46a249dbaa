package record

import "iter"

// Tx reads and writes inside of [Store.View] and [Store.Update]. It must not be used after them, and writes are for
// Update alone.
type Tx struct{ store *Store }

// Table returns the table of the entity of that exact name, as [Store.Table] does.
func (tx *Tx) Table(name string) (*Table, bool) { return tx.store.Table(name) }

// Find returns the row with that id.
func (tx *Tx) Find(t *Table, id int64) (Row, bool) { return t.find(id) }

// Exists reports whether the entity has a record with that id; false for an entity that is in no table.
func (tx *Tx) Exists(entity string, id int64) bool {
	t, ok := tx.Table(entity)
	if !ok {
		return false
	}
	_, ok = t.find(id)
	return ok
}

// Last returns the highest id ever given.
func (tx *Tx) Last(t *Table) int64 { return t.last }

// Insert adds a row with the next id and returns it. Here, and wherever values are written: vals is neither kept nor
// changed, what it says about the id counts for nothing, and a value that is not of its column's type is null.
func (tx *Tx) Insert(t *Table, vals []any) int64 {
	id := t.last + 1
	t.put(id, vals)
	return id
}

// Place adds a row with an id above all others of its table.
func (tx *Tx) Place(t *Table, id int64, vals []any) { t.put(id, vals) }

// Replace puts vals in the place of the row with that id; false where there is none.
func (tx *Tx) Replace(t *Table, id int64, vals []any) bool {
	if _, ok := t.find(id); !ok {
		return false
	}
	t.put(id, vals)
	return true
}

// Remove deletes the row with that id; false where there is none.
func (tx *Tx) Remove(t *Table, id int64) bool { return t.remove(id) }

// Page returns at most n rows that meet f, by id, whose id is above after, and whether more follow.
func (tx *Tx) Page(t *Table, f *Filter, after int64, n int) (rows []Row, more bool) {
	q := t.plan(f, after)
	for r := range q.rows() {
		if len(rows) >= n {
			return rows, true
		}
		if rows == nil {
			rows = make([]Row, 0, min(n, q.most()))
		}
		rows = append(rows, r)
	}
	return rows, false
}

// Count returns how many rows meet f.
func (tx *Tx) Count(t *Table, f *Filter) int64 {
	q := t.plan(f, BeforeAll)
	if n, ok := q.count(); ok {
		return int64(n)
	}
	var n int64
	for range q.rows() {
		n++
	}
	return n
}

// Rows iterates by id over the rows that meet f; nil is every row. Nothing may be written meanwhile.
func (tx *Tx) Rows(t *Table, f *Filter) iter.Seq[Row] { return t.plan(f, BeforeAll).rows() }

// Serial returns 1 for the first call with that key, 2 for the second: ticket numbers of a day.
func (tx *Tx) Serial(t *Table, key string) int {
	t.serials[key]++
	return t.serials[key]
}
