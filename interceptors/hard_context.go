package interceptors

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// ownContext returns a function that makes contexts outside of echo's pool, for
// handlers that may outlive their request. Everything is taken from c now.
func (a *rawAttempts) ownContext(c echo.Context) func(*http.Request, *buffer) echo.Context {
	e, path, handler := c.Echo(), c.Path(), c.Handler()
	names, values := slices.Clone(c.ParamNames()), slices.Clone(c.ParamValues())
	return func(r *http.Request, w *buffer) echo.Context {
		own := e.NewContext(r, nil)
		own.SetPath(path)
		own.SetHandler(handler)
		own.SetParamNames(names...)
		own.SetParamValues(values...)
		rebind(own, r, w)
		return &hardContext{Context: own, attempts: a, outer: c}
	}
}

// hardContext also finds what middleware outside of UseResilience has Set, as
// long as the request lives.
type hardContext struct {
	echo.Context

	attempts *rawAttempts
	outer    echo.Context
}

// Get implements echo.Context.
func (c *hardContext) Get(key string) any {
	if value := c.Context.Get(key); value != nil {
		return value
	}
	c.attempts.mu.Lock()
	defer c.attempts.mu.Unlock()
	if c.attempts.ended {
		return nil
	}
	return c.outer.Get(key)
}
