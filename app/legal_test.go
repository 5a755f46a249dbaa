package app_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/apptest"
)

type (
	repo[T any] struct{ of T }
	shape       interface{ Sides() int }
	square      struct{}
	circle      struct{}
	shapes      []shape
	sum         struct{ sides int }
	outer       struct {
		fx.In
		Inner

		Sum *sum `optional:"true"`
	}
	Inner struct {
		fx.In

		Shapes []shape `group:"shapes"`
	}
	field struct {
		fx.In `ignore-unexported:"true"`

		Own    Inner
		Soft   []shape `group:"shapes,soft"`
		hidden int     //nolint:unused // what ignore-unexported is for
	}
	many struct {
		fx.Out

		Square *square
		All    []shape `group:"shapes,flatten"`
		Named  string  `name:"title"`
		NestedOut
	}
	NestedOut struct {
		fx.Out

		N int `name:"n"`
	}
	tool struct{}
)

func (square) Sides() int { return 4 }
func (circle) Sides() int { return 0 }

func newRepo[T any](of T) *repo[T]              { return &repo[T]{of} }
func newMany() (many, error)                    { return many{Square: &square{}, All: []shape{square{}, circle{}}}, nil }
func newSquare() *square                        { return &square{} }
func newCircle() *circle                        { return &circle{} }
func sumOf(all ...shape) *sum                   { return &sum{len(all)} }
func sumOfSlice(all []shape) *sum               { return &sum{len(all)} }
func (tool) New(*square) *circle                { return &circle{} }
func withCleanup() (*square, func(), error)     { return &square{}, func() {}, nil }
func needsAll(outer, field) (*repo[int], error) { return &repo[int]{}, nil }

// TestLegalInFx compares with fx itself: what it accepts, New accepts, at the
// root and in a module.
func TestLegalInFx(t *testing.T) {
	t.Parallel()
	asShape := func(ctor any) any { return fx.Annotate(ctor, fx.As(new(shape)), fx.ResultTags(`group:"shapes"`)) }
	tests := map[string][]fx.Option{
		"embedded In, In as a field, soft": {fx.Provide(newMany, needsAll), fx.Invoke(func(*repo[int]) {})},
		"Out in Out, flatten, names":       {fx.Provide(newMany), fx.Invoke(fx.Annotate(func(string, int) {}, fx.ParamTags(`name:"title"`, `name:"n"`)))},
		"generics":                         {fx.Provide(newRepo[int], newRepo[string]), fx.Supply(1, "a"), fx.Invoke(func(*repo[int], *repo[string]) {})},
		"variadic":                         {fx.Provide(sumOf), fx.Invoke(func(*sum) {})},
		"variadic group":                   {fx.Provide(asShape(newSquare), asShape(newCircle), fx.Annotate(sumOf, fx.ParamTags(`group:"shapes"`))), fx.Invoke(func(*sum) {})},
		"group that nobody fills":          {fx.Provide(fx.Annotate(sumOfSlice, fx.ParamTags(`group:"shapes"`))), fx.Invoke(func(*sum) {})},
		"flattened Annotated":              {fx.Provide(fx.Annotated{Group: "shapes,flatten", Target: func() []shape { return nil }}, fx.Annotate(sumOfSlice, fx.ParamTags(`group:"shapes"`))), fx.Invoke(func(*sum) {})},
		"flattened named slice":            {fx.Provide(fx.Annotated{Group: "shapes,flatten", Target: func() shapes { return nil }}), fx.Invoke(func(field) {})},
		"named":                            {fx.Provide(fx.Annotated{Name: "a", Target: newSquare}, fx.Annotated{Name: "b", Target: newSquare}, newSquare), fx.Invoke(fx.Annotate(func(_, _, _ *square) {}, fx.ParamTags(`name:"a"`, `name:"b"`)))},
		"optional by annotation":           {fx.Invoke(fx.Annotate(func(s *square) {}, fx.ParamTags(`optional:"true"`)))},
		"From":                             {fx.Provide(newSquare, fx.Annotate(func(s shape) *sum { return &sum{} }, fx.From(new(*square)))), fx.Invoke(func(*sum) {})},
		"hooks by annotation": {fx.Provide(fx.Annotate(newSquare,
			fx.OnStart(func(context.Context, *square) error { return nil }), fx.OnStop(func(*square) {}))), fx.Invoke(func(*square) {})},
		"hook with a dependency":  {fx.Provide(newCircle, fx.Annotate(func(*circle) *square { return nil }, fx.OnStart(func(*circle, *square) {}))), fx.Invoke(func(*square) {})},
		"supply":                  {fx.Supply(fx.Annotate(&square{}, fx.As(new(shape)), fx.ResultTags(`group:"shapes"`)), fx.Annotated{Name: "x", Target: 7}), fx.Invoke(func(field) {})},
		"supply private":          {fx.Module("m", fx.Supply(7, fx.Private), fx.Invoke(func(int) {})), fx.Module("n", fx.Supply(8, fx.Private), fx.Invoke(func(int) {}))},
		"replace":                 {fx.Provide(newSquare), fx.Replace(&square{}), fx.Invoke(func(*square) {})},
		"replace as":              {fx.Provide(fx.Annotate(newSquare, fx.As(new(shape)))), fx.Replace(fx.Annotate(circle{}, fx.As(new(shape)))), fx.Invoke(func(shape) {})},
		"replace named":           {fx.Provide(fx.Annotated{Name: "a", Target: newSquare}), fx.Replace(fx.Annotated{Name: "a", Target: &square{}}), fx.Invoke(fx.Annotate(func(*square) {}, fx.ParamTags(`name:"a"`)))},
		"replace what nobody has": {fx.Replace(&square{})},
		"decorate":                {fx.Provide(newSquare), fx.Decorate(func(s *square) *square { return s }), fx.Invoke(func(*square) {})},
		"decorate with an error":  {fx.Provide(newSquare), fx.Decorate(func(s *square) (*square, error) { return s, nil }), fx.Invoke(func(*square) {})},
		"decorate a group": {
			fx.Provide(asShape(newSquare)),
			fx.Decorate(fx.Annotate(func(all []shape) []shape { return all }, fx.ParamTags(`group:"shapes"`), fx.ResultTags(`group:"shapes"`))),
			fx.Invoke(fx.Annotate(func([]shape) {}, fx.ParamTags(`group:"shapes"`))),
		},
		"decorate in a module": {fx.Provide(newSquare), fx.Module("m", fx.Decorate(func(s *square) *square { return s }), fx.Invoke(func(*square) {})), fx.Invoke(func(*square) {})},
		"decorator that needs a user of the decorated": {
			fx.Provide(newSquare, func(*square) *circle { return nil }), fx.Decorate(func(s *square, _ *circle) *square { return s }), fx.Invoke(func(*square) {}),
		},
		"populate":       {fx.Provide(newSquare), fx.Populate(new(*square))},
		"populate named": {fx.Provide(fx.Annotated{Name: "a", Target: newSquare}), fx.Populate(fx.Annotate(new(*square), fx.ParamTags(`name:"a"`)))},
		"populate group": {fx.Provide(asShape(newSquare)), fx.Populate(fx.Annotate(new([]shape), fx.ParamTags(`group:"shapes"`)))},
		"populate struct": {fx.Provide(newSquare), fx.Populate(&struct {
			fx.In
			S *square
		}{})},
		"populate optional": {fx.Populate(&struct {
			fx.In
			S *square `optional:"true"`
		}{})},
		"cleanup":       {fx.Provide(withCleanup), fx.Invoke(func(*square, func()) error { return nil })},
		"method value":  {fx.Provide(newSquare, tool{}.New), fx.Invoke(func(*circle) {})},
		"function type": {fx.Provide(func() func(int) int { return func(i int) int { return i } }, func() chan int { return nil }, func() map[string]int { return nil }, func() [2]int { return [2]int{} }), fx.Invoke(func(func(int) int, chan int, map[string]int, [2]int) {})},
		"private group": {
			fx.Module("m", fx.Provide(fx.Annotate(func(*sum) *square { return nil }, fx.As(new(shape)), fx.ResultTags(`group:"shapes"`)), fx.Private)),
			fx.Provide(fx.Annotate(sumOf, fx.ParamTags(`group:"shapes"`))), fx.Invoke(func(*sum) {}),
		},
		"private below private":              {fx.Module("m", fx.Provide(newSquare, fx.Private), fx.Module("n", fx.Provide(func(*square) *circle { return nil }, fx.Private), fx.Invoke(func(*circle, *square) {})))},
		"private in child, public in parent": {fx.Module("m", fx.Provide(newSquare, fx.Private), fx.Module("n", fx.Provide(fx.Annotated{Name: "x", Target: newSquare}), fx.Invoke(func(*square) {})))},
		"NestedOut modules export":           {fx.Module("m", fx.Module("n", fx.Provide(newSquare))), fx.Invoke(func(*square) {})},
		"same function, two names":           {fx.Provide(fx.Annotate(newSquare, fx.ResultTags(`name:"a"`)), fx.Annotate(newSquare, fx.ResultTags(`name:"b"`)))},
		"lifecycle everywhere": {fx.Invoke(func(lc fx.Lifecycle, s fx.Shutdowner) {
			lc.Append(fx.StartStopHook(func() {}, func(context.Context) error { return nil }))
		})},
		"logger":                            {fx.NopLogger, fx.ErrorHook()},
		"empty options":                     {fx.Options(), fx.Provide(), fx.Invoke(), fx.Supply(), fx.Error()},
		"provide an interface and its type": {fx.Provide(newSquare, func(s *square) shape { return s }), fx.Invoke(func(shape, *square) {})},
		"context":                           {fx.Supply(fx.Annotate(t.Context(), fx.As(new(context.Context)))), fx.Invoke(func(context.Context) {})},
		"decorate lifecycle in a module":    {fx.Module("m", fx.Decorate(func(lc fx.Lifecycle) fx.Lifecycle { return lc }), fx.Invoke(func(fx.Lifecycle) {}))},
		"two plain modules of one name":     {fx.Module("a", fx.Module("db", fx.Provide(newSquare, fx.Private), fx.Invoke(func(*square) {}))), fx.Module("b", fx.Module("db", fx.Provide(newSquare, fx.Private), fx.Invoke(func(*square) {})))},
		"module without a name":             {fx.Module("", fx.Provide(newSquare)), fx.Invoke(func(*square) {})},
		"replace in a module":               {fx.Provide(newSquare), fx.Module("m", fx.Replace(&square{}), fx.Invoke(func(*square) {}))},
		"error value in a field":            {fx.Provide(func() struct{ Err error } { return struct{ Err error }{errors.New("x")} }), fx.Invoke(func(struct{ Err error }) {})},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, fx.New(append([]fx.Option{fx.NopLogger}, opts...)...).Err(), "fx itself")
			for where, given := range map[string][]fx.Option{"root": opts, "module": {app.Module("wrapped", opts...)}} {
				a, err := app.New("odd", append(given, testEnvironment(), app.WithoutListeners())...)
				require.NoError(t, err, where)
				require.NoError(t, a.Start(t.Context()))
				require.NoError(t, a.Stop(t.Context()))
			}
		})
	}
}

// TestExplainDecorators is apart from TestExplainFaults because its golden files hold lines of this one.
func TestExplainDecorators(t *testing.T) {
	t.Parallel()
	same := func(c *Clock) *Clock { return c }
	open := func(name string) func() *Stripe { return func() *Stripe { _ = name; return &Stripe{} } }
	tests := map[string][]fx.Option{
		"override_nothing":       {apptest.Override[Refunds](&Stripe{})},
		"override_concrete":      {app.Module("orders", app.Providers(NewPayments, NewOrders)), apptest.Override(&Stripe{})},
		"override_not_provided":  {app.Module("orders", app.Providers(NewOrders)), apptest.Override[Payments](&Stripe{})},
		"decorated_twice":        {app.Module("clocks", app.Providers(NewClock), fx.Decorate(same), fx.Decorate(same))},
		"decorated_lifecycle":    {fx.Decorate(func(lc fx.Lifecycle) fx.Lifecycle { return lc })},
		"duplicate_builtin":      {fx.Provide(func() *slog.Logger { return nil })},
		"duplicate_bind_closure": {app.Module("payments", app.Providers(app.Bind[Payments](open("live")), app.Bind[Refunds](open("test"))))},
		"nil_function":           {app.Module("orders", app.Controllers((func() *Controller)(nil)))},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.Explain(append(opts, testEnvironment())...)
			require.Error(t, err)
			golden(t, "faults/"+name+".txt", err.Error()+"\n")
		})
	}
}
