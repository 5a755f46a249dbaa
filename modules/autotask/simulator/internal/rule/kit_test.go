package rule_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
)

const (
	apiUser = int64(29682885)
	other   = int64(29682886)
)

// kit is a tenant with a record 1 in every table, two resources, and the company 0.
type kit struct {
	t     testing.TB
	store *record.Store
}

func newKit(tb testing.TB) kit {
	tb.Helper()
	k := kit{tb, record.New(registry.Entities())}
	k.store.Update(func(tx *record.Tx) {
		place := func(entity string, id int64) {
			table := k.table(entity)
			tx.Place(table, id, make([]any, len(table.Columns())))
		}
		place("Companies", 0)
		for _, e := range registry.Entities() {
			place(e.Name, 1)
		}
		place("Resources", apiUser)
		place("Resources", other)
	})
	return k
}

func (k kit) in(t *testing.T) kit {
	t.Helper()
	k.t = t
	return k
}

func (k kit) table(entity string) *record.Table {
	k.t.Helper()
	table, ok := k.store.Table(entity)
	require.True(k.t, ok, entity)
	return table
}

// unknown is an entity of which only the id is known.
func unknown() string {
	for _, e := range registry.Entities() {
		if e.Partial && len(e.Fields) == 1 && e.UDFs == 0 {
			return e.Name
		}
	}
	return ""
}

func day(hour int) time.Time { return time.Date(2024, time.January, 15, hour, 0, 0, 0, time.UTC) }

func writer() rule.Writer { return rule.Writer{Resource: apiUser, At: day(9)} }

func parse(tb testing.TB, body string) rule.Draft {
	tb.Helper()
	d, err := rule.Parse([]byte(body))
	require.NoError(tb, err, body)
	return d
}

// post creates a record and returns its id, 0 where it was refused.
func (k kit) post(entity, body string, parent *int64, w rule.Writer) (id int64, out rule.Outcome) {
	k.t.Helper()
	d, table := parse(k.t, body), k.table(entity)
	k.store.Update(func(tx *record.Tx) {
		out = rule.Create(tx, table, d, parent, w)
		if len(out.Problems) == 0 {
			out.Settle()
			id = tx.Insert(table, out.Values)
			rule.Written(tx, table, out.Values, w)
		}
	})
	return id, out
}

// created creates a record that is right.
func (k kit) created(entity, body string) int64 {
	k.t.Helper()
	id, out := k.post(entity, body, nil, writer())
	require.Empty(k.t, out.Problems, body)
	return id
}

// refused returns what is said of a record.
func (k kit) refused(entity, body string) []string {
	k.t.Helper()
	_, out := k.post(entity, body, nil, writer())
	return out.Problems
}

func (k kit) write(entity string, id int64, body string, parent *int64, replace bool, w rule.Writer) (out rule.Outcome) {
	k.t.Helper()
	d, table := parse(k.t, body), k.table(entity)
	k.store.Update(func(tx *record.Tx) {
		old, ok := tx.Find(table, id)
		require.True(k.t, ok, "%s %d", entity, id)
		out = rule.Update(tx, table, old, d, parent, replace, w)
		if len(out.Problems) == 0 {
			out.Settle()
			tx.Replace(table, id, out.Values)
			rule.Written(tx, table, out.Values, w)
		}
	})
	return out
}

func (k kit) patch(entity string, id int64, body string) []string {
	k.t.Helper()
	return k.write(entity, id, body, nil, false, writer()).Problems
}

func (k kit) put(entity string, id int64, body string) []string {
	k.t.Helper()
	return k.write(entity, id, body, nil, true, writer()).Problems
}

// item reads a record as a client does.
func (k kit) item(entity string, id int64) map[string]any {
	k.t.Helper()
	var item map[string]any
	table := k.table(entity)
	k.store.View(func(tx *record.Tx) {
		row, ok := tx.Find(table, id)
		require.True(k.t, ok, "%s %d", entity, id)
		require.NoError(k.t, json.Unmarshal(table.AppendRow(nil, row, nil), &item))
	})
	return item
}

// ticket is a body that creates a ticket.
func ticket(more string) string {
	return `{"companyID":0,"title":"Printer","status":1,"priority":2` + more + `}`
}

const note = `{"title":"N","description":"D","noteType":1,"publish":1`
