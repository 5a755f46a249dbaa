package app

import (
	"reflect"
	"strings"
	"unsafe"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
)

const fxPath = "go.uber.org/fx"

// WithEnvironment gives New its settings in place of the environment of the
// process and its .env file. Given several times, later variables are added to
// the earlier ones and replace those of the same name.
func WithEnvironment(env config.Environment) fx.Option {
	return environmentOption{Option: fx.Options(), env: env}
}

type environmentOption struct {
	fx.Option

	env config.Environment
}

// WithoutListeners makes an application that opens no port: App.Handler and
// App.AdminHandler serve in its place. It is for tests.
func WithoutListeners() fx.Option { return unheardOption{fx.Options()} }

type unheardOption struct{ fx.Option }

// optionKind is what New needs to know of an fx.Option.
type optionKind int

const (
	optionUnknown optionKind = iota // anything: left to fx, and the graph check says less
	optionHarmless
	optionGroup
	optionModule
	optionProvide
	optionSupply
	optionInvoke
	optionDecorate
	optionReplace
)

// option is an fx.Option opened. fx offers no way to look inside one, so this
// reads the structs of fx v1.24 by reflection; an option whose layout is not
// the known one is optionUnknown.
type option struct {
	kind    optionKind
	name    string      // of a module
	id      uintptr     // of a module: where its options lie; 0 for one without options
	where   string      // file:line of the call that made it
	options []fx.Option // of a group or a module
	targets []any       // constructors, functions, decorators
	private bool        // fx.Private among the targets
	test    bool        // made by apptest.Override
}

// open looks inside an option.
func open(o fx.Option) option {
	v := reflect.ValueOf(o)
	t := v.Type()
	if t.PkgPath() != fxPath {
		return option{}
	}
	switch t.Name() {
	case "optionGroup":
		return openGroup(v)
	case "moduleOption":
		return openModule(v)
	case "provideOption":
		return openTargets(v, optionProvide)
	case "supplyOption":
		return openTargets(v, optionSupply)
	case "invokeOption":
		return openTargets(v, optionInvoke)
	case "decorateOption":
		return openTargets(v, optionDecorate)
	case "replaceOption":
		return openTargets(v, optionReplace)
	case "errorOption", "startTimeoutOption", "stopTimeoutOption", "recoverFromPanicsOption",
		"withLoggerOption", "loggerOption", "errorHookOption":
		return option{kind: optionHarmless}
	default:
		return option{}
	}
}

func openGroup(v reflect.Value) option {
	list := reflect.TypeFor[[]fx.Option]()
	if !v.CanConvert(list) {
		return option{}
	}
	options, _ := reflect.TypeAssert[[]fx.Option](v.Convert(list))
	return option{kind: optionGroup, options: options}
}

func openModule(v reflect.Value) option {
	name, frame := v.FieldByName("name"), v.FieldByName("location")
	options, ok := unexported[[]fx.Option](v, "options")
	if !ok || !name.IsValid() || name.Kind() != reflect.String {
		return option{}
	}
	o := option{kind: optionModule, name: name.String(), where: framePlace(frame), options: options}
	if len(options) > 0 {
		o.id = uintptr(unsafe.Pointer(unsafe.SliceData(options))) //nolint:gosec // an identity, never dereferenced
	}
	return o
}

func openTargets(v reflect.Value, kind optionKind) option {
	field := v.FieldByName("Targets")
	if !field.IsValid() || field.Type() != reflect.TypeFor[[]any]() {
		return option{}
	}
	all, _ := reflect.TypeAssert[[]any](field)
	o := option{kind: kind}
	o.where, o.test = stackPlace(v.FieldByName("Stack"))
	if private := v.FieldByName("Private"); private.IsValid() && private.Kind() == reflect.Bool {
		o.private = private.Bool()
	}
	for _, target := range all {
		if reflect.TypeOf(target) == reflect.TypeOf(fx.Private) {
			o.private = true
			continue
		}
		o.targets = append(o.targets, target)
	}
	return o
}

// unexported reads an unexported field of a struct value.
func unexported[T any](v reflect.Value, name string) (T, bool) {
	var zero T
	if v.Kind() != reflect.Struct {
		return zero, false
	}
	addressable := reflect.New(v.Type()).Elem()
	addressable.Set(v)
	field := addressable.FieldByName(name)
	if !field.IsValid() || field.Type() != reflect.TypeFor[T]() {
		return zero, false
	}
	return *(*T)(unsafe.Pointer(field.UnsafeAddr())), true //nolint:gosec // the type was compared above, and the copy is ours
}

// stackPlace is the place of the first frame of an fxreflect.Stack that is not
// one of apptest's, and whether there was one of those before it.
func stackPlace(stack reflect.Value) (where string, test bool) {
	if !stack.IsValid() || stack.Kind() != reflect.Slice {
		return "", false
	}
	for i := range stack.Len() {
		frame := stack.Index(i)
		if function := frame.FieldByName("Function"); !strings.Contains(function.String(), "/app/apptest.") {
			return framePlace(frame), i > 0
		}
	}
	return "", false
}

func framePlace(frame reflect.Value) string {
	if !frame.IsValid() || frame.Kind() != reflect.Struct {
		return ""
	}
	file, line := frame.FieldByName("File"), frame.FieldByName("Line")
	if !file.IsValid() || file.Kind() != reflect.String || !line.IsValid() || !line.CanInt() {
		return ""
	}
	return place(file.String(), int(line.Int()))
}
