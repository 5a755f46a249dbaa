package record

import (
	"iter"
	"math"
	"slices"
)

// How ids are gathered. The figures are estimates.
const (
	firstLot  = 1 << 10 // how many ids the first lot has
	lotGrowth = 8       // how many times larger the next one is
)

// rows iterates by id over the rows that meet the query.
func (q *query) rows() iter.Seq[Row] {
	switch {
	case q.from > q.to:
		return func(func(Row) bool) {}
	case q.inOrder():
		return q.along(q.runs[0])
	case q.planned && q.size <= max(fewRows, q.table.rows.size/wideShare):
		return q.gathered
	default:
		return q.walked
	}
}

// inOrder reports whether the candidates are in an index by their ids.
func (q *query) inOrder() bool {
	return len(q.runs) == 1 && q.runs[0].index != nil && q.runs[0].least == q.runs[0].most
}

// walked looks at all rows, but for zones in which none can meet the query.
func (q *query) walked(yield func(Row) bool) {
	rows := &q.table.rows
	p, skip := rows.seek(Row{ID: q.from}), skipper{test: q.test}
	for r, ok := rows.at(p); ok && r.ID <= q.to; r, ok = rows.at(p) {
		if next, skips := skip.over(r.ID); skips {
			p = rows.seekFrom(p, Row{ID: next})
			continue
		}
		if !q.effort.allows(r.ID) || (q.test == nil || q.test.match(r)) && !yield(r) {
			return
		}
		p = rows.next(p)
	}
}

// along looks at the rows of one key, but for zones in which none can meet the query.
func (q *query) along(r run) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		entries, rows, skip := &r.index.entries, &q.table.rows, skipper{test: q.test}
		var at position
		p := entries.seek(entry{r.least, q.from})
		for e, ok := entries.at(p); ok && e.key == r.least && e.id <= q.to; e, ok = entries.at(p) {
			if next, skips := skip.over(e.id); skips {
				p = entries.seekFrom(p, entry{e.key, next})
				continue
			}
			at = rows.seekFrom(at, Row{ID: e.id})
			if !q.effort.allows(e.id) {
				return
			}
			if row, found := rows.at(at); found && (q.exact || q.test.match(row)) && !yield(row) {
				return
			}
			p = entries.next(p)
		}
	}
}

// skipper tells which ids need not be looked at. Ids are given to it in order.
type skipper struct {
	test *test
	to   int64 // ids below it are in a zone that was found possible
	used bool
}

// over returns the next id worth a look if that is not id.
func (s *skipper) over(id int64) (next int64, skips bool) {
	if s.test == nil || s.used && id < s.to {
		return 0, false
	}
	number := zoneOf(id)
	if number == zoneOf(math.MaxInt64) {
		return 0, false
	}
	next = (number + 1) << zoneBits
	if !s.test.possible(number) {
		return next, true
	}
	s.to, s.used = next, true
	return 0, false
}

// gathered looks at the rows of several keys, in lots of rising ids: most queries need the first alone.
func (q *query) gathered(yield func(Row) bool) {
	rows := &q.table.rows
	var at position
	for from, n := q.from, firstLot; ; n *= lotGrowth {
		ids := q.lowest(from, n)
		for _, id := range ids {
			if !q.effort.allows(id) {
				return
			}
			at = rows.seekFrom(at, Row{ID: id})
			if r, ok := rows.at(at); ok && r.ID == id && (q.exact || q.test.match(r)) && !yield(r) {
				return
			}
		}
		if len(ids) < n || ids[n-1] == math.MaxInt64 {
			return
		}
		from = ids[n-1] + 1
	}
}

// lowest returns the n lowest ids of all runs that are not below from, in order, fewer where there are fewer.
func (q *query) lowest(from int64, n int) []int64 {
	to := q.to
	ids := make([]int64, 0, min(2*n, q.size))
	settle := func() {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if len(ids) >= n {
			ids = ids[:n]
			to = ids[n-1] - 1 // no others are of interest
		}
	}
	for _, r := range q.runs {
		for id := range r.ids(&q.table.rows, from) {
			if id < from || id > to {
				continue
			}
			if ids = append(ids, id); len(ids) >= 2*n {
				settle()
			}
		}
	}
	settle()
	return ids
}

// ids iterates over the ids of a run; those below from may be missing.
func (r run) ids(rows *sorted[Row], from int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		if r.index == nil {
			for row := range rows.from(rows.seek(Row{ID: max(r.least, from)})) {
				if row.ID > r.most || !yield(row.ID) {
					return
				}
			}
			return
		}
		start := entry{r.least, math.MinInt64}
		if r.least == r.most {
			start.id = from
		}
		for e := range r.index.entries.from(r.index.entries.seek(start)) {
			if e.key > r.most || !yield(e.id) {
				return
			}
		}
	}
}
