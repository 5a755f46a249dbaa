package registry_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

var update = flag.Bool("update", false, "write the golden file anew")

// A change of the table shows in review as a change of this file.
func TestTable(t *testing.T) {
	t.Parallel()
	const file = "testdata/table.golden"
	var got bytes.Buffer
	for _, e := range registry.Entities() {
		describe(&got, e)
	}
	if *update {
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String(), "go test -update writes it anew")
}

// describe writes one line for an entity and one for each of its fields.
func describe(b *bytes.Buffer, e registry.Entity) {
	fmt.Fprintf(b, "%s (%s)", e.Name, e.Singular)
	note(b, e.Verbs != 0, e.Verbs.String())
	if e.Parent != "" {
		fmt.Fprintf(b, " /%s/%s %s by %s [%s]", e.Parent, e.Child, e.ChildVerbs, e.ParentField, e.ParentFrom)
	}
	note(b, e.Owner() != e.Parent, "of "+e.Owner())
	note(b, e.UDFs > 0, fmt.Sprintf("udf=%d", e.UDFs))
	note(b, e.Webhook != "", "webhook="+e.Webhook)
	note(b, e.Impersonation, "impersonation")
	note(b, e.Partial, "partial")
	fmt.Fprintf(b, " [%s]\n", e.From)
	for _, f := range e.Fields {
		fmt.Fprintf(b, "\t%s %s [%s]", f.Name, f.Type, f.From)
		note(b, f.Required, "required")
		note(b, f.ReadOnly, "read-only")
		note(b, f.NotQueryable, "not-queryable")
		note(b, f.DateOnly, "date-only")
		note(b, f.Base64, "base64")
		note(b, f.Length > 0, fmt.Sprintf("length=%d", f.Length))
		note(b, f.References != "", "in "+f.References)
		note(b, f.PickList, "picklist")
		note(b, f.PickParent != "", "below "+f.PickParent)
		for _, p := range f.Picks {
			note(b, p.Parent != "", p.Parent+"/")
			fmt.Fprintf(b, " %s=%q[%s]", p.Value, p.Label, p.From)
		}
		fmt.Fprintf(b, " [%s]\n", f.Rules)
	}
}

func note(b *bytes.Buffer, when bool, text string) {
	if when {
		b.WriteString(" " + text)
	}
}

func TestTableIsConsistent(t *testing.T) {
	t.Parallel()
	all := registry.Entities()
	require.True(t, slices.IsSortedFunc(all, func(a, b registry.Entity) int { return strings.Compare(a.Name, b.Name) }))
	names, singulars := map[string]bool{}, map[string]bool{}
	for _, e := range all {
		require.False(t, names[strings.ToLower(e.Name)], e.Name)
		require.False(t, singulars[strings.ToLower(e.Singular)], e.Singular)
		names[strings.ToLower(e.Name)], singulars[strings.ToLower(e.Singular)] = true, true
		require.NotEmpty(t, e.Singular, e.Name)
		require.NotEqual(t, "unknown", e.From.String(), e.Name)
		checkPaths(t, e)
		checkFields(t, e)
	}
}

// checkPaths holds what must be true of an entity's verbs and of its place below a parent.
func checkPaths(t *testing.T, e registry.Entity) {
	t.Helper()
	require.False(t, e.ChildVerbs.Has(registry.Query), "%s: nothing is queried below a parent", e.Name)
	require.Equal(t, e.Verbs.Has(registry.Patch), e.Verbs.Has(registry.Put), e.Name)
	require.Equal(t, e.Verbs.Has(registry.Query), e.Verbs.Has(registry.Get), e.Name)
	require.True(t, e.Verbs == 0 || e.Verbs.Has(registry.Info), e.Name)
	require.Equal(t, e.Parent == "", e.Child == "" && e.ParentField == "" && e.ChildVerbs == 0, e.Name)
	if e.Webhook != "" {
		hook, ok := registry.Find(e.Webhook)
		require.True(t, ok && hook.Name == e.Singular+"Webhooks", e.Name)
	}
	if e.Parent == "" {
		return
	}
	require.NotEqual(t, "unknown", e.ParentFrom.String(), e.Name)
	owner, ok := registry.Find(e.Owner())
	require.True(t, ok, "%s belongs to one of %s", e.Name, e.Owner())
	f, ok := e.Field(e.ParentField)
	require.True(t, ok, e.Name)
	require.Equal(t, owner.Name, f.References, e.Name)
	require.True(t, f.Required, e.Name)
	below, ok := registry.FindChild(e.Parent, e.Child)
	require.True(t, ok && below.Name == e.Name, e.Name)
}

// checkFields holds what must be true of the fields of every entity.
func checkFields(t *testing.T, e registry.Entity) {
	t.Helper()
	require.Equal(t, "id", e.Fields[0].Name, e.Name)
	require.True(t, e.Fields[0].ReadOnly && e.IDType() == registry.Int64, e.Name)
	seen := map[string]bool{}
	for i, f := range e.Fields {
		where := e.Name + "." + f.Name
		require.False(t, seen[strings.ToLower(f.Name)], where)
		seen[strings.ToLower(f.Name)] = true
		ord, ok := e.Ordinal(strings.ToUpper(f.Name))
		require.True(t, ok && ord == i, where)
		require.NotEqual(t, "unknown", f.Type.String(), where)
		require.NotEqual(t, "unknown", f.From.String(), where)
		require.NotEqual(t, "unknown", f.Rules.String(), where)
		require.False(t, f.Required && f.ReadOnly, where)
		require.True(t, f.Length == 0 && !f.Base64 || f.Type == registry.String, where)
		require.True(t, !f.DateOnly || f.Type == registry.DateTime, where)
		require.False(t, f.References != "" && f.PickList, where)
		require.True(t, f.PickList || f.Picks == nil, where)
		if f.References != "" {
			referenced, ok := registry.Find(f.References)
			require.True(t, ok && referenced.Name == f.References, where)
			require.Contains(t, []registry.Type{registry.Int32, registry.Int64}, f.Type, where)
		}
		checkPicks(t, where, f)
		checkPickParents(t, e, f)
	}
}

// checkPickParents holds that a value below another is below one that there is.
func checkPickParents(t *testing.T, e registry.Entity, f registry.Field) {
	t.Helper()
	parent, ok := e.Field(f.PickParent)
	require.Equal(t, f.PickParent != "", ok, "%s.%s", e.Name, f.Name)
	require.True(t, !ok || parent.PickList && f.PickList, "%s.%s", e.Name, f.Name)
	for _, p := range f.Picks {
		known := slices.ContainsFunc(parent.Picks, func(above registry.Pick) bool { return above.Value == p.Parent })
		require.Equal(t, ok, known, "%s.%s %s", e.Name, f.Name, p.Value)
	}
}

func checkPicks(t *testing.T, where string, f registry.Field) {
	t.Helper()
	number := regexp.MustCompile(`^-?\d+$`)
	seen := map[string]bool{}
	for _, p := range f.Picks {
		require.False(t, seen[p.Value], "%s %s", where, p.Value)
		seen[p.Value] = true
		require.NotEmpty(t, p.Label, where)
		require.NotEqual(t, "unknown", p.From.String(), where)
		require.True(t, f.Type == registry.String || number.MatchString(p.Value), "%s %s", where, p.Value)
	}
}

// The numbers are those of the API's own model.
func TestFieldsOfFullEntities(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"AttachmentInfo": 14, "BillingCodes": 15, "BillingItems": 45, "Companies": 57, "CompanyLocations": 20, "CompanyNotes": 15,
		"CompanyToDos": 16, "ConfigurationItemNotes": 10, "ConfigurationItemTypes": 3, "ConfigurationItems": 92, "Contacts": 43,
		"ContractCharges": 28, "ContractNotes": 9, "ContractServices": 10, "Contracts": 34, "Countries": 10, "Departments": 5,
		"Invoices": 23, "Opportunities": 60, "OrganizationalLevelAssociations": 4, "Phases": 14, "Products": 26,
		"ProjectCharges": 29, "ProjectNotes": 13, "Projects": 42, "QuoteItems": 29, "QuoteLocations": 6, "Quotes": 38,
		"ResourceServiceDeskRoles": 5, "Resources": 35, "Roles": 10, "ServiceCallTickets": 3, "ServiceCalls": 16, "Services": 16,
		"TaskNotes": 12, "Tasks": 35, "TicketAttachments": 16, "TicketCategories": 7, "TicketCharges": 28,
		"TicketChecklistItems": 9, "TicketNotes": 11, "TicketSecondaryResources": 4, "Tickets": 72, "TimeEntries": 30,
		"UserDefinedFieldDefinitions": 19, "UserDefinedFieldListItems": 6, "WebhookEventErrorLogs": 7,
	}
	for _, hook := range []string{"Company", "ConfigurationItem", "Contact", "Ticket", "TicketNote"} {
		want[hook+"Webhooks"] = 14
		want[hook+"WebhookFields"] = 5
		want[hook+"WebhookExcludedResources"] = 3
		if hook != "TicketNote" {
			want[hook+"WebhookUdfFields"] = 5
		}
	}
	got := map[string]int{}
	for _, e := range registry.Entities() {
		if !e.Partial {
			got[e.Name] = len(e.Fields)
		}
	}
	require.Equal(t, want, got)
}

func TestUDFLimits(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, e := range registry.Entities() {
		if e.UDFs > 0 {
			got[e.Singular] = e.UDFs
		}
	}
	require.Equal(t, map[string]int{
		"Company": 200, "CompanySiteConfiguration": 500, "ConfigurationItem": 500, "Contact": 100, "Contract": 50,
		"Opportunity": 200, "Product": 200, "Project": 200, "SalesOrder": 100, "Subscription": 100, "Task": 100, "Ticket": 300,
	}, got)
}
