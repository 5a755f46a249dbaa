package interceptors_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
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
