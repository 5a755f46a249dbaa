package app_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

type ticket struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Priority int    `json:"priority"`
	Company  string `json:"company"`
}

type ticketKey struct {
	ID int64 `path:"id"`
}

type newTicket struct {
	ID     int64  `path:"id"`
	Title  string `json:"title" validate:"required,max=100"`
	Status int    `json:"status" validate:"min=1"`
}

func getTicket(_ context.Context, in *ticketKey) (*ticket, error) {
	return &ticket{ID: in.ID, Title: "The printer is on fire", Status: 1, Priority: 3, Company: "Acme"}, nil
}

func putTicket(_ context.Context, in *newTicket) (*ticket, error) {
	return &ticket{ID: in.ID, Title: in.Title, Status: in.Status, Priority: 3, Company: "Acme"}, nil
}

// sink is a ResponseWriter that costs next to nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

func bench(b *testing.B, h http.Handler, req *http.Request, body []byte) {
	b.Helper()
	rec := httptest.NewRecorder()
	if body != nil {
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	h.ServeHTTP(rec, req)
	require.Equal(b, http.StatusOK, rec.Code, rec.Body.String())
	w := &sink{header: http.Header{}}
	var reader bytes.Reader
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		if body != nil {
			reader.Reset(body)
			req.Body = io.NopCloser(&reader)
		}
		h.ServeHTTP(w, req)
	}
}

// BenchmarkGet compares a GET on the whole router with plain echo. Plain echo
// parses the id by hand and has no middleware at all.
func BenchmarkGet(b *testing.B) {
	full := resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true,
		Timeout: 5 * time.Second, AttemptTimeout: time.Second, FallbackResponse: &ticket{},
	}
	plain := echo.New()
	plain.GET("/tickets/:id", func(c echo.Context) error {
		var in ticketKey
		if err := echo.PathParamsBinder(c).Int64("id", &in.ID).BindError(); err != nil {
			return err
		}
		out, err := getTicket(c.Request().Context(), &in)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, out)
	})
	tests := map[string]http.Handler{
		"plain":  plain,
		"typed":  serve(b, app.Get("/tickets/:id", getTicket)),
		"policy": serve(b, app.Get("/tickets/:id", getTicket).UseResilience(full)),
	}
	for _, name := range []string{"plain", "typed", "policy"} {
		b.Run(name, func(b *testing.B) {
			bench(b, tests[name], httptest.NewRequestWithContext(b.Context(), "GET", "/tickets/12345", nil), nil)
		})
	}
}

// BenchmarkPut compares a body: bound, validated, answered.
func BenchmarkPut(b *testing.B) {
	plain := echo.New()
	plain.PUT("/tickets/:id", func(c echo.Context) error {
		var in newTicket
		if err := c.Bind(&in); err != nil {
			return err
		}
		out, err := putTicket(c.Request().Context(), &in)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, out)
	})
	body := []byte(`{"id":1,"title":"The printer is on fire","status":2}`)
	tests := map[string]http.Handler{
		"plain": plain,
		"typed": serve(b, app.Put("/tickets/:id", putTicket)),
	}
	for _, name := range []string{"plain", "typed"} {
		b.Run(name, func(b *testing.B) {
			req := httptest.NewRequestWithContext(b.Context(), "PUT", "/tickets/12345", nil)
			req.Header.Set("Content-Type", "application/json")
			req.ContentLength = int64(len(body))
			bench(b, tests[name], req, body)
		})
	}
}
