package resilience

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// prefix begins the variables that override policies.
const prefix = "RESILIENCE_"

// Override is a variable RESILIENCE_<ROUTE>_<SETTING>, or of a group or a
// shared breaker in place of the route. In a name every character that is no
// letter or digit becomes an underscore: orders.create is ORDERS_CREATE.
type Override struct {
	Name   string // the variable
	Value  string // as it was written
	Source string // where: "environment", ".env"
}

// change is a setting changed at run time.
type change struct{ value, reason string }

// keyOf is a name as it stands in a variable.
func keyOf(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		default:
			return '_'
		}
	}, name)
}

// override lays variables, and then changes at run time, over p: those of the
// group first, of a shared breaker next, of the route last. It returns where
// each setting that is overridden comes from.
func (r *Runner) override(route string, p *Policy) (map[string]string, []error) {
	if len(r.overrides) == 0 && len(r.changes) == 0 {
		return nil, nil
	}
	var faults []error
	sources := make(map[string]string)
	for i := range r.table {
		row := &r.table[i]
		for _, name := range owners(row, route, p) {
			variable := prefix + keyOf(name) + "_" + row.Name
			over, ok := r.overrides[variable]
			if !ok {
				continue
			}
			r.claim(variable, name+" "+row.Name)
			if err := row.apply(p, over.Value); err != nil {
				faults = append(faults, Fault{
					Route: route, Field: row.Field, Setting: fmt.Sprintf("%s=%s (%s)", variable, over.Value, over.Source),
					Problem: err.Error(), Fix: "Give it " + row.Allowed,
				})
			}
			sources[row.Name] = fmt.Sprintf("%s (%s)", variable, over.Source)
		}
		for _, name := range owners(row, route, p) {
			if c, ok := r.changes[target{name, row.Name}]; ok {
				if err := row.apply(p, c.value); err != nil {
					faults = append(faults, Fault{Route: route, Field: row.Field, Problem: err.Error(), Fix: "Give it " + row.Allowed})
				}
				sources[row.Name] = "run time"
				if c.reason != "" {
					sources[row.Name] += ": " + c.reason
				}
			}
		}
	}
	return sources, faults
}

// target is what a change is for.
type target struct{ name, setting string }

// owners are the names under which a setting of a route is overridden, the
// weakest first.
func owners(row *setting, route string, p *Policy) []string {
	names := make([]string, 0, 3)
	if p.Group != route {
		names = append(names, p.Group)
	}
	if row.breaks() && p.Name != "" && p.Name != route && p.Name != p.Group {
		names = append(names, p.Name)
	}
	return append(names, route)
}

// claim notes what a variable was used for.
func (r *Runner) claim(variable, meaning string) {
	if !slices.Contains(r.claims[variable], meaning) {
		r.claims[variable] = append(r.claims[variable], meaning)
	}
}

// Check reports, joined, every override that names no route, group or setting,
// with the nearest name, and every one that may mean two things. Call it once
// all routes that are known at start are compiled.
func (r *Runner) Check() error {
	r.changing.Lock()
	defer r.changing.Unlock()
	var faults []error
	names := r.names()
	for _, variable := range slices.Sorted(maps.Keys(r.overrides)) {
		meanings := r.claims[variable]
		switch {
		case len(meanings) > 1:
			faults = append(faults, Fault{
				Route: "settings", Field: variable, Setting: variable,
				Problem: "may mean " + strings.Join(meanings, " or "), Fix: "Rename one of the routes",
			})
		case len(meanings) == 0 && !r.expects(strings.TrimPrefix(variable, prefix)):
			faults = append(faults, r.stray(variable, names))
		}
	}
	return errors.Join(faults...)
}

// Expect says that names below a group, billing.api.example.com below billing, are
// compiled later than [Runner.Check] is called, as those of the hosts of a client
// are. It then lets their variables pass, unless one of them reads like a setting
// of the group misspelt.
func (r *Runner) Expect(group string) {
	r.changing.Lock()
	defer r.changing.Unlock()
	if !slices.Contains(r.expected, group) {
		r.expected = append(r.expected, group)
	}
}

// expects reports whether a variable, without its prefix, may be that of a name
// yet to come.
func (r *Runner) expects(variable string) bool {
	const typo = 2 // letters
	for _, group := range r.expected {
		rest, below := strings.CutPrefix(variable, keyOf(group)+"_")
		if !below {
			continue
		}
		misspelt := func(row string) bool { return distance(rest, row) <= typo }
		ends := func(row string) bool { return strings.HasSuffix(rest, "_"+row) && len(rest) > len(row)+1 }
		if rows := r.rowNames(); slices.ContainsFunc(rows, ends) && !slices.ContainsFunc(rows, misspelt) {
			return true
		}
	}
	return false
}

// names are those of all routes, groups and named breakers.
func (r *Runner) names() []string {
	var all []string
	for _, p := range r.list() {
		all = append(all, p.name, p.declared.Group)
		if p.declared.Name != "" {
			all = append(all, p.declared.Name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// stray is the fault of a variable that overrides nothing.
func (r *Runner) stray(variable string, names []string) Fault {
	f := Fault{
		Route: "settings", Field: variable, Setting: variable,
		Problem: "names no route, group or setting", Fix: "Remove it",
	}
	rest := strings.TrimPrefix(variable, prefix)
	best := ""
	for _, name := range names {
		if strings.HasPrefix(rest, keyOf(name)+"_") && len(name) > len(best) {
			best = name
		}
	}
	if best != "" { // the setting is wrong
		f.Problem = fmt.Sprintf("names no setting of %s", best)
		if row := nearest(strings.TrimPrefix(rest, keyOf(best)+"_"), r.rowNames()); row != "" {
			f.Fix = fmt.Sprintf("Write %s%s_%s, or remove it", prefix, keyOf(best), row)
		}
		return f
	}
	for _, row := range r.rowNames() {
		key, ok := strings.CutSuffix(rest, "_"+row)
		if !ok {
			continue
		}
		keys := make([]string, len(names))
		for i, name := range names {
			keys[i] = keyOf(name)
		}
		f.Problem = "names no route or group"
		if near := nearest(key, keys); near != "" {
			f.Fix = fmt.Sprintf("Write %s%s_%s, or remove it", prefix, near, row)
		}
		return f
	}
	return f
}

func (r *Runner) rowNames() []string {
	names := make([]string, len(r.table))
	for i := range r.table {
		names[i] = r.table[i].Name
	}
	return names
}

// nearest returns the word that differs least from text, or "" if none is near.
func nearest(text string, words []string) string {
	best, least := "", len(text)/2+1
	for _, word := range words {
		if d := distance(text, word); d < least {
			best, least = word, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
