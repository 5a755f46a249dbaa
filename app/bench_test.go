package app_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
)

// chain is a module of n constructors, each of which takes the result of the
// one before and appends a hook.
func chain(name string, n int) *app.ModuleDef {
	lifecycle := reflect.TypeFor[fx.Lifecycle]()
	var constructors []any
	last := reflect.TypeFor[fx.Shutdowner]()
	for i := range n {
		made := reflect.PointerTo(reflect.ArrayOf(i+1, reflect.TypeFor[byte]()))
		signature := reflect.FuncOf([]reflect.Type{lifecycle, last}, []reflect.Type{made}, false)
		constructors = append(constructors, reflect.MakeFunc(signature, func(args []reflect.Value) []reflect.Value {
			if lc, ok := reflect.TypeAssert[fx.Lifecycle](args[0]); ok {
				lc.Append(fx.StartStopHook(func() {}, func() {}))
			}
			return []reflect.Value{reflect.New(made.Elem())}
		}).Interface())
		last = made
	}
	need := reflect.MakeFunc(reflect.FuncOf([]reflect.Type{last}, nil, false), func([]reflect.Value) []reflect.Value { return nil })
	return app.Module(name, app.Providers(constructors...), fx.Invoke(need.Interface()))
}

// BenchmarkStart builds, starts and stops an application of 50 constructors.
func BenchmarkStart(b *testing.B) {
	m := chain("chain", 50)
	b.ReportAllocs()
	for b.Loop() {
		a, err := app.New("bench", m, testEnvironment(), app.WithoutListeners())
		require.NoError(b, err)
		require.NoError(b, a.Start(b.Context()))
		require.NoError(b, a.Stop(b.Context()))
	}
}

// BenchmarkExplain checks the same application without starting it.
func BenchmarkExplain(b *testing.B) {
	m := chain("chain", 50)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, app.Explain(m, testEnvironment()))
	}
}
