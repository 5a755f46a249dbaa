package record_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// TestSnapshots takes and restores snapshots at random while records come, change and go.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	type taken struct {
		snap *record.Snapshot
		vals map[int64][]any
		last int64
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := whole()
			tickets := table(t, s, "Tickets")
			d := newDice(t, tickets, seed, ticketColumns()...)
			m := &model{tickets, map[int64][]any{}}
			last := func() (last int64) {
				s.View(func(tx *record.Tx) { last = tx.Last(tickets) })
				return last
			}
			snaps := []taken{{s.Snapshot(), map[int64][]any{}, 0}}
			for range 40 {
				switch d.IntN(4) {
				case 0:
					snaps = append(snaps, taken{s.Snapshot(), maps.Clone(m.vals), last()})
				case 1:
					old := snaps[d.IntN(len(snaps))]
					s.Restore(old.snap)
					m.vals = maps.Clone(old.vals)
					require.Equal(t, old.last, last())
				default:
					s.Update(func(tx *record.Tx) {
						for range 150 {
							change(t, tx, d, m)
						}
					})
				}
				requireAll(t, s, m)
				for range 5 {
					f := d.filter(2, int64(len(m.vals)))
					require.Equal(t, m.ids(f, record.BeforeAll), ids(s, tickets, f, 500), "%s", show(f))
				}
			}
		})
	}
}

// requireAll compares all records with those of the model.
func requireAll(tb testing.TB, s *record.Store, m *model) {
	tb.Helper()
	require.Equal(tb, len(m.vals), s.Rows())
	s.View(func(tx *record.Tx) {
		for r := range tx.Rows(m.table, nil) {
			require.Equal(tb, m.vals[r.ID], r.Values(m.table))
		}
	})
}

func TestSnapshotKeepsEverything(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	learn := func(name string) {
		s.Update(func(tx *record.Tx) {
			c := record.Column{Field: registry.Field{Name: name, Type: registry.String}, UDF: true}
			_, ok := tx.AddColumn(tickets, c)
			require.True(t, ok)
			tx.Serial(tickets, "day")
		})
	}
	learn("before")
	insert(t, s, tickets, "title", "kept", "externalID", "x")
	snap := s.Snapshot()
	for range 2 {
		learn("after")
		row := find(t, s, tickets, 1)
		ord, ok := tickets.UDF("after")
		require.True(t, ok)
		insert(t, s, tickets, "externalID", "x")
		s.Update(func(tx *record.Tx) { tx.Remove(tickets, 1) })
		s.Restore(snap)

		require.Len(t, tickets.Columns(), 73)
		_, ok = tickets.UDF("after")
		require.False(t, ok)
		require.Equal(t, 1, s.Rows())
		require.Empty(t, s.Duplicates())
		require.JSONEq(t, `{"title":"kept"}`, string(tickets.AppendRow(nil, row, []int{71, ord})), "a column that is gone")
		s.Update(func(tx *record.Tx) {
			require.Equal(t, 2, tx.Serial(tickets, "day"))
			require.EqualValues(t, 1, tx.Last(tickets))
		})
	}
}

// TestSnapshotsAreApart gives three states different records behind those that they share.
func TestSnapshotsAreApart(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	place := func(from, to, status int64) {
		s.Update(func(tx *record.Tx) {
			for id := from; id <= to; id++ {
				tx.Place(tickets, id, values(t, tickets, "status", status))
			}
		})
	}
	place(1, 2500, 5)
	first := s.Snapshot()
	place(5000, 5010, 8)
	second := s.Snapshot()
	s.Restore(first)
	place(9000, 9010, 8)
	third := s.Snapshot()
	eight, above := is(t, tickets, record.Eq, "status", int64(8)), is(t, tickets, record.Gt, "status", int64(5))
	for snap, want := range map[*record.Snapshot]int64{second: 5000, third: 9000} {
		s.Restore(snap)
		require.Equal(t, []int64{want, want + 1}, ids(s, tickets, eight, 500)[:2])
		require.Equal(t, want, ids(s, tickets, above, 500)[0])
	}
	s.Restore(first)
	require.Empty(t, ids(s, tickets, eight, 500))
}

// TestConcurrently is for the race detector: readers that build indexes, writers, columns that come, and snapshots.
func TestConcurrently(t *testing.T) {
	t.Parallel()
	s, tickets := tenant(t, 3000)
	snap := s.Snapshot()
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		wg.Go(func() {
			d := newDice(t, tickets, worker, "id", "companyID", "queueID", "title", "dueDateTime", "contactID")
			for range 25 {
				var rows []record.Row
				s.View(func(tx *record.Tx) { rows, _ = tx.Page(tickets, d.filter(2, 10_000), record.BeforeAll, 100) })
				for _, r := range rows {
					_ = tickets.AppendRow(nil, r, nil)
					_ = r.Values(tickets)
				}
				_ = s.Duplicates()
			}
		})
		wg.Go(func() {
			for i := range 50 {
				s.Update(func(tx *record.Tx) {
					id := tx.Insert(tickets, values(t, tickets, "companyID", int64(i), "title", "new"))
					tx.Replace(tickets, id-1, values(t, tickets, "queueID", int64(i)))
					tx.Remove(tickets, 7001+int64(i))
					_, _ = tx.AddColumn(tickets, record.Column{
						Field: registry.Field{Name: fmt.Sprint("c", worker, i), Type: registry.String}, UDF: i%2 == 0,
					})
				})
				_, _ = tickets.UDF("c00")
				if i%20 == 10 {
					s.Restore(snap)
				}
				_ = s.Snapshot()
			}
		})
	}
	wg.Wait()
	s.Restore(snap)
	require.Equal(t, 3000, s.Rows())
}
