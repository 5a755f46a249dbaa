package tenant_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestS7UnknownPath(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, path := range []string{
		"Nonsense", "Nonsense/1", "Tickets/query/nonsense", "Tickets/query/next/x", "Tickets/one", "Tickets/1/Nonsense",
		"Tickets/1/Notes/one", "Tickets/1/Notes/1/x", "Tickets/entityInformation/nonsense", "Tickets/entityInformation/fields/x",
		"Version/1", "ServiceLevelAgreements", "ServiceLevelAgreements/1", "ServiceLevelAgreements/query", "Expenses",
		"Expenses/1", "UserDefinedFields/query", "Contacts", "InventoryStockedItemsAdd/1", "InventoryStockedItemsAdd/query",
		"CompanyAttachments/1/Attachments", "Companies/1/Attachments/entityInformation", "Tickets/99999999999999999999",
	} {
		k.message(k.get(path), http.StatusNotFound, "unknown_path",
			"No HTTP resource was found that matches the request URI '"+api+path+"'.")
	}
	require.Equal(t, http.StatusNotFound, k.do(http.MethodGet, origin+"/", "").Status)
}

func TestS7WrongMethod(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	tests := map[string]struct{ method, path string }{
		"list of a root":           {http.MethodGet, "Tickets"},
		"delete of a root":         {http.MethodDelete, "Tickets"},
		"patch by id":              {http.MethodPatch, "Tickets/1"},
		"put by id":                {http.MethodPut, "Tickets/1"},
		"post by id":               {http.MethodPost, "Tickets/1"},
		"delete without the verb":  {http.MethodDelete, "Tickets/1"},
		"create without the verb":  {http.MethodPost, "Resources"},
		"metadata by post":         {http.MethodPost, "Tickets/entityInformation/fields"},
		"put a query":              {http.MethodPut, "Tickets/query"},
		"delete a count":           {http.MethodDelete, "Tickets/query/count"},
		"head":                     {http.MethodHead, "Tickets/1"},
		"delete a list":            {http.MethodDelete, "Tickets/1/Notes"},
		"patch a child by id":      {http.MethodPatch, "Tickets/1/Notes/1"},
		"list without the verb":    {http.MethodGet, "Tickets/1/ChecklistLibraries"},
		"create below, not served": {http.MethodPost, "Opportunities/1/SalesOrders"},
		"delete a note":            {http.MethodDelete, "Tickets/1/Notes/1"},
		"version by post":          {http.MethodPost, "Version"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.in(t).message(k.in(t).do(tt.method, tt.path, "{}"), http.StatusMethodNotAllowed, "wrong_method", notAllowed(tt.method))
		})
	}
}

func TestS7AnyCase(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, path := range []string{
		"tickets/ENTITYINFORMATION/Fields", "TICKETS/Query/COUNT?search={\"filter\":[{\"op\":\"exist\",\"field\":\"ID\"}]}",
		"tickets/1/notes", "VERSION", "companies/0",
	} {
		require.Equal(t, http.StatusOK, k.do(http.MethodGet, origin+"/atservicesrest/v1.0/"+strings.ReplaceAll(path, `"`, "%22"), "").Status, path)
	}
}

// Every method on every path of the registry answers 404 where nothing is, 405 where another method is, else neither.
func TestS8VerbsOfTheRegistry(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 3})
	methods := map[string]registry.Verbs{
		http.MethodPost: registry.Create, http.MethodPatch: registry.Patch, http.MethodPut: registry.Put,
		http.MethodGet: registry.Get, http.MethodDelete: registry.Delete,
	}
	for _, e := range registry.Entities() {
		root, below := e.Verbs&^(registry.Get|registry.Delete), e.ChildVerbs&^registry.Delete
		for method, verb := range methods {
			writes := registry.Create | registry.Patch | registry.Put
			require.Equal(t, served(root, writes, verb), reached(k.do(method, e.Name, `{"id":-1}`)), "%s %s", method, e.Name)
			items := registry.Get | registry.Delete
			require.Equal(t, served(e.Verbs, items, verb&items), reached(k.do(method, e.Name+"/987654321", "")), "%s %s/1", method, e.Name)
			if e.Parent == "" {
				continue
			}
			path := e.Parent + "/987654321/" + e.Child
			require.Equal(t, served(below, writes|registry.Get, verb), reached(k.do(method, path, `{"id":-1}`)), "%s %s", method, path)
			require.Equal(t, served(e.ChildVerbs, items, verb&items), reached(k.do(method, path+"/987654321", "")), "%s %s/1", method, path)
		}
		require.Equal(t, served(e.Verbs, registry.Query, registry.Query), reached(k.post(e.Name+"/query", all)), e.Name)
		require.Equal(t, served(e.Verbs, registry.Info, registry.Info), reached(k.get(e.Name+"/entityInformation")), e.Name)
	}
}

// served is 404, 405 or 0 for a path where of these operations those in verbs are served.
func served(verbs, of, op registry.Verbs) int {
	switch {
	case verbs&of == 0:
		return http.StatusNotFound
	case op == 0 || !verbs.Has(op):
		return http.StatusMethodNotAllowed
	default:
		return 0
	}
}

// reached is the status of the web stack, 0 where the application has answered.
func reached(a wire.Answer) int {
	if a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed {
		return a.Status
	}
	return 0
}

func TestS14RootCreateOfChild(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, name := range []string{"TicketNotes", "Contacts", "QuoteItems", "TicketAttachments", "CompanyWebhookFields"} {
		k.message(k.post(name, `{}`), http.StatusNotFound, "root_create_of_child",
			"No HTTP resource was found that matches the request URI '"+api+name+"'.")
		require.Equal(t, "unknown_path", k.do(http.MethodPatch, name, `{}`).Misuse)
	}
}

func TestS30LongAddress(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	const path = "Tickets/query?search="
	exact := path + strings.Repeat("x", 2048-len(api)-len(path))
	require.Equal(t, http.StatusInternalServerError, k.get(exact).Status, "2,048 characters are read")
	got := k.get(exact + "x")
	require.Equal(t, http.StatusNotFound, got.Status)
	require.Equal(t, "url_too_long", got.Misuse)
	require.Equal(t, http.StatusOK, k.post(strings.Replace(exact, "search", "s", 1)+"xxx", all).Status, "a POST has no such limit")
}

func TestS43TheTenantItself(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	version := decode[map[string]any](t, k.get("Version"))
	require.Subset(t, version, map[string]any{"majorVersion": 2026.0, "minorVersion": 2.0})
	require.Contains(t, version, "build")
	require.Contains(t, version, "customerType")
	require.NotEmpty(t, decode[map[string][]any](t, k.get("Modules"))["modules"])
	require.Equal(t, http.StatusOK, k.get("Authenticate").Status)
	infos := decode[map[string][]map[string]any](t, k.get("EntityInformation"))["info"]
	require.Len(t, infos, 232)
}

func TestTooLargeBody(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	k.message(k.post("Tickets", strings.Repeat(" ", wire.MaxBody+1)), http.StatusRequestEntityTooLarge, "body_too_large",
		"The request body is larger than 10 MB.")
}
