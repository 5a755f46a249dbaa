package record_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// FuzzText compares and looks for texts, which must be found as in lower case, by an index and without.
func FuzzText(f *testing.F) {
	f.Add("Printer JAM", "jam")
	f.Add("ÜBERLAUF", "über")
	f.Add("\u212aelvin", "k")
	f.Add("İstanbul", "i")
	f.Add("a\xffb", "\ufffd")
	f.Add("\xc3", "\xc3\xa4")
	f.Fuzz(func(t *testing.T, s, part string) {
		store := record.New(noteEntities(t))
		notes := table(t, store, "TicketNotes")
		insert(t, store, notes, "title", s)
		insert(t, store, notes, "title", part)
		insert(t, store, notes)
		m := &model{notes, map[int64][]any{
			1: values(t, notes, "title", s), 2: values(t, notes, "title", part), 3: values(t, notes),
		}}
		for op := record.Eq; op <= record.NotIn; op++ {
			filter := is(t, notes, op, "title", part)
			require.Equal(t, m.ids(filter, record.BeforeAll), ids(store, notes, filter, 2), "operator %d", op)
		}
	})
}

// FuzzFilter holds filters of any shape against what they mean.
func FuzzFilter(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, data, filters uint64) {
		s := record.New(noteEntities(t))
		notes := table(t, s, "TicketNotes")
		d := newDice(t, notes, data, "id", "ticketID", "title", "lastActivityDate", "noteType")
		m := &model{notes, map[int64][]any{}}
		s.Update(func(tx *record.Tx) {
			for range 100 {
				change(t, tx, d, m)
			}
		})
		d = newDice(t, notes, filters, "id", "ticketID", "title", "lastActivityDate", "noteType")
		for range 20 {
			filter := d.filter(4, 100)
			want := m.ids(filter, record.BeforeAll)
			require.Equal(t, want, ids(s, notes, filter, 7), "%s", show(filter))
			require.EqualValues(t, len(want), count(s, notes, filter), "%s", show(filter))
		}
	})
}
