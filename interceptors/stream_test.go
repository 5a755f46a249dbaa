package interceptors_test

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func TestStreamsPassThrough(t *testing.T) {
	t.Parallel()
	policy := resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true, Safe: true, Timeout: 5 * time.Second}
	tests := map[string]struct {
		policy  resilience.Policy
		request func(*http.Request)
	}{
		"event stream": {policy, func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") }},
		"upgrade":      {policy, func(r *http.Request) { r.Header.Set("Upgrade", "websocket") }},
		"tunnel":       {policy, func(r *http.Request) { r.Method = http.MethodConnect }},
		"streaming route": {
			resilience.Policy{EnableCircuitBreaker: true, Streaming: true}, func(*http.Request) {},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := httptest.NewRecorder()
				e := rawEcho(t, tt.policy, func(c echo.Context) error {
					_, _ = c.Response().Write([]byte("first"))
					require.Equal(t, "first", w.Body.String(), "nothing is held back")
					time.Sleep(time.Hour)
					require.NoError(t, c.Request().Context().Err(), "there is no deadline")
					_, err := c.Response().Write([]byte(" last"))
					return err
				})
				r := get("/7")
				tt.request(r)
				e.ServeHTTP(w, r)
				require.Equal(t, "first last", w.Body.String())
			})
		})
	}
}

func TestStreamFeedsTheBreaker(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler  echo.HandlerFunc
		wantOpen bool
	}{
		"success":         {func(c echo.Context) error { return c.String(200, "ok") }, false},
		"client error":    {func(echo.Context) error { return echo.ErrNotFound }, false},
		"failure":         {func(echo.Context) error { return status(500) }, true},
		"written 503":     {func(c echo.Context) error { return c.String(503, "busy") }, true},
		"late failure":    {func(c echo.Context) error { _ = c.String(200, "ok"); return nil }, false},
		"written nothing": {func(echo.Context) error { return nil }, false},
		"panic":           {func(echo.Context) error { panic("ouch") }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := resilience.Policy{EnableCircuitBreaker: true, Streaming: true}
			e := rawEcho(t, policy, tt.handler, func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
					defer func() { _ = recover() }()
					return next(c)
				}
			})
			var last error
			e.HTTPErrorHandler = func(err error, _ echo.Context) { last = err }
			for range 2 {
				do(e, get("/7"))
			}
			last = nil
			do(e, get("/7"))
			if tt.wantOpen {
				require.ErrorIs(t, last, circuitbreaker.ErrOpen)
			} else {
				require.NotErrorIs(t, last, circuitbreaker.ErrOpen)
			}
		})
	}
}

// The outcome of a stream is known with its status: a trial that streams for an
// hour closes the breaker at once.
func TestStreamSettlesAtItsHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fail := true
		policy := resilience.Policy{
			EnableCircuitBreaker: true, Streaming: true,
			Breaker: circuitbreaker.Config{HalfOpenMaxCalls: 1, ResetTimeout: time.Second},
		}
		e := rawEcho(t, policy, func(c echo.Context) error {
			if fail {
				return status(500)
			}
			c.Response().WriteHeader(http.StatusOK)
			time.Sleep(time.Duration(len(c.Param("id"))) * time.Hour)
			return nil
		})
		for range 2 {
			do(e, get("/x"))
		}
		require.Equal(t, http.StatusServiceUnavailable, do(e, get("/x")).Code)
		fail = false
		time.Sleep(2 * time.Second)
		done := make(chan struct{})
		go func() {
			do(e, get("/trial"))
			close(done)
		}()
		synctest.Wait()
		require.Equal(t, http.StatusOK, do(e, get("/x")).Code)
		<-done
	})
}

func TestStreamHijack(t *testing.T) {
	t.Parallel()
	server, client := net.Pipe()
	defer func() { require.NoError(t, client.Close()) }()
	e := rawEcho(t, resilience.Policy{EnableCircuitBreaker: true}, func(c echo.Context) error {
		conn, _, err := c.Response().Hijack()
		require.NoError(t, err)
		return conn.Close()
	})
	r := get("/7")
	r.Header.Set("Upgrade", "websocket")
	e.ServeHTTP(&hijackable{ResponseRecorder: httptest.NewRecorder(), conn: server}, r)
	_, err := server.Write([]byte("x"))
	require.Error(t, err, "the handler had the connection and closed it")
}

type hijackable struct {
	*httptest.ResponseRecorder

	conn net.Conn
}

func (w *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

func TestHijackCommits(t *testing.T) {
	t.Parallel()
	for name, upgrade := range map[string]string{"buffered": "", "stream": "websocket"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := net.Pipe()
			defer func() { require.NoError(t, client.Close()) }()
			attempts := 0
			e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
				attempts++
				conn, _, err := c.Response().Hijack()
				require.NoError(t, err)
				require.NoError(t, conn.Close())
				return status(503)
			})
			r := get("/7")
			r.Header.Set("Upgrade", upgrade)
			require.PanicsWithValue(t, http.ErrAbortHandler, func() {
				e.ServeHTTP(&hijackable{ResponseRecorder: httptest.NewRecorder(), conn: server}, r)
			})
			require.Equal(t, 1, attempts)
		})
	}
}

// Streams of a route take their slots from the same bulkhead as its other calls.
func TestStreamsShareTheBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := rawEcho(t, resilience.Policy{MaxConcurrent: 1}, func(c echo.Context) error {
			time.Sleep(time.Minute)
			return c.NoContent(http.StatusOK)
		})
		r := get("/7")
		r.Header.Set("Accept", "text/event-stream")
		done := make(chan int, 1)
		go func() { done <- do(e, r).Code }()
		synctest.Wait()
		require.Equal(t, http.StatusServiceUnavailable, do(e, get("/7")).Code)
		require.Equal(t, http.StatusOK, <-done)
		require.Equal(t, http.StatusGatewayTimeout, do(e, get("/7")).Code)
	})
}

// clocked is a response whose connection has deadlines.
type clocked struct {
	*httptest.ResponseRecorder

	read, write time.Time
	writes      []time.Duration // what was left until the deadline at each write
}

func (w *clocked) SetReadDeadline(at time.Time) error {
	w.read = at
	return nil
}

func (w *clocked) SetWriteDeadline(at time.Time) error {
	w.write = at
	return nil
}

func (w *clocked) Write(p []byte) (int, error) {
	w.writes = append(w.writes, time.Until(w.write))
	return w.ResponseRecorder.Write(p)
}

// The deadlines of the server are not those of a stream: each write has its own.
func TestStreamDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := rawEcho(t, resilience.Policy{Timeout: 5 * time.Second}, func(c echo.Context) error {
			for range 3 {
				_, _ = c.Response().Write([]byte("tick"))
				c.Response().Flush()
				time.Sleep(time.Hour)
			}
			return nil
		})
		soon := time.Now().Add(35 * time.Second)
		w := &clocked{ResponseRecorder: httptest.NewRecorder(), read: soon, write: soon}
		r := get("/7")
		r.Header.Set("Accept", "text/event-stream")
		e.ServeHTTP(w, r)
		require.Equal(t, []time.Duration{time.Minute, time.Minute, time.Minute}, w.writes)
		require.Zero(t, w.read)
		require.Zero(t, w.write)
		require.Equal(t, "tickticktick", w.Body.String())
	})
}

// A breaker that is switched off while the process runs is off for streams too.
func TestStreamBreakerIsSwitchedOff(t *testing.T) {
	t.Parallel()
	runner := newRunner(t)
	use, err := interceptors.UseResilience(runner, "test.raw", resilience.Policy{EnableCircuitBreaker: true})
	require.NoError(t, err)
	e := newEcho()
	e.GET("/", func(echo.Context) error { return status(500) }, use)
	stream := func() int {
		r := get("/")
		r.Header.Set("Accept", "text/event-stream")
		return do(e, r).Code
	}
	for range 2 {
		require.Equal(t, 500, stream())
	}
	require.Equal(t, 503, stream(), "the breaker is open")
	require.NoError(t, runner.Set("test.raw", "circuit_breaker", "off", "a test"))
	require.Equal(t, 500, stream())
	require.NoError(t, runner.Unset("test.raw", "circuit_breaker", "a test"))
	require.Equal(t, 503, stream())
}
