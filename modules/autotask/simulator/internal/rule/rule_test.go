package rule_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

const noUpdate = "No message. No matching records found. The logged in Resource may not have the required permissions to update the data."

func TestS11Create(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	const refused = "The value of field: id must be 0 or omitted when a record is created."
	tests := map[string]struct {
		id, want string
	}{
		"none":         {``, ""},
		"zero":         {`,"id":0`, ""},
		"zero as text": {`,"ID":"0"`, ""},
		"null":         {`,"id":null`, ""},
		"one":          {`,"id":1`, refused},
		"below zero":   {`,"id":-1`, refused},
		"word":         {`,"id":"one"`, "The value of field: id is not a valid long."},
		"fraction":     {`,"id":1.5`, "The value of field: id is not a valid long."},
		"the last":     {`,"id":1,"Id":0`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			problems := k.refused("Tickets", ticket(tt.id))
			if tt.want == "" {
				require.Empty(t, problems)
				return
			}
			require.Equal(t, []string{tt.want}, problems)
		})
	}
}

func TestS12Patch(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("Tickets", ticket(`,"description":"old","externalID":"A-1"`))
	require.Empty(t, k.patch("Tickets", id, `{"TITLE":"new","externalID":null}`))
	got := k.item("Tickets", id)
	require.Equal(t, "new", got["title"])
	require.Equal(t, "old", got["description"], "what is not given stays")
	require.Nil(t, got["externalID"], "null clears")

	require.Equal(t, []string{"Missing Required Field: title."}, k.patch("Tickets", id, `{"title":null,"description":"x"}`))
	require.Equal(t, []string{"Value does not reference an existing entity for status . "}, k.patch("Tickets", id, `{"status":null}`))
	require.Equal(t, "old", k.item("Tickets", id)["description"], "a refused write changes nothing")
	require.Empty(t, k.patch("Tickets", id, `{"title":"one","Title":"two"}`))
	require.Equal(t, "two", k.item("Tickets", id)["title"], "the last of two counts")
	require.Empty(t, k.patch("Tickets", id, `{"queueID":"none","QUEUEID":5}`), "only the last is looked at")
}

func TestS12PatchChecksWhatItIsGiven(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	require.Equal(t, []string{
		"Missing Required Field: companyID.", "Value does not reference an existing entity for priority . ",
		"Value does not reference an existing entity for status . ",
	}, k.patch("Tickets", 1, `{"title":"x"}`), "required fields are always looked at")

	id := k.created("Tickets", ticket(`,"contactID":1`))
	k.store.Update(func(tx *txn) { tx.Remove(k.table("Contacts"), 1) })
	require.Empty(t, k.patch("Tickets", id, `{"title":"x"}`), "what is left alone was right once")
	require.Equal(t, []string{"Reference value on field: contactID of type: Contact does not exist or is invalid."},
		k.patch("Tickets", id, `{"contactID":1}`))
}

func TestS12Put(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("Tickets", ticket(`,"description":"old","assignedResourceID":1,"assignedResourceRoleID":1`))
	before := k.item("Tickets", id)
	require.Empty(t, k.put("Tickets", id, `{"companyID":0,"title":"n","status":1,"priority":3}`))
	after := k.item("Tickets", id)
	require.Nil(t, after["description"], "what is not given is cleared")
	require.Nil(t, after["assignedResourceID"])
	require.NotNil(t, after["ticketNumber"])
	for _, kept := range []string{"id", "ticketNumber", "createDate", "creatorResourceID", "creatorType"} {
		require.Equal(t, before[kept], after[kept], kept)
	}
	require.Equal(t, []string{
		"Missing Required Field: companyID.", "Value does not reference an existing entity for priority . ",
		"Value does not reference an existing entity for status . ", "Missing Required Field: title.",
	}, k.put("Tickets", id, `{}`))
	require.Equal(t, after, k.item("Tickets", id))
}

func TestS14Parent(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	mine, other := k.created("Tickets", ticket("")), k.created("Tickets", ticket(""))
	id, out := k.post("TicketNotes", note+`,"ticketID":987654321}`, &mine, writer())
	require.Empty(t, out.Problems, "the path wins over the body, right or wrong")
	require.InDelta(t, mine, k.item("TicketNotes", id)["ticketID"], 0)
	_, out = k.post("TicketNotes", note+`,"ticketID":"nonsense"}`, &mine, writer())
	require.Empty(t, out.Problems)

	for _, parent := range []int64{987654321, -1, 1 << 40} {
		_, out = k.post("TicketNotes", note+`}`, &parent, writer())
		require.Equal(t, []string{"Reference value on field: ticketID of type: Ticket does not exist or is invalid."}, out.Problems)
	}

	patch := func(body string, parent *int64) []string {
		return k.write("TicketNotes", id, body, parent, false, writer()).Problems
	}
	require.Empty(t, patch(`{"title":"x"}`, &mine))
	require.Empty(t, patch(fmt.Sprintf(`{"title":"x","ticketID":%d}`, other), &mine), "the path wins")
	require.InDelta(t, mine, k.item("TicketNotes", id)["ticketID"], 0)
	require.Equal(t, []string{noUpdate}, patch(`{"title":"y"}`, &other), "of another ticket")
	require.Equal(t, []string{noUpdate}, patch(fmt.Sprintf(`{"ticketID":%d}`, other), nil), "a note stays with its ticket")
	require.Equal(t, []string{noUpdate}, patch(`{"ticketID":null}`, nil))
	require.Empty(t, patch(fmt.Sprintf(`{"ticketID":%d}`, mine), nil))
	require.Equal(t, "x", k.item("TicketNotes", id)["title"])

	out = k.write("TicketNotes", id, note+`}`, &mine, true, writer())
	require.Empty(t, out.Problems, "PUT below the parent need not name it")
	require.InDelta(t, mine, k.item("TicketNotes", id)["ticketID"], 0)
	out = k.write("TicketNotes", id, note+`}`, nil, true, writer())
	require.Equal(t, []string{"Missing Required Field: ticketID."}, out.Problems)
}

func TestS14OwnersWithAnotherName(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	_, out := k.post("UserDefinedFieldListItems", `{"valueForDisplay":"a"}`, new(int64(5)), writer())
	require.Equal(t, []string{
		"Reference value on field: udfFieldId of type: UserDefinedFieldDefinition does not exist or is invalid.",
	}, out.Problems)
	_, out = k.post("UserDefinedFieldListItems", `{"valueForDisplay":"a"}`, new(int64(1)), writer())
	require.Empty(t, out.Problems)
}

// Each entity can be written below its parent, be read, and be written again.
func TestEveryEntity(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	r := newRandom(1)
	for _, e := range registry.Entities() {
		var parent *int64
		if e.Parent != "" {
			parent = new(int64(1))
		}
		body := r.body(e, false)
		id, out := k.post(e.Name, body, parent, writer())
		require.Empty(t, out.Problems, "%s %s", e.Name, body)
		require.Empty(t, k.write(e.Name, id, body, parent, true, writer()).Problems, "%s %s", e.Name, body)
		item := k.item(e.Name, id)
		if e.Parent != "" {
			require.InDelta(t, 1, item[e.ParentField], 0, e.Name)
			_, out := k.post(e.Name, body, new(int64(-5)), writer())
			require.NotEmpty(t, out.Problems, e.Name)
			require.Equal(t, []string{noUpdate}, k.write(e.Name, id, body, new(int64(-5)), false, writer()).Problems, e.Name)
		}
		for mark, name := range map[string]string{"created": e.Marks.Created, "creator": e.Marks.Creator, "changed": e.Marks.Changed} {
			if f, ok := e.Field(name); ok && f.ReadOnly {
				require.NotNil(t, item[name], "%s: %s", e.Name, mark)
			}
		}
	}
}
