package contract_test

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"
)

// Data: S8 to S20.
func dataCases() []behaviour {
	return []behaviour{
		{8, "every_entity_and_its_verbs", "SW", misuse, everyEntity},
		{9, "seed_data", "?", control, seedData},
		{10, "read_by_id", "SW LIVE", 0, readByID},
		{11, "create", "SW OD", writes, create},
		{12, "patch_and_put", "OD", writes | misuse, patchAndPut},
		{13, "delete", "OD LIVE", writes | misuse, deletes},
		{14, "children_through_their_parent", "SW LIVE", writes | misuse, children},
		{15, "fields_that_autotask_keeps", "OD", writes, keptFields},
		{16, "checks_of_a_write", "LIVE", writes | misuse, checks},
		{17, "unknown_property", "PEER", writes | misuse, unknownProperty},
		{18, "user_defined_fields", "OD", writes, userDefinedFields},
		{19, "permissions", "OD LIVE", control, permissions},
		{20, "impersonation", "SW PEER", control | misuse, impersonation},
	}
}

// seedData looks at what a simulated tenant begins with.
func seedData(at *tenant) {
	for _, entity := range []string{
		"Companies", "Contacts", "Tickets", "TicketNotes", "TimeEntries", "Contracts", "ConfigurationItems", "Resources", "Roles",
	} {
		require.Positive(at.t, at.count(entity, where("exist", "id", nil)), entity)
	}
	own := at.read("Companies", 0)
	require.EqualValues(at.t, 0, whole(at.t, own["id"]), "the tenant's own company")
	flagOf(at.t, own["isActive"])

	contact := at.first("Contacts", everything())
	require.Contains(at.t, []int64{0, 1}, whole(at.t, contact["isActive"]), "a number here, a boolean in companies and resources")
	require.NotNil(at.t, at.read("Companies", whole(at.t, contact["companyID"])))
	flagOf(at.t, at.first("Resources", everything())["isActive"])

	ticket := at.first("Tickets", where("exist", "assignedResourceID", nil), where("exist", "contactID", nil))
	require.Regexp(at.t, `^T2024\d{4}\.\d{4}$`, ticket["ticketNumber"])
	moment(at.t, ticket["createDate"])
	require.NotEmpty(at.t, ticket["title"])
	for field, entity := range map[string]string{
		"companyID": "Companies", "contactID": "Contacts", "assignedResourceID": "Resources", "assignedResourceRoleID": "Roles",
	} {
		require.NotNil(at.t, at.read(entity, whole(at.t, ticket[field])), field)
	}
	for _, field := range []string{"status", "priority", "queueID", "ticketType", "issueType", "source"} {
		require.Contains(at.t, pickValues(at, "Tickets", field), fmt.Sprint(ticket[field]), "%s is in its picklist", field)
	}
	ids := at.post("Tickets/query", object{"filter": []object{everything()}}).page().ids(at.t)
	if o, ok := at.other("TICKETS=1203"); ok {
		require.Equal(at.t, ids, o.post("Tickets/query", object{"filter": []object{everything()}}).page().ids(at.t))
		require.Equal(at.t, ticket, o.read("Tickets", whole(at.t, ticket["id"])), "the same seed gives the same data")
	}
}

// pickValues are the values of a picklist, as the metadata writes them.
func pickValues(at *tenant, entity, field string) (values []string) {
	at.t.Helper()
	for _, v := range fieldOf(at, entity, field).PicklistValues {
		values = append(values, v.Value)
	}
	return values
}

func readByID(at *tenant) {
	id := whole(at.t, at.first("Tickets", everything())["id"])
	got := at.get(fmt.Sprintf("Tickets/%d", id)).is(http.StatusOK).object()
	require.Equal(at.t, []string{"item"}, names(got))
	require.Equal(at.t, id, whole(at.t, at.read("Tickets", id)["id"]))
	require.EqualValues(at.t, 0, whole(at.t, at.read("Companies", 0)["id"]), "0 is an id like any other")

	missing := at.get("Tickets/999999999999").is(http.StatusOK, http.StatusNotFound) // both are seen
	if missing.status == http.StatusOK {
		require.JSONEq(at.t, `{"item":null}`, string(missing.body))
	}
	if o, ok := at.other("MISSING_STATUS=404"); ok {
		require.Equal(at.t, http.StatusOK, missing.status)
		o.get("Tickets/999999999999").is(http.StatusNotFound)
		o.get("Companies/0").is(http.StatusOK)
	}
}
