package seed_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
)

// digest is a hash of all rows as JSON.
func digest(store *record.Store) string {
	hash := sha256.New()
	tables(store, func(tx *record.Tx, t *record.Table) {
		for r := range tx.Rows(t, nil) {
			hash.Write(t.AppendRow(nil, r, nil))
		}
	})
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func TestTheSameConfigGivesTheSameRows(t *testing.T) {
	t.Parallel()
	first := digest(fill(seed.Config{Seed: 7, Tickets: 700}))
	again := digest(fill(seed.Config{Seed: 7, Tickets: 700, Progress: func(int, int) {}}))
	other := digest(fill(seed.Config{Seed: 8, Tickets: 700}))
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}

func TestAnotherSeedGivesOtherValuesAndOtherShapes(t *testing.T) {
	t.Parallel()
	one, two := fill(seed.Config{Seed: 7, Tickets: 700}), fill(seed.Config{Seed: 8, Tickets: 700})
	phone := column(t, one, "Resources", "officePhone")
	require.NotEqual(t, rows(t, one, "Resources")[0].Value(phone), rows(t, two, "Resources")[0].Value(phone))
	require.NotEqual(t, one.Rows(), two.Rows())
}

func TestIds(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 1203})
	tests := map[string]struct {
		first, next int64 // the ids of the first two
		atLeast     int
	}{
		"Companies": {0, 174, 41},
		"Contacts":  {30682885, 30682886, 60},
		"Resources": {seed.APIResource, seed.APIResource + 1, 12},
		"Roles":     {29683396, 29683397, 6},
		"Tickets":   {7001, 7002, 1203},
	}
	for entity, tt := range tests {
		t.Run(entity, func(t *testing.T) {
			t.Parallel()
			all := rows(t, store, entity)
			require.GreaterOrEqual(t, len(all), tt.atLeast)
			require.Equal(t, tt.first, all[0].ID)
			for i, r := range all[1:] {
				require.Equal(t, tt.next+int64(i), r.ID, "no gaps")
			}
		})
	}
	require.Len(t, rows(t, store, "Companies"), 41)
	require.Len(t, rows(t, store, "Resources"), 12)
	require.Len(t, rows(t, store, "Tickets"), 1203)
}

func TestSizes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ tickets, wantTickets, wantCompanies int }{
		"negative":    {-5, 1, 11},
		"none":        {0, 1, 11},
		"one":         {1, 1, 11},
		"a batch":     {500, 500, 17},
		"one more":    {501, 501, 17},
		"the default": {1203, 1203, 41},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := fill(seed.Config{Seed: 3, Tickets: tt.tickets})
			require.Len(t, rows(t, store, "Tickets"), tt.wantTickets)
			require.Len(t, rows(t, store, "Companies"), tt.wantCompanies)
		})
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	t.Parallel()
	for _, tickets := range []int{1, 1203, 12_000} {
		type step struct{ done, total int }
		var steps []step
		store := fill(seed.Config{Seed: 5, Tickets: tickets, Progress: func(done, total int) {
			steps = append(steps, step{done, total})
		}})
		last := steps[len(steps)-1]
		require.Equal(t, step{store.Rows(), store.Rows()}, last)
		before := step{}
		for _, now := range steps {
			require.Greater(t, now.done, before.done)
			require.Equal(t, last.total, now.total, "known from the beginning")
			before = now
		}
		if tickets == 12_000 {
			require.InDelta(t, last.total/10_000, len(steps), 1)
		}
	}
}

func TestTheFirstNumbersOfADayAreTaken(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 3000})
	number, created := column(t, store, "Tickets", "ticketNumber"), column(t, store, "Tickets", "createDate")
	seen, perDay := map[string]bool{}, map[string]int{}
	for _, r := range rows(t, store, "Tickets") {
		text, _ := r.Value(number).(string)
		require.Regexp(t, `^T202[45]\d{4}\.\d{4,}$`, text)
		require.False(t, seen[text], text)
		seen[text] = true
		at, _ := r.Value(created).(record.Stamp)
		require.Equal(t, day(at), text[1:9])
		perDay[text[1:9]]++
	}
	tasks := column(t, store, "Tasks", "taskNumber")
	for _, r := range rows(t, store, "Tasks") {
		text, _ := r.Value(tasks).(string)
		require.False(t, seen[text], text)
		seen[text] = true
		perDay[text[1:9]]++
	}
	store.Update(func(tx *record.Tx) {
		for day, n := range perDay {
			require.Equal(t, n+1, tx.Serial(tableOf(t, store, "Tickets"), day), "a create goes on from there")
		}
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 1203})
	created, active := column(t, store, "Tickets", "createDate"), column(t, store, "Tickets", "lastActivityDate")
	status, completed := column(t, store, "Tickets", "status"), column(t, store, "Tickets", "completedDate")
	var before record.Stamp
	open := 0
	for _, r := range rows(t, store, "Tickets") {
		at, _ := r.Value(created).(record.Stamp)
		last, _ := r.Value(active).(record.Stamp)
		require.GreaterOrEqual(t, at, before, "in the order of their ids")
		require.True(t, strings.HasPrefix(day(at), "2024") || strings.HasPrefix(day(at), "2025"), day(at))
		require.Greater(t, last, at)
		require.Equal(t, r.Value(status) == any(int64(5)), r.Value(completed) != nil)
		if r.Value(completed) == nil {
			open++
		}
		before = at
	}
	require.InDelta(t, 1203/4, open, 80)
}

func TestWhatATicketRefersToIsOfItsCompany(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 1203})
	company := column(t, store, "Tickets", "companyID")
	refs := map[string]string{
		"companyLocationID": "CompanyLocations", "configurationItemID": "ConfigurationItems", "contactID": "Contacts",
		"contractID": "Contracts",
	}
	for field, entity := range refs {
		owners, filled := map[int64]any{}, 0
		owner := column(t, store, entity, "companyID")
		for _, r := range rows(t, store, entity) {
			owners[r.ID] = r.Value(owner)
		}
		ref := column(t, store, "Tickets", field)
		for _, r := range rows(t, store, "Tickets") {
			if id, ok := r.Value(ref).(int64); ok {
				require.Equal(t, r.Value(company), owners[id], "%s of %d", field, r.ID)
				filled++
			}
		}
		require.Greater(t, filled, 100, field)
	}
}

func TestWhetherSomebodyIsActive(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 30})
	contact, company := column(t, store, "Contacts", "isActive"), column(t, store, "Companies", "isActive")
	for _, r := range rows(t, store, "Contacts") {
		require.Equal(t, int64(1), r.Value(contact), "a number")
	}
	for _, r := range rows(t, store, "Companies") {
		require.Equal(t, true, r.Value(company), "a boolean")
	}
}

// A tenant may have so many webhooks and no more: all of them are the client's.
func TestNoWebhooks(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 30})
	for _, e := range registry.Entities() {
		if e.Webhook != "" {
			require.Empty(t, rows(t, store, e.Webhook))
		}
	}
}

func day(at record.Stamp) string { return at.Time().Format("20060102") }

func TestUserDefinedFields(t *testing.T) {
	t.Parallel()
	store := fill(seed.Config{Seed: 1, Tickets: 300})
	defined := map[string]bool{}
	name := column(t, store, "UserDefinedFieldDefinitions", "name")
	for _, r := range rows(t, store, "UserDefinedFieldDefinitions") {
		text, _ := r.Value(name).(string)
		defined[text] = true
	}
	columns := map[string]bool{}
	tables(store, func(_ *record.Tx, table *record.Table) {
		n := 0
		for ord, c := range table.Columns() {
			if !c.UDF {
				continue
			}
			n++
			columns[c.Name] = true
			filled := 0
			for _, r := range rows(t, store, table.Entity().Name) {
				if r.Value(ord) != nil {
					filled++
				}
			}
			require.Positive(t, filled, c.Name)
		}
		require.LessOrEqual(t, n, table.Entity().UDFs, table.Entity().Name)
	})
	require.Equal(t, defined, columns)
}

func ExampleFill() {
	store := record.New(registry.Entities())
	seed.Fill(store, seed.Config{Seed: 1, Tickets: 1})
	tickets, _ := store.Table("Tickets")
	number, _ := tickets.Ordinal("ticketNumber")
	store.View(func(tx *record.Tx) {
		for r := range tx.Rows(tickets, nil) {
			fmt.Println(r.ID, r.Value(number))
		}
	})
	// Output: 7001 T20240206.0001
}

func BenchmarkFill(b *testing.B) {
	for _, tickets := range []int{1203, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(tickets), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = fill(seed.Config{Seed: 1, Tickets: tickets}).Rows()
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
}
