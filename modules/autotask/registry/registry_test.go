package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

func TestFind(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		want string
	}{
		"exact":        {"Tickets", "Tickets"},
		"lower":        {"timeentries", "TimeEntries"},
		"upper":        {"TICKETNOTES", "TicketNotes"},
		"beyond":       {"priceListproductTiers", "PriceListProductTiers"},
		"rootless":     {"servicelevelagreements", "ServiceLevelAgreements"},
		"singular":     {"Ticket", ""},
		"parent alias": {"Expenses", ""},
		"unknown":      {"Nonsense", ""},
		"empty":        {"", ""},
		"not ASCII":    {"Tıckets", ""},
		"very long":    {strings.Repeat("x", 10_000), ""},
		"non-entity":   {"ThresholdInformation", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := registry.Find(tt.name)
			require.Equal(t, tt.want != "", ok)
			require.Equal(t, tt.want, e.Name)
		})
	}
}

func TestSingular(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Ticket", registry.Singular("Tickets"))
	require.Equal(t, "Opportunity", registry.Singular("opportunities"))
	require.Equal(t, "Inventions", registry.Singular("Inventions"))
	require.Empty(t, registry.Singular(""))
}

func TestFindChild(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		parent, child string
		want, owner   string
	}{
		"as its name says": {"Tickets", "Notes", "TicketNotes", "Tickets"},
		"in any case":      {"COMPANIES", "contacts", "Contacts", "Companies"},
		"beyond":           {"tickets", "charges", "TicketCharges", "Tickets"},
		"alias":            {"expenses", "items", "ExpenseItems", "ExpenseReports"},
		"other alias":      {"UserDefinedFields", "ListItems", "UserDefinedFieldListItems", "UserDefinedFieldDefinitions"},
		"rootless parent":  {"ServiceLevelAgreements", "Results", "ServiceLevelAgreementResults", "ServiceLevelAgreements"},
		"irregular":        {"Documents", "ArticleAssociations", "DocumentToArticleAssociations", "Documents"},
		"one of three":     {"Invoices", "invoicepdf", "InvoiceMarkupApiIntegration", "Invoices"},
		"two of three":     {"Invoices", "InvoiceMarkupXml", "InvoiceMarkupApiIntegration", "Invoices"},
		"not its name":     {"ExpenseReports", "Items", "", ""},
		"not there":        {"Tickets", "Contacts", "", ""},
		"no child":         {"Tickets", "", "", ""},
		"no parent":        {"", "Notes", "", ""},
		"not ASCII":        {"Tıckets", "Notes", "", ""},
		"very long":        {"Tickets", strings.Repeat("x", 200), "", ""},
		"long parent":      {strings.Repeat("x", 126), "Notes", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := registry.FindChild(tt.parent, tt.child)
			require.Equal(t, tt.want != "", ok)
			require.Equal(t, tt.want, e.Name)
			require.Equal(t, tt.owner, e.Owner())
			if ok {
				require.True(t, strings.EqualFold(tt.child, e.Child), e.Child)
			}
		})
	}
}

func TestFieldIgnoresCase(t *testing.T) {
	t.Parallel()
	e, _ := registry.Find("Tickets")
	f, ok := e.Field("PROBLEMTICKETID")
	require.True(t, ok)
	require.Equal(t, "problemTicketId", f.Name)
	for _, name := range []string{"nonsense", "", "tıtle", strings.Repeat("x", 200)} {
		_, ok = e.Field(name)
		require.False(t, ok, name)
	}
	_, ok = registry.Entity{}.Field("id")
	require.False(t, ok, "of no entity")
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	notes, _ := registry.Find("ticketnotes")
	require.True(t, notes.ChildOnly())
	require.True(t, notes.Can(registry.Query|registry.Create|registry.Patch))
	require.False(t, notes.Can(registry.Delete))
	require.Equal(t, registry.Int64, notes.IDType())
	require.Equal(t, "TicketNoteWebhooks", notes.Webhook)
	files, ok := notes.Attachments()
	require.True(t, ok)
	require.Equal(t, "TicketNoteAttachments", files.Name)

	tickets, _ := registry.Find("Tickets")
	require.False(t, tickets.ChildOnly())
	require.Len(t, tickets.Children(), 11, "as the help page of Tickets lists them")
	require.Equal(t, registry.Marks{
		ExternalID: "externalID", Created: "createDate", Creator: "creatorResourceID", Changed: "lastActivityDate",
	}, tickets.Marks)
	require.Equal(t, 300, tickets.UDFs)
	require.True(t, tickets.Impersonation)

	remarks, _ := registry.Find("CompanyNotes")
	require.Equal(t, registry.Marks{Created: "createDateTime", Changed: "lastModifiedDate"}, remarks.Marks)

	quotes, _ := registry.Find("Quotes")
	_, ok = quotes.Attachments()
	require.False(t, ok)
	expenses, _ := registry.Find("ExpenseReports")
	require.Len(t, expenses.Children(), 2, "also those below /Expenses")
}

func TestWhatIsGivenIsACopy(t *testing.T) {
	t.Parallel()
	registry.Entities()[0].Name = "changed"
	require.Equal(t, "AccountInvoiceSettings", registry.Entities()[0].Name)
	e, _ := registry.Find("Tickets")
	longer := append(e.Fields, registry.Field{Name: "mine"}) //nolint:gocritic // that the table stays as it was is the point
	again, _ := registry.Find("Tickets")
	require.Len(t, again.Fields, len(longer)-1)
	require.Equal(t, len(again.Fields), cap(again.Fields), "an append cannot reach what others see")
}

func TestLookUpsAllocsPerRun(t *testing.T) {
	tests := map[string]func(){
		"find":       func() { registry.Find("TICKETS") },
		"unknown":    func() { registry.Find("nonsense") },
		"find child": func() { registry.FindChild("tickets", "notes") },
		"field":      func() { e, _ := registry.Find("Tickets"); e.Field("LASTACTIVITYDATE") },
	}
	for name, ask := range tests {
		require.Zero(t, testing.AllocsPerRun(100, ask), name)
	}
}

func BenchmarkFind(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		registry.Find("configurationItemSslSubjectAlternativeNames")
	}
}

func BenchmarkFindChild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		registry.FindChild("tickets", "notes")
	}
}

func BenchmarkField(b *testing.B) {
	e, _ := registry.Find("ConfigurationItems")
	b.ReportAllocs()
	for b.Loop() {
		e.Field("warrantyexpirationdate")
	}
}

func ExampleFind() {
	e, _ := registry.Find("ticketnotes")
	fmt.Println(e.Name, e.Verbs, "created at", e.Parent+"/{id}/"+e.Child)
	f, _ := e.Field("Title")
	fmt.Println(f.Name, f.Type, f.Required, f.Length)
	// Output:
	// TicketNotes QIG created at Tickets/{id}/Notes
	// title string true 250
}

func ExampleFindChild() {
	e, _ := registry.FindChild("expenses", "items")
	fmt.Println(e.Name, e.ChildVerbs, "belong to one of", e.Owner())
	// Output: ExpenseItems IGCPU belong to one of ExpenseReports
}

func ExampleEntities() {
	deletable := slices.DeleteFunc(registry.Entities(), func(e registry.Entity) bool { return !e.Verbs.Has(registry.Delete) })
	fmt.Println(len(deletable), deletable[0].Name)
	// Output: 27 ActionTypes
}
