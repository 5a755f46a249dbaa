package app_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// testEnvironment holds what every application in these tests needs.
func testEnvironment(more ...string) fx.Option {
	vars := map[string]string{
		"APP_ENV":                      "test",
		"HTTP_ADDR":                    "127.0.0.1:0",
		"ADMIN_ADDR":                   "127.0.0.1:0",
		"LOG_LEVEL":                    "error",
		"SHUTDOWN_HEALTH_GRACE_PERIOD": "0",
	}
	for _, pair := range more {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	return app.WithEnvironment(config.Environment{Vars: vars})
}

func TestExplainFaults(t *testing.T) {
	t.Parallel()
	payments := app.Module("payments", app.Exports(app.Bind[Payments](NewStripe)))
	private := app.Module("payments", app.Providers(NewPayments))
	tests := map[string][]fx.Option{
		"missing":          {app.Module("orders", app.Providers(NewOrdersOfClock))},
		"missing_at_root":  {fx.Provide(NewOrdersOfClock)},
		"missing_invoke":   {fx.Invoke(func(*Clock) {})},
		"missing_pointer":  {app.Module("orders", app.Providers(NewClock, NewOrdersOfClockValue))},
		"missing_bind":     {app.Module("orders", app.Providers(NewStripe, NewOrders))},
		"missing_concrete": {payments, app.Module("orders", app.Imports(payments), app.Providers(NewOrdersOfStripe))},
		"missing_interface_only": {
			app.Module("orders", app.Providers(NewPayments, NewOrdersOfStripe)),
		},
		"missing_named":    {app.Module("orders", app.Providers(NewPayments, NewNamed))},
		"missing_unnamed":  {fx.Provide(fx.Annotated{Name: "live", Target: NewPayments}), app.Module("orders", app.Providers(NewOrders))},
		"missing_grouped":  {fx.Provide(fx.Annotated{Group: "all", Target: NewPayments}), app.Module("orders", app.Providers(NewOrders))},
		"missing_settings": {app.Module("mail", app.Providers(NewMailer))},
		"missing_annotated": {
			fx.Provide(fx.Annotate(NewOrders, fx.ParamTags(`name:"live"`), fx.ResultTags(`name:"o"`))),
		},
		"private_elsewhere": {private, app.Module("orders", app.Providers(NewOrders))},
		"private_plain":     {fx.Module("payments", fx.Provide(NewPayments, fx.Private)), app.Module("orders", app.Providers(NewOrders))},
		"not_imported":      {payments, app.Module("orders", app.Providers(NewOrders))},
		"cycle":             {app.Module("farm", app.Exports(NewHen, NewEgg, NewYolk))},
		"cycle_private":     {app.Module("farm", app.Providers(NewHen, NewEgg, NewYolk))},
		"cycle_self":        {fx.Provide(func(*Hen) *Hen { return nil })},
		"duplicate":         {app.Module("payments", app.Providers(NewStripe, NewStripeAgain))},
		"duplicate_modules": {app.Module("one", app.Exports(NewStripe)), app.Module("two", app.Exports(NewStripeAgain))},
		"same_name":         {app.Module("orders"), app.Module("orders")},
		"no_name":           {app.Module("")},
		"part_outside":      {app.Providers(NewClock), fx.Module("plain", app.Exports(NewStripe))},
		"nil_option":        {nil, app.Module("orders", nil, app.Imports(nil)), (*app.ModuleDef)(nil)},
		"not_a_constructor": {app.Module("orders", app.Providers(&Clock{}, nil, NewNothing, fx.Provide(NewClock)))},
		"not_a_controller":  {app.Module("orders", app.Controllers(NewClock, "x"))},
		"not_a_check":       {app.Module("orders", app.Health(NewClock), app.OnShutdown(NewClock, nil))},
		"bind_misfit": {app.Module("orders", app.Providers(
			app.Bind[Payments](NewStripeValue), app.Bind[Payments](NewUnbound), app.Bind[Payments](NewNothing),
			app.Bind[Payments](7), app.Bind[*Stripe](NewStripe),
		))},
		"annotate_misfit":    {fx.Provide(fx.Annotate(NewClock, fx.As(new(Payments))))},
		"constructor_fails":  {app.Module("orders", app.Providers(NewFailing), fx.Invoke(func(*Clock) {}))},
		"constructor_panics": {app.Module("orders", app.Providers(NewPanicking), fx.Invoke(func(*Clock) {}))},
		"routes_panic":       {app.Module("orders", app.Controllers(NewBadController))},
		"settings_and_graph": {
			app.Module("mail", config.Provide[Settings](), app.Providers(NewMailer, NewOrders)),
		},
		"all_at_once": {
			payments,
			app.Module("orders", app.Providers(NewOrders, NewOrdersOfClock, NewMailer), app.Controllers(NewClock)),
			app.Module("farm", app.Providers(NewHen, NewEgg, NewYolk)),
		},
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

func TestExplainAccepts(t *testing.T) {
	t.Parallel()
	payments := app.Module("payments", app.Exports(app.Bind[Payments](NewStripe)))
	shared := fx.Module("clock", fx.Provide(NewClock))
	tests := map[string][]fx.Option{
		"nothing":             {},
		"imports":             {app.Module("orders", app.Imports(payments), app.Controllers(NewController), app.Providers(NewOrders))},
		"imported by two":     {app.Module("orders", app.Imports(payments), app.Providers(NewOrders)), app.Module("ledger", app.Imports(payments), app.Providers(NewLedger))},
		"nested in a module":  {app.Module("orders", payments, app.Providers(NewOrders))},
		"nested in options":   {fx.Options(fx.Options(payments)), fx.Provide(NewOrders)},
		"nested in fx.Module": {fx.Module("outer", payments, fx.Provide(NewOrders))},
		"plain module twice":  {app.Module("one", app.Imports(shared), app.Providers(NewOrdersOfClock)), app.Module("two", app.Imports(shared)), shared},
		"bound and plain":     {app.Module("orders", app.Providers(app.Bind[Payments](NewStripe), NewStripe, NewOrders))},
		"bound twice":         {app.Module("orders", app.Providers(app.Bind[Payments](NewStripe), app.Bind[Refunds](NewStripe), NewOrders))},
		"bound to itself":     {app.Module("orders", app.Providers(app.Bind[Payments](NewPayments), NewOrders))},
		"same private type":   {app.Module("one", app.Providers(NewClock)), app.Module("two", app.Providers(NewClock))},
		"optional":            {app.Module("orders", app.Providers(NewOptional))},
		"variadic":            {app.Module("orders", app.Providers(NewVariadic, NewClock))},
		"annotated":           {fx.Provide(fx.Annotate(NewStripe, fx.As(new(Payments)), fx.ResultTags(`name:"live"`)), NewNamed)},
		"supplied":            {fx.Supply(fx.Annotate(&Stripe{}, fx.As(new(Payments)))), app.Module("orders", app.Providers(NewOrders))},
		"what fx provides":    {app.Module("orders", fx.Invoke(func(fx.Lifecycle, fx.Shutdowner, fx.DotGraph, *config.Values) {}))},
		"two checks":          {app.Module("orders", app.Providers(NewClock), app.Health(NewCheck), app.OnShutdown(NewFlush))},
		"own logger":          {app.Module("orders", app.Providers(NewLogging), fx.Decorate(func(log *slog.Logger) *slog.Logger { return log }))},
		"replaced for a test": {
			app.Module("orders", app.Providers(app.Bind[Payments](func(*Egg) *Stripe { return nil }), NewOrders)),
			fx.Decorate(func() Payments { return &Stripe{} }),
		},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, app.Explain(append(opts, testEnvironment())...))
		})
	}
}

func TestFaultsCanBeFound(t *testing.T) {
	t.Parallel()
	_, err := app.New("shop", app.Module("orders", app.Providers(NewOrdersOfClock)), testEnvironment())
	start, ok := errors.AsType[*app.StartError](err)
	require.True(t, ok)
	require.Equal(t, "graph", start.Phase)
	fault, ok := errors.AsType[app.Fault](err)
	require.True(t, ok)
	require.Contains(t, fault.Where, "fixtures_test.go:")

	_, err = app.New("shop", config.Provide[Settings](), testEnvironment())
	_, ok = errors.AsType[*config.Error](err)
	require.True(t, ok)
}

func TestOnlyForNew(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, fx.New(fx.NopLogger, app.Module("orders")).Err(), "not for fx.New")
	require.ErrorContains(t, fx.New(fx.NopLogger, app.Providers(NewClock)).Err(), "stands outside app.Module")
}
