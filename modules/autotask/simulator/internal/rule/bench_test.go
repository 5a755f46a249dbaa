package rule_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
)

const full = `{"companyID":0,"title":"Printer on the third floor","description":"It prints blank pages since Monday.","status":1,
	"priority":2,"queueID":5,"contactID":1,"assignedResourceID":29682885,"assignedResourceRoleID":1,
	"dueDateTime":"2024-02-01T12:00:00.000","externalID":"RMM-4711","estimatedHours":1.5}`

// BenchmarkCreate reads and checks the body of a new ticket with 12 fields.
func BenchmarkCreate(b *testing.B) {
	k := newKit(b)
	table, body := k.table("Tickets"), []byte(full)
	b.ReportAllocs()
	for b.Loop() {
		k.store.Update(func(tx *record.Tx) {
			d, err := rule.Parse(body)
			out := rule.Create(tx, table, d, nil, writer())
			if out.Settle(); err != nil || len(out.Problems) > 0 {
				b.Fatal(err, out.Problems)
			}
		})
	}
}

// BenchmarkPatch merges two fields into a ticket.
func BenchmarkPatch(b *testing.B) {
	k := newKit(b)
	table, id := k.table("Tickets"), k.created("Tickets", full)
	body := []byte(`{"id":2,"status":8,"title":"Printer on the fourth floor"}`)
	b.ReportAllocs()
	for b.Loop() {
		k.store.Update(func(tx *record.Tx) {
			d, err := rule.Parse(body)
			old, _ := tx.Find(table, id)
			if out := rule.Update(tx, table, old, d, nil, false, writer()); err != nil || len(out.Problems) > 0 {
				b.Fatal(err, out.Problems)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	body := []byte(full)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rule.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

// Many write, and teach columns, while others read.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	tickets, learning := k.table("Tickets"), k.table(unknown())
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 50 {
				ticket, _ := rule.Parse([]byte(full))
				lesson, _ := rule.Parse(fmt.Appendf(nil, `{"name":"n","x%dID":1}`, i*50+j))
				k.store.Update(func(tx *record.Tx) {
					for table, draft := range map[*record.Table]rule.Draft{tickets: ticket, learning: lesson} {
						out := rule.Create(tx, table, draft, nil, writer())
						out.Settle()
						tx.Insert(table, out.Values)
					}
				})
				k.store.View(func(tx *record.Tx) {
					row, _ := tx.Find(learning, tx.Last(learning))
					learning.AppendRow(nil, row, nil)
				})
			}
		})
	}
	wait.Wait()
	require.Len(t, learning.Columns(), 402)
	k.store.View(func(tx *record.Tx) { require.Equal(t, int64(401), tx.Count(tickets, nil)) })
	number, _ := tickets.Ordinal("ticketNumber")
	k.store.View(func(tx *record.Tx) {
		row, _ := tx.Find(tickets, 401)
		require.Equal(t, "T20240115.0400", row.Value(number))
	})
}
