package record

// Row is one record. It never changes, needs no lock, and stays valid when the record is changed or deleted.
type Row struct {
	ID   int64
	data string // the values that are not null, packed
}

func (r Row) compare(other Row) int {
	switch {
	case r.ID < other.ID:
		return -1
	case r.ID > other.ID:
		return 1
	default:
		return 0
	}
}

// value returns a value by its ordinal.
func (r Row) value(ord int) value {
	if ord == 0 {
		return value{kind: whole, number: r.ID}
	}
	w := walker{data: r.data}
	return w.find(ord)
}

// Value returns a value by its ordinal, nil for null.
func (r Row) Value(ord int) any { return r.value(ord).unpacked() }

// Values returns all values of a table's row in a slice of the caller's own, as long as the table's columns.
func (r Row) Values(t *Table) []any {
	vals := make([]any, len(t.Columns()))
	vals[0] = r.ID
	w := walker{data: r.data}
	for ord, v, ok := w.next(); ok && ord < len(vals); ord, v, ok = w.next() {
		vals[ord] = v.unpacked()
	}
	return vals
}
