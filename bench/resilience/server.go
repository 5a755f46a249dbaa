package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// server measures what the whole policy adds to a handler. Each request has a context that can be cancelled, as net/http's
// have, and the answer goes nowhere.
func server(m meter) ([]row, error) {
	typed, err := typedRoute(served())
	if err != nil {
		return nil, err
	}
	raw, err := rawRoute(served())
	if err != nil {
		return nil, err
	}
	own := overEcho("echo middleware.ContextTimeout", middleware.ContextTimeout(deadline)(greet))
	rows, err := m.rows([]pair{
		{what: "typed route, whole policy", ours: typed, theirs: overHTTP("go-zero breaker + shedding + timeout", goZeroHandler), most: 0.15},
		{what: "typed route, whole policy", ours: typed, theirs: own, most: 0.5},
		{what: "typed route, whole policy", ours: typed, theirs: overHTTP("failsafehttp bulkhead + breaker + timeout", failsafeHandler)},
		{what: "raw route, buffered, whole policy", ours: raw, theirs: overHTTP("go-zero breaker + shedding + timeout", goZeroHandler)},
		{what: "raw route, buffered, whole policy", ours: raw, theirs: own},
	})
	if err != nil {
		return nil, err
	}
	allocs := allocated(typed)
	rows = append(rows, counted("typed route, whole policy", allocs).within(allocs, 3))
	hard, err := hardTimeout(m)
	return append(rows, hard...), err
}

// hardTimeout measures timeouts that stop waiting for a handler.
func hardTimeout(m meter) ([]row, error) {
	typed, err := typedRoute(resilience.Policy{Timeout: deadline, TimeoutMode: resilience.Hard})
	if err != nil {
		return nil, err
	}
	raw, err := rawRoute(resilience.Policy{Timeout: deadline, TimeoutMode: resilience.Hard})
	if err != nil {
		return nil, err
	}
	return m.rows([]pair{
		{what: "typed route, hard timeout alone", ours: typed, theirs: overHTTP("net/http.TimeoutHandler", netTimeout)},
		{what: "raw route, hard timeout alone", ours: raw, theirs: overHTTP("net/http.TimeoutHandler", netTimeout)},
		{what: "raw route, hard timeout alone", ours: raw, theirs: overHTTP("go-zero timeout", goZeroTimeout)},
	})
}

// served is the whole policy of a route.
func served() resilience.Policy {
	p := whole()
	p.EnableFallback = true
	p.FallbackResponse = greeting{"later"}
	return p
}

type greeting struct {
	Message string `json:"message"`
}

func greet(c echo.Context) error { return c.JSON(http.StatusOK, &greeting{"hello"}) }

// overEcho is an echo handler, measured above greet.
func overEcho(name string, h echo.HandlerFunc) subject {
	return subject{name: name, loop: throughEcho(h), base: throughEcho(greet)}
}

// overHTTP is a handler around a plain one, measured above that.
func overHTTP(name string, around func(http.Handler) http.Handler) subject {
	return subject{name: name, loop: through(around(http.HandlerFunc(greetHTTP))), base: through(http.HandlerFunc(greetHTTP))}
}

func greetHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = []string{echo.MIMEApplicationJSON}
	w.WriteHeader(http.StatusOK)
	if err := json.NewEncoder(w).Encode(&greeting{"hello"}); err != nil {
		panic(http.ErrAbortHandler) // never: a sink takes everything
	}
}

func throughEcho(h echo.HandlerFunc) func(int) error {
	e := echo.New()
	e.HTTPErrorHandler = func(_ error, c echo.Context) { c.Response().WriteHeader(http.StatusInternalServerError) }
	e.GET("/orders/:id", h)
	return through(e)
}

// through is the loop of requests to a handler, each of which must be answered with 200.
func through(h http.Handler) func(int) error {
	w := &sink{header: http.Header{}}
	return func(n int) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/orders/7", http.NoBody)
		w.status = http.StatusOK
		for range n {
			h.ServeHTTP(w, r)
		}
		if w.status != http.StatusOK {
			return errors.New(http.StatusText(w.status))
		}
		return nil
	}
}

// sink is a http.ResponseWriter that costs nothing. It keeps the last status.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// typedRoute is a typed route with a policy, above the bare handler.
func typedRoute(p resilience.Policy) (subject, error) {
	h, err := newHoldfast()
	if err != nil {
		return subject{}, err
	}
	route, err := interceptors.Typed(h.runner, "bench", p, greeter{})
	return overEcho("interceptors.Typed", route), err
}

// rawRoute is a handler that writes by itself, with a policy, above itself.
func rawRoute(p resilience.Policy) (subject, error) {
	h, err := newHoldfast()
	if err != nil {
		return subject{}, err
	}
	use, err := interceptors.UseResilience(h.runner, "bench", p)
	if err != nil {
		return subject{}, err
	}
	return overEcho("interceptors.UseResilience", use(greet)), nil
}

// greeter is greet as a typed route. Its attempt holds the answer, so that both allocate the same.
type greeter struct{}

func (greeter) Prepare(context.Context, echo.Context) (interceptors.Attempt, error) { //nolint:ireturn // as interceptors.Call says
	return &greetAttempt{}, nil
}

func (greeter) Write(c echo.Context, value any, _ int) error { return c.JSON(http.StatusOK, value) }

type greetAttempt struct{ answer greeting }

func (a *greetAttempt) Do(context.Context) (any, error) {
	a.answer.Message = "hello"
	return &a.answer, nil
}

func (a *greetAttempt) Fallback(context.Context, error) (any, error) { return &a.answer, nil }
