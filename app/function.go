package app

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

type fnKind int

const (
	fnProvide fnKind = iota
	fnInvoke
	fnDecorate
	fnReplace
)

// fn is a function that fx will call: a constructor, an invoke or a decorator.
type fn struct {
	kind    fnKind
	name    string // "orders.NewService"
	where   string // file:line of the function, or of the option it is in
	scope   *scope
	private bool
	builtin bool
	hidden  bool          // made by a part that is listed elsewhere: a controller, a check, a task
	target  reflect.Value // the function itself, where it was given plain
	option  int           // of an apptest.Override: where its option lies in scope.options
	params  []param
	results []key
}

// key is what fx stores a value under.
type key struct {
	typ   reflect.Type
	name  string
	group string
}

func (k key) String() string {
	s := typeName(k.typ)
	if k.name != "" {
		s += fmt.Sprintf(` named %q`, k.name)
	}
	if k.group != "" {
		s += fmt.Sprintf(" of group %q", k.group)
	}
	return s
}

type param struct {
	key
	optional bool
	soft     bool // a group that calls no constructor
}

// provide reads a target of fx.Provide or fx.Supply.
func (h *house) provide(dest *scope, target any, opened option) {
	f := h.function(dest, fnProvide, target, opened.where)
	if f == nil {
		return
	}
	f.private = opened.private
	if opened.kind == optionSupply {
		f.name, f.where = "fx.Supply", opened.where
	}
	if len(f.params) == 1 && f.params[0].typ == reflect.TypeFor[*config.Values]() && strings.HasPrefix(f.name, "config.") {
		f.name, f.where = fmt.Sprintf("config.Provide[%s]", typeName(f.results[0].typ)), dest.where
	}
	h.spec(f)
}

// spec collects what config.Provide added for the settings.
func (h *house) spec(f *fn) {
	specs := key{typ: reflect.TypeFor[config.Spec](), group: "config.specs"}
	if len(f.results) != 1 || f.results[0] != specs || len(f.params) > 0 || !f.target.IsValid() {
		return
	}
	if s, ok := reflect.TypeAssert[config.Spec](f.target.Call(nil)[0]); ok {
		h.specs = append(h.specs, s)
	}
}

// function adds a function to what the graph check sees. It is nil where the
// target is no function, which is a fault.
func (h *house) function(dest *scope, kind fnKind, target any, where string) *fn {
	f := &fn{kind: kind, scope: dest, where: where, name: "a function"}
	var annotated fx.Annotated
	if a, ok := target.(fx.Annotated); ok {
		annotated, target = a, a.Target
	}
	built, pc, err := unwrap(target)
	if err != nil {
		h.fault(where, err.Error(), "")
		return nil
	}
	t := reflect.TypeOf(built)
	if t == nil || t.Kind() != reflect.Func || reflect.ValueOf(built).IsNil() {
		h.fault(where, "a constructor was expected here, not "+whatIs(target), "give the function itself, without calling it")
		return nil
	}
	f.target = reflect.ValueOf(built)
	if name, at := pcPlace(pc); name != "" {
		f.name = name
		if at != "" {
			f.where = at
		}
	}
	f.params = params(t)
	f.results = results(t, annotated)
	if kind == fnProvide && len(f.results) == 0 {
		h.fault(f.where, f.name+" returns nothing that could be provided", "return a value, or give the function to fx.Invoke")
		return nil
	}
	dest.funcs = append(dest.funcs, f)
	return f
}

// unwrap turns what fx.Annotate made into the function that fx will call. Its
// type has no exported name, but it has this method.
func unwrap(target any) (built any, pc uintptr, err error) {
	v := reflect.ValueOf(target)
	if !v.IsValid() || v.Type().PkgPath() != fxPath {
		if v.Kind() == reflect.Func {
			pc = v.Pointer()
		}
		return target, pc, nil
	}
	if failed, ok := target.(error); ok { // what fx.Annotate gives for tags that do not fit
		return nil, 0, failed
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	b, ok := reflect.TypeAssert[interface{ Build() (any, error) }](p)
	if !ok {
		return target, 0, nil
	}
	if f := v.FieldByName("Target"); f.IsValid() && f.Elem().Kind() == reflect.Func {
		pc = f.Elem().Pointer()
	}
	built, err = b.Build()
	return built, pc, err
}

// params lists what a function takes. A variadic parameter is optional to fx
// and never filled, so it is left out.
func params(t reflect.Type) []param {
	var list []param
	n := t.NumIn()
	if t.IsVariadic() {
		n--
	}
	for i := range n {
		list = appendParam(list, t.In(i), "")
	}
	return list
}

func appendParam(list []param, t reflect.Type, tag reflect.StructTag) []param {
	if marked(t, reflect.TypeFor[fx.In]()) {
		return appendIn(list, t)
	}
	p := param{key: key{typ: t, name: tag.Get("name")}}
	p.optional, _ = strconv.ParseBool(tag.Get("optional"))
	if group, flags, _ := strings.Cut(tag.Get("group"), ","); group != "" && t.Kind() == reflect.Slice {
		p.typ, p.group, p.soft = t.Elem(), group, strings.Contains(flags, "soft")
	}
	return append(list, p)
}

func appendIn(list []param, t reflect.Type) []param {
	for field := range t.Fields() {
		if field.Type == reflect.TypeFor[fx.In]() || field.PkgPath != "" {
			continue
		}
		list = appendParam(list, field.Type, field.Tag)
	}
	return list
}

// results lists what a function gives, errors aside.
func results(t reflect.Type, annotated fx.Annotated) []key {
	var list []key
	for out := range t.Outs() {
		list = appendResult(list, out, annotated.Name, annotated.Group)
	}
	return list
}

func appendResult(list []key, t reflect.Type, name, group string) []key {
	if t.Implements(reflect.TypeFor[error]()) {
		return list
	}
	if marked(t, reflect.TypeFor[fx.Out]()) {
		for field := range t.Fields() {
			if field.Type != reflect.TypeFor[fx.Out]() && field.PkgPath == "" {
				list = appendResult(list, field.Type, field.Tag.Get("name"), field.Tag.Get("group"))
			}
		}
		return list
	}
	group, flags, _ := strings.Cut(group, ",")
	if strings.Contains(flags, "flatten") && t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return append(list, key{typ: t, name: name, group: group})
}

// marked tells whether a struct type is marker (fx.In or fx.Out) or embeds it,
// also through another struct.
func marked(t, marker reflect.Type) bool {
	if t == marker {
		return true
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for field := range t.Fields() {
		if field.Anonymous && marked(field.Type, marker) {
			return true
		}
	}
	return false
}
