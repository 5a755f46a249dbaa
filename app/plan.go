package app

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Where a field of In comes from. The words are the tags and the first half of
// FieldError.Field.
const (
	fromPath   = "path"
	fromQuery  = "query"
	fromHeader = "header"
)

// plan is how the In of a route is filled, worked out once at start.
type plan struct {
	sources  []source
	foreign  [][]byte // names under which JSON could reach a field of another source
	own      [][]byte // names of fields of the body that are like one of these but for case
	hasBody  bool
	validate bool
}

// source is a field bound from the path, the query or a header.
type source struct {
	from   string
	name   string
	label  string // "query.limit"
	index  []int
	parse  parser
	preset string
	set    bool // preset is set
}

// planner compiles one plan.
type planner struct {
	*compiler

	route  *route
	plan   plan
	params []string // of the path, not yet taken by a field
	body   []string // names of the fields of the body
}

// compilePlan works out the plan of a route's In. What is wrong with it goes
// to the compiler's faults.
func compilePlan(c *compiler, r *route) *plan {
	p := planner{compiler: c, route: r, params: slices.Compact(slices.Sorted(slices.Values(pathParams(r.path))))}
	if r.in.Kind() != reflect.Struct {
		p.fault(r, fmt.Sprintf("%s takes %s, which is no struct", r.title(), r.in), "wrap it in a struct; struct{} is the empty input")
		return &p.plan
	}
	p.walk(r.in, nil)
	p.ownNames()
	for _, name := range p.params {
		p.fault(r, fmt.Sprintf("%s has the parameter %q, which no field of %s takes", r.title(), name, r.in),
			fmt.Sprintf("add a field tagged `path:%q`", name))
	}
	p.plan.validate = c.rules.used(c, r)
	return &p.plan
}

func (p *planner) walk(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clone(index), i)
		from, name := p.sourceOf(f)
		switch {
		case from != "":
			p.source(f, at, from, name)
		case f.Anonymous && embeds(f):
			p.embedded(f, at)
		case f.IsExported() && f.Tag.Get("json") != "-":
			p.bodyField(f)
		case f.Anonymous:
			p.checkInside(f)
		}
	}
}

// embeds tells whether encoding/json sees the fields of an embedded struct as
// those of the outer one.
func embeds(f reflect.StructField) bool {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name == "" && deref(f.Type).Kind() == reflect.Struct
}

func (p *planner) embedded(f reflect.StructField, at []int) {
	if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
		if tagged(deref(f.Type), nil) {
			p.fault(p.route, fmt.Sprintf("%s embeds *%s, which cannot be filled because it is not exported", p.route.in, deref(f.Type).Name()), "embed it by value")
		}
		return
	}
	p.walk(deref(f.Type), at)
}

// ownNames notes which fields of the body have a name that JSON, which has no
// regard to case, could also take for that of a foreign field.
func (p *planner) ownNames() {
	for _, name := range p.body {
		if slices.ContainsFunc(p.plan.foreign, func(foreign []byte) bool { return strings.EqualFold(string(foreign), name) }) {
			p.plan.own = append(p.plan.own, []byte(name))
		}
	}
}

// checkInside refuses tags where nobody looks for them.
func (p *planner) checkInside(f reflect.StructField) {
	if tagged(deref(f.Type), nil) {
		p.fault(p.route, fmt.Sprintf("%s.%s has path, query or header tags inside, which are not looked for there", p.route.in, f.Name),
			"move these fields up, or embed the struct without a json tag")
	}
}

func (p *planner) bodyField(f reflect.StructField) {
	p.checkInside(f)
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	p.body = append(p.body, orElse(name, f.Name))
	if _, ok := f.Tag.Lookup("default"); ok {
		p.fault(p.route, fmt.Sprintf("%s.%s has a default, which only query and header fields can have", p.route.in, f.Name), "drop the default tag")
	}
	if bodyless(p.route.method) {
		p.fault(p.route, fmt.Sprintf("%s.%s has no source: a %s has no body", p.route.in, f.Name, p.route.method),
			fmt.Sprintf("tag it `query:%q`, or `json:\"-\"` to leave it alone", lowerFirst(f.Name)))
		return
	}
	p.plan.hasBody = true
}

func bodyless(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodDelete
}

// sourceOf reads the tag that names a field's source.
func (p *planner) sourceOf(f reflect.StructField) (from, name string) {
	for _, tag := range []string{fromPath, fromQuery, fromHeader} {
		value, ok := f.Tag.Lookup(tag)
		if !ok {
			continue
		}
		if from != "" {
			p.fault(p.route, fmt.Sprintf("%s.%s is tagged both %s and %s", p.route.in, f.Name, from, tag), "keep one of the tags")
			continue
		}
		from, name = tag, value
	}
	return from, name
}

func (p *planner) source(f reflect.StructField, at []int, from, name string) {
	field := fmt.Sprintf("%s.%s", p.route.in, f.Name)
	switch {
	case !f.IsExported():
		p.fault(p.route, field+" is not exported and cannot be filled", "begin its name with a capital letter")
		return
	case name == "":
		p.fault(p.route, fmt.Sprintf("%s has an empty %s tag", field, from), fmt.Sprintf("write `%s:%q`", from, lowerFirst(f.Name)))
		return
	case slices.ContainsFunc(p.plan.sources, func(s source) bool { return s.from == from && strings.EqualFold(s.name, name) }):
		p.fault(p.route, fmt.Sprintf("%s takes %s %q, which another field takes already", field, from, name), "drop one of the two")
		return
	}
	if from == fromPath && !p.takeParam(name) {
		p.fault(p.route, fmt.Sprintf("%s wants the path parameter %q, which %q does not have", field, name, p.route.path),
			fmt.Sprintf("write :%s in the path, or tag the field `query:%q`", name, name))
		return
	}
	parse, ok := parserOf(f.Type)
	if !ok || (parse.many && from != fromQuery) {
		p.fault(p.route, fmt.Sprintf("%s is a %s, which cannot be read from the %s", field, f.Type, from),
			"use a string, bool, number, time.Time, time.Duration or encoding.TextUnmarshaler, a pointer to one, or (in the query) a slice")
		return
	}
	s := source{from: from, name: name, label: from + "." + name, index: at, parse: parse}
	s.preset, s.set = f.Tag.Lookup("default")
	p.checkDefault(s, f)
	p.plan.sources = append(p.plan.sources, s)
	if jsonName, _, _ := strings.Cut(f.Tag.Get("json"), ","); jsonName != "-" {
		p.plan.foreign = append(p.plan.foreign, []byte(orElse(jsonName, f.Name)))
	}
}

func (p *planner) takeParam(name string) bool {
	i := slices.Index(p.params, name)
	if i < 0 {
		return false
	}
	p.params = slices.Delete(p.params, i, i+1)
	return true
}

func (p *planner) checkDefault(s source, f reflect.StructField) {
	if !s.set {
		return
	}
	if s.from == fromPath {
		p.fault(p.route, fmt.Sprintf("%s.%s has a default, but a path parameter is never missing", p.route.in, f.Name), "drop the default tag")
		return
	}
	if s.apply(reflect.New(f.Type).Elem(), strings.Split(s.preset, ",")) != nil {
		p.fault(p.route, fmt.Sprintf("%s.%s has the default %q, which is not %s", p.route.in, f.Name, s.preset, s.parse.want), "correct the default tag")
	}
}

// pathParams lists the names of the parameters in a pattern; the wildcard's is "*".
func pathParams(path string) []string {
	var names []string
	for segment := range strings.SplitSeq(path, "/") {
		if _, name, ok := strings.Cut(segment, ":"); ok {
			names = append(names, name)
		}
	}
	if strings.HasSuffix(path, "*") {
		names = append(names, "*")
	}
	return names
}

// tagged tells whether a struct, or one inside it, has source tags.
func tagged(t reflect.Type, seen []reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains(seen, t) {
		return false
	}
	for f := range t.Fields() {
		for _, tag := range []string{fromPath, fromQuery, fromHeader} {
			if _, ok := f.Tag.Lookup(tag); ok {
				return true
			}
		}
		if tagged(f.Type, append(seen, t)) {
			return true
		}
	}
	return false
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func lowerFirst(s string) string {
	if s == strings.ToUpper(s) {
		return strings.ToLower(s) // ID
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
