package record_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// ticketColumns are of every type, indexed and not.
func ticketColumns() []string {
	return []string{
		"id", "companyID", "status", "queueID", "externalID", "title", "lastActivityDate", "createDate", "estimatedHours",
		"serviceLevelAgreementHasBeenMet",
	}
}

// TestFilters holds random filters against what they mean, while records come, change and go.
func TestFilters(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			s := whole()
			tickets := table(t, s, "Tickets")
			d := newDice(t, tickets, seed, ticketColumns()...)
			m := &model{tickets, map[int64][]any{}}
			for round := range 10 {
				s.Update(func(tx *record.Tx) {
					for range 300 << (round / 4) {
						change(t, tx, d, m)
					}
				})
				for range 40 {
					f := d.filter(3, int64(len(m.vals)))
					want := m.ids(f, record.BeforeAll)
					require.Equal(t, want, ids(s, tickets, f, 1+d.IntN(400)), "%+v", show(f))
					require.EqualValues(t, len(want), count(s, tickets, f), "%+v", show(f))
				}
			}
		})
	}
}

// change does something to a random record, and the same to the model.
func change(tb testing.TB, tx *record.Tx, d *dice, m *model) {
	tb.Helper()
	id := d.Int64N(tx.Last(m.table) + 2)
	_, exists := m.vals[id]
	switch vals := d.record(); d.IntN(6) {
	case 0:
		require.Equal(tb, exists, tx.Remove(m.table, id))
		delete(m.vals, id)
	case 1, 2:
		require.Equal(tb, exists, tx.Replace(m.table, id, vals))
		if exists {
			vals[0] = id
			m.vals[id] = vals
		}
	case 3:
		id = tx.Last(m.table) + 1 + d.Int64N(3000)
		tx.Place(m.table, id, vals)
		vals[0] = id
		m.vals[id] = vals
	default:
		id = tx.Insert(m.table, vals)
		vals[0] = id
		m.vals[id] = vals
	}
}

func show(f *record.Filter) string {
	if f == nil {
		return "nil"
	}
	s := fmt.Sprintf("{%d #%d %v", f.Op, f.Ord, f.Values)
	for _, item := range f.Items {
		s += " " + show(item)
	}
	return s + "}"
}

// TestLargeTable has enough rows for every way of finding them. Their last change is near their creation, their due
// date anywhere.
func TestLargeTable(t *testing.T) {
	t.Parallel()
	const rows = 10_000
	s := whole()
	tickets := table(t, s, "Tickets")
	d := newDice(t, tickets, 1)
	m := &model{tickets, map[int64][]any{}}
	s.Update(func(tx *record.Tx) {
		for i := range int64(rows) {
			vals := values(t, tickets, "companyID", d.Int64N(100), "status", 1+d.Int64N(4), "queueID", d.Int64N(1000),
				"lastActivityDate", record.Stamp(i*10+d.Int64N(2000)), "dueDateTime", record.Stamp(d.Int64N(rows)),
				"ticketNumber", fmt.Sprintf("T%d", d.Int64N(rows)), "estimatedHours", float64(d.IntN(10_000))/4)
			id := 3*i + 7001
			tx.Place(tickets, id, vals)
			vals[0] = id
			m.vals[id] = vals
		}
	})
	for range 100 {
		f := d.wide(t, rows)
		want := m.ids(f, record.BeforeAll)
		require.EqualValues(t, len(want), count(s, tickets, f), "%s", show(f))
		after := 7000 + d.Int64N(3*rows)
		if d.IntN(2) == 0 {
			after = record.BeforeAll
		}
		first, _ := slices.BinarySearch(want, after+1)
		want = want[first:]
		got, more := page(s, tickets, f, after, 500)
		require.Equal(t, want[:min(500, len(want))], got, "%s", show(f))
		require.Equal(t, len(want) > 500, more, "%s", show(f))
	}
}

// TestLots gathers more ids than the first lot has. The due dates of each tenth of the records are shuffled among them.
func TestLots(t *testing.T) {
	t.Parallel()
	const rows, tenth = 32_000, 3_200
	s := whole()
	tickets := table(t, s, "Tickets")
	s.Update(func(tx *record.Tx) {
		for i := range int64(rows) { // 7919 is a prime number: each due date is there once
			due := record.Stamp(i/tenth*tenth + i*7919%tenth)
			tx.Insert(tickets, values(t, tickets, "dueDateTime", due, "title", fmt.Sprint(i%10)))
		}
	})
	early := is(t, tickets, record.Lt, "dueDateTime", record.Stamp(tenth))
	all, threes := []int64{}, []int64{}
	for i := range int64(tenth) {
		if all = append(all, i+1); i%10 == 3 {
			threes = append(threes, i+1)
		}
	}
	some := and(early, is(t, tickets, record.Contains, "title", "3"))
	require.Equal(t, threes, ids(s, tickets, some, rows))
	require.Equal(t, threes, ids(s, tickets, some, 50))
	require.EqualValues(t, len(threes), count(s, tickets, some))
	require.EqualValues(t, tenth, count(s, tickets, early))
	for after := range int64(300) {
		got, more := page(s, tickets, early, after, tenth)
		require.Equal(t, all[after:], got)
		require.False(t, more)
	}
}

// wide makes filters as clients of large tenants send them.
func (d *dice) wide(tb testing.TB, rows int64) *record.Filter {
	tb.Helper()
	leaf := func() *record.Filter {
		from := []record.Op{record.Gt, record.Gte, record.Lt, record.Lte}[d.IntN(4)]
		switch d.IntN(8) {
		case 0:
			return is(tb, d.table, record.Eq, "companyID", d.Int64N(101))
		case 1:
			return is(tb, d.table, record.In, "status", d.Int64N(6), d.Int64N(6))
		case 2:
			return is(tb, d.table, record.In, "queueID", d.Int64N(1000), d.Int64N(1000), d.Int64N(1000), d.Int64N(1000))
		case 3:
			return is(tb, d.table, from, "lastActivityDate", record.Stamp(d.Int64N(12*rows)))
		case 4:
			return is(tb, d.table, from, "dueDateTime", record.Stamp(d.Int64N(rows)))
		case 5:
			return is(tb, d.table, record.Eq, "ticketNumber", fmt.Sprintf("t%d", d.Int64N(rows)))
		case 6:
			return is(tb, d.table, from, "id", 7000+d.Int64N(3*rows))
		default:
			return is(tb, d.table, from, "estimatedHours", float64(d.IntN(10_000))/4)
		}
	}
	switch d.IntN(4) {
	case 0:
		return or(leaf(), leaf())
	case 1:
		return and(leaf(), or(leaf(), leaf()), leaf())
	default:
		return and(leaf(), leaf())
	}
}

// TestFilter names what each operator does. The table has the records 1, 2, 3, 4 with the values below.
func TestFilter(t *testing.T) {
	t.Parallel()
	const day = record.Stamp(1_700_000_000_000)
	s := whole()
	tickets := table(t, s, "Tickets")
	insert(t, s, tickets, "title", "Printer", "companyID", int64(0), "estimatedHours", .5, "createDate", day)
	insert(t, s, tickets, "title", "printer JAM", "companyID", int64(-7), "estimatedHours", -.5, "createDate", day+1,
		"serviceLevelAgreementHasBeenMet", true)
	insert(t, s, tickets, "title", "", "companyID", int64(7), "serviceLevelAgreementHasBeenMet", false)
	insert(t, s, tickets, "title", "Überlauf")
	has := func(op record.Op, column string, vals ...any) *record.Filter {
		return is(t, tickets, op, column, vals...)
	}
	seven, dated := has(record.Eq, "companyID", int64(7)), has(record.Exist, "createDate")
	tests := map[string]struct {
		filter *record.Filter
		want   []int64
	}{
		"none":                        {nil, []int64{1, 2, 3, 4}},
		"eq text of another case":     {has(record.Eq, "title", "PRINTER"), []int64{1}},
		"eq text beyond ASCII":        {has(record.Eq, "title", "ÜBERLAUF"), []int64{4}},
		"eq zero":                     {has(record.Eq, "companyID", int64(0)), []int64{1}},
		"eq empty text":               {has(record.Eq, "title", ""), []int64{3}},
		"eq null":                     {has(record.Eq, "companyID", nil), []int64{}},
		"eq of another type":          {has(record.Eq, "companyID", "7"), []int64{}},
		"eq true":                     {has(record.Eq, "serviceLevelAgreementHasBeenMet", true), []int64{2}},
		"eq false":                    {has(record.Eq, "serviceLevelAgreementHasBeenMet", false), []int64{3}},
		"eq whole number of fraction": {has(record.Lt, "estimatedHours", int64(0)), []int64{2}},
		"eq id":                       {has(record.Eq, "id", int64(3)), []int64{3}},
		"noteq leaves null out":       {has(record.NotEq, "companyID", int64(0)), []int64{2, 3}},
		"noteq null":                  {has(record.NotEq, "companyID", nil), []int64{}},
		"gt negative":                 {has(record.Gt, "companyID", int64(-7)), []int64{1, 3}},
		"gt id":                       {has(record.Gt, "id", int64(2)), []int64{3, 4}},
		"gte moment":                  {has(record.Gte, "createDate", day), []int64{1, 2}},
		"gt moment":                   {has(record.Gt, "createDate", day), []int64{2}},
		"lt moment":                   {has(record.Lt, "createDate", day+1), []int64{1}},
		"lt text":                     {has(record.Lt, "title", "printer"), []int64{3}},
		"lte text":                    {has(record.Lte, "title", "printer"), []int64{1, 3}},
		"beginsWith":                  {has(record.BeginsWith, "title", "PRINT"), []int64{1, 2}},
		"beginsWith beyond ASCII":     {has(record.BeginsWith, "title", "üb"), []int64{4}},
		"beginsWith nothing":          {has(record.BeginsWith, "title", ""), []int64{1, 2, 3, 4}},
		"beginsWith of a number":      {has(record.BeginsWith, "companyID", "7"), []int64{}},
		"endsWith":                    {has(record.EndsWith, "title", "jam"), []int64{2}},
		"endsWith longer":             {has(record.EndsWith, "title", "a printer jam"), []int64{}},
		"contains":                    {has(record.Contains, "title", "ER J"), []int64{2}},
		"contains nothing":            {has(record.Contains, "title", ""), []int64{1, 2, 3, 4}},
		"gt greatest":                 {has(record.Gt, "companyID", int64(1<<63-1)), []int64{}},
		"lt least":                    {has(record.Lt, "companyID", int64(-1<<63)), []int64{}},
		"contains beyond ASCII":       {has(record.Contains, "title", "ÜBER"), []int64{4}},
		"exist":                       {has(record.Exist, "companyID"), []int64{1, 2, 3}},
		"exist of false":              {has(record.Exist, "serviceLevelAgreementHasBeenMet"), []int64{2, 3}},
		"notExist":                    {has(record.NotExist, "companyID"), []int64{4}},
		"notExist of the id":          {has(record.NotExist, "id"), []int64{}},
		"in":                          {has(record.In, "companyID", int64(7), int64(0), int64(7)), []int64{1, 3}},
		"in nothing":                  {has(record.In, "companyID"), []int64{}},
		"in ids":                      {has(record.In, "id", int64(4), int64(9), int64(2)), []int64{2, 4}},
		"notIn leaves null out":       {has(record.NotIn, "companyID", int64(7), int64(0)), []int64{2}},
		"notIn nothing":               {has(record.NotIn, "companyID"), []int64{1, 2, 3}},
		"notIn of texts":              {has(record.NotIn, "title", "printer", "", "nobody"), []int64{2, 4}},
		"or":                          {or(seven, has(record.Eq, "title", "printer")), []int64{1, 3}},
		"or of ids":                   {or(has(record.Gt, "id", int64(3)), has(record.Eq, "id", int64(1))), []int64{1, 4}},
		"ids that cannot be":          {and(has(record.Gt, "id", int64(3)), has(record.Lt, "id", int64(2))), []int64{}},
		"id above all":                {has(record.Gt, "id", int64(1<<63-1)), []int64{}},
		"id below all":                {has(record.Lt, "id", int64(record.BeforeAll)), []int64{}},
		"and of nothing":              {and(), []int64{1, 2, 3, 4}},
		"or of nothing":               {or(), []int64{}},
		"nested":                      {and(or(and(dated), or()), has(record.EndsWith, "title", "r")), []int64{1}},
		"no operator":                 {&record.Filter{}, []int64{}},
		"no value":                    {has(record.Eq, "companyID"), []int64{}},
		"no column":                   {&record.Filter{Op: record.Eq, Ord: 999, Values: []any{int64(1)}}, []int64{}},
		"no column, notExist":         {&record.Filter{Op: record.NotExist, Ord: 1 << 40}, []int64{1, 2, 3, 4}},
		"a column below all":          {&record.Filter{Op: record.Exist, Ord: -1}, []int64{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, ids(s, tickets, tt.filter, 2))
			require.EqualValues(t, len(tt.want), count(s, tickets, tt.filter))
		})
	}
}

// TestLateComers gathers ids of which the last belong in the middle: those below the lot's bound must not be missed.
func TestLateComers(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	var want []int64
	s.Update(func(tx *record.Tx) {
		for id := int64(1); id <= 20_000; id++ {
			due := record.Stamp(2) // out of the range
			switch {
			case id%2 == 0 && id <= 4096: // as many as fill two lots
				due = 0
			case id%2 == 1 && id > 2028 && id < 2048: // just below the middle of those
				due = 1
			}
			if due < 2 {
				want = append(want, id)
			}
			tx.Insert(tickets, values(t, tickets, "dueDateTime", due))
		}
	})
	require.Equal(t, want, ids(s, tickets, is(t, tickets, record.Lte, "dueDateTime", record.Stamp(1)), 20_000))
}
