package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

func TestThreadKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, want string }{
		"by id":              {"/ATServicesRest/V1.0/Tickets/5", "Tickets"},
		"lower case":         {"/atservicesrest/v1.0/tickets/5", "Tickets"},
		"query":              {"/ATServicesRest/V1.0/Tickets/query", "Tickets"},
		"count":              {"/ATServicesRest/V1.0/Tickets/query/count", "Tickets"},
		"next":               {"/ATServicesRest/V1.0/Tickets/query/next?paging=%7b/Companies", "Tickets"},
		"metadata":           {"/ATServicesRest/V1.0/Tickets/entityInformation/fields", "Tickets"},
		"without prefix":     {"/V1.0/Tickets/5", "Tickets"},
		"without version":    {"Tickets/5", "Tickets"},
		"integer version":    {"/v1/Tickets", "Tickets"},
		"slashes":            {"//atservicesrest//V1.0//Tickets//5//Notes/", "TicketNotes"},
		"child list":         {"/V1.0/Tickets/5/Notes", "TicketNotes"},
		"child by id":        {"/V1.0/tickets/5/notes/7", "TicketNotes"},
		"child at the root":  {"/V1.0/TicketNotes/7", "TicketNotes"},
		"company 0":          {"/V1.0/Companies/0/Contacts", "Contacts"},
		"negative id":        {"/V1.0/Companies/-1/Contacts", "Contacts"},
		"alias of a parent":  {"/V1.0/expenses/5/items", "ExpenseItems"},
		"alias alone":        {"/V1.0/expenses/5", "Expenses"},
		"one of three paths": {"/V1.0/Invoices/5/InvoicePdf", "InvoiceMarkupApiIntegration"},
		"unknown child":      {"/V1.0/Tickets/5/Things", "ticketthings"},
		"same at the root":   {"/V1.0/TicketThings/9", "ticketthings"},
		"known at the root":  {"/V1.0/Companies/5/Charges", "companycharges"},
		"unknown parent":     {"/V1.0/Nonentities/5/Attachments", "nonentityattachments"},
		"its root":           {"/V1.0/NonentityAttachments/5", "nonentityattachments"},
		"unknown entity":     {"/V1.0/Nonsense/5", "nonsense"},
		"known non-entity":   {"/V1.0/thresholdinformation", "ThresholdInformation"},
		"zone lookup":        {"/ATServicesRest/V1.0/zoneInformation?user=a", ""},
		"version lookup":     {"/atservicesrest/versioninformation", ""},
		"nothing":            {"", ""},
		"prefix only":        {"/ATServicesRest/", ""},
		"version only":       {"/ATServicesRest/V1.0/", ""},
		"a name that begins": {"/V1.0/v2things/5", "v2things"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, registry.ThreadKey(tt.path))
		})
	}
}

func TestThreadKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, key, parent string }{
		"root":    {"/V1.0/Tickets/5", "Tickets", ""},
		"query":   {"/V1.0/TicketNotes/query", "TicketNotes", ""},
		"child":   {"/v1.0/tickets/5/notes/7", "TicketNotes", "Tickets"},
		"alias":   {"/V1.0/Expenses/5/Items", "ExpenseItems", "Expenses"},
		"unknown": {"/V1.0/Things/5/Notes", "thingnotes", "things"},
		"none":    {"/V1.0/zoneInformation", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, parent := registry.ThreadKeys(tt.path)
			require.Equal(t, []string{tt.key, tt.parent}, []string{key, parent})
		})
	}
}

func TestThreadKeyAllocsPerRun(t *testing.T) {
	for _, path := range []string{"/ATServicesRest/V1.0/Tickets/query/next", "/atservicesrest/v1.0/tickets/5/notes"} {
		require.Zero(t, testing.AllocsPerRun(100, func() { registry.ThreadKey(path) }), path)
	}
}

func FuzzThreadKey(f *testing.F) {
	for _, path := range []string{"/ATServicesRest/V1.0/Tickets/5/Notes?x", "tickets", "/v1.0/zoneInformation", "/v1.0/İ/1/ß", "/v1./v/-/"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		key := registry.ThreadKey(path)
		if strings.ContainsAny(key, "/?#") {
			t.Fatalf("%q gives %q, which is no name", path, key)
		}
		if e, ok := registry.Find(key); ok && e.Name != key {
			t.Fatalf("%q gives %q, not as the table spells it", path, key)
		}
		if again := registry.ThreadKey(strings.ToUpper(ascii(path))); again != registry.ThreadKey(ascii(path)) {
			t.Fatalf("%q has two keys: %q in upper case", path, again)
		}
		if got := registry.ThreadKey(path + "?a=/Companies/0/Contacts"); !strings.ContainsAny(path, "?#") && got != key {
			t.Fatalf("%q gives %q with a query string", path, got)
		}
	})
}

func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return -1
		}
		return r
	}, s)
}

func BenchmarkThreadKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		registry.ThreadKey("/ATServicesRest/V1.0/Tickets/5/Notes")
	}
}

func ExampleThreadKey() {
	fmt.Println(registry.ThreadKey("/ATServicesRest/V1.0/tickets/query/count"))
	fmt.Println(registry.ThreadKey("/ATServicesRest/V1.0/Tickets/5/Notes"))
	// Output:
	// Tickets
	// TicketNotes
}
