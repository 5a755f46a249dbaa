package config

import (
	"fmt"
	"slices"
	"strings"
)

// strangers sorts the variables that are no settings into those that are
// nearly one (faults) and those that merely begin like one. A name that
// begins like no setting is somebody else's, unless it is a long one with two
// letters wrong.
func strangers(env Environment, specs []Spec) (misspelt []Fault, unknown []string) {
	known := make(map[string]bool)
	segments := make(map[string]bool)
	reserved := make([]string, 0, len(specs))
	for _, s := range specs {
		if s.reserved != "" {
			reserved = append(reserved, s.reserved)
		}
		for _, f := range s.fields {
			known[f.Name] = true
			segments[segment(f.Name)] = true
		}
	}
	for _, name := range env.Names() {
		if known[name] || foreign(name, reserved) {
			continue
		}
		ours := segments[segment(name)]
		near := nearest(name, known)
		switch {
		case near != "" && (ours || len(name) >= longName):
			misspelt = append(misspelt, Fault{Name: name, Problem: fmt.Sprintf("is no setting: did you mean %s?", near)})
		case ours:
			unknown = append(unknown, name)
		}
	}
	return misspelt, unknown
}

// longName is the length from which a name within two letters of a setting is
// no coincidence.
const longName = 11

// foreign reports whether a name is certainly not ours to judge: reserved by
// its owner, or read by net/http.
func foreign(name string, reserved []string) bool {
	return strings.EqualFold(name, "HTTP_PROXY") ||
		slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// segment returns what stands before the first underscore.
func segment(name string) string {
	first, _, _ := strings.Cut(strings.ToUpper(name), "_")
	return first
}

// nearest returns the setting whose name is closest to the given one, or "" if
// none is close: within two letters, or a quarter of a name that begins alike
// but never all that follows there: DATABASE_PORT is no DATABASE_URL.
func nearest(name string, known map[string]bool) string {
	upper := strings.ToUpper(name)
	best, least := "", -1
	for k := range known {
		limit := 2
		if first := segment(k); segment(name) == first {
			limit = min(max(limit, len(k)/4), max(len(k)-len(first)-2, 0))
		}
		if gap := len(upper) - len(k); gap > limit || -gap > limit {
			continue
		}
		d := distance(upper, k)
		if d <= limit && (least < 0 || d < least || d == least && k < best) {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of bytes to insert, remove or replace to turn a into
// b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
