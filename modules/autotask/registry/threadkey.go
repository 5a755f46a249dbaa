package registry

import "strings"

// ThreadKey returns the name under which Autotask counts the concurrent requests of path: the limit of three holds per
// integration code and entity, and query, count, next, a read by id and the metadata of an entity share one count.
//
//	/ATServicesRest/V1.0/Tickets/query/next    Tickets
//	/atservicesrest/v1.0/tickets/5             Tickets
//	/V1.0/Tickets/entityInformation/fields     Tickets
//	/V1.0/Tickets/5/Notes                      TicketNotes
//	/V1.0/Companies/0/Contacts/7               Contacts
//	/V1.0/Expenses/5/Items                     ExpenseItems
//	/V1.0/ThresholdInformation                 ThresholdInformation
//	/V1.0/zoneInformation                      ""
//
// The path may lack the prefix and the version, and may carry a query string. Names that are not in the table are
// lower-cased, children joined to the singular of their parent, so that every spelling of a path has one key. The empty
// string means that no thread is counted: zoneInformation and versionInformation are free. What key Autotask uses for
// child paths is not documented; this is the entity that the child is, see [ThreadKeys] for the other candidate.
func ThreadKey(path string) string {
	key, _ := ThreadKeys(path)
	return key
}

// ThreadKeys returns what [ThreadKey] does and, of a path below a parent, the key of the parent, empty for any other path:
// TicketNotes and Tickets for /V1.0/Tickets/5/Notes. Whoever counts under both is right, whichever one Autotask counts by.
func ThreadKeys(path string) (key, parent string) {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	root, rest := afterVersion(path)
	if root == "" || strings.EqualFold(root, "zoneInformation") || strings.EqualFold(root, "versionInformation") {
		return "", ""
	}
	id, rest := segment(rest)
	child, _ := segment(rest)
	if child == "" || !isID(id) {
		return rootKey(root), ""
	}
	if e, ok := findChild(root, child); ok {
		return e.Name, rootKey(root)
	}
	return rootKey(singular(root) + child), rootKey(root)
}

func rootKey(name string) string {
	if known, ok := findName(name); ok {
		return known
	}
	return strings.ToLower(name)
}

// singular follows English, which is how Autotask names its children: Opportunities, Opportunity.
func singular(plural string) string {
	if e, ok := find(plural); ok {
		return e.Singular
	}
	lower := strings.ToLower(plural)
	if stem, ok := strings.CutSuffix(lower, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(lower, "s")
}

// afterVersion returns the first segment behind the version and what follows it; without a version, the first segment
// that is not the prefix.
func afterVersion(path string) (root, rest string) {
	for rest = path; ; {
		root, rest = segment(rest)
		switch {
		case root == "":
			return "", ""
		case isVersion(root):
			return segment(rest)
		case !strings.EqualFold(root, "atservicesrest"):
			return root, rest
		}
	}
}

// segment cuts the first segment off a path; empty segments do not count.
func segment(path string) (first, rest string) {
	path = strings.TrimLeft(path, "/")
	first, rest, _ = strings.Cut(path, "/")
	return first, rest
}

// isVersion knows "V1.0", "v1", "v1.0.3". The dot matters: a pattern without it takes the version for an entity.
func isVersion(s string) bool {
	if len(s) < 2 || s[0] != 'v' && s[0] != 'V' || s[1] < '0' || s[1] > '9' {
		return false
	}
	return strings.Trim(s[1:], "0123456789.") == ""
}

func isID(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
