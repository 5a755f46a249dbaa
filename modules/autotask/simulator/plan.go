package simulator

import (
	"math"
	"slices"
)

// beforeAll is below every id.
const beforeAll = math.MinInt64

// plan is which rows must be looked at: those of ids where it is not nil, else those from one id to another.
type plan struct {
	ids      []int64 // in order
	from, to int64
}

// plan reads the comparisons that every row must meet, and takes the shortest list that an index offers.
func (t *table) plan(f *filter) plan {
	p := plan{from: beforeAll, to: math.MaxInt64}
	if f.op != opAnd {
		return p
	}
	for _, item := range f.items {
		if item.ord == 0 && len(item.items) == 0 {
			p.narrow(item)
		}
		ids, ok := t.candidates(item)
		if ok && (p.ids == nil || len(ids) < len(p.ids)) {
			p.ids = ids
		}
	}
	return p
}

// narrow takes a comparison of the id into the range.
func (p *plan) narrow(f *filter) {
	if len(f.vals) != 1 {
		return
	}
	id, _ := f.vals[0].(int64)
	switch f.op {
	case "gt", "gte": // the row of gt's own id is left to match
		p.from = max(p.from, id)
	case "lt", "lte":
		p.to = min(p.to, id)
	}
}

// candidates returns the ids that an equality names, never nil, and false where only a scan knows.
func (t *table) candidates(f *filter) ([]int64, bool) {
	if f.op != "eq" && f.op != "in" {
		return nil, false
	}
	if f.ord == 0 {
		ids := make([]int64, 0, len(f.vals))
		for _, v := range f.vals {
			id, _ := v.(int64)
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return slices.Compact(ids), true
	}
	byValue, ok := t.index[f.ord]
	if !ok {
		return nil, false
	}
	if len(f.vals) == 1 {
		if ids := byValue[indexKey(f.vals[0])]; ids != nil {
			return ids, true
		}
		return []int64{}, true
	}
	ids := []int64{}
	for _, v := range f.vals {
		ids = append(ids, byValue[indexKey(v)]...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
