package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Field describes one setting: the variable and what its tags say of it.
type Field struct {
	Name     string // the variable, in full
	Type     string // in words: "duration", "integer", "secret", …
	Default  string // as it would be written in the environment
	Desc     string // what it does, one sentence or more
	Example  string // a value that would do
	Allowed  string // what may be written, in words
	Required bool   // there is no default and a value must be given
	Secret   bool   // the value is never shown
}

// Spec is what a Config struct says of its settings. It is a value; one Spec
// serves any number of Loads.
type Spec struct {
	owner    string
	config   reflect.Type
	fields   []field
	faults   []Fault
	reserved string
}

// field is a Field and what is needed to fill it.
type field struct {
	Field
	limits
	typ   reflect.Type
	index []int
}

// SpecOf reads the tags of the struct type T. What is wrong with them (a type
// that cannot be read from text, a bound that is none, a name twice) is
// reported by Load, with everything else.
func SpecOf[T any]() Spec {
	t := reflect.TypeFor[T]()
	g := gatherer{Spec{owner: ownerOf(t), config: t}}
	if t.Kind() != reflect.Struct {
		g.fail("", fmt.Sprintf("%s is no struct: settings are the fields of one", t))
		return g.spec
	}
	g.gather(t, nil)
	return g.spec
}

// Reserve returns a Spec without fields that keeps every name with the given
// prefix, such as "RESILIENCE_", from being called misspelt or unknown: their
// owner makes the names up at run time, reads them with [Values.Reserved] and
// checks them itself.
func Reserve(owner, prefix string) Spec { return Spec{owner: owner, reserved: prefix} }

// Owner returns the name of the package that T belongs to.
func (s Spec) Owner() string { return s.owner }

// Fields returns the settings in the order of the struct.
func (s Spec) Fields() []Field {
	fields := make([]Field, len(s.fields))
	for i, f := range s.fields {
		fields[i] = f.Field
	}
	return fields
}

// gatherer reads the tags of a struct type into a Spec.
type gatherer struct{ spec Spec }

// gather adds the tagged fields of the struct type t, and of the structs in
// it. A field without an envconfig tag is for code alone.
func (g *gatherer) gather(t reflect.Type, index []int) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clip(index), i)
		name := sf.Tag.Get("envconfig")
		switch {
		case sf.Type.Kind() == reflect.Struct && !decodes(sf.Type):
			g.gather(sf.Type, at)
		case name == "":
		case !reflect.New(g.spec.config).Elem().FieldByIndex(at).CanSet():
			g.fail(name, fmt.Sprintf("field %s of %s must be exported, and the struct that holds it", sf.Name, t))
		default:
			g.field(t, sf, name, at)
		}
	}
}

func (g *gatherer) field(t reflect.Type, sf reflect.StructField, name string, index []int) {
	for _, f := range g.spec.fields {
		if f.Name == name {
			g.fail(name, fmt.Sprintf("is the name of two fields of %s", g.spec.config))
			return
		}
	}
	if !readable(sf.Type) {
		g.fail(name, fmt.Sprintf("field %s of %s: a %s cannot be read from text", sf.Name, t, sf.Type))
		return
	}
	limits, err := limitsOf(sf.Type, sf.Tag)
	if err != nil {
		g.fail(name, fmt.Sprintf("field %s of %s: %v", sf.Name, t, err))
		return
	}
	f := field{typ: sf.Type, index: index, limits: limits, Field: Field{
		Name:     name,
		Type:     typeName(sf.Type),
		Default:  sf.Tag.Get("default"),
		Desc:     sf.Tag.Get("desc"),
		Example:  sf.Tag.Get("example"),
		Required: sf.Tag.Get("required") == "true" && sf.Tag.Get("default") == "",
		Secret:   holdsSecret(sf.Type),
	}}
	f.Allowed = f.describe()
	g.spec.fields = append(g.spec.fields, f)
}

// fail notes a fault of the struct itself, which is its author's to mend.
func (g *gatherer) fail(name, problem string) {
	g.spec.faults = append(g.spec.faults, Fault{Name: name, Problem: problem})
}

// same reports whether two fields of one name mean the same, so that the
// variable can serve both.
func (f field) same(g field) bool {
	return f.typ == g.typ && f.Default == g.Default && f.Required == g.Required && f.Allowed == g.Allowed
}

// ownerOf returns the package name of t, "main" for a program's own.
func ownerOf(t reflect.Type) string {
	owner, _, _ := strings.Cut(t.String(), ".")
	return owner
}
