package tenant_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

func (k kit) info(entity string) map[string]any {
	k.t.Helper()
	return decode[map[string]map[string]any](k.t, k.get(entity+"/entityInformation"))["info"]
}

// fields returns the answer of entityInformation/fields by name.
func (k kit) fields(entity string) map[string]map[string]any {
	k.t.Helper()
	byName := map[string]map[string]any{}
	for _, f := range decode[map[string][]map[string]any](k.t, k.get(entity+"/entityInformation/fields"))["fields"] {
		name, _ := f["name"].(string)
		byName[name] = f
	}
	return byName
}

func TestS42EntityInformation(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	require.Equal(t, map[string]any{
		"name": "Ticket", "canCreate": true, "canDelete": false, "canQuery": true, "canUpdate": true,
		"userAccessForCreate": 1.0, "userAccessForDelete": 0.0, "userAccessForQuery": 1.0, "userAccessForUpdate": 1.0,
		"hasUserDefinedFields": true, "supportsWebhookCallouts": true,
	}, k.info("Tickets"))
	notes := k.info("TicketNotes")
	require.Equal(t, "TicketNote", notes["name"])
	require.Equal(t, true, notes["canCreate"], "through its parent")
	require.Equal(t, false, notes["hasUserDefinedFields"])
	require.NoError(t, k.SetRights(0, "Tickets", tenant.Rights{Query: tenant.Restricted, Delete: tenant.All}))
	restricted := k.info("Tickets")
	require.EqualValues(t, 2, restricted["userAccessForQuery"])
	require.EqualValues(t, 0, restricted["userAccessForCreate"])
	require.EqualValues(t, 0, restricted["userAccessForDelete"], "no path deletes tickets")
	require.Equal(t, true, restricted["canCreate"])
}

func TestS42Fields(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	tickets := k.fields("Tickets")
	e, _ := registry.Find("Tickets")
	require.Len(t, tickets, len(e.Fields))
	company := tickets["companyID"]
	require.Subset(t, company, map[string]any{
		"dataType": "integer", "isRequired": true, "isReference": true, "referenceEntityType": "Company", "isPickList": false,
		"picklistValues": nil, "isQueryable": true, "isSupportedWebhookField": true, "picklistParentValueField": "",
	})
	require.Equal(t, false, tickets["creatorType"]["isQueryable"])
	require.Equal(t, true, tickets["id"]["isReadOnly"])
	require.Equal(t, false, tickets["id"]["isSupportedWebhookField"])
	require.Equal(t, false, k.fields("TimeEntries")["hoursWorked"]["isSupportedWebhookField"])
}

func TestS42Picklists(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	tickets := k.fields("Tickets")
	values, _ := tickets["status"]["picklistValues"].([]any)
	require.Contains(t, values, map[string]any{
		"value": "5", "label": "Complete", "isDefaultValue": false, "sortOrder": 2.0, "parentValue": "", "isActive": true, "isSystem": false,
	}, "a string here, an integer in records")
	require.Equal(t, "issueType", tickets["subIssueType"]["picklistParentValueField"])
	parents := map[any]bool{}
	issues, _ := tickets["issueType"]["picklistValues"].([]any)
	for _, v := range issues {
		v, _ := v.(map[string]any)
		parents[v["value"]] = true
	}
	below, _ := tickets["subIssueType"]["picklistValues"].([]any)
	require.NotEmpty(t, below)
	for _, v := range below {
		v, _ := v.(map[string]any)
		require.True(t, parents[v["parentValue"]], v)
	}
	note := k.fields("TicketNotes")["noteType"]
	require.NotEmpty(t, note["picklistValues"])
}

func TestS42BelowAParent(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, what := range []string{"", "/fields", "/userDefinedFields"} {
		want := k.get("TicketNotes/entityInformation" + what).Body
		require.Equal(t, string(want), string(k.get("Tickets/1/Notes/entityInformation"+what).Body))
	}
}

func TestS42UserDefinedFields(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	fields := decode[map[string][]map[string]any](t, k.get("Tickets/entityInformation/userDefinedFields"))["fields"]
	require.NotEmpty(t, fields, "the generated tenant has some")
	byName := map[any]map[string]any{}
	for _, f := range fields {
		require.Equal(t, f["name"], f["label"])
		byName[f["name"]] = f
	}
	require.Subset(t, byName["Users Affected"], map[string]any{"type": "double", "isPickList": false, "picklistValues": nil})
	require.Equal(t, true, byName["Root Cause"]["isPickList"])
	require.NotEmpty(t, byName["Root Cause"]["picklistValues"])
	require.NotContains(t, k.fields("Tickets"), "Root Cause")
	require.JSONEq(t, `{"fields":[]}`, string(k.get("TicketNotes/entityInformation/userDefinedFields").Body))
}
