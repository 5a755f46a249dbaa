package tenant_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

const self = seed.APIResource

func noPermission(verb string) string {
	return "The logged in Resource does not have the adequate permissions to " + verb + " Ticket records."
}

func TestS19NoRights(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.newTicket("")
	require.NoError(t, k.SetRights(0, "tickets", tenant.Rights{}))
	path := fmt.Sprintf("Tickets/%d", id)
	k.refused(k.get(path), "", noPermission("query"))
	k.refused(k.post("Tickets/query", all), "", noPermission("query"))
	k.refused(k.post("Tickets/query/count", all), "", noPermission("query"))
	k.refused(k.post("Tickets", ticket("")), "", noPermission("create"))
	k.refused(k.do(http.MethodPatch, "Tickets", fmt.Sprintf(`{"id":%d}`, id)), "", noPermission("update"))
	require.Equal(t, http.StatusOK, k.get("Companies/0").Status, "another entity")
	require.NoError(t, k.SetRights(0, "Contacts", tenant.Rights{}))
	require.Contains(t, string(k.get("Companies/0/Contacts").Body), "permissions to query Contact records")
	require.Contains(t, string(k.do(http.MethodDelete, "Companies/0/Contacts/1", "").Body), "permissions to delete Contact records")
}

func TestS19Restricted(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 30})
	other, _ := k.resources()
	role := k.ids("Roles", all)[0]
	assigned := func(to int64) string {
		return fmt.Sprintf(`,"assignedResourceID":%d,"assignedResourceRoleID":%d`, to, role)
	}
	mine, theirs := k.newTicket(assigned(self)), k.newTicket(assigned(other))
	require.NoError(t, k.SetRights(0, "Tickets", tenant.Rights{
		Create: tenant.Restricted, Query: tenant.Restricted, Update: tenant.Restricted,
	}))
	require.Equal(t, []int64{mine}, k.ids("Tickets", fmt.Sprintf(`{"filter":[{"op":"gte","field":"id","value":%d}]}`, mine)))
	for _, item := range k.query("Tickets", all).Items {
		require.EqualValues(t, self, item["assignedResourceID"])
	}
	require.NotNil(t, k.item(fmt.Sprintf("Tickets/%d", mine)))
	require.Nil(t, k.item(fmt.Sprintf("Tickets/%d", theirs)))
	k.written(k.do(http.MethodPatch, "Tickets", fmt.Sprintf(`{"id":%d,"title":"x"}`, mine)))
	k.refused(k.do(http.MethodPatch, "Tickets", fmt.Sprintf(`{"id":%d,"title":"x"}`, theirs)), "", noPermission("update"))
	k.newTicket(assigned(self))
	k.refused(k.post("Tickets", ticket(assigned(other))), "", noPermission("create"))
	k.refused(k.post("Tickets", ticket("")), "", noPermission("create"))
}

// Nobody is known to own the records of an entity without a resource.
func TestS19RestrictedWithoutOwner(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.created("ActionTypes", `{"name":"T","isActive":true}`)
	require.NoError(t, k.SetRights(0, "ActionTypes", tenant.Rights{Query: tenant.Restricted, Delete: tenant.Restricted}))
	require.Empty(t, k.ids("ActionTypes", all))
	require.Nil(t, k.item(fmt.Sprintf("ActionTypes/%d", id)))
	require.Contains(t, string(k.do(http.MethodDelete, fmt.Sprintf("ActionTypes/%d", id), "").Body), "permissions to delete ActionType records")
}

func TestS19UnknownNames(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	require.EqualError(t, k.SetRights(0, "Nonsense", tenant.Rights{}), `there is no entity "Nonsense"`)
	require.EqualError(t, k.SetRights(5, "Tickets", tenant.Rights{}), "there is no resource 5")
}

func TestS20Impersonation(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	other, _ := k.resources()
	as := []string{"ImpersonationResourceId", strconv.FormatInt(other, 10)}
	id := k.written(k.do(http.MethodPost, "Tickets", ticket(""), as...))
	item := k.item(fmt.Sprintf("Tickets/%d", id))
	require.EqualValues(t, other, item["creatorResourceID"])
	require.EqualValues(t, self, item["impersonatorCreatorResourceID"])
	require.Nil(t, k.item(fmt.Sprintf("Tickets/%d", k.newTicket("")))["impersonatorCreatorResourceID"])
}

func TestS20RightsAreTheIntersection(t *testing.T) {
	t.Parallel()
	everything := tenant.Rights{Create: tenant.All, Delete: tenant.All, Query: tenant.All, Update: tenant.All}
	restricted := everything
	restricted.Query = tenant.Restricted
	tests := map[string]struct {
		user, resource tenant.Rights
		want           tenant.Access
	}{
		"both all":            {everything, everything, tenant.All},
		"user none":           {tenant.Rights{}, everything, tenant.None},
		"resource none":       {everything, tenant.Rights{}, tenant.None},
		"user restricted":     {restricted, everything, tenant.Restricted},
		"resource restricted": {everything, restricted, tenant.Restricted},
		"none wins":           {restricted, tenant.Rights{}, tenant.None},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, tenant.Config{Tickets: 1})
			other, _ := k.resources()
			require.NoError(t, k.SetRights(0, "Tickets", tt.user))
			require.NoError(t, k.SetRights(other, "Tickets", tt.resource))
			as := []string{"ImpersonationResourceId", strconv.FormatInt(other, 10)}
			info := decode[map[string]map[string]any](t, k.do(http.MethodGet, "Tickets/entityInformation", "", as...))["info"]
			require.EqualValues(t, tt.want, info["userAccessForQuery"])
			a := k.do(http.MethodPost, "Tickets/query", all, as...)
			if tt.want == tenant.None {
				k.refused(a, "", noPermission("query"))
				return
			}
			for _, item := range decode[page](t, a).Items {
				require.True(t, tt.want == tenant.All || item["assignedResourceID"] == float64(other))
			}
		})
	}
}

func TestS20Refused(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	other, fired := k.resources()
	k.written(k.do(http.MethodPatch, "Resources", fmt.Sprintf(`{"id":%d,"isActive":false}`, fired)))
	const bad = "The value of header: ImpersonationResourceId does not reference an existing, active Resource."
	for _, id := range []string{"x", "1.5", "987654321", "99999999999999999999", strconv.FormatInt(fired, 10)} {
		k.refused(k.do(http.MethodGet, "Tickets/1", "", "ImpersonationResourceId", id), "", bad)
		k.refused(k.do(http.MethodPost, "Tickets", ticket(""), "ImpersonationResourceId", id), "", bad)
	}
	as := []string{"ImpersonationResourceId", strconv.FormatInt(other, 10)}
	const unsupported = "Impersonation is not supported for the Contract Entity."
	for method, path := range map[string]string{"GET": "Contracts/1", "POST": "Contracts/query", "PATCH": "Contracts"} {
		k.refused(k.do(method, path, `{}`, as...), "unsupported_impersonation", unsupported)
	}
	k.refused(k.do(http.MethodGet, "Contracts/entityInformation", "", as...), "unsupported_impersonation", unsupported)
	k.refused(k.do(http.MethodDelete, "ActionTypes/1", "", as...), "unsupported_impersonation",
		"Impersonation is not supported for the ActionType Entity.")
}

func TestResetAndSnapshot(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 5})
	before := string(k.post("Tickets/query", all).Body)
	k.newTicket("")
	s := k.Snapshot()
	kept := string(k.post("Tickets/query", all).Body)
	k.newTicket("")
	require.NoError(t, k.SetRights(0, "Tickets", tenant.Rights{}))
	k.Restore(s)
	require.Equal(t, kept, string(k.post("Tickets/query", all).Body), "rights too")
	k.Reset()
	require.Equal(t, before, string(k.post("Tickets/query", all).Body))
}
