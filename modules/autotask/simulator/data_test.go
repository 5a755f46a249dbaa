package simulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// ticket is a body that creates a ticket.
func ticket(more string) string {
	return `{"companyID":0,"title":"Printer","status":1,"priority":2` + more + `}`
}

func TestS8VerbsOfTheRegistry(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	methods := map[registry.Verbs]string{
		registry.Create: http.MethodPost, registry.Patch: http.MethodPatch, registry.Put: http.MethodPut,
	}
	for _, e := range registry.Entities() {
		for verb, method := range methods {
			status := k.do(method, api+e.Name, `{"id":-1}`).status
			require.Equal(t, e.Verbs.Has(verb), status == http.StatusInternalServerError, "%s %s: %d", method, e.Name, status)
		}
		require.Equal(t, e.Verbs.Has(registry.Query), k.post(e.Name+"/query", all).status == http.StatusOK, e.Name)
	}
}

func TestS9SeedData(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{})
	count := func(entity string) int {
		return decode[map[string]int](t, k.post(entity+"/query/count", all))["queryCount"]
	}
	require.Equal(t, 1203, count("Tickets"))
	require.Equal(t, 41, count("Companies"))
	require.Equal(t, 12, count("Resources"))
	require.Greater(t, count("Contacts"), 41)
	require.Greater(t, count("TicketNotes"), 500)
	require.Greater(t, count("TimeEntries"), 300)
	require.Equal(t, "Holdfast Demo MSP", k.item("Companies/0")["companyName"], "id 0 is a company")
	require.Regexp(t, `^T202[45]\d{4}\.\d{4}$`, k.item("Tickets/7500")["ticketNumber"])
}

// Every generated record could have been written through the API: required fields, references, picklists, lengths.
func TestS9SeedDataIsValid(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 60})
	for _, e := range registry.Entities() {
		if !e.Can(registry.Query | registry.Patch) {
			continue
		}
		for _, item := range k.query(e.Name, all).Items {
			maps.DeleteFunc(item, func(_ string, v any) bool { return v == nil })
			body, err := json.Marshal(item)
			require.NoError(t, err)
			path := e.Name
			if e.ChildVerbs.Has(registry.Patch) {
				path = fmt.Sprintf("%s/%.0f/%s", e.Parent, item[e.ParentField], e.Child)
			}
			r := k.do(http.MethodPatch, api+path, string(body))
			require.Equal(t, http.StatusOK, r.status, "%s: %s", body, r.body)
		}
	}
}

func TestS9SameSeedSameTenant(t *testing.T) {
	t.Parallel()
	tickets := func(seed uint64) string {
		return newKit(t, simulator.Config{Seed: seed, Tickets: 50}).post("Tickets/query", all).body
	}
	first := tickets(7)
	require.Equal(t, first, tickets(7))
	require.NotEqual(t, first, tickets(8))
}

func TestS10ReadByID(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.InDelta(t, 7001, k.item("Tickets/7001")["id"], 0)
	require.Len(t, k.item("Tickets/7001"), 73, "every field, null where it has no value, and the user-defined ones")
	require.JSONEq(t, `{"item":null}`, k.get("Tickets/1").body)

	k = newKit(t, simulator.Config{Tickets: 1, MissingStatus: http.StatusNotFound})
	require.Equal(t, http.StatusNotFound, k.get("Tickets/1").status)
}

func TestS11Create(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 3})
	first := k.created("Tickets", ticket(""))
	require.Equal(t, int64(7004), first)
	require.Equal(t, first+1, k.created("Tickets", ticket(`,"id":0`)), "ids increase")
	k.refused(k.post("Tickets", ticket(`,"id":9`)), "The value of field: id must be 0 or omitted when a record is created.")
	require.Equal(t, "Printer", k.item("Tickets/7004")["title"])
}

func TestS12Patch(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	id := k.created("Tickets", ticket(`,"description":"old","externalID":"A-1"`))
	patch := func(body string) reply {
		return k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,%s}`, id, body))
	}
	require.JSONEq(t, fmt.Sprintf(`{"itemId":%d}`, id), patch(`"TITLE":"new","externalID":null`).body)
	got := k.item(fmt.Sprintf("Tickets/%d", id))
	require.Equal(t, "new", got["title"])
	require.Equal(t, "old", got["description"], "what is not given stays")
	require.Nil(t, got["externalID"], "null clears")

	k.refused(patch(`"title":null`), "Missing Required Field: title.")
	k.refused(k.do(http.MethodPatch, api+"Tickets", `{"title":"x"}`), "The field id is required to update a record.")
	require.Equal(t, 500, k.do(http.MethodPatch, api+"Tickets", `{"id":1,"title":"x"}`).status, "no such ticket")
	require.Equal(t, "new", k.item(fmt.Sprintf("Tickets/%d", id))["title"])
}

func TestS12Put(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	id := k.created("Tickets", ticket(`,"description":"old"`))
	before := k.item(fmt.Sprintf("Tickets/%d", id))
	r := k.do(http.MethodPut, api+"Tickets", fmt.Sprintf(`{"id":%d,"companyID":0,"title":"n","status":1,"priority":3}`, id))
	require.Equal(t, http.StatusOK, r.status, r.body)
	after := k.item(fmt.Sprintf("Tickets/%d", id))
	require.Nil(t, after["description"], "what is not given is cleared")
	require.Equal(t, before["ticketNumber"], after["ticketNumber"], "what Autotask keeps stays")
}

func TestS13Delete(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 20})
	require.JSONEq(t, `{"itemId":1}`, k.do(http.MethodDelete, api+"TimeEntries/1", "").body)
	require.JSONEq(t, `{"item":null}`, k.get("TimeEntries/1").body)
	k.refused(k.do(http.MethodDelete, api+"TimeEntries/1", ""),
		"No message. No matching records found. The logged in Resource may not have the required permissions to delete the data.")
}

func TestS14Children(t *testing.T) {
	t.Parallel()
	const note = `{"title":"N","description":"D","noteType":1,"publish":1,"ticketID":1}`
	k := newKit(t, simulator.Config{Tickets: 2})
	id := k.created("Tickets/7001/Notes", note)
	got := k.item(fmt.Sprintf("TicketNotes/%d", id))
	require.InDelta(t, 7001, got["ticketID"], 0, "the path says whose it is")
	require.Equal(t, got, k.item(fmt.Sprintf("tickets/7001/notes/%d", id)))

	require.JSONEq(t, `{"item":null}`, k.get(fmt.Sprintf("Tickets/7002/Notes/%d", id)).body, "of another ticket")
	k.refused(k.post("Tickets/1/Notes", note), "Reference value on field: ticketID of type: Ticket does not exist or is invalid.")
	require.Equal(t, 404, k.post("TicketNotes", note).status, "no path of its own")
	require.Equal(t, 404, k.post("Contacts", "{}").status)

	contact := k.created("Companies/0/Contacts", `{"firstName":"Ada","lastName":"Byron","isActive":1}`)
	own := decode[page](t, k.get("Companies/0/Contacts"))
	require.InDelta(t, contact, own.Items[len(own.Items)-1]["id"], 0)
	patch := fmt.Sprintf(`{"id":%d,"lastName":"King"}`, contact)
	require.Equal(t, 200, k.do(http.MethodPatch, api+"Companies/0/Contacts", patch).status)
	require.Equal(t, 500, k.do(http.MethodPatch, api+"Companies/174/Contacts", patch).status, "of another company")
	require.Equal(t, "King", k.item(fmt.Sprintf("Contacts/%d", contact))["lastName"])
	require.Equal(t, 200, k.do(http.MethodDelete, fmt.Sprintf("%sCompanies/0/Contacts/%d", api, contact), "").status)
}

func TestS14ChildPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, HourlyLimit: 1 << 20})
	before := decode[page](t, k.get("Tickets/7001/Notes")).PageDetails.Count
	for range 501 {
		k.created("Tickets/7001/Notes", `{"title":"N","description":"D","noteType":1,"publish":1}`)
	}
	first := decode[page](t, k.get("Tickets/7001/Notes"))
	require.Len(t, first.Items, 500)
	second := decode[page](t, k.do(http.MethodGet, *first.PageDetails.NextPageURL, ""))
	require.Len(t, second.Items, before+1)
	require.Nil(t, second.PageDetails.NextPageURL)
	k.refused(k.get("Tickets/7001/Notes?paging=x"), "The paging token is invalid or belongs to another query.")
}

func TestS15MaintainedFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	id := k.created("Tickets", ticket(`,"createDate":"1999-01-01","ticketNumber":"mine","lastActivityDate":"1999-01-01"`))
	path := fmt.Sprintf("Tickets/%d", id)
	got := k.item(path)
	now := k.Now().Format("2006-01-02")
	require.Contains(t, got["createDate"], now)
	require.Contains(t, got["ticketNumber"], "T"+strings.ReplaceAll(now, "-", "")+".000")
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$`, got["createDate"], "UTC without a zone")
	require.Nil(t, got["completedDate"])

	r := k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,"createDate":"1999-01-01","ticketNumber":"mine"}`, id))
	require.Equal(t, 200, r.status, "read-only fields are ignored")
	require.Equal(t, got["createDate"], k.item(path)["createDate"])
	require.Equal(t, got["ticketNumber"], k.item(path)["ticketNumber"])

	k.Advance(48 * hour)
	k.created(path+"/Notes", `{"title":"N","description":"D","noteType":1,"publish":1}`)
	noted := k.item(path)
	require.NotEqual(t, got["lastActivityDate"], noted["lastActivityDate"], "a note is an activity of its ticket")
	require.Equal(t, got["createDate"], noted["createDate"])

	k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,"status":5}`, id))
	require.NotNil(t, k.item(path)["completedDate"])
	k.do(http.MethodPatch, api+"Tickets", fmt.Sprintf(`{"id":%d,"status":1}`, id))
	require.Nil(t, k.item(path)["completedDate"])
}

func TestS16Validation(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, ThreadLimit: 100})
	const pair = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
	tests := map[string]struct {
		body string
		want []string
	}{
		"nothing": {`{}`, []string{
			"Missing Required Field: companyID.", "Value does not reference an existing entity for priority . ",
			"Value does not reference an existing entity for status . ", "Missing Required Field: title.",
		}},
		"blank title":       {`{"companyID":0,"status":1,"priority":1,"title":" "}`, []string{"Missing Required Field: title."}},
		"company":           {ticket(`,"companyID":1`), []string{"Reference value on field: companyID of type: Company does not exist or is invalid."}},
		"contact":           {ticket(`,"contactID":1`), []string{"Reference value on field: contactID of type: Contact does not exist or is invalid."}},
		"picklist":          {ticket(`,"queueID":1`), []string{"Value does not reference an existing entity for queueID . "}},
		"resource alone":    {ticket(`,"assignedResourceID":29682885`), []string{pair}},
		"role alone":        {ticket(`,"assignedResourceRoleID":29683398`), []string{pair}},
		"length":            {ticket(`,"externalID":"` + strings.Repeat("x", 51) + `"`), []string{"The value of field: externalID exceeds the maximum length of 50 characters."}},
		"length in UTF-16":  {ticket(`,"externalID":"` + strings.Repeat("😀", 26) + `"`), []string{"The value of field: externalID exceeds the maximum length of 50 characters."}},
		"type":              {ticket(`,"queueID":"five"`), []string{"The value of field: queueID is not a valid integer."}},
		"32 bits":           {ticket(`,"contractID":2147483648`), []string{"The value of field: contractID is not a valid integer."}},
		"date":              {ticket(`,"dueDateTime":"tomorrow"`), []string{"The value of field: dueDateTime is not a valid datetime."}},
		"two at once":       {ticket(`,"queueID":1,"contactID":1`), []string{"Reference value on field: contactID of type: Contact does not exist or is invalid.", "Value does not reference an existing entity for queueID . "}},
		"not an object":     {`[]`, []string{"The request body is not a JSON object: it is something else"}},
		"empty":             {``, []string{"The request body is not a JSON object: it is empty"}},
		"two values":        {`{} {}`, []string{"The request body is not a JSON object: more follows after the JSON value"}},
		"number as a title": {ticket(`,"title":true`), []string{"The value of field: title is not a valid string."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			k.refused(k.post("Tickets", tt.body), tt.want...)
		})
	}
	require.Equal(t, 200, k.post("Tickets", ticket(`,"queueID":"5","contractID":"1"`)).status, "numbers as strings")
}

func TestS17UnknownProperties(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	require.Equal(t, 200, k.post("Tickets", ticket(`,"nonsense":{"a":[1]}`)).status)
}
