package record_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestTables(t *testing.T) {
	t.Parallel()
	s := whole()
	for _, e := range registry.Entities() {
		tab := table(t, s, e.Name)
		require.Equal(t, e.Name, tab.Entity().Name)
		require.Len(t, tab.Columns(), len(e.Fields))
		for i, f := range e.Fields {
			require.Equal(t, record.Column{Field: f}, tab.Columns()[i])
			for _, name := range []string{f.Name, strings.ToUpper(f.Name)} {
				ord, ok := tab.Ordinal(name)
				require.True(t, ok)
				require.Equal(t, i, ord)
			}
		}
	}
	_, ok := s.Table("tickets")
	require.False(t, ok, "names are exact")
	require.Zero(t, s.Rows())
}

func TestRecords(t *testing.T) {
	t.Parallel()
	s := whole()
	companies := table(t, s, "Companies")
	s.Update(func(tx *record.Tx) {
		require.Zero(t, tx.Last(companies))
		tx.Place(companies, 0, values(t, companies, "companyName", "Our own"))
		tx.Place(companies, 174, values(t, companies, "companyName", "Acme"))
		require.EqualValues(t, 175, tx.Insert(companies, values(t, companies, "companyName", "Beta")))
		require.True(t, tx.Exists("Companies", 0))
		require.False(t, tx.Exists("Companies", 1))
		require.False(t, tx.Exists("Nonsense", 0))

		require.True(t, tx.Remove(companies, 175))
		require.False(t, tx.Remove(companies, 175))
		require.False(t, tx.Replace(companies, 175, nil))
		require.False(t, tx.Exists("Companies", 175))
		require.EqualValues(t, 176, tx.Insert(companies, nil), "an id is never given twice")
		require.EqualValues(t, 176, tx.Last(companies))

		name := ordinal(t, companies, "companyName")
		old, ok := tx.Find(companies, 174)
		require.True(t, ok)
		require.True(t, tx.Replace(companies, 174, values(t, companies, "companyName", "Acme 2")))
		changed, _ := tx.Find(companies, 174)
		require.Equal(t, []any{"Acme", "Acme 2"}, []any{old.Value(name), changed.Value(name)})

		require.Equal(t, []int{1, 2, 1}, []int{
			tx.Serial(companies, "20260801"), tx.Serial(companies, "20260801"), tx.Serial(companies, "20260802"),
		})
		var all []int64
		for r := range tx.Rows(companies, nil) {
			all = append(all, r.ID)
		}
		require.Equal(t, []int64{0, 174, 176}, all)
	})
	require.Equal(t, 3, s.Rows())
}

// TestLastID has the greatest id that there can be.
func TestLastID(t *testing.T) {
	t.Parallel()
	const greatest = int64(1<<63 - 1)
	s := whole()
	tickets := table(t, s, "Tickets")
	s.Update(func(tx *record.Tx) {
		tx.Place(tickets, 1, values(t, tickets, "status", int64(5), "title", "first"))
		tx.Place(tickets, greatest, values(t, tickets, "status", int64(8), "title", "last"))
	})
	for name, f := range map[string]*record.Filter{
		"status":          is(t, tickets, record.Eq, "status", int64(8)),
		"statuses":        is(t, tickets, record.In, "status", int64(8), int64(9)),
		"range":           is(t, tickets, record.Gt, "status", int64(5)),
		"title":           is(t, tickets, record.Eq, "title", "last"),
		"title or status": or(is(t, tickets, record.Eq, "title", "last"), is(t, tickets, record.Eq, "status", int64(8))),
		"id":              is(t, tickets, record.Gt, "id", int64(5)),
	} {
		require.Equal(t, []int64{greatest}, ids(s, tickets, f, 1), name)
		got, more := page(s, tickets, f, greatest, 1)
		require.Empty(t, got, name)
		require.False(t, more, name)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	for range 5 {
		insert(t, s, tickets, "status", int64(1))
	}
	tests := map[string]struct {
		after    int64
		n        int
		want     []int64
		wantMore bool
	}{
		"first":          {record.BeforeAll, 2, []int64{1, 2}, true},
		"second":         {2, 2, []int64{3, 4}, true},
		"last":           {4, 2, []int64{5}, false},
		"exactly all":    {record.BeforeAll, 5, []int64{1, 2, 3, 4, 5}, false},
		"behind":         {5, 2, []int64{}, false},
		"far behind":     {1<<63 - 1, 2, []int64{}, false},
		"a record gone":  {-3, 1, []int64{1}, true},
		"none asked for": {0, 0, []int64{}, true},
		"fewer than 0":   {0, -1, []int64{}, true},
	}
	for name, tt := range tests {
		for kind, f := range map[string]*record.Filter{"all": nil, "index": is(t, tickets, record.Eq, "status", int64(1))} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				got, more := page(s, tickets, f, tt.after, tt.n)
				require.Equal(t, tt.want, got)
				require.Equal(t, tt.wantMore, more)
			})
		}
	}
}

// TestPagesWhileWritten reads pages between which records come and go: each that was there all the time is read once.
func TestPagesWhileWritten(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"id", "status", "queueID", "lastActivityDate"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			s := whole()
			tickets := table(t, s, "Tickets")
			d := newDice(t, tickets, 1)
			next := func(tx *record.Tx) int64 {
				return tx.Insert(tickets, values(t, tickets, "status", int64(5), "queueID", int64(7),
					"lastActivityDate", record.Stamp(d.Int64N(1000))))
			}
			stays := map[int64]bool{}
			s.Update(func(tx *record.Tx) {
				for range 3000 {
					stays[next(tx)] = true
				}
			})
			f := is(t, tickets, record.Exist, column)
			var got []int64
			after, more := int64(record.BeforeAll), true
			for more {
				var ids []int64
				ids, more = page(s, tickets, f, after, 100)
				got = append(got, ids...)
				after = got[len(got)-1]
				s.Update(func(tx *record.Tx) {
					for range 20 {
						next(tx)
						id := 1 + d.Int64N(3000)
						tx.Remove(tickets, id)
						delete(stays, id)
					}
				})
			}
			require.True(t, slices.IsSorted(got))
			require.Len(t, slices.Compact(slices.Clone(got)), len(got), "a record was read twice")
			for _, id := range got {
				delete(stays, id)
			}
			require.Empty(t, stays, "not read")
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets, products := table(t, s, "Tickets"), table(t, s, "Products")
	require.Empty(t, s.Duplicates())
	require.NotNil(t, s.Duplicates())
	for _, id := range []any{"b", "A-1", "a-1", nil, nil, "", "", "once", "b", "A-1"} {
		insert(t, s, tickets, "externalID", id)
	}
	require.Equal(t, "externalProductID", products.Entity().Marks.ExternalID)
	insert(t, s, products, "externalProductID", "P")
	insert(t, s, products, "externalProductID", "P")
	want := []record.Duplicate{{"Products", "P", 2}, {"Tickets", "A-1", 3}, {"Tickets", "b", 2}}
	require.Equal(t, want, s.Duplicates())
	s.Update(func(tx *record.Tx) {
		tx.Remove(tickets, 1)
		tx.Replace(products, 2, nil)
		tx.Replace(tickets, 2, values(t, tickets, "externalID", "once"))
	})
	require.Equal(t, []record.Duplicate{{"Tickets", "a-1", 2}, {"Tickets", "once", 2}}, s.Duplicates())
}

func TestAddColumn(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets, notes := table(t, s, "Tickets"), table(t, s, "TicketNotes")
	column := func(name string, udf bool) record.Column {
		return record.Column{Field: registry.Field{Name: name, Type: registry.String}, UDF: udf, Learnt: !udf}
	}
	s.Update(func(tx *record.Tx) {
		tests := []struct {
			name    string
			table   *record.Table
			column  record.Column
			wantOrd int
			wantOK  bool
		}{
			{"learnt", tickets, column("colour", false), 72, true},
			{"again, in another case", tickets, column("COLOUR", false), 72, true},
			{"user-defined of the same name", tickets, column("colour", true), 73, true},
			{"user-defined again", tickets, column("Colour", true), 73, true},
			{"a field", tickets, column("Title", false), 71, true},
			{"user-defined named as a field", tickets, column("title", true), 74, true},
			{"no name", tickets, column("", false), 0, false},
			{"the longest name", tickets, column(strings.Repeat("x", 100), true), 75, true},
			{"a longer name", tickets, column(strings.Repeat("x", 101), false), 0, false},
			{"user-defined where there are none", notes, column("colour", true), 0, false},
			{"learnt there", notes, column("colour", false), 11, true},
		}
		for _, tt := range tests {
			ord, ok := tx.AddColumn(tt.table, tt.column)
			require.Equal(t, tt.wantOK, ok, tt.name)
			require.Equal(t, tt.wantOrd, ord, tt.name)
		}
		for i := 4; i < 500; i++ {
			ord, ok := tx.AddColumn(tickets, column(fmt.Sprint("c", i), i%2 == 0))
			require.True(t, ok)
			require.Equal(t, 72+i, ord)
		}
		_, ok := tx.AddColumn(tickets, column("one more", false))
		require.False(t, ok)
		ord, ok := tx.AddColumn(tickets, column("c7", false))
		require.True(t, ok, "what is there already, is returned")
		require.Equal(t, 79, ord)
		vals := make([]any, 572)
		vals[571], vals[72] = "last", "first"
		tx.Insert(tickets, vals)
	})
	require.Len(t, tickets.Columns(), 572)
	require.Equal(t, column("colour", true), tickets.Columns()[73])
	ord, ok := tickets.UDF("COLOUR")
	require.True(t, ok)
	require.Equal(t, 73, ord)
	_, ok = tickets.UDF("ticketNumber")
	require.False(t, ok)
	last := &record.Filter{Op: record.Eq, Ord: 571, Values: []any{"LAST"}}
	require.Equal(t, []int64{1}, ids(s, tickets, last, 10))
	require.Equal(t, "first", find(t, s, tickets, 1).Value(72))
}

// TestStretches asks for more than one stretch may cost, while others write, and holds it against what one look finds.
func TestStretches(t *testing.T) {
	t.Parallel()
	const n = 60_000
	s := whole()
	notes := table(t, s, "TicketNotes")
	title := ordinal(t, notes, "title")
	s.Update(func(tx *record.Tx) {
		vals := make([]any, len(notes.Columns()))
		for i := range n {
			vals[title] = "note " + strconv.Itoa(i%100)
			tx.Insert(notes, vals)
		}
	})
	filters := map[string]*record.Filter{
		"every row":    nil,
		"no row":       is(t, notes, record.Contains, "title", "nothing"),
		"few rows":     is(t, notes, record.EndsWith, "title", " 77"),
		"many tests":   or(is(t, notes, record.Contains, "title", "5"), is(t, notes, record.BeginsWith, "title", "NOTE 1")),
		"with a range": and(is(t, notes, record.Contains, "title", "5"), is(t, notes, record.Gt, "id", int64(30_000))),
		"an index":     is(t, notes, record.Eq, "title", "NOTE 42"),
	}
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := ids(s, notes, f, n)
			rows, more, complete := s.Page(nil, notes, f, record.BeforeAll, n)
			require.True(t, complete)
			require.False(t, more)
			require.Len(t, rows, len(want))
			for i, r := range rows {
				require.Equal(t, want[i], r.ID)
			}
			count, complete := s.Count(nil, notes, f)
			require.True(t, complete)
			require.EqualValues(t, len(want), count)
			if len(want) > 1 {
				rows, more, _ = s.Page(nil, notes, f, want[0], 1)
				require.Equal(t, want[1], rows[0].ID)
				require.Equal(t, len(want) > 2, more)
			}
		})
	}
}

func TestStretchesEnd(t *testing.T) {
	t.Parallel()
	s := whole()
	notes := table(t, s, "TicketNotes")
	s.Update(func(tx *record.Tx) {
		for range 60_000 {
			tx.Insert(notes, nil)
		}
	})
	done := make(chan struct{})
	close(done)
	long := is(t, notes, record.Contains, "title", "x")
	_, complete := s.Count(done, notes, long)
	require.False(t, complete)
	_, _, complete = s.Page(done, notes, long, record.BeforeAll, 1)
	require.False(t, complete)
	count, complete := s.Count(done, notes, nil)
	require.True(t, complete, "it takes no time")
	require.EqualValues(t, 60_000, count)
}
