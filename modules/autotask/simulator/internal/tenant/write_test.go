package tenant_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

func TestS11Create(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 3})
	first := k.newTicket("")
	require.Equal(t, first+1, k.newTicket(`,"id":0`))
	k.refused(k.post("Tickets", ticket(`,"id":5`)), "", "The value of field: id must be 0 or omitted when a record is created.")
	require.Equal(t, first+2, k.newTicket(`,"id":null`), "a refusal costs no id")
}

func TestS12PatchAndPut(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.newTicket(`,"description":"old","externalID":"E-1"`)
	path := fmt.Sprintf("Tickets/%d", id)
	require.Equal(t, id, k.written(k.do(http.MethodPatch, "Tickets", fmt.Sprintf(`{"id":%d,"title":"New"}`, id))))
	item := k.item(path)
	require.Equal(t, []any{"New", "old", "E-1"}, []any{item["title"], item["description"], item["externalID"]})
	k.written(k.do(http.MethodPatch, "Tickets", fmt.Sprintf(`{"id":%d,"description":null}`, id)))
	require.Nil(t, k.item(path)["description"], "an explicit null clears")
	k.written(k.do(http.MethodPut, "Tickets", ticket(fmt.Sprintf(`,"id":%d`, id))))
	require.Nil(t, k.item(path)["externalID"], "what a PUT leaves out is null")
	require.NotNil(t, k.item(path)["ticketNumber"], "what is not the caller's stays")
	const noUpdate = "No message. No matching records found. The logged in Resource may not have the required permissions to update the data."
	k.refused(k.do(http.MethodPatch, "Tickets", `{"id":987654321,"title":"x"}`), "", noUpdate)
	k.refused(k.do(http.MethodPatch, "Tickets", `{"title":"x"}`), "bad_body", "The field id is required to update a record.")
}

func TestS12PatchOfChild(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	mine, other := k.newTicket(""), k.newTicket("")
	note := k.newNote(mine)
	body := fmt.Sprintf(`{"id":%d,"title":"Changed"}`, note)
	require.Equal(t, note, k.written(k.do(http.MethodPatch, fmt.Sprintf("Tickets/%d/Notes", mine), body)))
	a := k.do(http.MethodPatch, fmt.Sprintf("Tickets/%d/Notes", other), body)
	require.Equal(t, http.StatusInternalServerError, a.Status, string(a.Body))
	require.EqualValues(t, mine, k.item(fmt.Sprintf("TicketNotes/%d", note))["ticketID"])
}

const noDelete = "No message. No matching records found. The logged in Resource may not have the required permissions to delete the data."

func TestS13Delete(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.created("ActionTypes", `{"name":"T","isActive":true}`)
	path := fmt.Sprintf("ActionTypes/%d", id)
	require.Equal(t, id, k.written(k.do(http.MethodDelete, path, "")))
	k.refused(k.do(http.MethodDelete, path, ""), "", noDelete)
	contact := k.created("Companies/0/Contacts", `{"firstName":"A","lastName":"B","isActive":1}`)
	other := k.created("Companies", `{"companyName":"Other","companyType":1,"phone":"1","ownerResourceID":29682885}`)
	k.refused(k.do(http.MethodDelete, fmt.Sprintf("Companies/%d/Contacts/%d", other, contact), ""), "", noDelete)
	require.Equal(t, contact, k.written(k.do(http.MethodDelete, fmt.Sprintf("Companies/0/Contacts/%d", contact), "")))
}

func TestS13WhatHangsBelowIsDeletedAlong(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	group := k.created("TicketWebhooks", webhook(""))
	field := k.created(fmt.Sprintf("TicketWebhooks/%d/Fields", group), `{"fieldID":1,"isSubscribedField":true,"isDisplayAlwaysField":true}`)
	kept := k.created("TicketWebhooks", webhook("/b"))
	other := k.created(fmt.Sprintf("TicketWebhooks/%d/Fields", kept), fmt.Sprintf(
		`{"fieldID":%s,"isSubscribedField":true,"isDisplayAlwaysField":true}`, k.pick("TicketWebhookFields", "fieldID", "title")))
	k.written(k.do(http.MethodDelete, fmt.Sprintf("TicketWebhooks/%d", group), ""))
	require.Nil(t, k.item(fmt.Sprintf("TicketWebhookFields/%d", field)))
	require.NotNil(t, k.item(fmt.Sprintf("TicketWebhookFields/%d", other)))
}

func webhook(path string) string {
	return `{"name":"W","webhookUrl":"https://127.0.0.1` + path + `","deactivationUrl":"https://127.0.0.1/off","isActive":false,
		"isSubscribedToCreateEvents":true,"isSubscribedToUpdateEvents":true,"isSubscribedToDeleteEvents":true,"secretKey":"s",
		"sendThresholdExceededNotification":false}`
}

func TestS14CreateThroughParent(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	ticket := k.newTicket("")
	body := fmt.Sprintf(`{"ticketID":%d,"title":"Seen","description":"It is","noteType":1,"publish":1}`, ticket)
	k.refused(k.post("Tickets/987654321/Notes", body), "", "Reference value on field: ticketID of type: Ticket does not exist or is invalid.")
	other := k.newTicket("")
	note := k.created(fmt.Sprintf("Tickets/%d/Notes", other), body)
	require.EqualValues(t, other, k.item(fmt.Sprintf("TicketNotes/%d", note))["ticketID"], "the path wins")
}

// The rules themselves are tested where they are; here it is that they are asked.
func TestS15S16S17Rules(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.refused(k.post("Tickets", ticket(`,"assignedResourceID":29682885`)), "",
		"When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID.")
	k.refused(k.post("Tickets", ticket(`,"contactID":987654321`)), "",
		"Reference value on field: contactID of type: Contact does not exist or is invalid.")
	a := k.post("Tickets", ticket(`,"nonsense":1`))
	k.written(a)
	require.Equal(t, "unknown_property", a.Misuse)
	require.Equal(t, "the entity has no field nonsense", a.Detail)
	id := k.newTicket("")
	item := k.item(fmt.Sprintf("Tickets/%d", id))
	require.Equal(t, "2026-08-03T09:00:00.000", item["createDate"])
	require.EqualValues(t, self, item["creatorResourceID"])
	k.clock.Add(3600)
	k.newNote(id)
	require.Equal(t, "2026-08-03T10:00:00.000", k.item(fmt.Sprintf("Tickets/%d", id))["lastActivityDate"], "by its note")
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, body := range []string{"", "null", "[]", `"x"`, "{", `{} {}`, strings.Repeat("[", 20_000), `{"title":` + strings.Repeat("[", 20_000)} {
		a := k.post("Tickets", body)
		require.Equal(t, http.StatusInternalServerError, a.Status, body)
		require.Equal(t, "bad_body", a.Misuse)
		require.Contains(t, string(a.Body), "The request body is not a JSON object: ")
	}
}

func TestS18UserDefinedFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.created("UserDefinedFieldDefinitions", fmt.Sprintf(`{"name":"Rack Place","udfType":%s,"dataType":%s,"isActive":true}`,
		k.pick("UserDefinedFieldDefinitions", "udfType", "Ticket"),
		k.pick("UserDefinedFieldDefinitions", "dataType", "Text (Single Line)")))
	id := k.newTicket(`,"userDefinedFields":[{"name":"Rack Place","value":"rack 7"}]`)
	const condition = `{"op":"eq","field":"RACK place","value":"Rack 7","udf":true}`
	require.Equal(t, []int64{id}, k.ids("Tickets", `{"filter":[`+condition+`]}`))
	require.Equal(t, map[string]any{
		"id": float64(id), "userDefinedFields": []any{map[string]any{"name": "Rack Place", "value": "rack 7"}},
	}, k.query("Tickets", `{"IncludeFields":["id","rack place"],"filter":[`+condition+`]}`).Items[0])
	k.refused(k.post("Tickets/query", strings.Replace(`{"filter":[`+condition+`]}`, `,"udf":true`, "", 1)), "unknown_field",
		"Unable to find RACK place in the Ticket Entity.")
	k.Reset()
	k.refused(k.post("Tickets/query", `{"filter":[`+condition+`]}`), "unknown_field", "Unable to find RACK place in the Ticket Entity.")
}

// pick returns the value of a picklist by its label.
func (k kit) pick(entity, field, label string) string {
	k.t.Helper()
	values, _ := k.fields(entity)[field]["picklistValues"].([]any)
	for _, v := range values {
		if v, _ := v.(map[string]any); v["label"] == label {
			value, _ := v["value"].(string)
			return value
		}
	}
	require.Fail(k.t, "no such value", "%s of %s in %v", label, field, values)
	return ""
}

// transport answers every callout with 200 and keeps its body.
type transport struct{ bodies chan string }

func (tr transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	tr.bodies <- string(body)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func TestS47WritesAreTold(t *testing.T) {
	t.Parallel()
	tr := transport{make(chan string, 10)}
	k := newKit(t, tenant.Config{Tickets: 1, Hooks: hook.Config{Transport: tr, Max: 50}})
	id := k.created("ContactWebhooks", webhook(""))
	k.created(fmt.Sprintf("ContactWebhooks/%d/Fields", id), fmt.Sprintf(
		`{"fieldID":%s,"isSubscribedField":true,"isDisplayAlwaysField":true}`, k.pick("ContactWebhookFields", "fieldID", "lastName")))
	k.written(k.do(http.MethodPatch, "ContactWebhooks", fmt.Sprintf(`{"id":%d,"isActive":true}`, id)))

	other, _ := k.resources()
	as := []string{"ImpersonationResourceId", strconv.FormatInt(other, 10)}
	told := k.written(k.do(http.MethodPost, "Companies/0/Contacts", `{"firstName":"A","lastName":"B","isActive":1}`, as...))
	k.written(k.do(http.MethodPatch, "Companies/0/Contacts", fmt.Sprintf(`{"id":%d,"lastName":"C"}`, told)))
	k.written(k.do(http.MethodDelete, fmt.Sprintf("Companies/0/Contacts/%d", told), ""))
	require.NoError(t, k.Hooks().Wait(t.Context()))
	require.NoError(t, k.Hooks().Stop(t.Context()))
	for _, want := range []event{{"Create", told, other}, {"Update", told, self}, {"Delete", told, self}} {
		var got event
		require.NoError(t, json.Unmarshal([]byte(<-tr.bodies), &got))
		require.Equal(t, want, got)
	}
	require.Empty(t, tr.bodies)
}

// event is what a callout says about a write.
type event struct {
	Action   string `json:"Action"`
	ID       int64  `json:"Id"`
	PersonID int64  `json:"PersonID"`
}

func TestS46WebhookNeedsAField(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1, Hooks: hook.Config{Max: 50}})
	id := k.created("TicketWebhooks", webhook(""))
	require.NotEmpty(t, k.item(fmt.Sprintf("TicketWebhooks/%d", id))["webhookGUID"])
	a := k.do(http.MethodPatch, "TicketWebhooks", fmt.Sprintf(`{"id":%d,"isActive":true}`, id))
	require.Equal(t, http.StatusInternalServerError, a.Status, string(a.Body))

	path := fmt.Sprintf("TicketWebhooks/%d/Fields", id)
	field := k.created(path, fmt.Sprintf(
		`{"fieldID":%s,"isSubscribedField":true,"isDisplayAlwaysField":true}`, k.pick("TicketWebhookFields", "fieldID", "title")))
	k.written(k.do(http.MethodPatch, "TicketWebhooks", fmt.Sprintf(`{"id":%d,"isActive":true}`, id)))
	k.refused(k.do(http.MethodDelete, fmt.Sprintf("%s/%d", path, field), ""), "",
		"An active webhook must keep at least one subscribed field.")
	require.NotNil(t, k.item(fmt.Sprintf("%s/%d", path, field)))
}

func TestS41LargeAttachment(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	path := fmt.Sprintf("Tickets/%d/Attachments", k.newTicket(""))
	body := `{"attachmentType":"FILE_ATTACHMENT","fullPath":"a","title":"a","publish":1,"data":"` + strings.Repeat("AAAA", 1_000_000) + `"}`
	for range 3 {
		k.created(path, body)
	}
	require.Equal(t, http.StatusInternalServerError, k.post(path, body).Status, "12 MB in five minutes")
	k.Reset()
	path = fmt.Sprintf("Tickets/%d/Attachments", k.newTicket(""))
	k.created(path, body)
}

func TestRefusedWritesLeaveNothing(t *testing.T) {
	t.Parallel()
	const most = 8
	k := newKit(t, tenant.Config{Tickets: 1, Hooks: hook.Config{Max: most}})
	for i := range most { // the generated tenant may have some
		k.post("TicketWebhooks", webhook(fmt.Sprint("/", i)))
	}
	path := fmt.Sprintf("Tickets/%d/Attachments", k.newTicket(""))
	rows := k.Rows()
	require.Equal(t, http.StatusInternalServerError, k.post("TicketWebhooks", webhook("/more")).Status, "one too many")
	a := k.post(path, `{"attachmentType":"FILE_ATTACHMENT","fullPath":"a","title":"a","publish":1,"data":"no base64!"}`)
	require.Equal(t, http.StatusInternalServerError, a.Status, string(a.Body))
	require.Equal(t, rows, k.Rows())
}

func TestS13AttachmentsAreDeletedAlong(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 60})
	entries := k.ids("TimeEntries", all)
	const body = `{"attachmentType":"FILE_ATTACHMENT","fullPath":"a","title":"a","publish":1,"data":"AAAA"}`
	gone := k.created(fmt.Sprintf("TimeEntries/%d/Attachments", entries[0]), body)
	kept := k.created(fmt.Sprintf("TimeEntries/%d/Attachments", entries[1]), body)
	k.written(k.do(http.MethodDelete, fmt.Sprintf("TimeEntries/%d", entries[0]), ""))
	catalogue := fmt.Sprintf(`{"filter":[{"op":"in","field":"id","value":[%d,%d]}]}`, gone, kept)
	require.Equal(t, []int64{kept}, k.ids("TimeEntryAttachments", catalogue))
	require.Equal(t, []int64{kept}, k.ids("AttachmentInfo", catalogue))
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	require.Empty(t, k.Duplicates())
	k.newTicket(`,"externalID":"E-1"`)
	k.newTicket(`,"externalID":"E-1"`)
	require.Equal(t, []record.Duplicate{{Entity: "Tickets", ExternalID: "E-1", Records: 2}}, k.Duplicates())
}

// Writes, reads and restores at once: nothing is torn, and the race detector sees nothing.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 20})
	start := k.Snapshot()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 40 {
				for _, c := range []struct{ method, path, body string }{
					{http.MethodPost, "Tickets", ticket("")},
					{http.MethodPatch, "Tickets", `{"id":7001,"title":"x"}`},
					{http.MethodPost, "ActionTypes", fmt.Sprintf(`{"name":"n","learnt%d":%d}`, worker, i)},
					{http.MethodPost, "ActionTypes/query", all},
					{http.MethodPost, "Tickets/query", all},
					{http.MethodGet, "Tickets/entityInformation/fields", ""},
					{http.MethodDelete, "ActionTypes/1", ""},
				} {
					if a := k.Answer(request(t, c.method, c.path, c.body)); !json.Valid(a.Body) {
						t.Errorf("%s %s: %s", c.method, c.path, a.Body)
					}
				}
				if worker == 0 && i%10 == 0 {
					k.Restore(start)
				}
				_ = k.SetRights(0, "Tickets", tenant.Rights{Query: tenant.Access(i % 3), Create: tenant.All, Update: tenant.All})
			}
		})
	}
	wg.Wait()
}
