package app

import (
	"errors"
	"fmt"
	"path"
	"reflect"

	"go.uber.org/fx"
)

// constructorError drops the layers that dig, below fx, puts around the error
// or the panic of a constructor ("could not build arguments for function …") and
// keeps which constructor it was. The error itself stays in the chain.
func constructorError(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		v := reflect.ValueOf(e)
		if v.Kind() != reflect.Struct || v.Type().PkgPath() != reflect.TypeFor[fx.In]().PkgPath() { // dig's
			continue
		}
		switch v.Type().Name() {
		case "errConstructorFailed":
			return failed(digFunc(v.FieldByName("Func")), errors.Unwrap(e))
		case "PanicError":
			return failed(digFunc(v.FieldByName("fn")), fmt.Errorf("panic: %v", v.FieldByName("Panic").Interface()))
		}
	}
	return err
}

func failed(name string, cause error) error {
	if name == "" {
		return cause
	}
	return fmt.Errorf("%s: %w", name, cause)
}

// digFunc reads a *digreflect.Func. It is empty for a function made here,
// whose error says itself where it comes from.
func digFunc(p reflect.Value) string {
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return ""
	}
	text := func(field string) string {
		if f := p.Elem().FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
		return ""
	}
	line := p.Elem().FieldByName("Line")
	if pkg := text("Package"); pkg != "" && pkg != "reflect" && line.IsValid() && line.CanInt() {
		return fmt.Sprintf("%s: %s.%s", place(text("File"), int(line.Int())), path.Base(pkg), text("Name"))
	}
	return ""
}
