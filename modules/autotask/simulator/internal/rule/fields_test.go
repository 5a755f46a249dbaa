package rule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Rules about several fields at once, about several records, and about what a text may hold.

func TestS16ContactOfAnotherCompany(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	contacts := k.table("Contacts")
	company, _ := contacts.Ordinal("companyID")
	of := func(owner int64) (id int64) {
		k.store.Update(func(tx *record.Tx) {
			vals := make([]any, len(contacts.Columns()))
			vals[company] = owner
			id = tx.Insert(contacts, vals)
		})
		return id
	}
	ours, theirs := of(0), of(1)
	refusal := func(id int64) []string {
		return []string{fmt.Sprintf("contactID: Value %d does not exist or is invalid", id)}
	}

	require.Equal(t, refusal(theirs), k.refused("Tickets", ticket(fmt.Sprintf(`,"contactID":%d`, theirs))))
	id := k.created("Tickets", ticket(fmt.Sprintf(`,"contactID":%d`, ours)))
	require.Equal(t, refusal(theirs), k.patch("Tickets", id, fmt.Sprintf(`{"contactID":%d}`, theirs)))
	require.Equal(t, refusal(ours), k.patch("Tickets", id, `{"companyID":1}`), "the contact stays behind")
	require.Empty(t, k.patch("Tickets", id, `{"title":"x"}`))
	require.Empty(t, k.patch("Tickets", id, fmt.Sprintf(`{"companyID":1,"contactID":%d}`, theirs)))
	require.Empty(t, k.patch("Tickets", id, `{"companyID":0,"contactID":null}`))
	k.store.Update(func(tx *record.Tx) { require.True(t, tx.Remove(contacts, theirs)) })
	require.Equal(t, []string{"Reference value on field: contactID of type: Contact does not exist or is invalid."},
		k.patch("Tickets", id, fmt.Sprintf(`{"contactID":%d}`, theirs)))
}

func TestS16ValueBelowAnother(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	col := k.table("Tickets").Columns()
	ord, _ := k.table("Tickets").Ordinal("subIssueType")
	below := col[ord].Picks[0]
	other := ""
	for _, p := range col[ord].Picks {
		if p.Parent != below.Parent {
			other = p.Parent
		}
	}
	refusal := []string{"Value does not reference an existing entity for subIssueType . "}
	id := k.created("Tickets", ticket(fmt.Sprintf(`,"issueType":%s,"subIssueType":%s`, below.Parent, below.Value)))
	require.Equal(t, refusal, k.patch("Tickets", id, `{"issueType":`+other+`}`))
	require.Equal(t, refusal, k.patch("Tickets", id, `{"issueType":null}`))
	require.Equal(t, []string{"The value of field: issueType is not a valid integer."}, k.patch("Tickets", id, `{"issueType":"x"}`))
	require.Empty(t, k.patch("Tickets", id, `{"issueType":`+below.Parent+`}`))
	require.Empty(t, k.patch("Tickets", id, `{"issueType":`+other+`,"subIssueType":null}`))
}

func TestS16ContactGroupsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	first := k.created("ContactGroups", `{"name":"Newsletter"}`)
	second := k.created("ContactGroups", `{"name":"Notices"}`)
	require.Equal(t, []string{"The ContactGroup newsletter exists already."}, k.refused("ContactGroups", `{"name":"newsletter"}`))
	require.Equal(t, []string{"The ContactGroup Newsletter exists already."}, k.patch("ContactGroups", second, `{"name":"Newsletter"}`))
	require.Empty(t, k.patch("ContactGroups", first, `{"name":"NEWSLETTER"}`), "its own")
	require.Empty(t, k.refused("ContactGroups", `{}`))
	require.Empty(t, k.refused("Tags", `{"name":"Newsletter"}`), "of another entity")
	require.Empty(t, k.refused("Tags", `{"name":"Newsletter"}`))
}

func TestS16Days(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("TimeEntries", `{"resourceID":1,"ticketID":1,"dateWorked":"2024-01-15T23:30:00-05:00","startDateTime":"2024-01-15T23:30:00-05:00"}`)
	got := k.item("TimeEntries", id)
	require.Equal(t, "2024-01-15T00:00:00.000", got["dateWorked"], "the day that was written")
	require.Equal(t, "2024-01-16T04:30:00.000", got["startDateTime"], "a moment")
	require.Empty(t, k.patch("TimeEntries", id, `{"dateWorked":"2024-02-01"}`))
	require.Equal(t, "2024-02-01T00:00:00.000", k.item("TimeEntries", id)["dateWorked"])
	require.Equal(t, []string{"The value of field: dateWorked is not a valid datetime."}, k.patch("TimeEntries", id, `{"dateWorked":"soon"}`))
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	long := strings.Repeat("é", 1<<19)
	got := k.refused("Tickets", udfs(`{"name":"`+long+`","value":1}`))
	require.Equal(t, []string{"Unable to find the user-defined field " + strings.Repeat("é", 100) + "… in the Ticket Entity."}, got)
	_, out := k.post("Tickets", ticket(`,"`+long+`":1`), nil, writer())
	require.Equal(t, strings.Repeat("é", 100)+"…", out.Unknown)

	pairs := make([]string, 5_000)
	for i := range pairs {
		pairs[i] = fmt.Sprintf(`{"name":"x%d","value":1}`, i)
	}
	got = k.refused("Tickets", `{"userDefinedFields":[`+strings.Join(pairs, ",")+`]}`)
	require.Len(t, got, 100)
	require.Equal(t, "Missing Required Field: companyID.", got[0])
}
