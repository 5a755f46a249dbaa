package app

import (
	"fmt"
	"reflect"
)

// binding is a constructor whose result is given out as an interface.
type binding struct {
	iface reflect.Type
	ctor  any
}

// Bind gives the result of a constructor out as the interface I:
//
//	app.Providers(app.Bind[Payments](NewStripe))
//
// is NewStripe and a function that takes the *Stripe and returns it as
// Payments. In Exports the interface is exported and the *Stripe stays private.
// The same constructor may be bound to several interfaces; it is called once.
func Bind[I any](constructor any) any {
	return binding{iface: reflect.TypeFor[I](), ctor: constructor}
}

// adaptor is a func(T) I, where T is the first result of the constructor that
// is an I. It is nil where that result is I itself.
func (b binding) adaptor() (any, error) {
	if b.iface.Kind() != reflect.Interface {
		return nil, fmt.Errorf("app.Bind[%s] needs an interface between its brackets", typeName(b.iface))
	}
	t := reflect.TypeOf(b.ctor)
	if t == nil || t.Kind() != reflect.Func {
		return nil, fmt.Errorf("app.Bind[%s] takes a constructor, not %s", typeName(b.iface), whatIs(b.ctor))
	}
	for out := range t.Outs() {
		switch {
		case out == b.iface:
			return nil, nil //nolint:nilnil // nothing to adapt, nothing wrong
		case out.Implements(b.iface):
			return convert(out, b.iface), nil
		}
	}
	return nil, b.misfit(t)
}

func (b binding) misfit(t reflect.Type) error {
	name, _ := funcPlace(b.ctor)
	if t.NumOut() == 0 {
		return fmt.Errorf("%s returns nothing", name)
	}
	out := t.Out(0)
	if out.Kind() != reflect.Pointer && reflect.PointerTo(out).Implements(b.iface) {
		return fmt.Errorf("%s returns %s; only *%[2]s implements %s", name, typeName(out), typeName(b.iface))
	}
	return fmt.Errorf("%s returns %s, which does not implement %s: %s", name, typeName(out), typeName(b.iface), missingMethod(out, b.iface))
}

func missingMethod(t, iface reflect.Type) string {
	for want := range iface.Methods() {
		if want.PkgPath != "" { // unexported: reflect cannot look it up
			continue
		}
		got, ok := t.MethodByName(want.Name)
		if !ok {
			return "it has no method " + want.Name
		}
		if !sameSignature(got.Type, want.Type, t.Kind() != reflect.Interface) {
			return "its method " + want.Name + " has another signature"
		}
	}
	return "it lacks an unexported method"
}

func sameSignature(got, want reflect.Type, receiver bool) bool {
	var skip int
	if receiver {
		skip = 1
	}
	if got.NumIn()-skip != want.NumIn() || got.NumOut() != want.NumOut() || got.IsVariadic() != want.IsVariadic() {
		return false
	}
	for i := range want.NumIn() {
		if got.In(i+skip) != want.In(i) {
			return false
		}
	}
	for i := range want.NumOut() {
		if got.Out(i) != want.Out(i) {
			return false
		}
	}
	return true
}

// convert makes a func(from) to.
func convert(from, to reflect.Type) any {
	return reflect.MakeFunc(reflect.FuncOf([]reflect.Type{from}, []reflect.Type{to}, false),
		func(args []reflect.Value) []reflect.Value {
			return []reflect.Value{args[0].Convert(to)}
		}).Interface()
}

// typeName is a type as a user writes it, with package names and not paths.
func typeName(t reflect.Type) string { return t.String() }

// whatIs says what a value is that should have been something else.
func whatIs(v any) string {
	if v == nil {
		return "nil"
	}
	return "a value of type " + typeName(reflect.TypeOf(v))
}
