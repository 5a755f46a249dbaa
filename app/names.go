package app

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"
)

// nameRoute gives the route its full name, or a fault: a name is the key of
// its breaker, its metrics and its settings.
func (c *compiler) nameRoute(r *route) {
	name := r.name
	if name == "" {
		name = methodName(r.handler)
	}
	if name == "" {
		c.fault(r, r.title()+" has no name, because its handler is a function literal", `name it: .Name("`+suggestion(r)+`")`)
		r.name = r.title() // for the faults that follow
		return
	}
	if !strings.Contains(name, ".") {
		name = r.module + "." + name
	}
	r.name = name
	if !validName(name) {
		c.fault(r, fmt.Sprintf("%s has the name %q", r.title(), name), "use lower case letters, digits and _, with a dot between module and route")
		return
	}
	if other, taken := c.names[name]; taken {
		c.fault(r, fmt.Sprintf("%s has the name %s, as has the route at %s", r.title(), name, other), `name one of them: .Name("…")`)
		return
	}
	c.names[name] = r.where
}

// checkVariables refuses names that are one name as environment variables:
// RESILIENCE_<ROUTE>_<SETTING>.
func (c *compiler) checkVariables() {
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		variable := variableOf(name)
		if other, ok := taken[variable]; ok {
			c.faults = append(c.faults, Fault{
				Where:   c.names[name],
				Problem: fmt.Sprintf("the routes %s and %s (at %s) would both be set by RESILIENCE_%s_…", other, name, c.names[other], variable),
				Fix:     `name one of them otherwise: .Name("…")`,
			})
			continue
		}
		taken[variable] = name
	}
	c.checkGroups(taken)
}

// checkGroups refuses the name of a module that is that of a route as a variable:
// RESILIENCE_<GROUP>_<SETTING> sets all routes of a module.
func (c *compiler) checkGroups(routes map[string]string) {
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		group, _, _ := strings.Cut(name, ".")
		variable := variableOf(group)
		other, taken := routes[variable]
		if !taken || seen[variable] {
			continue
		}
		seen[variable] = true
		c.faults = append(c.faults, Fault{
			Where:   c.names[other],
			Problem: fmt.Sprintf("the route %s and the routes of %s (one is at %s) would both be set by RESILIENCE_%s_…", other, group, c.names[name], variable),
			Fix:     `name the route otherwise: .Name("…")`,
		})
	}
}

func variableOf(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}

func validName(name string) bool {
	for i, part := range strings.Split(name, ".") {
		if part == "" || (i == 0 && !unicode.IsLower(rune(part[0]))) {
			return false
		}
		for _, r := range part {
			if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

// methodName is the last name of a handler in lower snake case, empty for a
// function literal.
func methodName(handler any) string {
	f := runtime.FuncForPC(reflect.ValueOf(handler).Pointer())
	if f == nil {
		return ""
	}
	full := strings.ReplaceAll(strings.TrimSuffix(f.Name(), "-fm"), "[...]", "")
	name := full[strings.LastIndexByte(full, '.')+1:]
	if literal(full) {
		return ""
	}
	return snake(name)
}

// literal tells the compiler's names of function literals: "orders.New.func1",
// "orders.New.func1.2", "orders.init.0.gowrap1".
func literal(full string) bool {
	match, err := regexp.MatchString(`\.(func|gowrap)\d+(\.\d+|\.(func|gowrap)\d+)*$|\.\d+$|\.glob\.`, full)
	return err != nil || match
}

// snake turns "CreateOrder" into "create_order" and "GetHTTPLog" into "get_http_log".
func snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			afterLower := !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || (beforeLower && runes[i-1] != '_') {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// suggestion is a name to type for a route that has none.
func suggestion(r *route) string {
	last := strings.Trim(r.path[strings.LastIndexByte(r.path, '/')+1:], ":*")
	if last == "" || !validName(last) {
		return strings.ToLower(r.method)
	}
	return strings.ToLower(r.method) + "_" + last
}
