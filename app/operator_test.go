package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// shown is a setting of a route as /routes shows it.
func shown(t *testing.T, a *apptest.App, route, setting string) resilience.Setting {
	t.Helper()
	var routes []admin.Route
	a.Get("/routes").DoAdmin().Status(http.StatusOK).JSON(&routes)
	for _, r := range routes {
		if r.Name != route {
			continue
		}
		for _, s := range r.Settings {
			if s.Name == setting {
				return s
			}
		}
	}
	t.Fatalf("/routes shows no %s of %s", setting, route)
	return resilience.Setting{}
}

// Every value knows where it comes from, and the last word is the operator's.
func TestSettingsHaveSources(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, throttledModule(), apptest.Env(map[string]string{
		"APP_ENV":                          "dev", // writes need no token
		"RESILIENCE_ORDERS_TIMEOUT":        "3s",
		"RESILIENCE_ORDERS_ONE_MAX_QUEUE":  "5",
		"RESILIENCE_ORDERS_LIST_TIMEOUT":   "4s",
		"RESILIENCE_ORDERS_ONE_BASE_DELAY": "20ms",
	}))
	require.Equal(t, "4s", shown(t, a, "orders.list", "TIMEOUT").Value)
	require.Contains(t, shown(t, a, "orders.list", "TIMEOUT").Source, "RESILIENCE_ORDERS_LIST_TIMEOUT")
	require.Equal(t, "3s", shown(t, a, "orders.one", "TIMEOUT").Value)
	require.Contains(t, shown(t, a, "orders.one", "TIMEOUT").Source, "RESILIENCE_ORDERS_TIMEOUT")
	require.Equal(t, "5", shown(t, a, "orders.one", "MAX_QUEUE").Value)
	require.Equal(t, "code", shown(t, a, "orders.one", "MAX_CONCURRENT").Source)
	require.Contains(t, shown(t, a, "orders.one", "PRIORITY").Source, "default")

	change := map[string]any{"setting": "timeout", "value": "1s", "reason": "a test"}
	a.Post("/routes/orders.one/settings").JSON(change).DoAdmin().Status(http.StatusOK)
	require.Equal(t, "1s", shown(t, a, "orders.one", "TIMEOUT").Value)
	require.Equal(t, "4s", shown(t, a, "orders.list", "TIMEOUT").Value)
	body := string(a.Get("/routes").DoAdmin().Body)
	require.Contains(t, body, `"timeout 1s (soft)"`)

	a.Post("/routes/orders.one/settings").JSON(map[string]any{"setting": "timeout", "unset": true}).DoAdmin().Status(http.StatusOK)
	require.Equal(t, "3s", shown(t, a, "orders.one", "TIMEOUT").Value)
}

// A breaker that is forced open by an operator refuses, until it is reset.
func TestOperatorOpensABreaker(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, throttledModule(), apptest.Env(map[string]string{"APP_ENV": "dev"}))
	a.Get("/orders/1").Do().Status(http.StatusOK)
	a.Post("/breakers/orders.one/open").JSON(map[string]string{"for": "5m", "reason": "a test"}).DoAdmin().Status(http.StatusOK)
	p := a.Get("/orders/1").Do().Status(http.StatusServiceUnavailable).Problem()
	require.Contains(t, p.Type, "#circuit-open")
	var all []admin.Breaker
	a.Get("/breakers").DoAdmin().Status(http.StatusOK).JSON(&all)
	require.Len(t, all, 1)
	require.Equal(t, "open", all[0].Control)
	require.Equal(t, "a test", all[0].ControlReason)
	a.Post("/breakers/orders.one/reset").Body("application/json", "").DoAdmin().Status(http.StatusOK)
	a.Get("/orders/1").Do().Status(http.StatusOK)
	a.Get("/breakers/orders.two").DoAdmin().Status(http.StatusNotFound)
	a.Get("/retries").DoAdmin().Status(http.StatusOK)
}

// Outside dev a write needs the token, in the assembled application too.
func TestOperatorNeedsTheToken(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, throttledModule(), apptest.Env(map[string]string{"ADMIN_TOKEN": "correct horse"}))
	for _, path := range []string{"/breakers/orders.one/open", "/routes/orders.one/settings"} {
		a.Post(path).JSON(map[string]string{}).DoAdmin().Status(http.StatusUnauthorized)
	}
	a.Post("/breakers/orders.one/open").Header("Authorization", "Bearer correct horse").JSON(map[string]string{}).DoAdmin().Status(http.StatusOK)
}

// What a variable cannot set keeps the application from starting: all of it at
// once, with the route where there is one.
func TestOverridesAreChecked(t *testing.T) {
	t.Parallel()
	_, err := app.New("shop", throttledModule(), app.WithoutListeners(), testEnvironment(
		"RESILIENCE_ORDERS_ONE_TIMEOUT=soon",
		"RESILIENCE_ORDERS_ONE_ATTEMPT_TIMEOUT=1h"))
	require.ErrorContains(t, err, "faults in the routes")
	require.ErrorContains(t, err, "RESILIENCE_ORDERS_ONE_TIMEOUT")
	require.ErrorContains(t, err, "throttle_test.go:")

	_, err = app.New("shop", throttledModule(), app.WithoutListeners(), testEnvironment(
		"RESILIENCE_ORDERS_ONE_TIMEOUTS=2s",
		"RESILIENCE_ORDER_TIMEOUT=2s"))
	require.ErrorContains(t, err, "2 faults in the routes")
	require.ErrorContains(t, err, "RESILIENCE_ORDERS_ONE_TIMEOUTS")
	require.ErrorContains(t, err, "RESILIENCE_ORDER_TIMEOUT")
}

// The commands tell what the environment has laid over the code.
func TestCommandsShowOverrides(t *testing.T) {
	t.Parallel()
	env := testEnvironment("RESILIENCE_ORDERS_ONE_TIMEOUT=4s", "RESILIENCE_ORDERS_MAX_CONCURRENT=9")
	code, out, errs := run([]string{"routes"}, throttledModule(), env)
	require.Equal(t, 0, code, errs)
	_, overrides, found := strings.Cut(out, "\n\n")
	require.True(t, found, out)
	golden(t, "command/overrides.txt", overrides)
	require.Contains(t, out, "throttle 1/1m, timeout 30s (soft)")

	code, out, errs = run([]string{"config"}, throttledModule(), env)
	require.Equal(t, 0, code, errs)
	require.Regexp(t, `resilience +RESILIENCE_ORDERS_ONE_TIMEOUT +4s +environment`, out)
}

// RESILIENCE=off leaves the deadline alone.
func TestResilienceOff(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, throttledModule(), apptest.Env(map[string]string{"APP_ENV": "dev", "RESILIENCE": "off"}))
	a.Post("/breakers/orders.one/open").JSON(map[string]string{}).DoAdmin()
	a.Get("/orders/1").Do().Status(http.StatusOK)
	a.Get("/orders/1").Header("X-Request-Deadline", "0").Do().Status(http.StatusGatewayTimeout)
}

type sleepers struct{}

func newSleepers() *sleepers { return &sleepers{} }

func (s *sleepers) Routes() app.Routes { return app.Prefix("/sleep").Of(app.Get("", s.Sleep)) }

func (*sleepers) Sleep(ctx context.Context, _ *empty) (*empty, error) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	return &empty{}, nil
}

// Health answers while everything else is turned away.
func TestHealthIsNotShed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := apptest.New(t, app.Module("shop", app.Controllers(newSleepers)), apptest.Env(map[string]string{"SHED_MAX_IN_FLIGHT": "1"}))
		served := make(chan int, 1)
		go func() { served <- a.Get("/sleep").Do().StatusCode }()
		synctest.Wait()
		p := a.Get("/sleep").Do().Status(http.StatusServiceUnavailable).Problem()
		require.Contains(t, p.Type, "#overloaded")
		require.Positive(t, p.RetryAfter)
		a.Get("/livez").Do().Status(http.StatusOK)
		a.Get("/readyz").Do().Status(http.StatusOK)
		a.Get("/readyz").DoAdmin().Status(http.StatusOK)
		var limits admin.Limited
		require.NoError(t, json.Unmarshal(a.Get("/limits").DoAdmin().Status(http.StatusOK).Body, &limits))
		require.True(t, limits.Shedding.Enabled)
		require.Equal(t, 1, limits.Shedding.InFlight)
		require.NotEmpty(t, limits.Shedding.Refused)
		require.Equal(t, http.StatusOK, <-served)
		a.Get("/sleep").Do().Status(http.StatusOK)
	})
}

// A module and a route that would be set by the same variables are told apart.
func TestGroupAndRouteOfOneVariable(t *testing.T) {
	t.Parallel()
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").Of(
		app.Get("/a", handler[empty, empty]).Name("orders.create"),
		app.Get("/b", handler[empty, empty]).Name("orders_create.one"),
		app.Get("/c", handler[empty, empty]).Name("orders_create.two")))
	require.Len(t, r.Faults, 1)
	require.Contains(t, r.Faults[0].Problem, "RESILIENCE_ORDERS_CREATE_…")
	require.Contains(t, r.Faults[0].Problem, "orders_create")
}
