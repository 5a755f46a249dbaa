package interceptors_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// A handler may ask for its header once and use it to the end, as with net/http:
// what it sets before the status is sent, declared trailers come after the body.
func TestRawHeaderIsOneMap(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		early, flush bool
	}{
		"buffered":                {},
		"flushed":                 {flush: true},
		"early hints":             {early: true},
		"early hints and a flush": {early: true, flush: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := rawEcho(t, resilience.Policy{EnableRetry: true, Safe: true}, func(c echo.Context) error {
				h := c.Response().Header()
				if tt.early {
					h.Set("Link", "</style.css>; rel=preload")
					c.Response().WriteHeader(http.StatusEarlyHints)
				}
				h.Set("Trailer", "X-Sum")
				h.Set("Content-Type", "text/css")
				c.Response().WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(c.Response(), "body")
				if tt.flush {
					c.Response().Flush()
				}
				h.Set("X-Sum", "42")
				h.Set(http.TrailerPrefix+"X-Late", "43")
				return nil
			})
			server := httptest.NewServer(e)
			defer server.Close()
			response, err := server.Client().Get(server.URL + "/7")
			require.NoError(t, err)
			defer func() { require.NoError(t, response.Body.Close()) }()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, "body", string(body))
			require.Equal(t, http.StatusAccepted, response.StatusCode)
			require.Equal(t, "text/css", response.Header.Get("Content-Type"))
			require.Empty(t, response.Header.Get("X-Sum"), "a trailer is no header")
			require.Equal(t, "42", response.Trailer.Get("X-Sum"))
			require.Equal(t, "43", response.Trailer.Get("X-Late"))
		})
	}
}

// A stream that has flushed its header has its status: the trial is over.
func TestStreamSettlesAtItsFirstFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fail := true
		e := rawEcho(t, resilience.Policy{
			EnableCircuitBreaker: true, Streaming: true,
			Breaker: circuitbreaker.Config{HalfOpenMaxCalls: 1, MinThroughput: 1, ResetTimeout: time.Second},
		}, func(c echo.Context) error {
			if fail {
				return status(500)
			}
			c.Response().Flush()
			time.Sleep(time.Hour)
			return nil
		})
		do(e, get("/x"))
		require.Equal(t, http.StatusServiceUnavailable, do(e, get("/x")).Code)
		fail = false
		time.Sleep(2 * time.Second)
		start := time.Now()
		done := make(chan struct{})
		go func() {
			do(e, get("/trial"))
			close(done)
		}()
		synctest.Wait()
		require.Equal(t, http.StatusOK, do(e, get("/x")).Code)
		<-done
		require.Equal(t, time.Hour, time.Since(start))
	})
}
