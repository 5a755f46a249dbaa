package record

// A query that must look at many rows does so in stretches: the store is free for others between two of them, and whoever
// does not wait for the answer any more ends it. Rows are found by rising ids, so that one that comes, changes or goes
// meanwhile is found once or not at all, as between two pages.

// stretch is how much one stretch may cost, in comparisons of a number: some milliseconds.
const stretch = 200_000

// fewest is how many rows a stretch looks at in any case: to begin one costs something, too.
const fewest = 256

// costOfText is what a look into a text costs in comparisons of a number, roughly.
const costOfText = 8

// effort ends a query when it has cost enough. The zero effort never does.
type effort struct {
	limited bool
	left    int
	row     int   // what a look at one row costs
	spent   bool  // it has ended
	at      int64 // the first id that was not looked at
}

// allows is asked before each row.
func (e *effort) allows(id int64) bool {
	if !e.limited {
		return true
	}
	if e.left <= 0 {
		e.spent, e.at = true, id
		return false
	}
	e.left -= e.row
	return true
}

// cost is what a test costs for one row.
func (n *test) cost() int {
	if n == nil {
		return 1
	}
	total := 0
	for _, item := range n.items {
		total += item.cost()
	}
	switch n.op {
	case BeginsWith, EndsWith, Contains:
		total += costOfText
	case And, Or:
	default:
		total++
	}
	return max(total, 1)
}

// Page is [Tx.Page] for queries that may take long. done ends it: complete is false then. It must not be called within
// View or Update.
func (s *Store) Page(done <-chan struct{}, t *Table, f *Filter, after int64, n int) (rows []Row, more, complete bool) {
	complete = s.look(done, t, f, after, func(r Row) bool {
		if more = len(rows) >= n; !more {
			rows = append(rows, r)
		}
		return !more
	})
	return rows, more, complete
}

// Count is [Tx.Count] in the same way.
func (s *Store) Count(done <-chan struct{}, t *Table, f *Filter) (n int64, complete bool) {
	var exact int
	var known bool
	s.View(func(*Tx) { exact, known = t.plan(f, BeforeAll).count() })
	if known {
		return int64(exact), true
	}
	complete = s.look(done, t, f, BeforeAll, func(Row) bool { n++; return true })
	return n, complete
}

// look gives the rows that meet f to take, until it wants no more; false is the end of done.
func (s *Store) look(done <-chan struct{}, t *Table, f *Filter, after int64, take func(Row) bool) bool {
	for {
		var e effort
		s.View(func(*Tx) { e = t.plan(f, after).look(take) })
		if !e.spent {
			return true
		}
		select {
		case <-done:
			return false
		default:
			after = e.at - 1
		}
	}
}

// look is one stretch.
func (q *query) look(take func(Row) bool) effort {
	q.effort = effort{limited: true, left: stretch, row: min(q.test.cost(), stretch/fewest)}
	for r := range q.rows() {
		if !take(r) {
			break
		}
	}
	return q.effort
}
