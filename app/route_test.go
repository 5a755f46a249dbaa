package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

type orderKey struct {
	ID int `path:"id"`
}

type order struct {
	ID int `json:"id"`
}

// counter is a controller whose methods name their routes.
type counter struct{}

func (counter) Get(context.Context, *orderKey) (*order, error)      { return &order{ID: 1}, nil }
func (counter) CreateOrder(context.Context, *empty) (*order, error) { return &order{ID: 2}, nil }
func (counter) HTTPLog(context.Context, *empty) (*order, error)     { return &order{ID: 2}, nil }
func (counter) Export(c echo.Context) error                         { return c.String(http.StatusOK, "a,b") }
func (counter) Remove(context.Context, *orderKey) (*empty, error)   { return nil, nil } //nolint:nilnil // no content

func (counter) later(context.Context, *empty, error) (*order, error) { return &order{ID: 3}, nil }

func TestRouteNamesAndInfo(t *testing.T) {
	t.Parallel()
	var c counter
	r := app.NewRouter(t, quiet(), nil,
		app.Prefix("/orders").Tags("orders").UseResilience(resilience.Policy{Timeout: 2 * time.Second}).Of(
			app.Get("/:id", c.Get).UseResilience(resilience.Policy{EnableRetry: true}),
			app.Post("", c.CreateOrder).Tags("write"),
			app.Get("/log", c.HTTPLog).Name("audit_log"),
			app.Delete("/:id", c.Remove).Name("shop.erase"),
			app.Raw(http.MethodGet, "/export", c.Export),
			app.Prefix("/inner").Tags("deep").Of(app.Get("", c.HTTPLog)),
		))
	require.Empty(t, r.Faults)
	type line struct{ method, path, name string }
	var got []line
	for _, info := range r.Routes {
		got = append(got, line{info.Method, info.Path, info.Name})
		require.Equal(t, "shop", info.Module)
		require.Regexp(t, `route_test\.go:\d+$`, info.Source)
		require.Equal(t, 2*time.Second, info.Policy.Timeout, "the group's")
	}
	require.Equal(t, []line{
		{"POST", "/orders", "shop.create_order"},
		{"DELETE", "/orders/:id", "shop.erase"},
		{"GET", "/orders/:id", "shop.get"},
		{"GET", "/orders/export", "shop.export"},
		{"GET", "/orders/inner", "shop.http_log"},
		{"GET", "/orders/log", "shop.audit_log"},
	}, got)
	require.Equal(t, []string{"orders", "write"}, r.Routes[0].Tags)
	require.Equal(t, []string{"orders", "deep"}, r.Routes[4].Tags)
	require.Equal(t, http.StatusCreated, r.Routes[0].Status)
	require.Equal(t, "app_test.order", r.Routes[0].Out)
	require.True(t, r.Routes[2].Policy.EnableRetry)
}

type (
	noStruct = []int
	twoTags  struct {
		ID int `path:"id" query:"id"`
	}
	noParam struct {
		Key string `path:"key"`
	}
	wrongKind struct {
		C chan int `query:"c"`
	}
	bodyInGet struct{ Limit int }
	badPreset struct {
		N int `query:"n" default:"ten"`
	}
	badRule struct {
		N int `query:"n" validate:"atmost=3"`
	}
	nested struct {
		Page struct {
			N int `query:"n"`
		} `json:"page"`
	}
	sameQuery struct {
		A string `query:"a"`
		B string `query:"a"`
	}
	hidden struct {
		n int `query:"n"` //nolint:unused // unexported is the fault
	}
	channels struct{ C chan int }
	badHead  struct {
		L int `header:"Content-Length"`
	}
	badState struct {
		S string `status:""`
	}
)

func handler[In, Out any](context.Context, *In) (*Out, error) { return new(Out), nil }

func TestRouteFaults(t *testing.T) {
	t.Parallel()
	var c counter
	retried := resilience.Policy{EnableRetry: true}
	replaced := resilience.Policy{EnableFallback: true}
	tests := map[string]struct {
		route   app.Mountable
		problem string
		fix     string
	}{
		"closure": {
			app.Get("/items/x", func(context.Context, *empty) (*order, error) { return nil, nil }), //nolint:nilnil // never called
			"GET /items/x has no name, because its handler is a function literal", `.Name("get_x")`,
		},
		"bad name":             {app.Get("/", c.HTTPLog).Name("Get-All"), `has the name "shop.Get-All"`, "lower case"},
		"no handler":           {app.Get[empty, order]("/", nil), "has no handler", "function"},
		"no slash":             {app.Get("orders", c.HTTPLog), `"orders" does not begin with a slash`, `"/orders"`},
		"slash at the end":     {app.Get("/orders/", c.HTTPLog), "ends in a slash", `"/orders"`},
		"empty segment":        {app.Get("/a//b", c.HTTPLog), "empty segment", `app.Get("", …)`},
		"wildcard in between":  {app.Get("/a/*/b", c.HTTPLog), "wildcard", `"/*"`},
		"parameter twice":      {app.Get("/:id/:id", c.Get), "parameter without a name of its own", "name each"},
		"health":               {app.Get("/livez", c.HTTPLog), "health probe", "another path"},
		"method":               {app.Raw("get", "/", c.Export), `"get" is no HTTP method`, "http.MethodGet"},
		"retry of a POST":      {app.Post("/", c.CreateOrder).UseResilience(retried), "is retried but is not idempotent", "Idempotent: true"},
		"retry of a DELETE":    {app.Delete("/:id", c.Remove).UseResilience(retried), "is retried but is not idempotent", "Idempotent: true"},
		"no fallback":          {app.Post("/", c.CreateOrder).UseResilience(replaced), "nothing to fall back on", ".Fallback("},
		"idle fallback":        {app.Post("/", c.CreateOrder).Fallback(c.later), "never asked", "EnableFallback: true"},
		"fallback of a type":   {app.Post("/", c.CreateOrder).UseResilience(resilience.Policy{EnableFallback: true, FallbackResponse: empty{}}), "FallbackResponse is a app_test.empty", "*app_test.order"},
		"policy":               {app.Get("/", c.HTTPLog).UseResilience(resilience.Policy{Timeout: time.Second, AttemptTimeout: time.Minute}), "AttemptTimeout 1m0s is not below Timeout 1s", "500 * time.Millisecond"},
		"typed stream":         {app.Get("/", c.HTTPLog).UseResilience(resilience.Policy{Streaming: true}), "typed and Streaming", "app.Raw"},
		"status":               {app.Get("/", c.HTTPLog).Status(404), "status 404", "200 to 399"},
		"middleware":           {app.Get("/", c.HTTPLog).Use(7), "uses a int, which is no middleware", "echo.MiddlewareFunc"},
		"nil middleware":       {app.Get("/", c.HTTPLog).Use(echo.MiddlewareFunc(nil)), "uses a <nil>", "echo.MiddlewareFunc"},
		"nil guard":            {app.Get("/", c.HTTPLog).UseGuards(nil), "a guard that is nil", "UseGuards"},
		"no struct":            {app.Post("/", handler[noStruct, order]), "which is no struct", "wrap it"},
		"parameter not taken":  {app.Get("/:other", c.HTTPLog), `the parameter "other", which no field`, "`path:\"other\"`"},
		"no such parameter":    {app.Get("/", handler[noParam, order]), `the path parameter "key"`, ":key"},
		"two tags":             {app.Get("/:id", handler[twoTags, order]), "tagged both path and query", "keep one"},
		"kind":                 {app.Get("/", handler[wrongKind, order]), "is a chan int, which cannot be read from the query", "string, bool, number"},
		"body of a GET":        {app.Get("/", handler[bodyInGet, order]), "a GET has no body", "`query:\"limit\"`"},
		"default":              {app.Get("/", handler[badPreset, order]), `the default "ten", which is not an integer`, "default tag"},
		"rule":                 {app.Get("/", handler[badRule, order]), "Undefined validation function 'atmost'", "validator"},
		"nested":               {app.Post("/", handler[nested, order]), "tags inside", "embed"},
		"same query twice":     {app.Get("/", handler[sameQuery, order]), "another field takes already", "drop one"},
		"not exported":         {app.Get("/", handler[hidden, order]), "is not exported", "capital"},
		"no JSON":              {app.Get("/", handler[empty, channels]), "which JSON cannot hold: chan int", `json:"-"`},
		"header of the server": {app.Get("/", handler[empty, badHead]), `header tag "Content-Length"`, "another header"},
		"status is no int":     {app.Get("/", handler[empty, badState]), "tagged status and is a string", "an int"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := app.NewRouter(t, quiet(), http.NotFoundHandler(), app.Prefix("").Of(tt.route))
			require.Len(t, r.Faults, 1, "%v", r.Faults)
			require.Contains(t, r.Faults[0].Problem, tt.problem)
			require.Contains(t, r.Faults[0].Fix, tt.fix)
			require.Regexp(t, `route_test\.go:\d+$`, r.Faults[0].Where)
		})
	}
}

func TestRouteFaultsBetweenRoutes(t *testing.T) {
	t.Parallel()
	var c counter
	tests := map[string]struct {
		routes []app.Mountable
		want   string
	}{
		"same path": {
			[]app.Mountable{app.Get("/a/:id", c.Get), app.Get("/a/:key", handler[noParam, order]).Name("other")}, "is served by the route at",
		},
		"same name":     {[]app.Mountable{app.Get("/a", c.HTTPLog), app.Get("/b", c.HTTPLog)}, "has the name shop.http_log, as has the route at"},
		"same variable": {[]app.Mountable{app.Get("/a", c.HTTPLog).Name("x.a_b"), app.Get("/b", c.HTTPLog).Name("x_a.b")}, "would both be set by RESILIENCE_X_A_B_…"},
		"all at once": {
			[]app.Mountable{app.Get("a", c.HTTPLog).Status(99), app.Post("", c.CreateOrder).UseResilience(resilience.Policy{EnableFallback: true})}, "begin with a slash",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := app.NewRouter(t, quiet(), nil, app.Prefix("").Of(tt.routes...))
			require.NotEmpty(t, r.Faults)
			require.Contains(t, r.Faults[0].Problem, tt.want)
			if name == "all at once" {
				require.Len(t, r.Faults, 3)
			}
		})
	}
	r := app.NewRouter(t, quiet(), nil, app.Routes{})
	require.Contains(t, r.Faults[0].Problem, "has no routes")
}

func TestGroupsAreValues(t *testing.T) {
	t.Parallel()
	var c counter
	base := app.Prefix("/a").Tags("one")
	left, right := base.Tags("left"), base.Tags("right")
	r := app.NewRouter(t, quiet(), nil, left.Of(app.Get("/l", c.HTTPLog)), right.Of(app.Get("/r", c.HTTPLog).Name("r")))
	require.Empty(t, r.Faults)
	require.Equal(t, []string{"one", "left"}, r.Routes[0].Tags)
	require.Equal(t, []string{"one", "right"}, r.Routes[1].Tags)
}

func TestPolicyOfARoute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testPolicyOfARoute)
}

func testPolicyOfARoute(t *testing.T) {
	t.Helper()
	down := errors.New("down")
	var seen []error
	calls := 0
	r := serve(t,
		app.Get("/retried", func(_ context.Context, in *listIn) (*order, error) {
			calls++
			in.Limit++ // its own copy
			if calls < 3 {
				return nil, app.Unavailable("not yet")
			}
			return &order{ID: in.Limit}, nil
		}).Name("retried").UseResilience(resilience.Policy{EnableRetry: true}),
		app.Post("/replaced", func(context.Context, *empty) (*order, error) { return nil, down }).Name("replaced").
			UseResilience(resilience.Policy{EnableFallback: true, FallbackStatus: http.StatusAccepted}).
			Fallback(func(_ context.Context, _ *empty, cause error) (*order, error) {
				seen = append(seen, cause)
				return &order{ID: 9}, nil
			}),
		app.Get("/fixed", func(context.Context, *empty) (*order, error) { return nil, down }).Name("fixed").
			UseResilience(resilience.Policy{EnableFallback: true, FallbackResponse: order{ID: 8}}),
	)
	rec := send(r, "GET", "/retried", "")
	require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	require.JSONEq(t, `{"id":51}`, rec.Body.String())
	require.Equal(t, "3", rec.Header().Get("X-Resilience-Attempts"))

	rec = send(r, "POST", "/replaced", "")
	require.Equal(t, http.StatusAccepted, rec.Code)
	require.Equal(t, "true", rec.Header().Get("X-Resilience-Fallback"))
	require.JSONEq(t, `{"id":9}`, rec.Body.String())
	require.ErrorIs(t, errors.Join(seen...), down)

	rec = send(r, "GET", "/fixed", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.JSONEq(t, `{"id":8}`, rec.Body.String())
}

func TestMiddlewareOfBothKinds(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(name string) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				order = append(order, name)
				return next(c)
			}
		}
	}
	std := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			order = append(order, "std")
			next.ServeHTTP(w, req)
		})
	}
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").Use(note("group"), std).Of(
		app.Get("/", func(context.Context, *empty) (*empty, error) {
			order = append(order, "handler")
			return &empty{}, nil
		}).Name("h").Use(note("route")),
	))
	require.Empty(t, r.Faults)
	require.Equal(t, http.StatusOK, send(r, "GET", "/", "").Code)
	require.Equal(t, []string{"group", "std", "route", "handler"}, order)
}

func TestGuards(t *testing.T) {
	t.Parallel()
	roles := app.NewKey[[]string]("roles")
	other := app.NewKey[[]string]("roles")
	type user struct{}
	guard := func(ctx context.Context, r *app.Request) (context.Context, error) {
		if r.Header("X-User") == "" {
			return nil, app.Unauthorized("say who you are")
		}
		wanted, ok := roles.Get(r)
		_, none := other.Get(r)
		if !ok || none || wanted[0] != r.Query("role") {
			return nil, app.Forbidden("%s %s needs %v", r.Method(), r.Route(), wanted)
		}
		return context.WithValue(ctx, user{}, r.Header("X-User")+" from "+r.RemoteAddr()+" to "+r.Param("id")+" at "+r.Path()), nil
	}
	pass := func(context.Context, *app.Request) (context.Context, error) { return nil, nil } //nolint:nilnil // the same context
	tell := func(ctx context.Context, _ *orderKey) (*string, error) {
		name, _ := ctx.Value(user{}).(string)
		_, timed := ctx.Deadline()
		if !timed {
			return nil, errors.New("the guard's context has lost the deadline")
		}
		return &name, nil
	}
	r := app.NewRouter(t, quiet(), nil, app.Prefix("").UseGuards(pass, guard).With(roles.Set([]string{"reader"})).Of(
		app.Get("/a/:id", tell).Name("a"),
		app.Put("/a/:id", tell).Name("b").With(roles.Set([]string{"writer"})).UseResilience(resilience.Policy{AttemptTimeout: time.Second}),
		app.Raw("GET", "/raw", func(c echo.Context) error {
			name, _ := c.Request().Context().Value(user{}).(string)
			return c.String(http.StatusOK, name)
		}).Name("raw"),
	))
	require.Empty(t, r.Faults)
	tests := map[string]struct {
		method, target string
		headers        []string
		status         int
		want           string
	}{
		"nobody":           {"GET", "/a/1", nil, 401, "say who you are"},
		"before binding":   {"GET", "/a/x", nil, 401, "say who you are"},
		"wrong role":       {"GET", "/a/1?role=writer", []string{"X-User: ann"}, 403, "GET shop.a needs [reader]"},
		"right role":       {"GET", "/a/1?role=reader", []string{"X-User: ann"}, 200, `"ann from 192.0.2.1 to 1 at /a/1"`},
		"the route's role": {"PUT", "/a/1?role=writer", []string{"X-User: ann"}, 200, `"ann from 192.0.2.1 to 1 at /a/1"`},
		"raw":              {"GET", "/raw?role=reader", []string{"X-User: ann"}, 200, "ann from 192.0.2.1 to  at /raw"},
		"raw, nobody":      {"GET", "/raw", nil, 401, "say who you are"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := send(r, tt.method, tt.target, "", tt.headers...)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			require.Contains(t, rec.Body.String(), tt.want)
			if tt.status == http.StatusUnauthorized {
				require.Equal(t, "Bearer", rec.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestHealthStandsOutside(t *testing.T) {
	t.Parallel()
	probes := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("probe")) })
	r := app.NewRouter(t, quiet(), probes, app.Prefix("").Of(app.Get("/", counter{}.HTTPLog)))
	rec := send(r, "GET", "/livez", "")
	require.Equal(t, "probe", rec.Body.String())
	require.Empty(t, rec.Header().Get("X-Request-Id"))
}

func TestProblemRoundTrip(t *testing.T) {
	t.Parallel()
	p := app.Problem{Type: "t", Title: "T", Status: 409, Extra: map[string]any{"owner": "ann", "status": "not this"}}
	body, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"t","title":"T","status":409,"owner":"ann"}`, string(body))
	var back app.Problem
	require.NoError(t, json.Unmarshal(body, &back))
	require.Equal(t, map[string]any{"owner": "ann"}, back.Extra)
	require.Equal(t, 409, back.Status)
}
