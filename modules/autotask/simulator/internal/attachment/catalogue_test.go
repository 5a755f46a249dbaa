package attachment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestInsertWritesBothUnderOneID(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.insert("TicketAttachments", "hello.txt", "hello")
	for _, entity := range []string{"TicketAttachments", "AttachmentInfo"} {
		for name, want := range map[string]any{
			"attachDate": record.StampOf(noon), "attachedByResourceID": int64(29682885), "attachedByContactID": nil,
			"attachmentType": "FILE_ATTACHMENT", "contentType": "text/plain", "fileSize": 5.0, "fullPath": "hello.txt",
			"parentID": int64(7001), "parentType": int64(4), "publish": int64(1), "title": "a title",
		} {
			require.Equal(t, want, d.value(entity, id, name), "%s of %s", name, entity)
		}
	}
	require.Equal(t, encode("hello"), d.value("TicketAttachments", id, "data"))
}

// The tables of all parents share one row of ids.
func TestIDsAreOfAllAttachments(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	require.Equal(t, int64(1), d.insert("TicketAttachments", "a", "x"))
	require.Equal(t, int64(2), d.insert("CompanyAttachments", "a", "x"))
	require.Equal(t, int64(3), d.insert("TicketAttachments", "a", "x"))
	require.False(t, d.exists("CompanyAttachments", 3))
	d.store.Update(func(tx *record.Tx) { tx.Place(d.table("CompanyAttachments"), 50, nil) }) // out of the row
	require.Equal(t, int64(51), d.insert("CompanyAttachments", "a", "x"))
	require.Equal(t, int64(52), d.insert("TicketAttachments", "a", "x"))
	require.True(t, d.exists("AttachmentInfo", 52))
}

func TestRemoveRemovesBoth(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, two := d.insert("TicketAttachments", "a", "x"), d.insert("CompanyAttachments", "a", "x")
	remove := func(entity string, id int64) (removed bool) {
		d.store.Update(func(tx *record.Tx) { removed = d.Remove(tx, d.table(entity), id) })
		return removed
	}
	require.False(t, remove("TicketAttachments", two), "another table's")
	require.True(t, d.exists("AttachmentInfo", two))
	require.True(t, remove("TicketAttachments", one))
	require.False(t, d.exists("TicketAttachments", one))
	require.False(t, d.exists("AttachmentInfo", one))
	require.False(t, remove("TicketAttachments", one))
	require.Equal(t, two+1, d.insert("TicketAttachments", "a", "x"), "an id is never given again")
}

func TestContentType(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n"
	tests := map[string]struct{ name, data, want string }{
		"name":           {"report.PDF", "hello", "application/pdf"},
		"path":           {"C:/files/mail.eml", "hello", "message/rfc822"},
		"data":           {"picture", png, "image/png"},
		"unknown name":   {"picture.xyz", png, "image/png"},
		"text":           {"notes", "hello", "text/plain; charset=utf-8"},
		"bytes":          {"", "\x00\x01\x02", "application/octet-stream"},
		"name over data": {"picture.txt", png, "text/plain"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.insert("TicketAttachments", tc.name, tc.data)
			require.Equal(t, tc.want, d.value("AttachmentInfo", id, "contentType"))
			require.InDelta(t, len(tc.data), d.value("AttachmentInfo", id, "fileSize"), 0)
		})
	}
}

func TestSizeIsThatOfTheFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, size := range []int{1, 511, 512, 513, 1_000_000} {
		id := d.insert("TicketAttachments", "a", strings.Repeat("x", size))
		require.InDelta(t, size, d.value("TicketAttachments", id, "fileSize"), 0)
	}
}

func TestALinkHasNoSize(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.insert("TicketAttachments", "https://holdfast-demo.example/a.pdf", "")
	require.Nil(t, d.value("AttachmentInfo", id, "fileSize"))
	require.Nil(t, d.value("AttachmentInfo", id, "contentType"))
}

func TestInsertLeavesTheCallersRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	table := d.table("TicketAttachments")
	row := d.row("TicketAttachments", map[string]any{"data": encode("x"), "parentID": int64(7001)})
	ord, _ := table.Ordinal("fileSize")
	d.store.Update(func(tx *record.Tx) { d.Insert(tx, table, row, noon) })
	require.Nil(t, row[ord])
	var id int64
	d.store.Update(func(tx *record.Tx) { id = d.Insert(tx, table, row[:1], noon) })
	require.Equal(t, record.StampOf(noon), d.value("TicketAttachments", id, "attachDate"), "of a short row too")
}

// Every parent has a parentType, and no two the same.
func TestParentTypes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	seen := map[any]string{}
	for _, e := range registry.Entities() {
		if !attachment.Is(d.table(e.Name)) {
			continue
		}
		id := d.insert(e.Name, "a", "x")
		parentType := d.value("AttachmentInfo", id, "parentType")
		require.NotNil(t, parentType, e.Name)
		require.Empty(t, seen[parentType], e.Name)
		seen[parentType] = e.Name
	}
}

// A store that holds a part of the entities has no catalogue.
func TestWithoutACatalogue(t *testing.T) {
	t.Parallel()
	e, _ := registry.Find("TicketAttachments")
	d := desk{attachment.New(), t, record.New([]registry.Entity{e})}
	id := d.insert("TicketAttachments", "a", "x")
	d.store.Update(func(tx *record.Tx) { require.True(t, d.Remove(tx, d.table("TicketAttachments"), id)) })
}

func BenchmarkInsert(b *testing.B) {
	store, desk := record.New(registry.Entities()), attachment.New()
	table, _ := store.Table("TicketAttachments")
	row := make([]any, len(table.Columns()))
	ord, _ := table.Ordinal("data")
	row[ord] = encode(strings.Repeat("x", 100_000))
	b.ReportAllocs()
	for b.Loop() {
		desk.Reset()
		store.Update(func(tx *record.Tx) {
			if len(desk.Check(table, row, noon)) > 0 {
				b.Error("refused")
			}
			desk.Remove(tx, table, desk.Insert(tx, table, row, noon))
		})
	}
}
