package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

func create(at *tenant) {
	first := at.create(object{"id": 0})
	second := at.create(nil)
	require.Greater(at.t, second, first)
	require.Equal(at.t, "Contract suite", at.read("Tickets", second)["title"])

	before := at.count("Tickets", where("gt", "id", second))
	at.post("Tickets", at.draft(object{"id": second + 1000})).refused()
	at.post("Tickets", at.draft(object{"id": first})).refused()
	require.Equal(at.t, before, at.count("Tickets", where("gt", "id", second)), "nothing was made")
	require.Equal(at.t, "Contract suite", at.read("Tickets", first)["title"])
}

func patchAndPut(at *tenant) {
	id := at.create(object{"description": "before", "purchaseOrderNumber": "PO-1", "estimatedHours": 2.5})
	before := at.read("Tickets", id)

	require.Equal(at.t, id, at.patch("Tickets", object{"id": id, "description": "after"}).itemID())
	after := at.read("Tickets", id)
	require.Equal(at.t, "after", after["description"])
	for _, same := range []string{"title", "purchaseOrderNumber", "estimatedHours", "companyID", "status", "queueID", "ticketNumber"} {
		require.Equal(at.t, before[same], after[same], same)
	}
	at.patch("Tickets", object{"id": id, "purchaseOrderNumber": nil}).itemID()
	require.Nil(at.t, at.read("Tickets", id)["purchaseOrderNumber"], "null clears")

	whole := at.draft(object{"id": id, "title": "Put in its place"})
	require.Equal(at.t, id, at.put("Tickets", whole).itemID())
	put := at.read("Tickets", id)
	require.Equal(at.t, "Put in its place", put["title"])
	require.Nil(at.t, put["description"], "what is missing becomes null")
	require.Nil(at.t, put["estimatedHours"])
	require.Equal(at.t, before["ticketNumber"], put["ticketNumber"], "what may not be written stays")

	path := fmt.Sprintf("Tickets/%d", id)
	require.Equal(at.t, fmt.Sprintf(textNotAllowed, "PATCH"), at.patch(path, object{"title": "x"}).message(http.StatusMethodNotAllowed))
	require.Equal(at.t, fmt.Sprintf(textNotAllowed, "PUT"), at.put(path, whole).message(http.StatusMethodNotAllowed))
	at.patch("Tickets", object{"title": "whose?"}).refused()
	at.patch("Tickets", object{"id": 999999999999, "title": "of none"}).refused()
	at.put("Tickets", at.draft(object{"id": 999999999999})).refused()
	require.Equal(at.t, put, at.read("Tickets", id))
}

func deletes(at *tenant) {
	ticket := at.create(nil)
	id := at.timeEntry(ticket)
	path := fmt.Sprintf("TimeEntries/%d", id)
	require.NotNil(at.t, at.read("TimeEntries", id))
	require.Equal(at.t, id, at.delete(path).itemID())
	require.Zero(at.t, at.count("TimeEntries", where("eq", "id", id)))
	at.delete(path).refusedWith(textNoDelete)

	got := at.delete(fmt.Sprintf("Tickets/%d", ticket)).message(http.StatusMethodNotAllowed)
	require.Equal(at.t, fmt.Sprintf(textNotAllowed, "DELETE"), got)
	require.NotNil(at.t, at.read("Tickets", ticket))
}

func children(at *tenant) {
	ticket, other := at.create(nil), at.create(nil)
	notes := fmt.Sprintf("Tickets/%d/Notes", ticket)
	note := object{"title": "A note", "description": "Through its parent", "noteType": 1, "publish": 1}
	id := at.post(notes, note).itemID()
	got := at.read("TicketNotes", id)
	require.Equal(at.t, ticket, whole(at.t, got["ticketID"]), "the path tells the parent")

	list := at.get(notes).page()
	require.Equal(at.t, []int64{id}, list.ids(at.t))
	require.Equal(at.t, 1, list.Details.Count)
	require.Equal(at.t, got, at.get(fmt.Sprintf("%s/%d", notes, id)).item())
	require.Equal(at.t, id, at.patch(notes, object{"id": id, "title": "Changed"}).itemID())
	require.Equal(at.t, "Changed", at.read("TicketNotes", id)["title"])
	require.Empty(at.t, at.get(fmt.Sprintf("Tickets/%d/Notes", other)).page().Items)

	at.post("Tickets/999999999/Notes", note).is(http.StatusInternalServerError).refused()
	company := object{"firstName": "Root", "lastName": "Contact", "isActive": 1, "companyID": 0}
	lists := map[string]object{"TicketNotes": plus(note, "ticketID", ticket), "Contacts": company, "QuoteItems": {"quoteID": 1}}
	for name, body := range lists {
		a := at.post(name, body)
		if at.simulated {
			a.is(http.StatusNotFound)
		}
		a.message(http.StatusNotFound, http.StatusMethodNotAllowed)
	}
}

// plus is an object and one member more.
func plus(o object, name string, v any) object {
	o = maps.Clone(o)
	o[name] = v
	return o
}

func keptFields(at *tenant) {
	began := time.Now().Add(-time.Minute)
	if at.simulated {
		began = at.now().Add(-time.Minute)
	}
	sent := object{"createDate": "1999-01-01T00:00:00", "ticketNumber": "T19990101.0001", "lastActivityDate": "1999-01-01T00:00:00"}
	a := at.post("Tickets", at.draft(sent))
	if a.status != http.StatusOK { // a tenant that refuses what another one ignores
		a.refused()
		a = at.post("Tickets", at.draft(nil))
	}
	id := a.itemID()
	at.leave(id)
	made := at.read("Tickets", id)
	created := moment(at.t, made["createDate"])
	require.WithinRange(at.t, created, began, began.Add(10*time.Minute))
	require.Regexp(at.t, `^T\d{8}\.\d{4,}$`, made["ticketNumber"])
	require.NotEqual(at.t, sent["ticketNumber"], made["ticketNumber"])
	touched := moment(at.t, made["lastActivityDate"])
	require.WithinRange(at.t, touched, began, began.Add(10*time.Minute))
	require.NotEqual(at.t, made["ticketNumber"], at.read("Tickets", at.create(nil))["ticketNumber"])

	if at.simulated {
		require.Contains(at.t, made["ticketNumber"], created.Format("T20060102."))
		at.advance(time.Hour)
	}
	at.patch("Tickets", object{"id": id, "title": "Changed"}).itemID()
	changed := at.read("Tickets", id)
	require.Equal(at.t, made["createDate"], changed["createDate"])
	require.Equal(at.t, made["ticketNumber"], changed["ticketNumber"])
	require.False(at.t, moment(at.t, changed["lastActivityDate"]).Before(touched))
	if !at.simulated {
		return
	}
	require.GreaterOrEqual(at.t, moment(at.t, changed["lastActivityDate"]).Sub(touched), time.Hour)
	at.advance(time.Hour)
	note := object{"title": "A note", "description": "moves its ticket", "noteType": 1, "publish": 1}
	at.post(fmt.Sprintf("Tickets/%d/Notes", id), note).itemID()
	noted := moment(at.t, at.read("Tickets", id)["lastActivityDate"])
	require.GreaterOrEqual(at.t, noted.Sub(touched), 2*time.Hour, "a note is activity of its ticket")
	if o, ok := at.other("READ_ONLY_FIELDS=refuse"); ok {
		o.post("Tickets", o.draft(object{"createDate": "1999-01-01T00:00:00"})).refused()
		o.post("Tickets", o.draft(nil)).itemID()
	}
}

func checks(at *tenant) {
	id := at.create(nil)
	before := at.read("Tickets", id)
	both := func(more object) [2]answer { // as a create, and as an update
		more = maps.Clone(more)
		created := at.post("Tickets", at.draft(more))
		more["id"] = id
		return [2]answer{created, at.patch("Tickets", more)}
	}
	exact := map[string]object{
		textNoContact: {"contactID": 1999999999},
		textNoStatus:  {"status": 199},
	}
	for text, more := range exact {
		for _, a := range both(more) {
			a.refusedWith(text)
		}
	}
	at.post("Tickets", at.draft(object{"companyID": 1999999999})).is(http.StatusInternalServerError).refused()

	role := at.first("Tickets", where("exist", "assignedResourceRoleID", nil))
	at.post("Tickets", at.draft(object{"assignedResourceID": role["assignedResourceID"]})).refusedWith(textRolePair)
	at.post("Tickets", at.draft(object{"assignedResourceRoleID": role["assignedResourceRoleID"]})).refusedWith(textRolePair)
	at.create(object{"assignedResourceID": role["assignedResourceID"], "assignedResourceRoleID": role["assignedResourceRoleID"]})

	for _, name := range []string{"title", "status", "priority", "companyID"} {
		draft := at.draft(nil)
		delete(draft, name)
		texts := at.post("Tickets", draft).is(http.StatusInternalServerError).refused()
		require.Contains(at.t, strings.Join(texts, " "), name)
		at.patch("Tickets", object{"id": id, name: nil}).is(http.StatusInternalServerError).refused()
	}
	for _, a := range slices.Concat(
		asSlice(both(object{"title": strings.Repeat("x", 256)})),
		asSlice(both(object{"purchaseOrderNumber": strings.Repeat("é", 51)})),
		asSlice(both(object{"dueDateTime": "tomorrow"})),
		asSlice(both(object{"estimatedHours": "many"})),
	) {
		a.is(http.StatusInternalServerError, http.StatusBadRequest).refused()
	}
	require.Equal(at.t, before, at.read("Tickets", id), "what is refused changes nothing")
	at.patch("Tickets", object{"id": id, "title": strings.Repeat("x", 255), "purchaseOrderNumber": strings.Repeat("é", 50)}).itemID()
}

func asSlice(pair [2]answer) []answer { return pair[:] }

func unknownProperty(at *tenant) {
	id := at.create(object{"notAField": "x", "another": object{"deep": []int{1}}})
	at.patch("Tickets", object{"id": id, "title": "Changed", "notAField": nil}).itemID()
	got := at.read("Tickets", id)
	require.Equal(at.t, "Changed", got["title"])
	require.NotContains(at.t, got, "notAField")
}
