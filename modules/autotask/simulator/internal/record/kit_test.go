package record_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// whole is a store with the tables of all entities.
func whole() *record.Store { return record.New(registry.Entities()) }

func table(tb testing.TB, s *record.Store, name string) *record.Table {
	tb.Helper()
	t, ok := s.Table(name)
	require.True(tb, ok, name)
	return t
}

func ordinal(tb testing.TB, t *record.Table, name string) int {
	tb.Helper()
	ord, ok := t.Ordinal(name)
	require.True(tb, ok, name)
	return ord
}

// values makes the values of a record of pairs of a column's name and its value.
func values(tb testing.TB, t *record.Table, pairs ...any) []any {
	tb.Helper()
	vals := make([]any, len(t.Columns()))
	for pair := range slices.Chunk(pairs, 2) {
		vals[ordinal(tb, t, fmt.Sprint(pair[0]))] = pair[1]
	}
	return vals
}

func insert(tb testing.TB, s *record.Store, t *record.Table, pairs ...any) int64 {
	tb.Helper()
	var id int64
	s.Update(func(tx *record.Tx) { id = tx.Insert(t, values(tb, t, pairs...)) })
	return id
}

func find(tb testing.TB, s *record.Store, t *record.Table, id int64) record.Row {
	tb.Helper()
	var r record.Row
	var ok bool
	s.View(func(tx *record.Tx) { r, ok = tx.Find(t, id) })
	require.True(tb, ok, "record %d", id)
	return r
}

// is compares a column with values.
func is(tb testing.TB, t *record.Table, op record.Op, column string, values ...any) *record.Filter {
	tb.Helper()
	return &record.Filter{Op: op, Ord: ordinal(tb, t, column), Values: values}
}

func and(items ...*record.Filter) *record.Filter { return &record.Filter{Op: record.And, Items: items} }

func or(items ...*record.Filter) *record.Filter { return &record.Filter{Op: record.Or, Items: items} }

// ids reads all pages of n.
func ids(s *record.Store, t *record.Table, f *record.Filter, n int) []int64 {
	all, more := page(s, t, f, record.BeforeAll, n)
	for more {
		var next []int64
		next, more = page(s, t, f, all[len(all)-1], n)
		all = append(all, next...)
	}
	return all
}

// page reads one page.
func page(s *record.Store, t *record.Table, f *record.Filter, after int64, n int) (ids []int64, more bool) {
	ids = []int64{}
	s.View(func(tx *record.Tx) {
		var rows []record.Row
		rows, more = tx.Page(t, f, after, n)
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
	})
	return ids, more
}

func count(s *record.Store, t *record.Table, f *record.Filter) (n int64) {
	s.View(func(tx *record.Tx) { n = tx.Count(t, f) })
	return n
}

// model is a table as simple as can be.
type model struct {
	table *record.Table
	vals  map[int64][]any
}

// ids returns the ids above after whose records meet f, in order.
func (m *model) ids(f *record.Filter, after int64) []int64 {
	found := []int64{}
	for id, vals := range m.vals {
		if id > after && meets(f, vals) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return found
}

// meets says what a filter means, without regard to speed.
func meets(f *record.Filter, vals []any) bool {
	switch {
	case f == nil:
		return true
	case f.Op == record.And:
		return !slices.ContainsFunc(f.Items, func(i *record.Filter) bool { return !meets(i, vals) })
	case f.Op == record.Or:
		return slices.ContainsFunc(f.Items, func(i *record.Filter) bool { return meets(i, vals) })
	case f.Ord >= len(vals) || vals[f.Ord] == nil:
		return f.Op == record.NotExist
	}
	v := vals[f.Ord]
	in := slices.ContainsFunc(f.Values, func(other any) bool { return alike(v, other) && order(v, other) == 0 })
	switch f.Op {
	case record.Exist:
		return true
	case record.In:
		return in
	case record.NotIn:
		return !in
	default:
		return len(f.Values) == 1 && alike(v, f.Values[0]) && compares(f.Op, v, f.Values[0])
	}
}

func alike(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

func compares(op record.Op, v, other any) bool {
	switch op {
	case record.Eq:
		return order(v, other) == 0
	case record.NotEq:
		return order(v, other) != 0
	case record.Gt:
		return order(v, other) > 0
	case record.Gte:
		return order(v, other) >= 0
	case record.Lt:
		return order(v, other) < 0
	case record.Lte:
		return order(v, other) <= 0
	default:
		s, ok := v.(string)
		return ok && hasPart(op, strings.ToLower(s), strings.ToLower(fmt.Sprint(other)))
	}
}

func hasPart(op record.Op, s, part string) bool {
	switch op {
	case record.BeginsWith:
		return strings.HasPrefix(s, part)
	case record.EndsWith:
		return strings.HasSuffix(s, part)
	case record.Contains:
		return strings.Contains(s, part)
	default:
		return false
	}
}

func order(a, b any) int {
	switch a := a.(type) {
	case string:
		other, _ := b.(string)
		return strings.Compare(strings.ToLower(a), strings.ToLower(other))
	case int64:
		other, _ := b.(int64)
		return cmp.Compare(a, other)
	default:
		return cmp.Compare(number(a), number(b))
	}
}

// number is exact for the numbers that dice throw.
func number(v any) float64 {
	switch v := v.(type) {
	case record.Stamp:
		return float64(v)
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

// dice make random records and filters out of few values, so that filters meet some.
type dice struct {
	*rand.Rand
	table   *record.Table
	columns []int // that are used, the id among them
}

func newDice(tb testing.TB, t *record.Table, seed uint64, columns ...string) *dice {
	tb.Helper()
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 1)), table: t} //nolint:gosec // dice, no secrets
	for _, name := range columns {
		d.columns = append(d.columns, ordinal(tb, t, name))
	}
	return d
}

// value returns nil now and then.
func (d *dice) value(ord int) any {
	if d.IntN(5) == 0 {
		return nil
	}
	switch d.table.Columns()[ord].Type {
	case registry.Int32, registry.Int64:
		return d.Int64N(9) - 2
	case registry.Double:
		return float64(d.IntN(9)-4) / 4
	case registry.Boolean:
		return d.IntN(2) == 0
	case registry.DateTime:
		return record.Stamp(1_700_000_000_000 + d.Int64N(50))
	default:
		return d.text()
	}
}

func (d *dice) text() string {
	parts := []string{"a", "A", "b", "Ä", "ä", "ß", "K", "k", "\u212a", "", " ", "\xff", "日本", "ab", "T2024", "\ufffd"}
	return parts[d.IntN(len(parts))] + parts[d.IntN(len(parts))] + parts[d.IntN(len(parts))]
}

func (d *dice) record() []any {
	vals := make([]any, len(d.table.Columns()))
	for _, ord := range d.columns[1:] {
		vals[ord] = d.value(ord)
	}
	return vals
}

func (d *dice) operands(op record.Op) int {
	switch op {
	case record.Exist, record.NotExist:
		return 0
	case record.In, record.NotIn:
		return d.IntN(5)
	default:
		return 1
	}
}

// filter makes a tree of at most so many levels; ids are those that comparisons of the id name.
func (d *dice) filter(levels int, ids int64) *record.Filter {
	if levels > 0 && d.IntN(3) > 0 {
		f := &record.Filter{Op: record.And}
		if d.IntN(2) == 0 {
			f.Op = record.Or
		}
		for range d.IntN(4) {
			f.Items = append(f.Items, d.filter(levels-1, ids))
		}
		return f
	}
	ord := d.columns[d.IntN(len(d.columns))]
	op := record.Eq + record.Op(d.IntN(int(record.NotIn-record.Eq)+1)) //nolint:gosec // few
	f := &record.Filter{Op: op, Ord: ord}
	for range d.operands(f.Op) {
		v := d.value(ord)
		if ord == 0 {
			v = d.Int64N(ids + 2)
			if d.IntN(50) == 0 {
				v = []int64{math.MinInt64, math.MaxInt64}[d.IntN(2)]
			}
		}
		f.Values = append(f.Values, v)
	}
	return f
}

func noteEntities(tb testing.TB) []registry.Entity {
	tb.Helper()
	e, ok := registry.Find("TicketNotes")
	require.True(tb, ok)
	return []registry.Entity{e}
}
