package tenant_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

func TestS10Read(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.newTicket(`,"description":"out of paper"`)
	item := k.item(fmt.Sprintf("Tickets/%d", id))
	require.Equal(t, "out of paper", item["description"])
	require.EqualValues(t, id, item["id"])
	require.Contains(t, item, "contactID", "fields without a value are null, not left out")
	require.EqualValues(t, 0, k.item("Companies/0")["id"], "id 0 is a company")
	require.JSONEq(t, `{"item":null}`, string(k.get("Tickets/1").Body))
}

func TestS10MissingIs404(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1, MissingStatus: http.StatusNotFound})
	k.message(k.get("Tickets/1"), http.StatusNotFound, "", "The record was not found.")
	require.Equal(t, http.StatusOK, k.get("Companies/0").Status)
}

// A child is read below its own parent alone.
func TestS10ReadOfChild(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	mine, other := k.newTicket(""), k.newTicket("")
	note := k.newNote(mine)
	require.EqualValues(t, note, k.item(fmt.Sprintf("Tickets/%d/Notes/%d", mine, note))["id"])
	require.Nil(t, k.item(fmt.Sprintf("Tickets/%d/Notes/%d", other, note)))
	require.EqualValues(t, mine, k.item(fmt.Sprintf("TicketNotes/%d", note))["ticketID"])
}

func (k kit) newNote(ticket int64) int64 {
	k.t.Helper()
	return k.created(fmt.Sprintf("Tickets/%d/Notes", ticket), `{"title":"Seen","description":"It is","noteType":1,"publish":1}`)
}

func TestS14ListOfChildren(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	mine, other := k.newTicket(""), k.newTicket("")
	first, second := k.newNote(mine), k.newNote(mine)
	k.newNote(other)
	list := decode[page](t, k.get(fmt.Sprintf("Tickets/%d/Notes", mine)))
	require.Equal(t, []int64{first, second}, list.ids())
	require.Equal(t, 2, list.PageDetails.Count)
	require.Equal(t, 500, list.PageDetails.RequestCount)
	require.Nil(t, list.PageDetails.NextPageURL)
	require.Empty(t, decode[page](t, k.get("Tickets/987654321/Notes")).Items, "a parent that is missing has none")
}

func TestS14ListInPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	mine, other := k.newTicket(""), k.newTicket("")
	for range 501 {
		k.newNote(mine)
	}
	path := fmt.Sprintf("Tickets/%d/Notes", mine)
	first := decode[page](t, k.get(path))
	require.Len(t, first.Items, 500)
	next := *first.PageDetails.NextPageURL
	require.Contains(t, next, api+path+"?paging=%7b")
	second := decode[page](t, k.do(http.MethodGet, next, ""))
	require.Len(t, second.Items, 1)
	require.Nil(t, second.PageDetails.NextPageURL)
	require.Equal(t, first.ids(), decode[page](t, k.do(http.MethodGet, *second.PageDetails.PrevPageURL, "")).ids())
	k.newNote(other)
	elsewhere := strings.Replace(next, fmt.Sprintf("/%d/", mine), fmt.Sprintf("/%d/", other), 1)
	k.refused(k.do(http.MethodGet, elsewhere, ""), "bad_token", "The paging token is invalid or belongs to another query.")
}

func TestS8ParentAliases(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.refused(k.post("Expenses/987654321/Items", `{}`), "",
		"Reference value on field: expenseReportID of type: ExpenseReport does not exist or is invalid.")
	require.Equal(t, http.StatusOK, k.get("ServiceLevelAgreements/1/Results").Status)
	require.Equal(t, http.StatusOK, k.get("UserDefinedFields/1/ListItems").Status)
	require.Contains(t, k.fields("TicketWebhooks"), "webhookUrl", "not the child Fields")
}

func TestS44Attachment(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.newTicket("")
	data := base64.StdEncoding.EncodeToString([]byte("hello"))
	path := fmt.Sprintf("Tickets/%d/Attachments", id)
	file := k.created(path, `{"attachmentType":"FILE_ATTACHMENT","fullPath":"a.txt","title":"a.txt","publish":1,"data":"`+data+`"}`)

	single := decode[map[string][]map[string]any](t, k.get(fmt.Sprintf("%s/%d", path, file)))
	require.Len(t, single["items"], 1, "wrapped as a list")
	require.Equal(t, data, single["items"][0]["data"])
	for _, seen := range []map[string]any{
		decode[page](t, k.get(path)).Items[0],
		k.query("TicketAttachments", fmt.Sprintf(`{"filter":[{"op":"eq","field":"id","value":%d}]}`, file)).Items[0],
		k.query("TicketAttachments", fmt.Sprintf(`{"IncludeFields":["id","data","title"],"filter":[{"op":"eq","field":"id","value":%d}]}`, file)).Items[0],
		k.item(fmt.Sprintf("TicketAttachments/%d", file)),
		k.query("AttachmentInfo", fmt.Sprintf(`{"filter":[{"op":"eq","field":"id","value":%d}]}`, file)).Items[0],
	} {
		require.Equal(t, "a.txt", seen["title"])
		require.NotContains(t, seen, "data")
	}
	require.Equal(t, file, k.written(k.do(http.MethodDelete, fmt.Sprintf("%s/%d", path, file), "")))
	require.JSONEq(t, `{"items":[]}`, string(k.get(fmt.Sprintf("%s/%d", path, file)).Body))
	require.Empty(t, k.ids("AttachmentInfo", fmt.Sprintf(`{"filter":[{"op":"eq","field":"id","value":%d}]}`, file)))
	require.Equal(t, http.StatusNotFound, k.post("AttachmentInfo", `{}`).Status)
}
