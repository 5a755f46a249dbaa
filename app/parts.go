package app

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

// part translates one part of a module into fx options.
func (h *house) part(dest *scope, p *part) {
	if dest.def == nil {
		h.fault(p.where, fmt.Sprintf("%s stands outside app.Module", p.kind), fmt.Sprintf(`put it into app.Module("…", %s(…))`, p.kind))
		return
	}
	for _, item := range p.items {
		switch p.kind {
		case partImports:
			h.imports(dest, item, p)
		case partProviders:
			h.constructor(dest, item, p, true)
		case partExports:
			h.constructor(dest, item, p, false)
		case partControllers:
			dest.later = append(dest.later, func() { h.controller(dest, item, p) })
		case partHealth:
			h.grouped(dest, item, p, reflect.TypeFor[health.Check](), "health.checks")
		case partOnShutdown:
			h.grouped(dest, item, p, reflect.TypeFor[shutdown.Task](), "shutdown.tasks")
		}
	}
}

func (h *house) imports(dest *scope, item any, p *part) {
	if o, ok := item.(fx.Option); ok && !reflect.ValueOf(o).IsZero() {
		h.option(h.root, dest, o)
		return
	}
	h.fault(p.where, "app.Imports was given nil", "give it the module that app.Module returned")
}

// constructor adds an item of Providers or Exports.
func (h *house) constructor(dest *scope, item any, p *part, private bool) {
	switch item := item.(type) {
	case binding:
		dest.later = append(dest.later, func() { h.binding(dest, item, p, private) })
	case fx.Option:
		h.fault(p.where, fmt.Sprintf("%s takes constructors, not the option %v", p.kind, item), "give it to app.Imports, or to app.Module itself")
	default:
		h.apply(dest, item, p, private, "")
	}
}

func (h *house) binding(dest *scope, b binding, p *part, private bool) {
	adaptor, err := b.adaptor()
	if err != nil {
		h.fault(p.where, err.Error(), "")
		return
	}
	if adaptor == nil {
		h.apply(dest, b.ctor, p, private, "")
		return
	}
	if !dest.provides(b.ctor) {
		h.apply(dest, b.ctor, p, true, "")
	}
	name, _ := funcPlace(b.ctor)
	h.apply(dest, adaptor, p, private, fmt.Sprintf("app.Bind[%s](%s)", typeName(b.iface), name))
}

// controller adds a controller, and the adaptor that gives its routes to the server.
func (h *house) controller(dest *scope, item any, p *part) {
	t := reflect.TypeOf(item)
	name, where := funcPlace(item)
	if name == "" && t != nil && t.Kind() == reflect.Func && reflect.ValueOf(item).IsNil() {
		t = nil
	}
	if t == nil || t.Kind() != reflect.Func || t.NumOut() == 0 || !t.Out(0).Implements(reflect.TypeFor[Controller]()) {
		h.fault(p.where, fmt.Sprintf("app.Controllers takes constructors of controllers, not %s", describeFunc(item)),
			"the first result needs a method Routes() app.Routes")
		return
	}
	if !dest.provides(item) {
		h.apply(dest, item, p, true, "")
	}
	if where == "" {
		where = p.where
	}
	h.apply(dest, fx.Annotated{Group: "app.controllers", Target: mounter(t.Out(0), dest.name, name, where)}, p, false, "the routes of "+name)
}

// mounter makes a func(controller) (mounted, error).
func mounter(controller reflect.Type, module, name, where string) any {
	outs := []reflect.Type{reflect.TypeFor[mounted](), reflect.TypeFor[error]()}
	return reflect.MakeFunc(reflect.FuncOf([]reflect.Type{controller}, outs, false), func(args []reflect.Value) []reflect.Value {
		m, err := mount(args[0].Interface(), module, name, where)
		result := reflect.New(outs[1]).Elem()
		if err != nil {
			result.Set(reflect.ValueOf(err))
		}
		return []reflect.Value{reflect.ValueOf(m), result}
	}).Interface()
}

func mount(controller any, module, name, where string) (m mounted, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: the method Routes of what %s returns panicked: %v", where, name, p)
		}
	}()
	c, _ := controller.(Controller) // checked when the module was read
	return mounted{Module: module, Source: where, Routes: c.Routes()}, nil
}

// grouped adds a constructor whose first result goes into a value group.
func (h *house) grouped(dest *scope, item any, p *part, want reflect.Type, group string) {
	t := reflect.TypeOf(item)
	if t == nil || t.Kind() != reflect.Func || t.NumOut() == 0 || t.Out(0) != want {
		h.fault(p.where, fmt.Sprintf("%s takes constructors that return %s, not %s", p.kind, typeName(want), describeFunc(item)), "")
		return
	}
	h.apply(dest, fx.Annotated{Group: group, Target: item}, p, false, "")
}

// apply gives a constructor to fx and to the graph check; name replaces that of a function made here.
func (h *house) apply(dest *scope, target any, p *part, private bool, name string) {
	f := h.function(dest, fnProvide, target, p.where)
	if f == nil {
		return
	}
	f.private = private
	if name != "" {
		f.name = name
	}
	if f.where == "" {
		f.where = p.where
	}
	f.hidden = p.kind != partProviders && p.kind != partExports
	if f.hidden && private == (p.kind == partControllers) { // not the adaptor of a controller
		dest.parts[p.kind] = append(dest.parts[p.kind], f.name)
	}
	targets := []any{target}
	if private {
		targets = append(targets, fx.Private)
	}
	h.keep(dest, fx.Provide(targets...))
}

// provides tells whether the module has this very constructor already.
func (s *scope) provides(ctor any) bool {
	return slices.ContainsFunc(s.funcs, func(f *fn) bool {
		return f.kind == fnProvide && f.target.IsValid() && sameFunc(f.target.Interface(), ctor)
	})
}

// sameFunc tells closures of one literal apart, which have the code in common
// and not what they captured. A method value is made anew each time it is written.
func sameFunc(a, b any) bool {
	v, w := reflect.ValueOf(a), reflect.ValueOf(b)
	if v.Type() != w.Type() || v.Pointer() != w.Pointer() {
		return false
	}
	return closure(a) == closure(b) || strings.HasSuffix(runtime.FuncForPC(v.Pointer()).Name(), "-fm")
}

// closure is the identity of a function with what it captured: the second word
// of an interface that holds it.
func closure(fn any) uintptr {
	return (*[2]uintptr)(unsafe.Pointer(&fn))[1] //nolint:gosec // an identity, never dereferenced
}

func describeFunc(v any) string {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Func {
		return whatIs(v)
	}
	if reflect.ValueOf(v).IsNil() {
		return "a nil " + typeName(t)
	}
	name, _ := funcPlace(v)
	if t.NumOut() == 0 {
		return name + ", which returns nothing"
	}
	return fmt.Sprintf("%s, which returns %s", name, typeName(t.Out(0)))
}
