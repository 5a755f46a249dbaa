package record

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// BeforeAll is below every id.
const BeforeAll = math.MinInt64

// Op is an operator of a filter.
type Op uint8

// The operators.
const (
	And Op = iota + 1
	Or
	Eq
	NotEq
	Gt
	Gte
	Lt
	Lte
	BeginsWith
	EndsWith
	Contains
	Exist
	NotExist
	In
	NotIn
)

// Filter is a compiled expression: a group with Items, or a comparison of the column Ord with Values (one, none for
// Exist and NotExist, any number for In and NotIn). Text is compared without regard to case. A column that is null
// meets NotExist alone, as in SQL; no value is equal to null or different from it, and none to a value of another type.
// A nil filter is met by every row. A filter must not be changed once it was used.
type Filter struct {
	Op     Op
	Items  []*Filter
	Ord    int
	Values []any
}

// test is a filter prepared for many rows.
type test struct {
	op     Op
	items  []*test
	ord    int
	values []value // in order, each once; in lower case for the operators of parts of texts

	index *index // of the column, where the plan has found that its keys tell something
	hull  run    // from the lowest key that meets the test to the highest
}

// prepare returns nil for a filter that every row meets.
func prepare(t *Table, f *Filter) *test {
	if f == nil {
		return nil
	}
	if f.Op == And || f.Op == Or {
		return prepareGroup(t, f)
	}
	columns := t.Columns()
	if f.Ord < 0 || f.Ord >= len(columns) { // null in every row
		if f.Op == NotExist {
			return nil
		}
		return &test{op: Or}
	}
	n := &test{op: f.Op, ord: f.Ord}
	for _, raw := range f.Values {
		v := valueOf(columns[f.Ord].Type, raw)
		if v.kind == null {
			continue
		}
		if f.Op == BeginsWith || f.Op == EndsWith || f.Op == Contains {
			v.text = strings.ToLower(v.text)
		}
		n.values = append(n.values, v)
	}
	slices.SortFunc(n.values, value.compare)
	n.values = slices.CompactFunc(n.values, func(a, b value) bool { return a.compare(b) == 0 })
	return n
}

// prepareGroup takes groups apart that are within a group of their own kind.
func prepareGroup(t *Table, f *Filter) *test {
	n := &test{op: f.Op}
	for _, item := range f.Items {
		p := prepare(t, item)
		switch {
		case p == nil && f.Op == Or:
			return nil
		case p == nil:
		case p.op == f.Op:
			n.items = append(n.items, p.items...)
		default:
			n.items = append(n.items, p)
		}
	}
	switch {
	case len(n.items) == 1:
		return n.items[0]
	case len(n.items) == 0 && f.Op == And:
		return nil
	default:
		return n
	}
}

// compare orders two values of one column.
func (v value) compare(other value) int {
	if v.kind == text && other.kind == text {
		return foldCompare(v.text, other.text)
	}
	return cmp.Compare(v.number, other.number)
}

// match reports whether a row meets the test.
func (n *test) match(r Row) bool {
	switch n.op {
	case And:
		for _, item := range n.items {
			if !item.match(r) {
				return false
			}
		}
		return true
	case Or:
		for _, item := range n.items {
			if item.match(r) {
				return true
			}
		}
		return false
	default:
		return n.meets(r.value(n.ord))
	}
}

func (n *test) meets(v value) bool {
	switch {
	case v.kind == null:
		return n.op == NotExist
	case n.op == Exist:
		return true
	case n.op == NotIn:
		return !n.among(v)
	case len(n.values) == 0:
		return false
	}
	switch n.op {
	case In:
		return n.among(v)
	case Eq:
		return v.compare(n.values[0]) == 0
	case NotEq:
		return v.compare(n.values[0]) != 0
	case Gt:
		return v.compare(n.values[0]) > 0
	case Gte:
		return v.compare(n.values[0]) >= 0
	case Lt:
		return v.compare(n.values[0]) < 0
	case Lte:
		return v.compare(n.values[0]) <= 0
	default:
		return v.kind == text && n.part(v.text)
	}
}

func (n *test) among(v value) bool {
	_, ok := slices.BinarySearchFunc(n.values, v, value.compare)
	return ok
}

func (n *test) part(s string) bool {
	switch n.op {
	case BeginsWith:
		return foldPrefix(s, n.values[0].text)
	case EndsWith:
		return foldSuffix(s, n.values[0].text)
	case Contains:
		return foldContains(s, n.values[0].text)
	default:
		return false
	}
}
