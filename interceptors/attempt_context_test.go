package interceptors_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// What an attempt puts into the store is its own; what middleware outside put
// there it finds; what the last one put there middleware outside finds.
func TestRawStoreIsFreshForEachAttempt(t *testing.T) {
	t.Parallel()
	retrying := resilience.Policy{EnableRetry: true, Safe: true}
	hard := retrying
	hard.TimeoutMode, hard.Timeout = resilience.Hard, time.Minute
	for name, policy := range map[string]resilience.Policy{"soft": retrying, "hard": hard} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				var seen []any
				var after [3]any
				outer := func(next echo.HandlerFunc) echo.HandlerFunc {
					return func(c echo.Context) error {
						c.Set("user", "ann")
						err := next(c)
						after = [3]any{c.Get("user"), c.Get("attempt"), c.Get("failed")}
						return err
					}
				}
				e := rawEcho(t, policy, func(c echo.Context) error {
					attempts++
					seen = append(seen, c.Get("user"), c.Get("attempt"))
					c.Set("attempt", attempts)
					c.Set("user", "bob")
					if attempts < 3 {
						c.Set("failed", true)
						return status(503)
					}
					return c.NoContent(http.StatusOK)
				}, outer)
				require.Equal(t, http.StatusOK, do(e, get("/7")).Code)
				require.Equal(t, []any{"ann", nil, "ann", nil, "ann", nil}, seen)
				require.Equal(t, [3]any{"bob", 3, nil}, after)
			})
		})
	}
}

// A store entry that an attempt set to nil hides that of middleware outside.
func TestRawStoreHides(t *testing.T) {
	t.Parallel()
	outer := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set("user", "ann")
			return next(c)
		}
	}
	e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
		c.Set("user", nil)
		require.Nil(t, c.Get("user"))
		return c.NoContent(http.StatusOK)
	}, outer)
	require.Equal(t, http.StatusOK, do(e, get("/7")).Code)
}

// A handler that was left behind asks its context for nothing but its own.
func TestRawStoreOfAnAbandonedAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan [2]any, 1)
		outer := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Set("user", "ann")
				err := next(c)
				require.Nil(t, c.Get("own"))
				return err
			}
		}
		e := rawEcho(t, resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard}, func(c echo.Context) error {
			c.Set("own", "kept")
			time.Sleep(time.Minute)
			seen <- [2]any{c.Get("user"), c.Get("own")}
			return nil
		}, outer)
		require.Equal(t, http.StatusGatewayTimeout, do(e, get("/7")).Code)
		require.Equal(t, [2]any{nil, "kept"}, <-seen)
	})
}

// pages renders what the context holds.
type pages struct{}

func (pages) Render(w io.Writer, name string, data any, c echo.Context) error {
	if name == "broken" {
		return errors.New("the template is broken")
	}
	user, _ := c.Get("user").(string)
	text, _ := data.(string)
	_, err := io.WriteString(w, text+" "+user)
	return err
}

func TestRawRenderFindsTheStore(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		renderer echo.Renderer
		template string
		wantCode int
		wantBody string
	}{
		"rendered":    {pages{}, "page", 200, "hello ann"},
		"broken":      {pages{}, "broken", 500, "rendered"},
		"no renderer": {nil, "page", 500, "rendered"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
				c.Set("user", "ann")
				return c.Render(http.StatusOK, tt.template, "hello")
			})
			e.Renderer = tt.renderer
			w := do(e, get("/7"))
			require.Equal(t, tt.wantCode, w.Code)
			require.Equal(t, tt.wantBody, w.Body.String())
		})
	}
}

// An error handler that an attempt calls by itself finds what it Set.
func TestRawErrorFindsTheStore(t *testing.T) {
	t.Parallel()
	e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
		c.Set("user", "ann")
		c.Error(status(404))
		return nil
	})
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		user, _ := c.Get("user").(string)
		require.NoError(t, c.String(statusOf(err), user))
	}
	w := do(e, get("/7"))
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Equal(t, "ann", w.Body.String())
}
