package record

import (
	"math"
	"slices"
)

// How rows are looked for. The figures are estimates: an eighth is where both ways cost about the same.
const (
	fewRows   = 1 << 8 // a look at so many candidates is cheaper than another index
	wideShare = 8      // a list with more than this part of all rows is not gathered
)

// query is a filter with the plan to answer it.
type query struct {
	table    *Table
	test     *test // nil is met by every row
	from, to int64 // no other ids meet it
	runs     []run // every row that meets it is in one of them
	size     int   // of all runs
	planned  bool  // there are runs; otherwise all rows must be looked at
	exact    bool  // all that is in runs meets the query, but for its id
	effort   effort
}

// plan finds the shortest list of candidates for the rows above after that meet f.
func (t *Table) plan(f *Filter, after int64) *query {
	q := &query{table: t, test: prepare(t, f), from: math.MinInt64, to: math.MaxInt64}
	q.narrow(Gt, after)
	q.narrowAll()
	if q.test == nil {
		return q
	}
	q.runs, q.size, q.planned = q.candidates(q.test, false)
	if t.rows.size > fewRows && (!q.planned || q.size > fewRows) {
		q.runs, q.size, q.planned = q.candidates(q.test, true)
	}
	q.exact = q.planned && q.test.exact()
	return q
}

// exact reports whether the keys of its runs tell everything about a test: it is a comparison, and not by hashes of
// text.
func (n *test) exact() bool {
	switch {
	case n.op == And || n.op == Or:
		return false
	case n.op == Exist || len(n.values) == 0:
		return true
	default:
		return n.values[0].kind != text
	}
}

// most returns how many rows meet the query at most.
func (q *query) most() int {
	if q.planned {
		return min(q.size, q.table.rows.size)
	}
	return q.table.rows.size
}

// narrowAll takes the comparisons of the id that every row must meet out of the test.
func (q *query) narrowAll() {
	switch {
	case q.test == nil:
	case q.test.op == And:
		q.test.items = slices.DeleteFunc(q.test.items, q.narrowBy)
		switch len(q.test.items) {
		case 0:
			q.test = nil
		case 1:
			q.test = q.test.items[0]
		}
	case q.narrowBy(q.test):
		q.test = nil
	}
}

func (q *query) narrowBy(n *test) bool {
	return n.ord == 0 && len(n.values) == 1 && q.narrow(n.op, n.values[0].number)
}

// narrow limits the ids to those that a comparison admits; false if it is no range.
func (q *query) narrow(op Op, id int64) bool {
	switch op {
	case Eq:
		q.from, q.to = max(q.from, id), min(q.to, id)
	case Gte:
		q.from = max(q.from, id)
	case Lte:
		q.to = min(q.to, id)
	case Gt:
		if id == math.MaxInt64 {
			q.to = math.MinInt64
		}
		q.from = max(q.from, id, id+1)
	case Lt:
		if id == math.MinInt64 {
			q.to = math.MinInt64
		}
		q.to = min(q.to, id, id-1)
	default:
		return false
	}
	return true
}

// candidates returns runs that contain every row that meets n, and how many entries they have; false where there are
// none. It builds indexes only if it may.
func (q *query) candidates(n *test, build bool) (runs []run, size int, ok bool) {
	switch n.op {
	case And:
		for _, item := range n.items {
			another := build && (!ok || size > fewRows) // index: it is worth its time only while the list is long
			if r, s, found := q.candidates(item, another); found && (!ok || s < size) {
				runs, size, ok = r, s, true
			}
		}
		return runs, size, ok
	case Or:
		for _, item := range n.items {
			r, s, found := q.candidates(item, build)
			if !found {
				return nil, 0, false
			}
			runs, size = append(runs, r...), size+s
		}
		return runs, size, true
	default:
		runs, ok = q.runsOf(n, build)
		for _, r := range runs {
			size += r.size(&q.table.rows, q.from, q.to)
		}
		return runs, size, ok
	}
}

// runsOf returns the runs of a comparison.
func (q *query) runsOf(n *test, build bool) ([]run, bool) {
	runs := n.ranges()
	if runs == nil {
		return nil, false
	}
	if n.ord != 0 {
		if n.index = q.table.indexed(n.ord); n.index == nil && build {
			n.index = q.table.index(n.ord)
		}
		if n.index == nil {
			return nil, false
		}
	}
	for i := range runs {
		runs[i].index = n.index
	}
	n.hull = run{least: math.MaxInt64, most: math.MinInt64}
	if len(runs) > 0 {
		n.hull = run{least: runs[0].least, most: runs[len(runs)-1].most}
	}
	return runs, true
}

// ranges returns the keys that meet a comparison, in order; nil where the order of keys does not tell.
func (n *test) ranges() []run {
	all := run{least: math.MinInt64, most: math.MaxInt64}
	switch n.op {
	case Exist:
		return []run{all}
	case Eq, In:
		runs := make([]run, len(n.values))
		for i, v := range n.values {
			runs[i] = run{least: v.key(), most: v.key()}
		}
		return runs
	case Gt, Gte, Lt, Lte:
		if len(n.values) == 0 {
			return []run{}
		}
		if n.values[0].kind == text {
			return nil
		}
		return all.cut(n.op, n.values[0].number)
	default:
		return nil
	}
}

// cut returns the part of a run that meets a comparison with key: one run, or none.
func (r run) cut(op Op, key int64) []run {
	switch {
	case op == Gte:
		r.least = key
	case op == Lte:
		r.most = key
	case op == Gt && key < math.MaxInt64:
		r.least = key + 1
	case op == Lt && key > math.MinInt64:
		r.most = key - 1
	default:
		return []run{}
	}
	return []run{r}
}

// possible reports whether a row of a zone may meet n.
func (n *test) possible(number int64) bool {
	switch {
	case n.op == And:
		return !slices.ContainsFunc(n.items, func(i *test) bool { return !i.possible(number) })
	case n.op == Or:
		return slices.ContainsFunc(n.items, func(i *test) bool { return i.possible(number) })
	case n.index == nil, len(n.index.zones) == 0:
		return true
	}
	i, ok := n.index.find(number)
	return ok && n.index.zones[i].most >= n.hull.least && n.index.zones[i].least <= n.hull.most
}

// count returns how many rows meet the query where that can be told without looking at them.
func (q *query) count() (n int, ok bool) {
	rows := &q.table.rows
	if q.test == nil {
		return run{least: math.MinInt64, most: math.MaxInt64}.size(rows, q.from, q.to), true
	}
	blind := func(r run) bool { return r.index != nil && r.least != r.most } // its size knows nothing of ids
	if limited := q.from > BeforeAll+1 || q.to < math.MaxInt64; limited && slices.ContainsFunc(q.runs, blind) {
		return 0, false
	}
	return q.size, q.exact
}
