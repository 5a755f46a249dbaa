package tenant_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

// define defines a user-defined field of tickets.
func (k kit) define(name, dataType string) int64 {
	k.t.Helper()
	return k.created("UserDefinedFieldDefinitions", fmt.Sprintf(`{"name":%q,"udfType":%s,"dataType":%s}`, name,
		k.pick("UserDefinedFieldDefinitions", "udfType", "Ticket"), k.pick("UserDefinedFieldDefinitions", "dataType", dataType)))
}

// userDefined returns what the metadata says of the user-defined fields of tickets, by name.
func (k kit) userDefined() map[string]map[string]any {
	k.t.Helper()
	byName := map[string]map[string]any{}
	for _, f := range decode[map[string][]map[string]any](k.t, k.get("Tickets/entityInformation/userDefinedFields"))["fields"] {
		name, _ := f["name"].(string)
		byName[name] = f
	}
	return byName
}

func (k kit) redefine(id int64, more string) {
	k.t.Helper()
	k.written(k.do(http.MethodPatch, "UserDefinedFieldDefinitions", fmt.Sprintf(`{"id":%d,%s}`, id, more)))
}

func TestS25ListsOfSeveralValuesAreNotQueried(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.define("Plans", "List (Multi)")
	k.define("Plan", "List (Single)")
	const ask = `{"filter":[{"op":"exist","field":%q,"udf":true}]}`
	k.refused(k.post("Tickets/query", fmt.Sprintf(ask, "Plans")), "unknown_field", "Unable to find Plans in the Ticket Entity.")
	require.Empty(t, k.ids("Tickets", fmt.Sprintf(ask, "Plan")))
	fields := k.userDefined()
	require.Equal(t, []any{false, true}, []any{fields["Plans"]["isQueryable"], fields["Plan"]["isQueryable"]})
	require.Equal(t, []any{true, true}, []any{fields["Plans"]["isPickList"], fields["Plan"]["isPickList"]})
}

func TestS18ListItems(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	list := k.define("Plan", "List (Single)")
	items := fmt.Sprintf("UserDefinedFields/%d/ListItems", list)
	labels := func() []any {
		all := []any{}
		values, _ := k.userDefined()["Plan"]["picklistValues"].([]any)
		for _, v := range values {
			v, _ := v.(map[string]any)
			require.Equal(t, v["label"], v["value"])
			all = append(all, v["label"])
		}
		return all
	}
	require.Empty(t, labels())
	k.created(items, `{"valueForDisplay":"Gold"}`)
	silver := k.created(items, `{"valueForDisplay":"Silver"}`)
	require.Equal(t, []any{"Gold", "Silver"}, labels())
	k.newTicket(`,"userDefinedFields":[{"name":"Plan","value":"Silver"}]`)
	k.written(k.do(http.MethodPatch, items, fmt.Sprintf(`{"id":%d,"isActive":false}`, silver)))
	require.Equal(t, []any{"Gold"}, labels())
	k.refused(k.post("Tickets", ticket(`,"userDefinedFields":[{"name":"Plan","value":"Silver"}]`)), "",
		"Value does not reference an existing entity for Plan . ")
}

func TestS18ADefinitionIsSwitchedOff(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	def := k.define("Plan", "Text (Single Line)")
	id := k.newTicket(`,"userDefinedFields":[{"name":"Plan","value":"Gold"}]`)
	const ask = `{"filter":[{"op":"eq","field":"plan","value":"gold","udf":true}]}`
	require.Equal(t, []int64{id}, k.ids("Tickets", ask))
	k.redefine(def, `"description":"which plan","isRequired":true`)
	require.Subset(t, k.userDefined()["Plan"], map[string]any{"description": "which plan", "isRequired": true})

	k.redefine(def, `"isActive":false`)
	require.NotContains(t, k.userDefined(), "Plan")
	require.NotContains(t, string(k.get(fmt.Sprintf("Tickets/%d", id)).Body), `"Plan"`)
	k.refused(k.post("Tickets/query", ask), "unknown_field", "Unable to find plan in the Ticket Entity.")
	k.refused(k.post("Tickets/query", `{"IncludeFields":["Plan"],"filter":[{"op":"exist","field":"id"}]}`), "unknown_field",
		"Unable to find Plan in the Ticket Entity.")
	k.newTicket("")

	k.redefine(def, `"isActive":true,"isRequired":false`)
	require.Equal(t, []int64{id}, k.ids("Tickets", ask))
	k.Reset()
	require.NotContains(t, k.userDefined(), "Plan")
}

// What was generated is what the rules would have made.
func TestGeneratedDefinitions(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	before := k.userDefined()
	require.NotEmpty(t, before)
	for _, id := range k.ids("UserDefinedFieldDefinitions", all) {
		k.redefine(id, `"sortOrder":7`)
	}
	require.Equal(t, before, k.userDefined())
}

// A generated attachment is what the desk would have made.
func TestGeneratedAttachments(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 5})
	files := k.query("TicketAttachments", all)
	require.Len(t, files.Items, 3)
	infos := k.query("AttachmentInfo", all)
	require.Equal(t, files.ids(), infos.ids())
	for i, info := range infos.Items {
		for name, v := range info {
			require.Equal(t, files.Items[i][name], v, name)
		}
	}
	first := files.Items[0]
	path := fmt.Sprintf("Tickets/%.0f/Attachments", first["parentID"])
	single := decode[map[string][]map[string]any](t, k.get(fmt.Sprintf("%s/%.0f", path, first["id"])))["items"][0]
	again := k.item(fmt.Sprintf("TicketAttachments/%d", k.created(path, fmt.Sprintf(
		`{"attachmentType":"FILE_ATTACHMENT","fullPath":%q,"title":%q,"publish":1,"data":%q}`, first["fullPath"], first["title"], single["data"]))))
	for _, name := range []string{"contentType", "fileSize", "parentType", "attachedByResourceID", "isTaskAttachment"} {
		require.Equal(t, first[name], again[name], name)
	}
	k.written(k.do(http.MethodDelete, fmt.Sprintf("%s/%.0f", path, first["id"]), ""))
	require.NotContains(t, k.ids("AttachmentInfo", all), int64(1))
}

func TestGeneratedResults(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 5})
	results := k.query("ServiceLevelAgreementResults", all).Items
	require.Len(t, results, 3)
	for _, r := range results {
		ticket := k.item(fmt.Sprintf("Tickets/%.0f", r["ticketID"]))
		require.Equal(t, ticket["serviceLevelAgreementID"], r["serviceLevelAgreementID"])
	}
	require.Equal(t, 3, decode[page](t, k.get("ServiceLevelAgreements/1/Results")).PageDetails.Count)
}

func TestGeneratedResources(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	left := k.ids("Resources", `{"filter":[{"op":"eq","field":"isActive","value":false}]}`)
	require.Len(t, left, 1)
	require.Len(t, k.ids("Resources", all), 12)
	k.refused(k.do(http.MethodGet, "Tickets/7001", "", "ImpersonationResourceId", fmt.Sprint(left[0])), "",
		"The value of header: ImpersonationResourceId does not reference an existing, active Resource.")
}

// Whatever refuses a write, it takes no number and teaches no column.
func TestS15ARefusedWriteTakesNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	first := k.item(fmt.Sprintf("Tickets/%d", k.newTicket("")))["ticketNumber"]
	require.NoError(t, k.SetRights(0, "Tickets", tenant.Rights{Create: tenant.Restricted, Query: tenant.All}))
	k.refused(k.post("Tickets", ticket("")), "", noPermission("create"))
	require.NoError(t, k.SetRights(0, "Tickets", tenant.Rights{Create: tenant.All, Query: tenant.All}))
	second := k.item(fmt.Sprintf("Tickets/%d", k.newTicket("")))["ticketNumber"]
	require.Equal(t, []any{"T20260803.0001", "T20260803.0002"}, []any{first, second})

	groups := k.fields("ContactGroups")
	require.NoError(t, k.SetRights(0, "ContactGroups", tenant.Rights{Create: tenant.Restricted, Query: tenant.All}))
	require.Equal(t, http.StatusInternalServerError, k.post("ContactGroups", `{"name":"New","taught":"x"}`).Status)
	require.Equal(t, groups, k.fields("ContactGroups"))
}
