package registry_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// operations is testdata/operations.txt, the operation list of the API: kept beside the table, so that a slip in one shows.
type operations struct {
	roots    map[string]string            // letters by name
	counts   map[string]int               // number of names by letters
	children map[string]map[string]string // letters by parent and child
	names    map[string]string            // entity by "parent/child", where it is irregular
}

func readOperations(t *testing.T) operations {
	t.Helper()
	text, err := os.ReadFile("testdata/operations.txt")
	require.NoError(t, err)
	o := operations{map[string]string{}, map[string]int{}, map[string]map[string]string{}, map[string]string{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if path, entity, ok := strings.Cut(line, " = "); ok {
			o.names[path] = entity
		} else if parent, list, ok := strings.Cut(line, "/ "); ok {
			o.children[parent] = map[string]string{}
			for pair := range strings.SplitSeq(list, ", ") {
				child, letters, _ := strings.Cut(pair, "=")
				o.children[parent][child] = letters
			}
		} else {
			head, list, _ := strings.Cut(line, ": ")
			letters, count, _ := strings.Cut(head, " ")
			o.counts[letters], err = strconv.Atoi(count)
			require.NoError(t, err, line)
			for name := range strings.SplitSeq(list, ", ") {
				o.roots[name] = letters
			}
		}
	}
	return o
}

func TestRootsAreThoseOfTheOperationList(t *testing.T) {
	t.Parallel()
	o := readOperations(t)
	got, counts := map[string]string{}, map[string]int{}
	for _, e := range registry.Entities() {
		if e.Verbs != 0 {
			got[e.Name] = e.Verbs.String()
			counts[e.Verbs.String()]++
		}
	}
	require.Equal(t, o.roots, got)
	require.Equal(t, o.counts, counts)
}

func TestChildrenAreThoseOfTheOperationList(t *testing.T) {
	t.Parallel()
	o := readOperations(t)
	n := 0
	for parent, children := range o.children {
		for child, letters := range children {
			path := parent + "/" + child
			e, ok := registry.FindChild(parent, child)
			require.True(t, ok, path)
			require.Equal(t, letters, e.ChildVerbs.String(), path)
			require.Equal(t, []string{parent, child}, []string{e.Parent, e.Child}, path)
			require.Equal(t, o.entity(t, parent, child), e.Name, path)
			n++
		}
	}
	below := 2 // InvoiceMarkupApiIntegration has three paths
	for _, e := range registry.Entities() {
		if e.Parent != "" {
			below++
		}
	}
	require.Equal(t, n, below, "no path but those")
}

// entity names the entity of a child path by the rule of the operation list.
func (o operations) entity(t *testing.T, parent, child string) string {
	t.Helper()
	if name, ok := o.names[parent+"/"+child]; ok {
		return name
	}
	if parent == "Companies" && child == "Contacts" {
		return "Contacts"
	}
	if stem, ok := strings.CutSuffix(parent, "ies"); ok {
		return stem + "y" + child
	}
	return strings.TrimSuffix(parent, "s") + child
}

// The totals that are published for the API.
func TestCounts(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	parents := map[string]bool{}
	for _, e := range registry.Entities() {
		count(got, "rootless", e.Verbs == 0)
		count(got, "roots", e.Verbs != 0)
		count(got, "queryable", e.Verbs.Has(registry.Query))
		count(got, "creatable", e.Verbs.Has(registry.Create))
		count(got, "patchable", e.Verbs.Has(registry.Patch))
		count(got, "deletable", e.Verbs.Has(registry.Delete))
		count(got, "with webhooks", e.Webhook != "")
		count(got, "with impersonation", e.Impersonation)
		count(got, "with attachments", e.Child == "Attachments")
		if e.Parent != "" && e.Verbs != 0 { // invoice settings and documents of invoices are not counted as collections
			count(got, "child collections", true)
			parents[e.Parent] = true
		}
	}
	got["parents"] = len(parents)
	require.Equal(t, map[string]int{
		"roots": 232, "queryable": 221, "creatable": 61, "patchable": 72, "deletable": 27, "rootless": 3,
		"parents": 51, "child collections": 142, "with attachments": 19, "with webhooks": 5, "with impersonation": 27,
	}, got)
}

func count(into map[string]int, name string, when bool) {
	if when {
		into[name]++
	}
}
