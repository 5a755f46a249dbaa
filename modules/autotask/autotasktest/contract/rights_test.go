package contract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
)

// udf is a user-defined field of the metadata.
type udf struct {
	Name           string `json:"name"`
	Type           string `json:"type"`
	IsPickList     bool   `json:"isPickList"`
	PicklistValues []struct {
		Value string `json:"value"`
	} `json:"picklistValues"`
}

// value is one that the field may have.
func (f udf) value(at *tenant) any {
	switch {
	case f.IsPickList && len(f.PicklistValues) > 0:
		return f.PicklistValues[0].Value
	case strings.EqualFold(f.Type, "string"):
		return at.unique()
	default:
		return "12.5"
	}
}

// udfs are the user-defined fields of the first entity that has text or numbers among them.
func udfs(at *tenant) (entity string, fields []udf) {
	at.t.Helper()
	for _, entity := range []string{"Tickets", "Companies", "ConfigurationItems"} {
		var got struct {
			Fields []udf `json:"fields"`
		}
		at.get(entity + "/entityInformation/userDefinedFields").is(http.StatusOK).into(&got)
		for _, f := range got.Fields {
			if strings.EqualFold(f.Type, "string") || strings.EqualFold(f.Type, "double") {
				fields = append(fields, f)
			}
		}
		if len(fields) > 0 {
			return entity, fields
		}
	}
	if !at.simulated {
		at.t.Skip("the tenant has no user-defined field of text or numbers: add one to its tickets")
	}
	require.Fail(at.t, "the simulated tenant has no user-defined field of text or numbers")
	return "", nil
}

// udfValue is the value of a user-defined field in a record.
func udfValue(at *tenant, record object, name string) any {
	at.t.Helper()
	list, ok := record["userDefinedFields"].([]any)
	require.True(at.t, ok, "userDefinedFields is a list")
	for _, pair := range list {
		if pair, ok := pair.(object); ok && pair["name"] == name {
			return pair["value"]
		}
	}
	return nil
}

func userDefinedFields(at *tenant) {
	entity, fields := udfs(at)
	id := at.create(nil)
	if entity != "Tickets" {
		id = whole(at.t, at.first(entity, where("gt", "id", 0))["id"])
	}
	for _, f := range fields {
		set := func(v any) int64 {
			return at.patch(entity, object{"id": id, "userDefinedFields": []object{{"name": f.Name, "value": v}}}).itemID()
		}
		old, value := udfValue(at, at.read(entity, id), f.Name), f.value(at)
		require.Equal(at.t, id, set(value))
		require.Equal(at.t, value, udfValue(at, at.read(entity, id), f.Name))
		condition := object{"op": "eq", "field": f.Name, "value": value, "udf": true}
		require.EqualValues(at.t, 1, at.count(entity, condition, where("eq", "id", id)), "beside other conditions")
		require.GreaterOrEqual(at.t, at.count(entity, condition), int64(1))
		set(nil)
		require.Nil(at.t, udfValue(at, at.read(entity, id), f.Name), "null clears")
		require.Zero(at.t, at.count(entity, condition, where("eq", "id", id)))
		set(old)
	}
	require.NotContains(at.t, at.first("TimeEntries", everything()), "userDefinedFields", "an entity without any omits them")
}

// allow gives a resource all rights to an entity but one; resource 0 is the API user.
func allow(at *tenant, resource int64, entity string, but ...string) {
	at.t.Helper()
	rights := object{"resource": resource, "entity": entity, "create": "all", "query": "all", "update": "all", "delete": "all"}
	for _, change := range but {
		right, access, _ := strings.Cut(change, "=")
		rights[right] = access
	}
	at.order("rights", rights)
}

func permissions(at *tenant) {
	ticket := at.create(nil)
	entry := at.timeEntry(ticket)
	forbidden := func(a answer) {
		at.t.Helper()
		require.Contains(at.t, a.is(http.StatusInternalServerError).refused()[0], textNoPermission)
	}
	accessTo := func(entity, right string) int64 {
		at.t.Helper()
		var got struct {
			Info object `json:"info"`
		}
		at.get(entity + "/entityInformation").is(http.StatusOK).into(&got)
		return whole(at.t, got.Info["userAccessFor"+right])
	}
	require.EqualValues(at.t, 1, accessTo("Tickets", "Create"), "all")

	allow(at, 0, "Tickets", "create=none")
	require.EqualValues(at.t, 0, accessTo("Tickets", "Create"))
	draft := at.draft(nil)
	forbidden(at.post("Tickets", draft))
	at.patch("Tickets", object{"id": ticket, "title": "Changed"}).itemID()
	allow(at, 0, "Tickets", "update=none")
	forbidden(at.patch("Tickets", object{"id": ticket, "title": "Again"}))
	forbidden(at.put("Tickets", plus(draft, "id", ticket)))
	at.post("Tickets", draft).itemID()
	allow(at, 0, "TimeEntries", "delete=none")
	forbidden(at.delete(fmt.Sprintf("TimeEntries/%d", entry)))
	allow(at, 0, "Tickets", "query=none")
	require.EqualValues(at.t, 0, accessTo("Tickets", "Query"))
	forbidden(at.post("Tickets/query", object{"filter": []object{everything()}}))
	at.get("Companies/0").is(http.StatusOK)

	allow(at, 0, "Tickets", "query=restricted", "update=restricted")
	require.EqualValues(at.t, 2, accessTo("Tickets", "Query"), "restricted")
	require.EqualValues(at.t, 2, accessTo("Tickets", "Update"))
	at.post("Tickets/query", object{"filter": []object{everything()}}).page()
	allow(at, 0, "Tickets")
	allow(at, 0, "TimeEntries")
	require.Equal(at.t, entry, at.delete(fmt.Sprintf("TimeEntries/%d", entry)).itemID())
}

func impersonation(at *tenant) {
	made := at.read("Tickets", at.create(nil))
	self := whole(at.t, made["creatorResourceID"])
	require.Nil(at.t, made["impersonatorCreatorResourceID"])
	other := whole(at.t, at.first("Resources", where("eq", "isActive", true), where("noteq", "id", self))["id"])
	act := with("ImpersonationResourceId", strconv.FormatInt(other, 10))

	ticket := at.read("Tickets", at.create(nil, act))
	require.Equal(at.t, other, whole(at.t, ticket["creatorResourceID"]))
	require.Equal(at.t, self, whole(at.t, ticket["impersonatorCreatorResourceID"]))
	at.get("Companies/0", act).is(http.StatusOK)

	draft := at.draft(nil)
	forbidden := func(a answer) {
		at.t.Helper()
		require.Contains(at.t, a.is(http.StatusInternalServerError).refused()[0], textNoPermission)
	}
	allow(at, other, "Tickets", "create=none")
	forbidden(at.post("Tickets", draft, act))
	at.post("Tickets", draft).itemID()
	allow(at, other, "Tickets")
	allow(at, 0, "Tickets", "create=none")
	forbidden(at.post("Tickets", draft, act)) // the rights are those that both have
	forbidden(at.post("Tickets", draft))
	allow(at, 0, "Tickets")
	at.post("Tickets", draft, act).itemID()

	at.get("Roles/1", act).refused() // not among the entities that take it
	at.post("Roles", object{"name": "x"}, act).refused()
	at.get("Companies/0", with("ImpersonationResourceId", "1")).refused() // nobody
}
