package interceptors

import (
	"bytes"
	"net/http"
	"slices"
	"sync"

	"github.com/labstack/echo/v4"
)

// attemptContext is the echo.Context of one attempt, where another may follow or
// the request may go on without it. What the handler Sets is its own; what
// middleware outside of UseResilience has Set it finds as long as the request lives.
type attemptContext struct {
	echo.Context // of the request; with a hard timeout outside of echo's pool

	attempts *rawAttempts

	mu    sync.Mutex
	store map[string]any
}

// Get implements echo.Context.
func (c *attemptContext) Get(key string) any {
	c.mu.Lock()
	value, own := c.store[key]
	c.mu.Unlock()
	if own {
		return value
	}
	return c.attempts.get(key)
}

// Set implements echo.Context.
func (c *attemptContext) Set(key string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.store == nil {
		c.store = make(map[string]any)
	}
	c.store[key] = value
}

// Error implements echo.Context: the error handler finds what the attempt Set.
func (c *attemptContext) Error(err error) { c.Echo().HTTPErrorHandler(err, c) }

// Render implements echo.Context: the template finds what the attempt Set.
func (c *attemptContext) Render(code int, name string, data any) error {
	renderer := c.Echo().Renderer
	if renderer == nil {
		return echo.ErrRendererNotRegistered
	}
	var page bytes.Buffer
	if err := renderer.Render(&page, name, data, c); err != nil {
		return err
	}
	return c.HTMLBlob(code, page.Bytes())
}

// handOver Sets in the context of the request what the attempt Set in its own.
func (c *attemptContext) handOver(outer echo.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, value := range c.store {
		outer.Set(key, value)
	}
}

// unpooled returns a function that makes contexts outside of echo's pool, for
// handlers that may outlive their request. Everything is taken from c now.
func unpooled(c echo.Context) func(*http.Request, *buffer) echo.Context {
	e, path, handler := c.Echo(), c.Path(), c.Handler()
	names, values := slices.Clone(c.ParamNames()), slices.Clone(c.ParamValues())
	return func(r *http.Request, w *buffer) echo.Context {
		own := e.NewContext(r, nil)
		own.SetPath(path)
		own.SetHandler(handler)
		own.SetParamNames(names...)
		own.SetParamValues(values...)
		rebind(own, r, w)
		return own
	}
}

// rebind points a context at the request and response of an attempt.
func rebind(c echo.Context, r *http.Request, w *buffer) {
	c.SetRequest(r)
	c.SetResponse(echo.NewResponse(w, c.Echo()))
	w.renew = func() { c.SetResponse(echo.NewResponse(w, c.Echo())) }
}
