package interceptors_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/shutdown"
)

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		e := newEcho()
		e.GET("/livez", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
		g := e.Group("/api", interceptors.Drain(stop))
		g.GET("/quick", func(c echo.Context) error {
			require.Positive(t, stop.InFlight())
			return c.NoContent(http.StatusOK)
		})
		g.GET("/slow", func(c echo.Context) error {
			time.Sleep(20 * time.Second)
			return c.String(http.StatusOK, "done")
		})

		w := do(e, get("/api/quick"))
		require.Equal(t, http.StatusOK, w.Code)
		require.Empty(t, w.Header().Get("Connection"))

		began := time.Now()
		slow := make(chan string, 1)
		go func() { slow <- do(e, get("/api/slow")).Body.String() }()
		synctest.Wait()
		stop.Request("test")
		w = do(e, get("/api/quick"))
		require.Equal(t, http.StatusOK, w.Code, "grace serves")
		require.Equal(t, "close", w.Header().Get("Connection"))
		h2 := get("/api/quick")
		h2.ProtoMajor, h2.ProtoMinor = 2, 0
		require.Empty(t, do(e, h2).Header().Get("Connection"))

		time.Sleep(10 * time.Second)
		synctest.Wait()
		w = do(e, get("/api/quick"))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Equal(t, "close", w.Header().Get("Connection"))
		require.Equal(t, http.StatusOK, do(e, get("/livez")).Code)

		require.NoError(t, stop.Wait(t.Context()))
		require.Equal(t, 20*time.Second, time.Since(began), "the stop waited for the slow request")
		require.Equal(t, "done", <-slow)
		stop.Finish()
	})
}

func TestDrainCountsPanics(t *testing.T) {
	t.Parallel()
	stop := newStop(t)
	e := newEcho(interceptors.Recover(discard()), interceptors.Drain(stop))
	e.GET("/", func(echo.Context) error { panic("ouch") })
	do(e, get("/"))
	require.Zero(t, stop.InFlight())
}

// An answer closes its connection by when it is sent, not by when it was asked for.
func TestDrainClosesByTheTimeOfTheAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler echo.HandlerFunc
		at      time.Duration // of the stop; the handler takes 2 s
		http2   bool
		want    string
	}{
		"answered before":   {func(c echo.Context) error { return c.NoContent(http.StatusOK) }, time.Hour, false, ""},
		"answered in grace": {func(c echo.Context) error { return c.NoContent(http.StatusOK) }, time.Second, false, "close"},
		"HTTP/2":            {func(c echo.Context) error { return c.NoContent(http.StatusOK) }, time.Second, true, ""},
		"error in grace":    {func(echo.Context) error { return echo.ErrNotFound }, time.Second, false, "close"},
		"flushed in grace": {func(c echo.Context) error {
			c.Response().Flush()
			_, err := c.Response().Write([]byte("x"))
			return err
		}, time.Second, false, "close"},
		"upgraded in grace": {func(c echo.Context) error {
			c.Response().Header().Set("Connection", "Upgrade")
			c.Response().WriteHeader(http.StatusSwitchingProtocols)
			return nil
		}, time.Second, false, "Upgrade"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := newStop(t)
				e := newEcho(interceptors.Drain(stop))
				e.GET("/", func(c echo.Context) error {
					time.Sleep(2 * time.Second)
					return tt.handler(c)
				})
				requested := time.AfterFunc(tt.at, func() { stop.Request("test") })
				r := get("/")
				if tt.http2 {
					r.ProtoMajor, r.ProtoMinor = 2, 0
				}
				require.Equal(t, tt.want, do(e, r).Header().Get("Connection"))
				requested.Stop()
				stop.Finish()
			})
		})
	}
}

// The handler of an event stream writes events until its context ends, and knows nothing of a stop.
func events(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	for {
		if _, err := c.Response().Write([]byte("data: tick\n\n")); err != nil {
			return err
		}
		select {
		case <-time.After(time.Minute):
		case <-c.Request().Context().Done():
			return c.Request().Context().Err()
		}
	}
}

func eventsRequest(path string) *http.Request {
	r := get(path)
	r.Header.Set("Accept", "application/json, text/event-stream")
	return r
}

func TestEventStreamEndsAtDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		var log logs
		e := newEcho(interceptors.Observe(interceptors.NewObserver(interceptors.ObserveConfig{}, log.logger())), interceptors.Drain(stop))
		e.GET("/events", events, interceptors.EndEvents(stop))
		ended := make(chan string, 1)
		go func() { ended <- do(e, eventsRequest("/events")).Body.String() }()
		time.Sleep(90 * time.Second)

		asked := time.Now()
		stop.Request("test")
		require.Equal(t, "data: tick\n\ndata: tick\n\n", <-ended, "ended, and not aborted")
		require.Equal(t, 10*time.Second, time.Since(asked))
		require.NoError(t, stop.Wait(t.Context()))
		require.Equal(t, 10*time.Second, time.Since(asked), "it holds up nothing")
		require.NotContains(t, log.String(), "level=ERROR")
		stop.Finish()
	})
}

// What an answer is decides, not what its request accepts.
func TestEventStreamByItsType(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		accept []string
		kind   string
	}{
		"asked by name":     {[]string{"text/event-stream"}, "text/event-stream"},
		"asked for nothing": {nil, "text/event-stream"},
		"asked for all":     {[]string{"*/*"}, "text/event-stream;charset=utf-8"},
		"two lines":         {[]string{"application/json", "text/event-stream"}, "text/event-stream"},
		"in capitals":       {[]string{"Text/Event-Stream"}, "Text/Event-Stream"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := newStop(t)
				e := newEcho(interceptors.Drain(stop))
				e.GET("/events", func(c echo.Context) error {
					c.Response().Header().Set("Content-Type", tt.kind)
					c.Response().Flush()
					<-c.Request().Context().Done()
					return context.Cause(c.Request().Context())
				}, interceptors.EndEvents(stop))
				r := get("/events")
				r.Header["Accept"] = tt.accept
				ended := make(chan int, 1)
				go func() { ended <- do(e, r).Code }()
				synctest.Wait()
				asked := time.Now()
				stop.Request("test")
				require.Equal(t, http.StatusOK, <-ended)
				require.Equal(t, 10*time.Second, time.Since(asked))
				require.NoError(t, stop.Wait(t.Context()))
				stop.Finish()
			})
		})
	}
}

// A stream that comes too late has its second once, however often it writes.
func TestLateEventStreamIsNotToldAgain(t *testing.T) {
	t.Parallel()
	stop := newStop(t)
	var set []time.Time
	e := newEcho(interceptors.Drain(stop))
	e.GET("/events", func(c echo.Context) error {
		stop.Finish() // the end of everything comes before the first event
		c.Response().Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			if _, err := c.Response().Write([]byte("data: tick\n\n")); err != nil {
				return err
			}
		}
		return nil
	}, interceptors.EndEvents(stop))
	e.ServeHTTP(&noting{ResponseRecorder: httptest.NewRecorder(), set: &set}, get("/events"))
	require.Len(t, set, 1)
}

// noting is a response that notes its write deadlines.
type noting struct {
	*httptest.ResponseRecorder

	set *[]time.Time
}

func (n *noting) SetWriteDeadline(t time.Time) error {
	*n.set = append(*n.set, t)
	return nil
}

// An error after the first flush cannot become a second answer.
func TestErrorAfterFlushAborts(t *testing.T) {
	t.Parallel()
	stop := newStop(t)
	e := newEcho(interceptors.Recover(discard()), interceptors.Drain(stop))
	e.GET("/", func(c echo.Context) error {
		c.Response().Flush()
		return echo.ErrTeapot
	})
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(e, get("/")) })
	stop.Finish()
}

// A reader that reads nothing keeps its stream, and the stop, for a second, whatever its handler does then.
func TestEventStreamWhoseReaderStalls(t *testing.T) {
	t.Parallel()
	tests := map[string]func(c echo.Context) error{
		"in a write": func(c echo.Context) error { return flood(c) },
		"with more patience": func(c echo.Context) error {
			if _, err := c.Response().Write([]byte("data: hello\n\n")); err != nil {
				return err
			}
			c.Response().Flush()
			<-c.Request().Context().Done()
			if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
				return err
			}
			return flood(c)
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := shutdown.DefaultConfig()
			cfg.HealthGracePeriod = 0
			stop, err := shutdown.NewService(cfg, discard())
			require.NoError(t, err)
			stop.Ready()
			e := newEcho(interceptors.Drain(stop))
			e.GET("/events", func(c echo.Context) error {
				c.Response().Header().Set("Content-Type", "text/event-stream")
				return handler(c)
			}, interceptors.EndEvents(stop))
			server := httptest.NewServer(e)
			defer server.Close()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close()) }()
			_, err = conn.Write([]byte("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"))
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1))
			require.NoError(t, err)
			stop.Request("test")
			require.NoError(t, stop.Wait(t.Context()), "nothing was cut at the end of the drain")
			stop.Finish()
		})
	}
}

// flood writes until the connection takes no more.
func flood(c echo.Context) error {
	for event := make([]byte, 1<<20); ; {
		if _, err := c.Response().Write(event); err != nil {
			return err
		}
	}
}

// Many clients accept event streams and get something else.
func TestOtherAnswersGoOnWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		e := newEcho(interceptors.Drain(stop))
		e.GET("/report", func(c echo.Context) error {
			select {
			case <-time.After(20 * time.Second):
				return c.JSON(http.StatusOK, "done")
			case <-c.Request().Context().Done():
				return c.Request().Context().Err()
			}
		}, interceptors.EndEvents(stop))
		stop.Request("test")
		w := do(e, eventsRequest("/report"))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "close", w.Header().Get("Connection"))
		require.NoError(t, stop.Wait(t.Context()))
		stop.Finish()
	})
}

// A stream that begins when draining has begun ends at once.
func TestEventStreamThatBeginsTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		e := newEcho(interceptors.Drain(stop))
		e.GET("/events", func(c echo.Context) error {
			time.Sleep(15 * time.Second)
			return events(c)
		}, interceptors.EndEvents(stop))
		stop.Request("test")
		began := time.Now()
		require.Equal(t, "data: tick\n\n", do(e, eventsRequest("/events")).Body.String())
		require.Equal(t, 15*time.Second, time.Since(began))
		stop.Finish()
	})
}

func TestEventStreamWhoseReaderLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := newStop(t)
		var log logs
		e := newEcho(interceptors.Observe(interceptors.NewObserver(interceptors.ObserveConfig{}, log.logger())), interceptors.Drain(stop))
		e.GET("/events", events, interceptors.EndEvents(stop))
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, leave)
		w := do(e, eventsRequest("/events").WithContext(ctx))
		require.Equal(t, "data: tick\n\n", w.Body.String())
		require.NotContains(t, log.String(), "level=ERROR")
		began := time.Now()
		stop.Request("test")
		require.NoError(t, stop.Wait(t.Context()))
		require.Equal(t, 10*time.Second, time.Since(began), "it is not waited for")
		stop.Finish()
	})
}
