package record_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// firstStamp is when the first ticket of the benchmarks was made; one comes each minute.
const (
	firstStamp = record.Stamp(1_700_000_000_000)
	minute     = record.Stamp(60_000)
)

// tenant is a store with so many tickets as a service provider has them.
func tenant(tb testing.TB, tickets int) (*record.Store, *record.Table) {
	tb.Helper()
	s := whole()
	t := table(tb, s, "Tickets")
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // dice, no secrets
	for done := 0; done < tickets; done += 1000 {
		s.Update(func(tx *record.Tx) {
			for i := done; i < min(done+1000, tickets); i++ {
				tx.Place(t, int64(7001+i), benchTicket(tb, t, dice, i))
			}
		})
	}
	return s, t
}

// benchTicket has 27 of 72 columns. Its last activity is near its creation, its due date anywhere.
func benchTicket(tb testing.TB, t *record.Table, dice *rand.Rand, i int) []any {
	tb.Helper()
	created := firstStamp + record.Stamp(i)*minute
	status := []int64{1, 5, 5, 5, 5, 5, 5, 8, 7, 10}[dice.IntN(10)]
	person := 29682885 + dice.Int64N(30)
	return values(tb, t,
		"title", "Outlook does not start after the update of "+strconv.Itoa(i),
		"description", fmt.Sprintf("The user says that Outlook closes at once on PC-%05d. Restarting did not help. "+
			"The event log has error %d; a colleague at the same site has no such trouble.", i%30000, dice.IntN(10000)),
		"companyID", 174+dice.Int64N(200), "companyLocationID", 10+dice.Int64N(300), "contactID", 300+dice.Int64N(2000),
		"status", status, "priority", 1+dice.Int64N(4), "queueID", 29682833+dice.Int64N(6), "source", 1+dice.Int64N(8),
		"issueType", 1+dice.Int64N(12), "subIssueType", 100+dice.Int64N(40), "ticketCategory", int64(3),
		"ticketType", 1+dice.Int64N(5), "ticketNumber", fmt.Sprintf("T%08d.%04d", 20240101+i/1000, i%1000),
		"assignedResourceID", person, "assignedResourceRoleID", int64(29682834), "contractID", 29682900+dice.Int64N(100),
		"createDate", created, "creatorResourceID", person, "creatorType", int64(1),
		"dueDateTime", firstStamp+record.Stamp(dice.IntN(1<<20))*minute,
		"lastActivityDate", created+record.Stamp(dice.IntN(5000))*minute, "lastActivityPersonType", int64(1),
		"lastActivityResourceID", person, "estimatedHours", float64(dice.IntN(16))/4,
		"serviceLevelAgreementHasBeenMet", status == 5, "resolvedDueDateTime", created+2000*minute)
}

func BenchmarkPage(b *testing.B) {
	for _, size := range []struct {
		name    string
		tickets int
	}{{"1k", 1_000}, {"100k", 100_000}, {"1M", 1_000_000}} {
		b.Run(size.name, func(b *testing.B) {
			s, t := tenant(b, size.tickets)
			end := firstStamp + record.Stamp(size.tickets)*minute
			status := func(status int64) *record.Filter { return is(b, t, record.Eq, "status", status) }
			company := is(b, t, record.Eq, "companyID", int64(180))
			changed := func(from record.Stamp) *record.Filter { return is(b, t, record.Gte, "lastActivityDate", from) }
			due := func(part int) *record.Filter {
				return is(b, t, record.Lt, "dueDateTime", firstStamp+record.Stamp((1<<20)/part)*minute)
			}
			for _, f := range []struct {
				name   string
				filter *record.Filter
			}{
				{"id", is(b, t, record.Gte, "id", int64(0))},
				{"status", status(8)},
				{"companyID", company},
				{"externalID", is(b, t, record.Eq, "externalID", "none")},
				{"ticketNumber", is(b, t, record.Eq, "ticketNumber", "t20240101.0500")},
				{"lastActivityDate-recent", changed(end + 2000*minute)},
				{"lastActivityDate-wide", changed(firstStamp + (end-firstStamp)/4)},
				{"lastActivityDate-all", changed(firstStamp)},
				{"dueDateTime-half", due(2)},
				{"dueDateTime-10th", due(10)},
				{"dueDateTime-100th", due(100)},
				{"status+recent", and(status(8), changed(end))},
				{"status+wide", and(status(5), changed(end-(end-firstStamp)/4))},
				{"statuses", is(b, t, record.In, "status", int64(1), int64(8), int64(7))},
				{"status-or-company", or(status(8), company)},
				{"company+status+recent", and(company, is(b, t, record.NotEq, "status", int64(5)), due(2))},
			} {
				b.Run(f.name, func(b *testing.B) {
					ids(s, t, f.filter, 500) // builds what index there is none of yet
					benchmarkPage(b, s, t, f.filter)
				})
			}
		})
	}
}

func benchmarkPage(b *testing.B, s *record.Store, t *record.Table, f *record.Filter) {
	b.Helper()
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		s.View(func(tx *record.Tx) {
			page, _ := tx.Page(t, f, record.BeforeAll, 500)
			rows = len(page)
		})
	}
	b.ReportMetric(float64(rows), "rows")
}

func BenchmarkAppendRow(b *testing.B) {
	s, t := tenant(b, 1_000)
	var page []record.Row
	s.View(func(tx *record.Tx) { page, _ = tx.Page(t, nil, record.BeforeAll, 500) })
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf = buf[:0]
		for _, r := range page {
			buf = t.AppendRow(buf, r, nil)
		}
	}
	b.ReportMetric(float64(len(buf)), "bytes/page")
}

func BenchmarkFind(b *testing.B) {
	for _, tickets := range []int{1_000, 1_000_000} {
		b.Run(strconv.Itoa(tickets), func(b *testing.B) {
			s, t := tenant(b, tickets)
			b.ReportAllocs()
			id := int64(0)
			for b.Loop() {
				id = (id + 7919) % int64(tickets)
				s.View(func(tx *record.Tx) { _, _ = tx.Find(t, 7001+id) })
			}
		})
	}
}

// BenchmarkInsert reports what a ticket takes in memory, the indexes that are kept from the start among it.
func BenchmarkInsert(b *testing.B) {
	s := whole()
	t := table(b, s, "Tickets")
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // dice, no secrets
	tickets := make([][]any, 5000)
	for i := range tickets {
		tickets[i] = benchTicket(b, t, dice, i)
	}
	before := heap()
	b.ReportAllocs()
	i := 0
	for ; b.Loop(); i++ {
		s.Update(func(tx *record.Tx) { tx.Insert(t, tickets[i%len(tickets)]) })
	}
	b.ReportMetric(float64(heap()-before)/float64(i), "bytes/row")
	runtime.KeepAlive(s)
	runtime.KeepAlive(tickets)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkRestore takes a snapshot, changes a record and restores the snapshot.
func BenchmarkRestore(b *testing.B) {
	for _, tickets := range []int{1_203, 1_000_000} {
		b.Run(strconv.Itoa(tickets), func(b *testing.B) {
			s, t := tenant(b, tickets)
			b.ReportAllocs()
			for b.Loop() {
				snap := s.Snapshot()
				s.Update(func(tx *record.Tx) { tx.Remove(t, 8000) })
				s.Restore(snap)
			}
		})
	}
}

// BenchmarkIndex builds the index of a column that is not kept from the start.
func BenchmarkIndex(b *testing.B) {
	for _, tickets := range []int{1_203, 1_000_000} {
		b.Run(strconv.Itoa(tickets), func(b *testing.B) {
			s, t := tenant(b, tickets)
			snap := s.Snapshot()
			f := is(b, t, record.Eq, "contactID", int64(300))
			b.ReportAllocs()
			for b.Loop() {
				s.Restore(snap)
				_ = count(s, t, f)
			}
		})
	}
}
