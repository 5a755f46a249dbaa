package interceptors_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	var log logs
	e := newEcho(interceptors.Recover(log.logger()))
	e.GET("/panic", func(echo.Context) error { panic("the secret") })

	w := do(e, get("/panic"))

	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.NotContains(t, w.Body.String(), "secret")
	require.Equal(t, 1, log.lines())
	require.Contains(t, log.String(), `msg="handler panicked"`)
	require.Contains(t, log.String(), `panic="the secret"`)
	require.Contains(t, log.String(), "recover_test.go", "the stack names the place")
}

func TestRecoverAborts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler   echo.HandlerFunc
		wantLines int
	}{
		"the handler asks for it": {func(echo.Context) error { panic(http.ErrAbortHandler) }, 0},
		"wrapped":                 {func(echo.Context) error { panic(errors.Join(http.ErrAbortHandler)) }, 0},
		"the answer has begun": {func(c echo.Context) error {
			c.Response().WriteHeader(http.StatusOK)
			panic("half way")
		}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			e := newEcho(interceptors.Recover(log.logger()))
			e.GET("/", tt.handler)
			require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(e, get("/")) })
			require.Equal(t, tt.wantLines, log.lines())
		})
	}
}

func TestReturnedPanicIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var log logs
	o := interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogOff}, log.logger())
	e := newEcho(interceptors.Recover(log.logger()), interceptors.Observe(o))
	e.GET("/", func(echo.Context) error {
		return &circuitbreaker.PanicError{Value: "ouch", Stack: []byte("here")}
	})
	require.Equal(t, http.StatusInternalServerError, do(e, get("/")).Code)
	require.Equal(t, 1, log.lines())
	require.Contains(t, log.String(), "panic=ouch stack=here")
}
