package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// trap is a server to which no secret may get.
func trap(t *testing.T) (url string, asked, secrets *atomic.Int64) {
	t.Helper()
	asked, secrets = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		for _, name := range []string{"Authorization", "Cookie", "Api-Key", "Referer", "Www-Authenticate"} {
			if r.Header.Get(name) != "" {
				secrets.Add(1)
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked, secrets
}

func secret(t *testing.T, method, url string) *http.Request {
	t.Helper()
	var req *http.Request
	if method == "GET" {
		req = request(t.Context(), t, method, url, nil)
	} else {
		req = request(t.Context(), t, method, url, strings.NewReader("order"))
	}
	req.Header.Set("Authorization", "Bearer secret")
	req.Header.Set("Cookie", "session=secret")
	req.Header.Set("Api-Key", "secret")
	req.Header.Set("Accept", "text/plain")
	return req
}

func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		redirects   client.Redirects
		plain       bool // an http.Client that follows everything
		wantAsked   bool // the trap is, without a secret
		wantRefused bool
	}{
		"same host, client":       {client.SameHost, false, false, true},
		"same host, transport":    {client.SameHost, true, false, true},
		"no redirects, client":    {client.NoRedirects, false, false, false},
		"no redirects, transport": {client.NoRedirects, true, false, true},
		"any host, client":        {client.AnyHost, false, true, false},
		"any host, transport":     {client.AnyHost, true, true, false},
	}
	for name, tt := range tests {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, method := range []string{"GET", "POST"} {
				t.Run(name+" "+method+" "+http.StatusText(status), func(t *testing.T) {
					t.Parallel()
					to, asked, secrets := trap(t)
					server := httptest.NewServer(http.RedirectHandler(to, status))
					t.Cleanup(server.Close)
					c := newClient(t, client.Config{Redirects: tt.redirects}, nil)
					if tt.plain {
						c.CheckRedirect = nil
					}
					_, _, err := ask(t, c, secret(t, method, server.URL))
					var refused *client.RedirectError
					if tt.wantRefused || tt.wantAsked && method == "POST" && status >= 307 {
						require.ErrorAs(t, err, &refused)
						require.Equal(t, server.URL, refused.From)
						require.Equal(t, to, refused.To)
						require.Zero(t, asked.Load())
						return
					}
					require.NoError(t, err)
					require.Equal(t, tt.wantAsked, asked.Load() == 1)
					require.Zero(t, secrets.Load())
				})
			}
		}
	}
}

func TestRedirectWithinTheHost(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/old", http.RedirectHandler("/new", http.StatusTemporaryRedirect))
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Api-Key") == "secret" {
			_, _ = w.Write([]byte("secret"))
		}
	})
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c := newClient(t, client.Config{Policy: retrying()}, nil)

	_, text, err := ask(t, c, secret(t, "POST", server.URL+"/old"))
	require.NoError(t, err)
	require.Equal(t, "secret", text)

	_, _, err = ask(t, c, secret(t, "GET", server.URL+"/loop"))
	var refused *client.RedirectError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "after 10 redirects", refused.Why)
}

// TestNoWayBack redirects away and back again: what was taken off stays off.
func TestNoWayBack(t *testing.T) {
	t.Parallel()
	var home, away *httptest.Server
	var seen atomic.Bool
	home = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			seen.Store(r.Header.Get("Api-Key") != "" || r.Header.Get("Cookie") != "")
			return
		}
		http.Redirect(w, r, away.URL, http.StatusFound)
	}))
	t.Cleanup(home.Close)
	away = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, home.URL+"/back", http.StatusFound)
	}))
	t.Cleanup(away.Close)
	c := newClient(t, client.Config{Redirects: client.AnyHost}, nil)
	status, _, err := ask(t, c, secret(t, "GET", home.URL))
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.False(t, seen.Load())
}

func TestRedirectScheme(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to  string
		redirects client.Redirects
		want      bool // followed
	}{
		"up":                    {"http://api.test/", "https://api.test/", client.SameHost, true},
		"up, ports":             {"http://api.test:80/", "https://API.test:443/", client.SameHost, true},
		"up to another port":    {"http://api.test/", "https://api.test:8443/", client.SameHost, false},
		"another port":          {"http://api.test/", "http://api.test:8080/", client.SameHost, false},
		"a name that begins so": {"https://api.test/", "https://api.test.evil/", client.SameHost, false},
		"a domain below":        {"https://api.test/", "https://x.api.test/", client.SameHost, false},
		"down":                  {"https://api.test/", "http://api.test/", client.SameHost, false},
		"down, any host":        {"https://api.test/", "http://cdn.test/", client.AnyHost, false},
		"any host":              {"https://api.test/", "https://cdn.test/", client.AnyHost, true},
	}
	for name, tt := range tests {
		for _, plain := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := &script{answers: []answer{{status: 302, header: http.Header{"Location": {tt.to}}}, {status: 200}}}
				c := newClient(t, client.Config{Redirects: tt.redirects}, s)
				if plain {
					c.CheckRedirect = nil
				}
				status, _, err := ask(t, c, request(t.Context(), t, "GET", tt.from, nil))
				if tt.want {
					require.NoError(t, err)
					require.Equal(t, 200, status)
					return
				}
				var refused *client.RedirectError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, 502, refused.StatusCode())
				require.Len(t, s.asked, 1)
			})
		}
	}
}

func TestRedirectsShareTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := newClient(t, client.Config{Policy: resilience.Policy{Timeout: 5 * time.Second}}, inner(func(req *http.Request) (*http.Response, error) {
			select {
			case <-time.After(2 * time.Second):
			case <-req.Context().Done():
				return nil, req.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"/again"}}, Body: http.NoBody}, nil
		}))
		_, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestAnswerOfNoRequest(t *testing.T) {
	t.Parallel()
	rt, err := client.NewTransport("billing", newParts(t).runner, client.Config{}, client.WithTransport(statuses(200)))
	require.NoError(t, err)
	req := request(t.Context(), t, "GET", here, nil)
	req.Response = &http.Response{}
	_, err = rt.RoundTrip(req) //nolint:bodyclose // an error
	var refused *client.RedirectError
	require.ErrorAs(t, err, &refused)
}
