package app_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/logging"
)

func TestModuleIsAppliedOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	counted := app.Module("counted", fx.Invoke(func() { calls++ }))
	plainCalls := 0
	plain := fx.Module("plain", fx.Invoke(func() { plainCalls++ }))
	build(t, counted, fx.Options(counted), plain,
		app.Module("one", app.Imports(counted, plain)),
		app.Module("two", counted, app.Imports(fx.Options(plain, counted))))
	require.Equal(t, 1, calls)
	require.Equal(t, 1, plainCalls)
}

func TestPrivateMeansPrivate(t *testing.T) {
	t.Parallel()
	type shelf struct{ owner string }
	var one, two *shelf
	made := map[string]int{}
	shelves := func(owner string, to **shelf) *app.ModuleDef {
		return app.Module(owner,
			app.Providers(func() *shelf { made[owner]++; return &shelf{owner} }),
			fx.Populate(to), fx.Invoke(func(*shelf) {}))
	}
	first := shelves("one", &one)
	build(t, app.Module("outer", app.Providers(NewClock), first), shelves("two", &two))
	require.Equal(t, "one", one.owner)
	require.Equal(t, "two", two.owner)
	require.Equal(t, map[string]int{"one": 1, "two": 1}, made)

	_, err := app.New("shop", testEnvironment(), app.Module("outer", app.Providers(NewClock), app.Module("inner", app.Providers(NewOrdersOfClock))))
	require.ErrorContains(t, err, `private to module "outer"`, "an imported module does not see its importer's")
}

func TestImportedModuleDoesNotSeeItsImporter(t *testing.T) {
	t.Parallel()
	type in struct {
		fx.In

		Clock *Clock `optional:"true"`
	}
	var seen in
	inner := app.Module("inner", fx.Invoke(func(got in) { seen = got }))
	build(t, app.Module("outer", app.Providers(NewClock), app.Imports(inner)))
	require.Nil(t, seen.Clock)
}

func TestBindCallsTheConstructorOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	stripe := func() *Stripe { calls++; return &Stripe{} }
	var payments Payments
	var refunds Refunds
	build(t, app.Module("payments",
		app.Providers(app.Bind[Refunds](stripe), stripe),
		app.Exports(app.Bind[Payments](stripe)),
		fx.Populate(&refunds)), fx.Populate(&payments))
	require.Equal(t, 1, calls)
	require.Same(t, payments, refunds)
}

func TestLoggerKnowsItsModule(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	build(t, testEnvironment("LOG_LEVEL=info"), fx.Supply(logging.Output{Writer: &log}),
		app.Module("orders", app.Providers(NewLogging), fx.Invoke(func(*Clock) {})),
		app.Module("own",
			fx.Decorate(func(log *slog.Logger) *slog.Logger { return log.With(slog.String("module", "mine")) }),
			fx.Invoke(func(log *slog.Logger) { log.Info("invoked") })))
	require.Contains(t, log.String(), `"msg":"made","module":"orders"`)
	require.Contains(t, log.String(), `"msg":"invoked","module":"mine"`)
}

func TestReplacedForATest(t *testing.T) {
	t.Parallel()
	fake := &Stripe{}
	var orders *Orders
	payments := app.Module("payments", app.Exports(app.Bind[Payments](func(*Egg) *Stripe { panic("not called") })))
	build(t, payments, app.Module("orders", app.Imports(payments), app.Providers(NewOrders), fx.Populate(&orders)),
		fx.Decorate(func() Payments { return fake }))
	require.Same(t, fake, orders.payments)
}

// TestOptionLayout fails when a new version of fx changes the structs that
// options are read from.
func TestOptionLayout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		option           fx.Option
		name             string
		options, targets int
		private          bool
	}{
		"Options":           {option: fx.Options(fx.Provide(), fx.Invoke()), options: 2},
		"Module":            {option: fx.Module("m", fx.Provide()), name: "m", options: 1},
		"Provide":           {option: fx.Provide(NewClock, NewHen), targets: 2},
		"Provide, private":  {option: fx.Provide(NewClock, fx.Private), targets: 1, private: true},
		"Supply":            {option: fx.Supply(1, "x"), targets: 2},
		"Supply, private":   {option: fx.Supply(1, fx.Private), targets: 1, private: true},
		"Invoke":            {option: fx.Invoke(func() {}), targets: 1},
		"Populate":          {option: fx.Populate(new(int)), targets: 1},
		"Decorate":          {option: fx.Decorate(func(i int) int { return i }), targets: 1},
		"Replace":           {option: fx.Replace(1), targets: 1},
		"Error":             {option: fx.Error()},
		"StartTimeout":      {option: fx.StartTimeout(1)},
		"StopTimeout":       {option: fx.StopTimeout(1)},
		"NopLogger":         {option: fx.NopLogger},
		"RecoverFromPanics": {option: fx.RecoverFromPanics()},
		"ErrorHook":         {option: fx.ErrorHook()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known, module, options, targets, private := app.Opened(tt.option)
			require.True(t, known)
			require.Equal(t, tt.name, module)
			require.Equal(t, tt.options, options)
			require.Equal(t, tt.targets, targets)
			require.Equal(t, tt.private, private)
		})
	}
}

// foreign is an option that New cannot look into.
type foreign struct{ fx.Option }

func TestUnknownOptionIsLeftToFx(t *testing.T) {
	t.Parallel()
	var orders *Orders
	build(t, foreign{fx.Provide(NewClock)}, app.Module("orders", app.Providers(NewOrdersOfClock), fx.Populate(&orders)))
	require.NotNil(t, orders)
}

func TestModuleNames(t *testing.T) {
	t.Parallel()
	m := app.Module("orders")
	require.Equal(t, "orders", m.Name())
	require.Equal(t, `app.Module("orders")`, m.String())
}

func TestListeners(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	a, err := app.New("shop", testEnvironment(), app.Module("orders", app.Providers(NewClock), app.Controllers(NewListing)))
	require.NoError(t, err)
	require.Empty(t, a.Addr())
	require.NoError(t, a.Start(t.Context()))
	require.Equal(t, http.StatusOK, get(t, "http://"+a.Addr()+"/orders"))
	require.Equal(t, http.StatusOK, get(t, "http://"+a.Addr()+"/readyz"))
	for _, path := range []string{"/readyz", "/livez", "/metrics", "/routes"} {
		require.Equal(t, http.StatusOK, get(t, "http://"+a.AdminAddr()+path), path)
	}

	second, err := app.New("shop", testEnvironment("HTTP_ADDR="+a.Addr(), "LOG_LEVEL=error"), fx.Supply(logging.Output{Writer: &log}))
	require.NoError(t, err)
	require.Equal(t, 1, second.Run(t.Context()))
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")), "one line: %s", log.String())
	require.Contains(t, log.String(), "address already in use")
	require.NoError(t, a.Stop(t.Context()))
}

func get(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}
