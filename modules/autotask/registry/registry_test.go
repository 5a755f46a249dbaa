package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		want string
	}{
		"exact":      {"Tickets", "Tickets"},
		"lower":      {"timeentries", "TimeEntries"},
		"upper":      {"TICKETNOTES", "TicketNotes"},
		"singular":   {"Ticket", ""},
		"unknown":    {"Nonsense", ""},
		"empty":      {"", ""},
		"not ASCII":  {"Tıckets", ""},
		"very long":  {strings.Repeat("x", 10_000), ""},
		"non-entity": {"ThresholdInformation", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := registry.Lookup(tt.name)
			require.Equal(t, tt.want != "", ok)
			require.Equal(t, tt.want, e.Name)
		})
	}
}

// What the operation list of the API says, letter by letter.
func TestVerbs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ root, child string }{
		"Companies":   {"QIGCPU", ""},
		"Contacts":    {"QIG", "IGCPUD"},
		"Resources":   {"QIGPU", ""},
		"TicketNotes": {"QIG", "IGCPU"},
		"Tickets":     {"QIGCPU", ""},
		"TimeEntries": {"QIGCPUD", ""},
	}
	require.Len(t, registry.All(), len(tests))
	for name, tt := range tests {
		e, ok := registry.Lookup(name)
		require.True(t, ok, name)
		require.Equal(t, tt.root, e.Verbs.String(), name)
		require.Equal(t, tt.child, e.ChildVerbs.String(), name)
	}
}

func TestTableIsConsistent(t *testing.T) {
	t.Parallel()
	fields := map[string]int{"Companies": 57, "Contacts": 43, "Resources": 35, "TicketNotes": 11, "Tickets": 72, "TimeEntries": 30}
	all := registry.All()
	require.True(t, slices.IsSortedFunc(all, func(a, b registry.Entity) int { return strings.Compare(a.Name, b.Name) }))
	for _, e := range all {
		require.Len(t, e.Fields, fields[e.Name], e.Name)
		require.Equal(t, registry.Field{Name: "id", Type: registry.Int64, ReadOnly: true}, e.Fields[0], e.Name)
		require.Equal(t, e.Parent == "", e.Child == "" && e.ParentField == "" && e.ChildVerbs == 0, e.Name)
		if e.Parent != "" {
			f, ok := e.Field(e.ParentField)
			require.True(t, ok, e.Name)
			require.Equal(t, e.Parent, f.References, e.Name)
			require.True(t, f.Required, e.Name)
		}
		seen := map[string]bool{}
		for _, f := range e.Fields {
			where := e.Name + "." + f.Name
			require.False(t, seen[strings.ToLower(f.Name)], where)
			seen[strings.ToLower(f.Name)] = true
			require.NotEqual(t, "unknown", f.Type.String(), where)
			require.False(t, f.Required && f.ReadOnly, where)
			require.True(t, f.Length == 0 || f.Type == registry.String, where)
			require.False(t, f.References != "" && f.PickList, where)
		}
	}
}

func TestFieldIgnoresCase(t *testing.T) {
	t.Parallel()
	e, _ := registry.Lookup("Tickets")
	f, ok := e.Field("PROBLEMTICKETID")
	require.True(t, ok)
	require.Equal(t, "problemTicketId", f.Name)
	_, ok = e.Field("nonsense")
	require.False(t, ok)
}

func TestLookupChild(t *testing.T) {
	t.Parallel()
	e, ok := registry.LookupChild("COMPANIES", "contacts")
	require.True(t, ok)
	require.Equal(t, "Contacts", e.Name)
	for _, path := range [][2]string{{"Tickets", "Contacts"}, {"Tickets", ""}, {"Tıckets", "Notes"}, {"Tickets", strings.Repeat("x", 200)}} {
		_, ok = registry.LookupChild(path[0], path[1])
		require.False(t, ok, path)
	}
}

func TestAllIsACopy(t *testing.T) {
	t.Parallel()
	registry.All()[0].Name = "changed"
	require.Equal(t, "Companies", registry.All()[0].Name)
}

func ExampleLookup() {
	e, _ := registry.Lookup("ticketnotes")
	fmt.Println(e.Name, e.Verbs, "created at", e.Parent+"/{id}/"+e.Child)
	f, _ := e.Field("Title")
	fmt.Println(f.Name, f.Type, f.Required, f.Length)
	// Output:
	// TicketNotes QIG created at Tickets/{id}/Notes
	// title string true 250
}
