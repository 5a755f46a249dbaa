package interceptors_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// net/http removes the files of the request that it made. Handlers get copies
// of it, and leave no file behind all the same.
func TestUploadsAreRemoved(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy resilience.Policy
		header string
		inner  bool // middleware of the route puts in a request of its own
	}{
		"buffered":         {policy: resilience.Policy{}},
		"retried":          {policy: resilience.Policy{EnableRetry: true, Idempotent: true}},
		"hard timeout":     {policy: resilience.Policy{TimeoutMode: resilience.Hard}},
		"streaming":        {policy: resilience.Policy{Streaming: true}},
		"stream":           {policy: resilience.Policy{EnableCircuitBreaker: true}, header: "text/event-stream"},
		"inner middleware": {policy: resilience.Policy{}, inner: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use, err := interceptors.UseResilience(newRunner(t), "test.raw", tt.policy)
			require.NoError(t, err)
			require.Empty(t, upload(t, tt.header, tt.inner, use))
		})
	}
	t.Run("no policy", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, upload(t, "", false))
	})
}

// upload sends a form with a file that does not fit the memory of the handler,
// and returns what is left of it on the disk.
func upload(t *testing.T, accept string, inner bool, route ...echo.MiddlewareFunc) (left []string) {
	t.Helper()
	var name string
	e := newEcho(interceptors.RequestID())
	if inner {
		route = append(route, func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.SetRequest(c.Request().WithContext(c.Request().Context()))
				return next(c)
			}
		})
	}
	e.POST("/", func(c echo.Context) error {
		if err := c.Request().ParseMultipartForm(1); err != nil {
			return err
		}
		file, err := c.Request().MultipartForm.File["file"][0].Open()
		if err != nil {
			return err
		}
		if on, ok := file.(*os.File); ok {
			name = on.Name()
		}
		return file.Close()
	}, route...)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "large.bin")
	require.NoError(t, err)
	_, err = part.Write(make([]byte, 32<<10))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept", accept)
	require.Equal(t, http.StatusOK, do(e, r).Code)
	if r.MultipartForm != nil {
		require.NoError(t, r.MultipartForm.RemoveAll()) // as net/http does
	}
	require.NotEmpty(t, name, "the file was on the disk")
	if _, err := os.Stat(name); err == nil {
		left = append(left, name)
	}
	return left
}
