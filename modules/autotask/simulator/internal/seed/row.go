package seed

import (
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// row is a record in the making. There is one for each table, which is used again and again.
type row struct {
	s     *seeder
	table *record.Table
	vals  []any
	ords  map[string]int // ordinals by name, as it is spelled
	udfs  map[string]int
}

// row returns the empty row of an entity. An entity that has no table gives one that leads nowhere.
func (s *seeder) row(entity string) *row {
	if r, ok := s.rows[entity]; ok {
		return r
	}
	r := &row{s: s, ords: map[string]int{}, udfs: map[string]int{}}
	if t, ok := s.store.Table(entity); ok {
		r.table = t
		r.vals = make([]any, len(t.Columns()))
		for ord, col := range t.Columns() {
			r.ords[col.Name] = ord
		}
	}
	s.rows[entity] = r
	return r
}

// set sets a field. One that the registry does not have becomes a learnt column.
func (r *row) set(name string, v any) *row {
	ord, ok := r.ords[name]
	if !ok {
		ord = r.learn(name, v)
	}
	if ord < len(r.vals) {
		r.vals[ord] = v
	}
	return r
}

// offer is set for a field that not every entity has: it is left alone where the registry knows all fields and this is
// none.
func (r *row) offer(name string, v any) *row {
	if _, ok := r.ords[name]; !ok && (r.table == nil || !r.table.Entity().Partial) {
		return r
	}
	return r.set(name, v)
}

// setUDF sets a user-defined field that was defined before.
func (r *row) setUDF(name string, v any) *row {
	if ord, ok := r.udfs[name]; ok {
		r.vals[ord] = v
	}
	return r
}

func (r *row) learn(name string, v any) int {
	ord := r.add(record.Column{
		Field:  registry.Field{Name: name, Type: typeOf(v), From: registry.Guess, Rules: registry.Guess},
		Learnt: true,
	})
	r.ords[name] = ord
	return ord
}

// add adds a column. That of a row which leads nowhere is beyond all its values.
func (r *row) add(c record.Column) int {
	if r.table == nil {
		return 0
	}
	ord, ok := r.s.tx.AddColumn(r.table, c)
	if !ok {
		return len(r.vals)
	}
	for len(r.vals) <= ord {
		r.vals = append(r.vals, nil)
	}
	return ord
}

func typeOf(v any) registry.Type {
	switch v.(type) {
	case int64:
		return registry.Int64
	case float64:
		return registry.Double
	case bool:
		return registry.Boolean
	case record.Stamp:
		return registry.DateTime
	default:
		return registry.String
	}
}

// place makes the record with that id, which is above all others of the table.
func (r *row) place(id int64) {
	if r.table != nil {
		r.s.tx.Place(r.table, id, r.vals)
		r.made()
	}
}

// insert makes the record with the next id.
func (r *row) insert() int64 {
	if r.table == nil {
		return 0
	}
	id := r.s.tx.Insert(r.table, r.vals)
	r.made()
	return id
}

// last is the highest id that was given.
func (r *row) last() int64 {
	if r.table == nil {
		return 0
	}
	return r.s.tx.Last(r.table)
}

func (r *row) made() {
	clear(r.vals)
	r.s.done++
}
