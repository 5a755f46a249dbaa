package rule_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

type txn = record.Tx

func TestS16Texts(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	const (
		pair    = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
		tooLong = "The value of field: externalID exceeds the maximum length of 50 characters."
		queue   = "Value does not reference an existing entity for queueID . "
		contact = "Reference value on field: contactID of type: Contact does not exist or is invalid."
		role    = "Reference value on field: assignedResourceRoleID of type: Role does not exist or is invalid."
	)
	tests := map[string]struct {
		body string
		want []string
	}{
		"right": {ticket(`,"queueID":"5","contactID":"1"`), nil},
		"nothing": {`{}`, []string{
			"Missing Required Field: companyID.", "Value does not reference an existing entity for priority . ",
			"Value does not reference an existing entity for status . ", "Missing Required Field: title.",
		}},
		"empty title":    {`{"companyID":0,"status":1,"priority":1,"title":""}`, []string{"Missing Required Field: title."}},
		"blank title":    {`{"companyID":0,"status":1,"priority":1,"title":" \t"}`, []string{"Missing Required Field: title."}},
		"null title":     {`{"companyID":0,"status":1,"priority":1,"title":null}`, []string{"Missing Required Field: title."}},
		"company":        {ticket(`,"companyID":2`), []string{"Reference value on field: companyID of type: Company does not exist or is invalid."}},
		"contact":        {ticket(`,"contactID":2`), []string{contact}},
		"picklist":       {ticket(`,"queueID":1`), []string{queue}},
		"resource alone": {ticket(`,"assignedResourceID":1`), []string{pair}},
		"role alone":     {ticket(`,"assignedResourceRoleID":1`), []string{pair}},
		"both":           {ticket(`,"assignedResourceID":1,"assignedResourceRoleID":1`), nil},
		"a role that is none": {
			ticket(`,"assignedResourceID":1,"assignedResourceRoleID":7`), []string{role},
		},
		"half of the pair is nonsense": {
			ticket(`,"assignedResourceID":"x","assignedResourceRoleID":1`),
			[]string{"The value of field: assignedResourceID is not a valid integer."},
		},
		"length":            {ticket(`,"externalID":"` + strings.Repeat("x", 51) + `"`), []string{tooLong}},
		"longest":           {ticket(`,"externalID":"` + strings.Repeat("x", 50) + `"`), nil},
		"longest in UTF-8":  {ticket(`,"externalID":"` + strings.Repeat("é", 50) + `"`), nil},
		"length in UTF-8":   {ticket(`,"externalID":"` + strings.Repeat("é", 51) + `"`), []string{tooLong}},
		"longest in UTF-16": {ticket(`,"externalID":"` + strings.Repeat("😀", 25) + `"`), nil},
		"length in UTF-16":  {ticket(`,"externalID":"` + strings.Repeat("😀", 26) + `"`), []string{tooLong}},
		"word":              {ticket(`,"queueID":"five"`), []string{"The value of field: queueID is not a valid integer."}},
		"32 bits":           {ticket(`,"contractID":2147483648`), []string{"The value of field: contractID is not a valid integer."}},
		"64 bits":           {ticket(`,"contractServiceID":9223372036854775808`), []string{"The value of field: contractServiceID is not a valid long."}},
		"fraction":          {ticket(`,"monitorID":1.5`), []string{"The value of field: monitorID is not a valid integer."}},
		"date":              {ticket(`,"dueDateTime":"tomorrow"`), []string{"The value of field: dueDateTime is not a valid datetime."}},
		"double":            {ticket(`,"estimatedHours":"much"`), []string{"The value of field: estimatedHours is not a valid double."}},
		"endless":           {ticket(`,"estimatedHours":1e999`), []string{"The value of field: estimatedHours is not a valid double."}},
		"list":              {ticket(`,"queueID":[5]`), []string{"The value of field: queueID is not a valid integer."}},
		"object":            {ticket(`,"description":{}`), []string{"The value of field: description is not a valid string."}},
		"true as a title":   {ticket(`,"title":true`), []string{"The value of field: title is not a valid string."}},
		"number as a title": {ticket(`,"title":12`), nil},
		"in the order of fields": {
			ticket(`,"queueID":1,"title":"","estimatedHours":true,"contactID":2,"assignedResourceID":1`),
			[]string{contact, "The value of field: estimatedHours is not a valid double.", queue, "Missing Required Field: title.", pair},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, k.in(t).refused("Tickets", tt.body))
		})
	}
	_, out := k.post("Companies", `{"companyName":"A","companyType":1,"ownerResourceID":1,"phone":"1","isActive":"yes"}`, nil, writer())
	require.Equal(t, []string{"The value of field: isActive is not a valid boolean."}, out.Problems)
}

func TestS16PairOnUpdate(t *testing.T) {
	t.Parallel()
	const pair = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
	k := newKit(t)
	id := k.created("Tickets", ticket(`,"assignedResourceID":1,"assignedResourceRoleID":1`))
	require.Equal(t, []string{pair}, k.patch("Tickets", id, `{"assignedResourceID":null}`))
	require.Empty(t, k.patch("Tickets", id, `{"assignedResourceID":29682886}`), "the role is there already")
	require.Empty(t, k.patch("Tickets", id, `{"assignedResourceID":null,"assignedResourceRoleID":null}`))
	require.Equal(t, []string{pair}, k.patch("Tickets", id, `{"assignedResourceRoleID":1}`))
	require.Equal(t, []string{pair}, k.put("Tickets", id, ticket(`,"assignedResourceID":1`)))

	tickets := k.table("Tickets")
	resource, _ := tickets.Ordinal("assignedResourceID")
	k.store.Update(func(tx *txn) {
		row, _ := tx.Find(tickets, id)
		vals := row.Values(tickets)
		vals[resource] = int64(1)
		tx.Replace(tickets, id, vals)
	})
	require.Empty(t, k.patch("Tickets", id, `{"title":"x"}`), "what is left alone was right once")
}

func TestS16TextLists(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	attachment := func(kind string) []string {
		_, out := k.post("TicketAttachments", `{"attachmentType":"`+kind+`","fullPath":"a.txt","title":"a","publish":1}`, new(int64(1)), writer())
		return out.Problems
	}
	require.Empty(t, attachment("FILE_ATTACHMENT"))
	require.Equal(t, []string{"Value does not reference an existing entity for attachmentType . "}, attachment("NONSENSE"))
}

// A value may belong to one of the list above it.
func TestS16ListsBelowLists(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	e, _ := registry.Find("Tickets")
	f, _ := e.Field("subIssueType")
	require.Equal(t, "issueType", f.PickParent)
	require.NotEmpty(t, f.Picks)
	pick := f.Picks[0]
	const refused = "Value does not reference an existing entity for subIssueType . "
	require.Empty(t, k.refused("Tickets", ticket(`,"issueType":`+pick.Parent+`,"subIssueType":`+pick.Value)))
	require.Equal(t, []string{refused}, k.refused("Tickets", ticket(`,"subIssueType":`+pick.Value)))
	for _, p := range f.Picks {
		if p.Parent != pick.Parent {
			require.Equal(t, []string{refused},
				k.refused("Tickets", ticket(`,"issueType":`+p.Parent+`,"subIssueType":`+pick.Value)))
			return
		}
	}
}
