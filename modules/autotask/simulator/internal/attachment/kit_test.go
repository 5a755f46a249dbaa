package attachment_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk is a desk with its database.
type desk struct {
	*attachment.Desk
	t     *testing.T
	store *record.Store
}

func newDesk(t *testing.T) desk {
	t.Helper()
	return desk{attachment.New(), t, record.New(registry.Entities())}
}

func (d desk) table(name string) *record.Table {
	d.t.Helper()
	table, ok := d.store.Table(name)
	require.True(d.t, ok, name)
	return table
}

// row is a record of an entity with some values.
func (d desk) row(entity string, values map[string]any) []any {
	d.t.Helper()
	table := d.table(entity)
	row := make([]any, len(table.Columns()))
	for name, v := range values {
		ord, ok := table.Ordinal(name)
		require.True(d.t, ok, name)
		row[ord] = v
	}
	return row
}

// value returns a value of a record, which must exist.
func (d desk) value(entity string, id int64, name string) (v any) {
	d.t.Helper()
	table := d.table(entity)
	ord, ok := table.Ordinal(name)
	require.True(d.t, ok, name)
	d.store.View(func(tx *record.Tx) {
		row, ok := tx.Find(table, id)
		require.True(d.t, ok, "%s %d", entity, id)
		v = row.Value(ord)
	})
	return v
}

func (d desk) exists(entity string, id int64) (is bool) {
	d.store.View(func(tx *record.Tx) { is = tx.Exists(entity, id) })
	return is
}

// insert adds an attachment with some data to an entity.
func (d desk) insert(entity, name, data string) (id int64) {
	d.t.Helper()
	row := d.row(entity, map[string]any{
		"attachmentType": "FILE_ATTACHMENT", "fullPath": name, "title": "a title", "publish": int64(1),
		"parentID": int64(7001), "attachedByResourceID": int64(29682885), "data": encode(data),
	})
	d.store.Update(func(tx *record.Tx) { id = d.Insert(tx, d.table(entity), row, noon) })
	return id
}

// check is the check of a file of some bytes.
func (d desk) check(at time.Time, bytes int) []string {
	d.t.Helper()
	return d.Check(d.table("TicketAttachments"), d.row("TicketAttachments", map[string]any{
		"attachmentType": "FILE_ATTACHMENT", "data": zeros(bytes),
	}), at)
}

// zeros is a number of zero bytes in base64.
func zeros(n int) string { return strings.Repeat("AAAA", n/3) + []string{"", "AA==", "AAA="}[n%3] }

func encode(data string) string { return base64.StdEncoding.EncodeToString([]byte(data)) }
