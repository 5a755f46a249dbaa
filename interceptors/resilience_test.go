package interceptors_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// rawEcho returns an echo with one raw route for every method, and a policy
// around it.
func rawEcho(tb testing.TB, policy resilience.Policy, handler echo.HandlerFunc, outer ...echo.MiddlewareFunc) *echo.Echo {
	tb.Helper()
	use, err := interceptors.UseResilience(newRunner(tb), "test.raw", policy)
	require.NoError(tb, err)
	e := newEcho(outer...)
	e.Any("/:id", handler, use)
	return e
}

// A failed attempt leaves nothing behind: body, cookies, headers and hooks are
// those of the last attempt, and the last one reads the whole request.
func TestRawRetryIsClean(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts, before := 0, 0
		outer := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Response().Before(func() { before++ })
				c.Response().Header().Set("X-Outer", "kept")
				c.Response().Header().Set("X-Removed", "by the handler")
				c.Set("user", "ann")
				return next(c)
			}
		}
		e := rawEcho(t, resilience.Policy{EnableRetry: true, Idempotent: true}, func(c echo.Context) error {
			attempts++
			c.Response().Header().Add("Set-Cookie", "session=s")
			if attempts < 3 {
				c.Response().Header().Set("X-Failed", "yes")
				return c.String(http.StatusServiceUnavailable, "half an answer")
			}
			c.Response().Header().Del("X-Removed")
			body, err := io.ReadAll(c.Request().Body)
			require.NoError(t, err)
			return c.String(http.StatusCreated, c.Param("id")+" "+c.Get("user").(string)+" "+string(body)) //nolint:forcetypeassert // set above
		}, outer)

		w := do(e, httptest.NewRequest(http.MethodPut, "/7", strings.NewReader("complete")))

		require.Equal(t, 3, attempts)
		require.Equal(t, 1, before)
		require.Equal(t, http.StatusCreated, w.Code)
		require.Equal(t, "7 ann complete", w.Body.String())
		require.Len(t, w.Header()["Set-Cookie"], 1)
		require.Empty(t, w.Header().Get("X-Failed"))
		require.Empty(t, w.Header().Get("X-Removed"))
		require.Equal(t, "kept", w.Header().Get("X-Outer"))
		require.Equal(t, "3", w.Header().Get("X-Resilience-Attempts"))
	})
}

func TestRawAttempts(t *testing.T) {
	t.Parallel()
	fail := func(echo.Context) error { return status(503) }
	answer := func(code int) echo.HandlerFunc {
		return func(c echo.Context) error { return c.String(code, "own answer") }
	}
	retrying := resilience.Policy{EnableRetry: true, Idempotent: true}
	safeOnly := resilience.Policy{EnableRetry: true, Safe: true}
	fallback := resilience.Policy{EnableFallback: true, FallbackResponse: "spare"}
	tests := map[string]struct {
		policy       resilience.Policy
		method       string
		body         string
		handler      echo.HandlerFunc
		wantAttempts int
		wantCode     int
		wantBody     string
	}{
		"GET is repeated":         {safeOnly, http.MethodGet, "", fail, 3, 503, "rendered"},
		"POST is not":             {safeOnly, http.MethodPost, "", fail, 1, 503, "rendered"},
		"idempotent POST is":      {retrying, http.MethodPost, "", fail, 3, 503, "rendered"},
		"own 503 is repeated":     {retrying, http.MethodGet, "", answer(503), 3, 503, "own answer"},
		"own 500 is not":          {retrying, http.MethodGet, "", answer(500), 1, 500, "own answer"},
		"own 404 is not":          {retrying, http.MethodGet, "", answer(404), 1, 404, "own answer"},
		"echo's 503 is repeated":  {retrying, http.MethodGet, "", func(echo.Context) error { return echo.ErrServiceUnavailable }, 3, 503, "rendered"},
		"echo's 404 is not":       {retrying, http.MethodGet, "", func(echo.Context) error { return echo.ErrNotFound }, 1, 404, "rendered"},
		"body at the limit":       {retrying, http.MethodPut, strings.Repeat("x", 1<<20), fail, 3, 503, "rendered"},
		"body above the limit":    {retrying, http.MethodPut, strings.Repeat("x", 1<<20+1), fail, 1, 503, "rendered"},
		"fallback":                {fallback, http.MethodGet, "", fail, 1, 200, "\"spare\"\n"},
		"fallback for own 503":    {fallback, http.MethodGet, "", answer(503), 1, 200, "\"spare\"\n"},
		"no fallback for own 404": {fallback, http.MethodGet, "", answer(404), 1, 404, "own answer"},
		"error after partial body": {retrying, http.MethodGet, "", func(c echo.Context) error {
			_ = c.String(200, "part")
			return status(400)
		}, 1, 400, "rendered"},
		"inner c.Error": {retrying, http.MethodGet, "", func(c echo.Context) error {
			c.Error(status(503))
			return nil
		}, 3, 503, "rendered"},
		"panic":        {resilience.Policy{}, http.MethodGet, "", func(echo.Context) error { panic("ouch") }, 1, 500, "rendered"},
		"empty answer": {retrying, http.MethodGet, "", func(echo.Context) error { return nil }, 1, 200, ""},
		"no content":   {retrying, http.MethodGet, "", answer(204), 1, 204, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				e := rawEcho(t, tt.policy, func(c echo.Context) error {
					attempts++
					body, err := io.ReadAll(c.Request().Body)
					require.NoError(t, err)
					require.Len(t, body, len(tt.body))
					return tt.handler(c)
				})
				w := do(e, httptest.NewRequest(tt.method, "/7", strings.NewReader(tt.body)))
				require.Equal(t, tt.wantAttempts, attempts)
				require.Equal(t, tt.wantCode, w.Code)
				require.Equal(t, tt.wantBody, w.Body.String())
			})
		})
	}
}

// The length of a chunked body is not known before it is read.
func TestRawChunkedBody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size         int
		wantAttempts int
	}{
		"at the limit":    {1 << 10, 3},
		"above the limit": {1<<10 + 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				policy := resilience.Policy{EnableRetry: true, Idempotent: true, MaxRequestBuffer: 1 << 10}
				e := rawEcho(t, policy, func(c echo.Context) error {
					attempts++
					body, err := io.ReadAll(c.Request().Body)
					require.NoError(t, err)
					require.Equal(t, strings.Repeat("x", tt.size), string(body))
					return status(503)
				})
				r := httptest.NewRequest(http.MethodPut, "/7", strings.NewReader(strings.Repeat("x", tt.size)))
				r.ContentLength = -1
				do(e, r)
				require.Equal(t, tt.wantAttempts, attempts)
			})
		})
	}
}

func TestRawRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		e := rawEcho(t, resilience.Policy{EnableRetry: true, Idempotent: true}, func(c echo.Context) error {
			if attempts++; attempts == 1 {
				c.Response().Header().Set("Retry-After", "7")
				return c.NoContent(http.StatusServiceUnavailable)
			}
			return c.NoContent(http.StatusOK)
		})
		began := time.Now()
		require.Equal(t, http.StatusOK, do(e, get("/7")).Code)
		require.Equal(t, 7*time.Second, time.Since(began))
	})
}

// Once something was sent there is one attempt, and an error aborts.
func TestRawCommit(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("x"), 1<<20+1)
	tests := map[string]struct {
		commit   func(echo.Context) error
		wantCode int
		wantBody string
	}{
		"flush": {func(c echo.Context) error {
			_ = c.String(200, "0123456789")
			return http.NewResponseController(c.Response()).Flush()
		}, 200, "0123456789"},
		"flush by type": {func(c echo.Context) error {
			_ = c.String(200, "0123456789")
			c.Response().Flush()
			return nil
		}, 200, "0123456789"},
		"overflow": {func(c echo.Context) error { return c.Blob(206, "application/octet-stream", big) }, 206, string(big)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			fail := true
			e := rawEcho(t, resilience.Policy{
				EnableRetry: true, Idempotent: true, EnableFallback: true, FallbackResponse: "spare",
			}, func(c echo.Context) error {
				attempts++
				require.NoError(t, tt.commit(c))
				if fail {
					return status(503)
				}
				return nil
			})
			w := httptest.NewRecorder()
			require.PanicsWithValue(t, http.ErrAbortHandler, func() { e.ServeHTTP(w, get("/7")) })
			require.Equal(t, 1, attempts)
			require.Equal(t, tt.wantCode, w.Code)
			require.Equal(t, tt.wantBody, w.Body.String())

			fail = false
			w = do(e, get("/7"))
			require.Equal(t, tt.wantBody, w.Body.String())
		})
	}
}

// What was sent in full while the handler ran stays, even past the deadline.
func TestRawLateButSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flush    bool
		wantCode int
		wantBody string
	}{
		"sent": {true, 200, "all of it"},
		"kept": {false, 504, "rendered"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := rawEcho(t, resilience.Policy{Timeout: time.Second}, func(c echo.Context) error {
					_ = c.String(200, "all of it")
					if tt.flush {
						c.Response().Flush()
					}
					time.Sleep(2 * time.Second)
					return nil
				})
				w := do(e, get("/7"))
				require.Equal(t, tt.wantCode, w.Code)
				require.Equal(t, tt.wantBody, w.Body.String())
			})
		})
	}
}

func TestRawEarlyHints(t *testing.T) {
	t.Parallel()
	tests := map[string]echo.HandlerFunc{
		"a returned error": func(echo.Context) error { return status(404) },
		"a written answer": func(c echo.Context) error { return c.String(404, "rendered") },
	}
	for name, then := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
				attempts++
				c.Response().Header().Set("Link", "</style.css>; rel=preload")
				c.Response().WriteHeader(http.StatusEarlyHints)
				return then(c)
			})
			w := &informed{ResponseRecorder: httptest.NewRecorder()}
			e.ServeHTTP(w, get("/7"))
			require.Equal(t, []int{103}, w.hints)
			require.Equal(t, "</style.css>; rel=preload", w.Header().Get("Link"))
			require.Equal(t, http.StatusNotFound, w.Code)
			require.Equal(t, "rendered", w.Body.String())
			require.Equal(t, 1, attempts)
		})
	}
}

// informed keeps 1xx apart, as net/http does and httptest.ResponseRecorder does not.
type informed struct {
	*httptest.ResponseRecorder

	hints []int
}

func (w *informed) WriteHeader(code int) {
	if code < 200 {
		w.hints = append(w.hints, code)
		return
	}
	w.ResponseRecorder.WriteHeader(code)
}

func TestRawHardTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outer := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Set("user", "ann")
				return next(c)
			}
		}
		var late []error
		var lateUser any
		e := rawEcho(t, resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard}, func(c echo.Context) error {
			if c.Param("id") == "slow" {
				time.Sleep(time.Minute) // ignores its context
				late = append(late, c.String(http.StatusOK, "late"), http.NewResponseController(c.Response().Writer).Flush())
				lateUser = c.Get("user")
				return nil
			}
			return c.String(http.StatusOK, c.Param("id")+" "+c.Path()+" "+c.Get("user").(string)) //nolint:forcetypeassert // set above
		}, outer)
		began := time.Now()
		slow := httptest.NewRecorder()
		e.ServeHTTP(slow, get("/slow"))
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, http.StatusGatewayTimeout, slow.Code)
		for range 20 {
			require.Equal(t, "quick /:id ann", do(e, get("/quick")).Body.String())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.ErrorIs(t, late[0], http.ErrHandlerTimeout)
		require.ErrorIs(t, late[1], http.ErrHandlerTimeout)
		require.Nil(t, lateUser)
		require.Equal(t, "rendered", slow.Body.String())
	})
}

func TestRawKeepsCustomContexts(t *testing.T) {
	t.Parallel()
	type custom struct{ echo.Context }
	outer := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return next(&custom{c}) }
	}
	e := rawEcho(t, resilience.Policy{}, func(c echo.Context) error {
		if _, ok := c.(*custom); !ok {
			return errors.New("the context was replaced")
		}
		return c.NoContent(http.StatusNoContent)
	}, outer)
	require.Equal(t, http.StatusNoContent, do(e, get("/7")).Code)
}

func TestRawAbort(t *testing.T) {
	t.Parallel()
	e := rawEcho(t, resilience.Policy{}, func(echo.Context) error { panic(http.ErrAbortHandler) }, interceptors.Recover(discard()))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(e, get("/7")) })
}

func TestRawUnreadableBody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want int
	}{
		"broken":    {io.ErrUnexpectedEOF, http.StatusBadRequest},
		"too large": {&http.MaxBytesError{Limit: 1}, http.StatusRequestEntityTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := rawEcho(t, resilience.Policy{EnableRetry: true, Idempotent: true}, func(echo.Context) error {
				return errors.New("must not be called")
			})
			r := httptest.NewRequest(http.MethodPut, "/7", io.MultiReader(strings.NewReader("part"), errReader{tt.err}))
			require.Equal(t, tt.want, do(e, r).Code)
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestRawPolicyFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy resilience.Policy
		want   string
	}{
		"retry":               {resilience.Policy{EnableRetry: true}, "not idempotent"},
		"no fallback":         {resilience.Policy{EnableFallback: true}, "FallbackResponse"},
		"stream with a retry": {resilience.Policy{EnableRetry: true, Safe: true, Streaming: true}, "streaming route"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := interceptors.UseResilience(newRunner(t), "test.raw", tt.policy)
			require.ErrorContains(t, err, tt.want)
			_, ok := errors.AsType[resilience.Fault](err)
			require.True(t, ok)
		})
	}
}

// Half of many requests overstay a hard timeout: each gets its own answer, and
// what is written late reaches nobody. The race detector watches.
func TestRawHardTimeoutUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard, MaxConcurrent: 1000}
		e := rawEcho(t, policy, func(c echo.Context) error {
			id := c.Param("id")
			if strings.HasPrefix(id, "slow") {
				time.Sleep(time.Minute)
			}
			c.Response().Header().Set("X-Id", id)
			return c.String(http.StatusOK, id)
		})
		const each = 200
		var clients sync.WaitGroup
		for i := range each {
			clients.Go(func() {
				id := "quick" + strconv.Itoa(i)
				w := do(e, get("/"+id))
				if w.Code != http.StatusOK || w.Body.String() != id || w.Header().Get("X-Id") != id {
					t.Errorf("%s got %d %q", id, w.Code, w.Body)
				}
			})
			clients.Go(func() {
				w := do(e, get("/slow"+strconv.Itoa(i)))
				if w.Code != http.StatusGatewayTimeout || w.Body.String() != "rendered" {
					t.Errorf("slow got %d %q", w.Code, w.Body)
				}
			})
		}
		clients.Wait()
		time.Sleep(time.Hour)
	})
}

// Two handlers cannot write one response.
func TestRawHedgeIsRefused(t *testing.T) {
	t.Parallel()
	policy := resilience.Policy{Safe: true, Hedge: resilience.Hedge{Delay: time.Second, Max: 1}}
	_, err := interceptors.UseResilience(newRunner(t), "test.raw", policy)
	require.ErrorContains(t, err, "cannot be hedged")
}
