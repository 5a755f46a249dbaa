package record

import (
	"cmp"
	"math"
	"slices"
)

// entry is a record in an index. The key is the value's number, or the hash of its text.
type entry struct{ key, id int64 }

func (e entry) compare(other entry) int {
	switch {
	case e.key < other.key:
		return -1
	case e.key > other.key:
		return 1
	case e.id < other.id:
		return -1
	case e.id > other.id:
		return 1
	default:
		return 0
	}
}

// index finds the records of a table by one column. Records where it is null are not in it.
type index struct {
	entries sorted[entry]
	zones   []zone // by their number; none for text
}

// zone says between which keys the records of 1,024 neighbouring ids are, at most: what leaves the zone does not narrow
// it.
type zone struct {
	number      int64
	least, most int64
}

const zoneBits = 10

func zoneOf(id int64) int64 { return id >> zoneBits }

func (v value) key() int64 {
	if v.kind == text {
		return foldHash(v.text)
	}
	return v.number
}

// newIndex indexes rows that are there already.
func newIndex(rows *sorted[Row], ord int) *index {
	x := &index{}
	entries := make([]entry, 0, rows.size)
	for r := range rows.from(position{}) {
		if v := r.value(ord); v.kind != null {
			entries = append(entries, entry{v.key(), r.ID})
			x.widen(r.ID, v)
		}
	}
	slices.SortFunc(entries, entry.compare)
	x.entries = sortedOf(entries)
	return x
}

func (x *index) share() *index {
	return &index{entries: x.entries.share(), zones: slices.Clone(x.zones)}
}

func (x *index) put(id int64, v value) {
	if v.kind != null {
		x.entries.put(entry{v.key(), id})
		x.widen(id, v)
	}
}

func (x *index) remove(id int64, v value) {
	if v.kind != null {
		x.entries.remove(entry{v.key(), id})
	}
}

// widen makes room for v in the zone of its record.
func (x *index) widen(id int64, v value) {
	if v.kind == text {
		return
	}
	i, ok := x.find(zoneOf(id))
	if !ok {
		x.zones = slices.Insert(x.zones, i, zone{zoneOf(id), v.number, v.number})
		return
	}
	z := &x.zones[i]
	z.least, z.most = min(z.least, v.number), max(z.most, v.number)
}

func (x *index) find(number int64) (int, bool) {
	if n := len(x.zones); n > 0 && x.zones[n-1].number <= number { // records come at the end
		if x.zones[n-1].number == number {
			return n - 1, true
		}
		return n, false
	}
	return slices.BinarySearchFunc(x.zones, number, func(z zone, n int64) int { return cmp.Compare(z.number, n) })
}

// run is a stretch of an index, or of the rows themselves where index is nil: all from one key to another, both
// included.
type run struct {
	index       *index
	least, most int64
}

// size returns how many records are in the run whose id is from one to another. It is exact for the runs of one key and
// of no index; others ignore the ids.
func (r run) size(rows *sorted[Row], from, to int64) int {
	if r.index == nil {
		from, to = max(r.least, from), min(r.most, to)
		return span(rows, Row{ID: from}, Row{ID: to})
	}
	if r.least != r.most {
		from, to = math.MinInt64, math.MaxInt64
	}
	return span(&r.index.entries, entry{r.least, from}, entry{r.most, to})
}

// span counts the items from one to another, the other included.
func span[T item[T]](l *sorted[T], from, to T) int {
	if from.compare(to) > 0 {
		return 0
	}
	p := l.seek(from)
	q := l.seekFrom(p, to)
	n := l.between(p, q)
	if x, ok := l.at(q); ok && x.compare(to) == 0 {
		n++
	}
	return n
}
