package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Value is one setting as it was loaded.
type Value struct {
	Field
	Owner  string // the packages that read it, separated by ", "
	Value  string // as it was written, masked if secret, empty if there is none
	Source Source
}

// Values is what Load found. It does not change and may be used by several
// goroutines.
type Values struct {
	configs map[reflect.Type]reflect.Value
	all     []Value
	unknown []string
	extra   []Variable
}

// Load fills the struct of each spec from the environment. The error, if any,
// is an *Error that names every fault in all of them: a value that cannot be
// read or is out of bounds, one that is set but empty, one that is required
// and missing, what the Validate methods say, and every variable whose name
// is nearly that of a setting.
//
// Validate, a method of the struct or of its pointer that returns an error,
// sees the whole struct, with the default in place of a value that is wrong;
// it is not asked when there is no default to put there.
//
// A spec given twice counts once. Two specs may share a variable when their
// tags agree.
func Load(env Environment, specs ...Spec) (*Values, error) {
	specs = arrange(specs)
	l := loader{env: env, values: &Values{configs: make(map[reflect.Type]reflect.Value), extra: reserved(env, specs)}}
	for _, s := range specs {
		l.spec(s)
	}
	misspelt, unknown := strangers(env, specs)
	for _, f := range misspelt {
		l.fault(f)
	}
	if len(l.faults) > 0 {
		return nil, &Error{Faults: l.faults, Note: env.FileNote}
	}
	l.values.unknown = unknown
	return l.values, nil
}

// Get returns the struct that Load filled from SpecOf[T].
func Get[T any](v *Values) (T, error) {
	t := reflect.TypeFor[T]()
	if c, ok := v.configs[t]; ok {
		if config, is := reflect.TypeAssert[T](c); is {
			return config, nil
		}
	}
	var zero T
	return zero, fmt.Errorf("settings of %s were not loaded: add config.Provide[%s]() to its module", t, t)
}

// All returns every setting once, by owner and then in the order of the
// struct, secrets masked.
func (v *Values) All() []Value { return slices.Clone(v.all) }

// Unknown returns the names of variables that begin like a setting, up to the
// first underscore, and are none; they are too far from any to be called
// misspelt. They may be somebody else's: a warning is what they deserve.
func (v *Values) Unknown() []string { return slices.Clone(v.unknown) }

// Variable is a variable whose name a reserved prefix covers.
type Variable struct {
	Name, Value string
	Source      Source
}

// Reserved returns the variables that begin with a prefix given to [Reserve],
// sorted by name. Their values are as they were written.
func (v *Values) Reserved(prefix string) []Variable {
	return slices.DeleteFunc(slices.Clone(v.extra), func(x Variable) bool { return !strings.HasPrefix(x.Name, prefix) })
}

func reserved(env Environment, specs []Spec) []Variable {
	var all []Variable
	for _, name := range env.Names() {
		if !slices.ContainsFunc(specs, func(s Spec) bool { return s.reserved != "" && strings.HasPrefix(name, s.reserved) }) {
			continue
		}
		text, source, _ := env.Lookup(name)
		all = append(all, Variable{Name: name, Value: text, Source: source})
	}
	return all
}

// arrange drops specs given twice and puts the rest in an order that does not
// depend on the order in which they were given.
func arrange(specs []Spec) []Spec {
	specs = slices.Clone(specs)
	key := func(s Spec) string { return fmt.Sprint(s.owner, " ", s.config, " ", s.reserved) }
	slices.SortStableFunc(specs, func(a, b Spec) int { return cmp.Compare(key(a), key(b)) })
	return slices.CompactFunc(specs, func(a, b Spec) bool {
		return a.config == b.config && a.owner == b.owner && a.reserved == b.reserved
	})
}

type loader struct {
	env    Environment
	values *Values
	seen   []seen
	faults []Fault
}

// seen is a variable that a spec has claimed, and its place in Values.all.
type seen struct {
	field field
	owner string
	at    int
}

func (l *loader) fault(f Fault) {
	if !slices.Contains(l.faults, f) { // a variable of several specs is wrong once
		l.faults = append(l.faults, f)
	}
}

func (l *loader) spec(s Spec) {
	for _, f := range s.faults {
		l.fault(f)
	}
	if s.config == nil || len(s.faults) > 0 {
		return
	}
	config := reflect.New(s.config)
	wrong := make(map[string]bool)
	complete := true
	for _, f := range s.fields {
		l.claim(f, s.owner)
		v, err := l.value(f)
		if err != nil {
			wrong[f.Name] = true
			complete = complete && !f.Required
			v, _ = f.standIn()
		}
		if v.IsValid() {
			config.Elem().FieldByIndex(f.index).Set(v)
		}
	}
	if complete {
		l.validate(config, s.fields, wrong)
	}
	l.values.configs[s.config] = config.Elem()
}

// claim notes that a spec reads a variable, and that two specs agree on it.
func (l *loader) claim(f field, owner string) {
	at := slices.IndexFunc(l.seen, func(s seen) bool { return s.field.Name == f.Name })
	if at < 0 {
		text, source, _ := l.env.Lookup(f.Name)
		if source == Default {
			text = f.Default
		}
		l.seen = append(l.seen, seen{field: f, owner: owner, at: len(l.values.all)})
		l.values.all = append(l.values.all, Value{Field: f.Field, Owner: owner, Value: f.masked(text), Source: source})
		return
	}
	first := l.seen[at]
	if !first.field.same(f) {
		l.fault(Fault{Name: f.Name, Problem: fmt.Sprintf(
			"is declared differently by %s (%s, default %q) and %s (%s, default %q)",
			first.owner, first.field.Type, first.field.Default, owner, f.Type, f.Default,
		)})
	}
	known := &l.values.all[first.at]
	known.Desc = cmp.Or(known.Desc, f.Desc)
	if !slices.Contains(strings.Split(known.Owner, ", "), owner) {
		known.Owner += ", " + owner
	}
}

// value reads one field. It returns an invalid Value for a field that is not
// set and has no default, which keeps its zero value.
func (l *loader) value(f field) (reflect.Value, error) {
	text, source, set := l.env.Lookup(f.Name)
	var v reflect.Value
	var err error
	switch {
	case set:
		v, err = f.read(text)
	case f.Required:
		err = fmt.Errorf("is required: give it %s", f.Allowed)
	case f.Default != "":
		if v, err = f.read(f.Default); err != nil {
			text, err = f.Default, fmt.Errorf("has a wrong default: it %w", err)
		}
	}
	if err == nil {
		return v, nil
	}
	problem := err.Error()
	if source == File {
		problem = "(in .env) " + problem
	}
	l.fault(Fault{Name: f.Name, Value: f.masked(text), Problem: problem, Example: f.sample()})
	return v, err
}

// validate asks the struct's own Validate, and hides secrets in what it says.
// What it says of a variable that was reported already is not said again.
func (l *loader) validate(config reflect.Value, fields []field, wrong map[string]bool) {
	v, ok := reflect.TypeAssert[interface{ Validate() error }](config)
	if !ok {
		return
	}
	for _, fault := range faultsOf(v.Validate()) {
		if wrong[fault.Name] {
			continue
		}
		for _, f := range fields {
			l.hide(&fault, f)
		}
		l.fault(fault)
	}
}

// hide removes the value of a secret field from a fault.
func (l *loader) hide(fault *Fault, f field) {
	text, _, _ := l.env.Lookup(f.Name)
	if !f.Secret || text == "" {
		return
	}
	if fault.Name == f.Name {
		fault.Value = mask
	}
	for _, word := range append(words(f.typ, text), text) {
		if len(word) > 3 { // shorter ones would be found inside other words
			fault.Problem = strings.ReplaceAll(fault.Problem, word, mask)
			fault.Value = strings.ReplaceAll(fault.Value, word, mask)
		}
	}
}

// standIn returns the default of a field, to judge the others by.
func (f field) standIn() (reflect.Value, error) {
	if f.Default == "" {
		return reflect.Value{}, nil
	}
	return f.read(f.Default)
}

// sample returns a value that would do, or "".
func (f field) sample() string {
	switch {
	case f.Example != "":
		return f.Example
	case f.Default != "" && !f.Secret:
		return f.Default
	case len(f.oneof) > 0 && len(words(f.typ, "")) == 1 && f.typ.Kind() == reflect.String:
		return f.oneof[0]
	default:
		return ""
	}
}

func (f field) masked(text string) string {
	if f.Secret && text != "" {
		return mask
	}
	return text
}
