package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func TestFallbackResponse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers    []answer
		response   any
		status     int
		wantStatus int
		wantText   string
		wantType   string // empty: the answer of the server
	}{
		"503":           {statuses(503).answers, map[string]int{"n": 1}, 0, 200, `{"n":1}`, "application/json"},
		"line":          {[]answer{{err: errDial}}, "sorry", 203, 203, "sorry", "text/plain; charset=utf-8"},
		"bytes":         {statuses(500).answers, []byte("raw"), 0, 200, "raw", "application/octet-stream"},
		"404 is not":    {statuses(404).answers, "sorry", 0, 404, "text", ""},
		"429 is not":    {statuses(429).answers, "sorry", 0, 429, "text", ""},
		"nor success":   {statuses(200).answers, "sorry", 0, 200, "text", ""},
		"retried first": {statuses(503, 200).answers, "sorry", 0, 200, "text", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				policy := retrying()
				policy.EnableFallback, policy.FallbackResponse, policy.FallbackStatus = true, tt.response, tt.status
				s := &script{answers: tt.answers}
				c := newClient(t, client.Config{Policy: policy}, s)
				for range 2 { // the second time is as the first
					s.asked = nil
					resp, err := c.Do(request(t.Context(), t, "GET", here, nil))
					require.NoError(t, err)
					text, err := io.ReadAll(resp.Body)
					require.NoError(t, err)
					require.NoError(t, resp.Body.Close())
					require.Equal(t, tt.wantStatus, resp.StatusCode)
					require.Equal(t, tt.wantText, string(text))
					require.Equal(t, tt.wantType, resp.Header.Get("Content-Type"))
					marked := resp.Header.Get(client.HeaderFallback) == "true" && resp.Header.Get("Cache-Control") == "no-store"
					require.Equal(t, tt.wantType != "", marked)
				}
				for i, b := range s.bodies {
					require.True(t, b.Closed(), "answer %d", i)
				}
			})
		})
	}
}

func TestFallbackFunc(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := map[string]struct {
		fallback   func(*http.Request, error) (*http.Response, error)
		wantStatus int
		wantText   string
		wantErr    error // matched
	}{
		"answers": {func(req *http.Request, cause error) (*http.Response, error) {
			var status *client.StatusError
			if !errors.As(cause, &status) || req.Header.Get("Accept") != "text/plain" {
				return nil, boom
			}
			return &http.Response{StatusCode: http.StatusNonAuthoritativeInfo, Body: io.NopCloser(strings.NewReader("kept"))}, nil
		}, 203, "kept", nil},
		"no status, no body": {func(*http.Request, error) (*http.Response, error) { return &http.Response{}, nil }, 200, "", nil},
		"hands on":           {func(_ *http.Request, cause error) (*http.Response, error) { return nil, cause }, 503, "text", nil},
		"fails":              {func(*http.Request, error) (*http.Response, error) { return nil, boom }, 0, "", boom},
		"panics":             {func(*http.Request, error) (*http.Response, error) { panic(boom) }, 0, "", &client.StatusError{}},
		"nothing":            {func(*http.Request, error) (*http.Response, error) { return nil, nil }, 0, "", &client.StatusError{}}, //nolint:nilnil // a broken one
		"too large": {func(*http.Request, error) (*http.Response, error) {
			return &http.Response{Body: io.NopCloser(strings.NewReader("12345678901"))}, nil
		}, 0, "", &client.BodyTooLargeError{}},
		"hangs": {func(req *http.Request, _ error) (*http.Response, error) {
			return &http.Response{Body: io.NopCloser(slowBody{req.Context()})}, nil
		}, 0, "", context.DeadlineExceeded},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := statuses(503)
				c := newClient(t, client.Config{
					Policy: resilience.Policy{EnableFallback: true, MaxConcurrent: 1}, Fallback: tt.fallback, MaxResponseBody: 10,
				}, s)
				req := request(t.Context(), t, "GET", here, nil)
				req.Header.Set("Accept", "text/plain")
				status, text, err := ask(t, c, req)
				require.Equal(t, tt.wantStatus, status)
				require.Equal(t, tt.wantText, text)
				require.True(t, s.bodies[0].Closed())
				switch want := tt.wantErr.(type) { //nolint:errorlint // of the table
				case nil:
					require.NoError(t, err)
				case *client.StatusError:
					require.ErrorAs(t, err, &want)
				case *client.BodyTooLargeError:
					require.ErrorAs(t, err, &want)
				default:
					require.ErrorIs(t, err, want)
				}
			})
		})
	}
}

func TestFallbackWhileOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t)
		var cause error
		s := statuses(200)
		c, err := client.New("billing", p.runner, client.Config{
			Policy: resilience.Policy{EnableCircuitBreaker: true, EnableFallback: true},
			Fallback: func(_ *http.Request, err error) (*http.Response, error) {
				cause = err
				return &http.Response{StatusCode: http.StatusOK}, nil
			},
		}, client.WithTransport(s))
		require.NoError(t, err)
		_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.True(t, p.breakers.ForceOpen("billing.api.test", "test", time.Minute))
		_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.ErrorIs(t, cause, circuitbreaker.ErrOpen)
		require.Len(t, s.asked, 1)
	})
}

// TestFallbackAfterARedirect has the other host fail: the fallback, which may ask
// it again, is given no more than that host was, and what it changes is its own.
func TestFallbackAfterARedirect(t *testing.T) {
	t.Parallel()
	var given http.Header
	s := &script{answers: []answer{{status: 302, header: http.Header{"Location": {"http://other.test/"}}}, {status: 503}}}
	c := newClient(t, client.Config{
		Policy: resilience.Policy{EnableFallback: true}, Redirects: client.AnyHost,
		Fallback: func(req *http.Request, _ error) (*http.Response, error) {
			given = req.Header.Clone()
			req.Header.Set("Accept", "changed")
			return &http.Response{}, nil
		},
	}, s)
	req := secret(t, "GET", here)
	status, _, err := ask(t, c, req)
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, http.Header{"Accept": {"text/plain"}}, given)
	require.Equal(t, "text/plain", req.Header.Get("Accept"))
}
