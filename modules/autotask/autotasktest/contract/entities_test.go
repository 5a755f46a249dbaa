package contract_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"
)

// operations are the letters of every path: of "Tickets", and of "Tickets/Notes" below a ticket. Q is query and count, I
// metadata, G a read, C POST, P PATCH, U PUT, D DELETE.
func operations(at *tenant) (roots, children map[string]string) {
	at.t.Helper()
	list, err := os.ReadFile("../../registry/testdata/operations.txt")
	require.NoError(at.t, err)
	roots, children = map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		if m := regexp.MustCompile(`^([A-Z]+) \d+: (.+)$`).FindStringSubmatch(line); m != nil {
			for name := range strings.SplitSeq(m[2], ", ") {
				roots[name] = m[1]
			}
		}
		if m := regexp.MustCompile(`^(\w+)/ (.+)$`).FindStringSubmatch(line); m != nil {
			for child := range strings.SplitSeq(m[2], ", ") {
				name, letters, _ := strings.Cut(child, "=")
				children[m[1]+"/"+name] = letters
			}
		}
	}
	require.Len(at.t, roots, 232)
	require.Len(at.t, children, 146)
	return roots, children
}

// every entity of the operation list answers what it is allowed to, and refuses the rest as the web stack does.
func everyEntity(at *tenant) {
	roots, children := operations(at)
	for name, letters := range roots {
		r := allowance{at, name, letters}
		r.check("Q", at.get(search(name, "/count", `{"filter":[{"op":"exist","field":"id"}]}`)))
		r.check("I", at.get(name+"/entityInformation"))
		if at.simulated {
			rootVerbs(r)
		}
	}
	if !at.simulated {
		return
	}
	for path, letters := range children {
		parent, child, _ := strings.Cut(path, "/")
		if regexp.MustCompile(`^(invoiceSettings|Invoice(Pdf|Markup\w+)|Approve|Reject)$`).MatchString(child) {
			continue // specials, S45
		}
		childVerbs(allowance{at, fmt.Sprintf("%s/%d/%s", parent, someID(at, parent), child), letters})
	}
}

func rootVerbs(r allowance) {
	r.at.t.Helper()
	at, missing := r.at, object{"id": -9}
	r.check("I", at.get(r.path+"/entityInformation/fields"))
	r.check("I", at.get(r.path+"/entityInformation/userDefinedFields"))
	r.check("G", at.get(r.path+"/-9"))
	r.check("C", at.post(r.path, missing)) // an id is refused, so that nothing comes into being
	r.check("P", at.patch(r.path, missing))
	r.check("U", at.put(r.path, missing))
	r.check("D", at.delete(r.path+"/-9"))
}

func childVerbs(r allowance) {
	r.at.t.Helper()
	at, missing := r.at, object{"id": -9}
	r.check("G", at.get(r.path))
	r.check("C", at.post(r.path, missing))
	r.check("P", at.patch(r.path, missing))
	r.check("U", at.put(r.path, missing))
	if strings.Contains(r.letters, "D") {
		r.check("D", at.delete(r.path+"/-9"))
	}
}

// allowance is what a path allows.
type allowance struct {
	at      *tenant
	path    string
	letters string
}

// check holds an answer against the letter of its operation.
func (r allowance) check(letter string, a answer) {
	r.at.t.Helper()
	if strings.Contains(r.letters, letter) {
		require.NotContainsf(r.at.t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, a.status,
			"%s allows %s: %s", r.path, letter, a.body)
		return
	}
	require.Containsf(r.at.t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, a.status,
		"%s does not allow %s: %s", r.path, letter, a.body)
	a.message(a.status)
}

// someID is the id of a record that may be a parent, 1 where there is none. Three parents are no names of entities.
func someID(at *tenant, parent string) int64 {
	at.t.Helper()
	switch parent {
	case "Expenses":
		parent = "ExpenseReports"
	case "UserDefinedFields":
		parent = "UserDefinedFieldDefinitions"
	case "ServiceLevelAgreements":
		return 1
	}
	if found := at.post(parent+"/query", object{"MaxRecords": 1, "filter": []object{everything()}}).page().Items; len(found) > 0 {
		return whole(at.t, found[0]["id"])
	}
	return 1
}
