package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
)

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// serve compiles routes that must be in order.
func serve(tb testing.TB, routes ...app.Mountable) *app.Router {
	tb.Helper()
	r := app.NewRouter(tb, quiet(), nil, app.Prefix("").Of(routes...))
	require.Empty(tb, r.Faults)
	return r
}

// exampleRouter is serve for examples, which have no test to fail.
func exampleRouter(routes app.Routes) *app.Router {
	r, err := app.MakeRouter(quiet(), nil, routes)
	if err != nil || len(r.Faults) > 0 {
		panic(fmt.Sprint(err, r))
	}
	return r
}

// send sends a request. Headers are "Name: value"; a body is JSON unless they
// say otherwise.
func send(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequestWithContext(context.Background(), method, target, reader)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

// sendContext sends a request with a context of its own.
func sendContext(ctx context.Context, h http.Handler, method, target string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, method, target, nil))
	return rec
}

// problemOf reads an answer that must be a problem.
func problemOf(tb testing.TB, rec *httptest.ResponseRecorder) app.Problem {
	tb.Helper()
	require.Equal(tb, "application/problem+json", rec.Header().Get("Content-Type"), rec.Body.String())
	require.Equal(tb, "no-store", rec.Header().Get("Cache-Control"))
	var p app.Problem
	require.NoError(tb, json.Unmarshal(rec.Body.Bytes(), &p))
	require.Equal(tb, rec.Code, p.Status)
	return p
}

// pretty makes a golden file of an answer, without what changes.
func pretty(tb testing.TB, rec *httptest.ResponseRecorder) string {
	tb.Helper()
	var out bytes.Buffer
	body := strings.ReplaceAll(rec.Body.String(), rec.Header().Get("X-Request-Id"), "<request id>")
	require.NoError(tb, json.Indent(&out, []byte(body), "", "  "))
	var head strings.Builder
	for _, name := range []string{"Allow", "Cache-Control", "Connection", "Content-Type", "Retry-After", "WWW-Authenticate"} {
		if value := rec.Header().Get(name); value != "" {
			head.WriteString(name + ": " + value + "\n")
		}
	}
	return head.String() + "\n" + out.String() + "\n"
}

type empty struct{}
