package admin_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func page(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func newServer(t *testing.T, cfg admin.Config, endpoints ...admin.Endpoint) (*admin.Server, error) {
	t.Helper()
	return admin.New(cfg, slog.New(slog.DiscardHandler), endpoints...)
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const token = "correct horse"
	local := admin.Config{Addr: "127.0.0.1:0", Token: token, Env: config.Prod}
	tests := map[string]struct {
		cfg           admin.Config
		method, path  string
		authorization string
		crossSite     bool
		want          int
	}{
		"health, remote":               {admin.Config{Addr: ":9090", Token: token}, "GET", "/livez", "", false, 200},
		"read, loopback":               {local, "GET", "/metrics", "", false, 200},
		"head, loopback":               {local, "HEAD", "/metrics", "", false, 200},
		"write, loopback":              {local, "POST", "/metrics", "", false, 401},
		"write, token":                 {local, "POST", "/metrics", "Bearer " + token, false, 200},
		"write, token, any case":       {local, "POST", "/metrics", "bearer " + token, false, 200},
		"write, other scheme":          {local, "POST", "/metrics", "Basic " + token, false, 401},
		"write, wrong token":           {local, "POST", "/metrics", "Bearer correct horsf", false, 401},
		"write, empty token":           {local, "POST", "/metrics", "Bearer ", false, 401},
		"write, no token is set":       {admin.Config{Addr: "127.0.0.1:0"}, "POST", "/metrics", "Bearer ", false, 401},
		"write, dev":                   {admin.Config{Addr: "localhost:0", Env: config.Dev}, "POST", "/metrics", "", false, 200},
		"write, dev, remote":           {admin.Config{Addr: ":0", Env: config.Dev, Token: token}, "POST", "/metrics", "", false, 401},
		"read, remote":                 {admin.Config{Addr: "0.0.0.0:0", Token: token}, "GET", "/metrics", "", false, 401},
		"read, remote, token":          {admin.Config{Addr: "0.0.0.0:0", Token: token}, "GET", "/metrics", "Bearer " + token, false, 200},
		"read across sites":            {local, "GET", "/metrics", "", true, 200},
		"write across sites":           {local, "POST", "/metrics", "Bearer " + token, true, 403},
		"write across sites, dev":      {admin.Config{Addr: "[::1]:0", Env: config.Dev}, "POST", "/metrics", "", true, 403},
		"there is no such page":        {local, "GET", "/nothing", "", false, 404},
		"/routes is read":              {local, "GET", "/routes", "", false, 200},
		"/routes is not written":       {admin.Config{Addr: "[::1]:0", Env: config.Dev}, "POST", "/routes", "", false, 405},
		"/routes is closed from afar":  {admin.Config{Addr: ":0", Token: token}, "GET", "/routes", "", false, 401},
		"tokens are compared in whole": {local, "POST", "/metrics", "Bearer correct", false, 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := newServer(t, tt.cfg,
				admin.Endpoint{Path: "/metrics", Handler: page("numbers")},
				admin.Endpoint{Path: "/livez", Handler: page("ok"), Public: page("public")},
				admin.Routes(func() []admin.Route { return nil }))
			require.NoError(t, err)
			req := httptest.NewRequestWithContext(t.Context(), tt.method, "http://localhost:9090"+tt.path, nil)
			if tt.authorization != "" {
				req.Header.Set("Authorization", tt.authorization)
			}
			if tt.crossSite {
				req.Header.Set("Sec-Fetch-Site", "cross-site")
				req.Header.Set("Origin", "https://evil.example")
			}
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, req)
			require.Equal(t, tt.want, rec.Code, rec.Body.String())
			if tt.want >= http.StatusBadRequest {
				require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"))
			}
			if tt.want == http.StatusUnauthorized {
				require.Equal(t, "Bearer", rec.Header().Get("WWW-Authenticate"))
				require.NotContains(t, rec.Body.String(), token)
			}
		})
	}
}

// Health answers everybody, and tells its reasons to those who may read.
func TestHealthTellsReadersMore(t *testing.T) {
	t.Parallel()
	const token = "correct horse"
	tests := map[string]struct{ addr, host, authorization, want string }{
		"here":                   {"127.0.0.1:9090", "localhost", "", "all"},
		"here, a foreign name":   {"127.0.0.1:9090", "evil.example", "", "public"},
		"from afar":              {":9090", "10.0.0.7:9090", "", "public"},
		"from afar, wrong token": {":9090", "10.0.0.7:9090", "Bearer no", "public"},
		"from afar, token":       {":9090", "10.0.0.7:9090", "Bearer " + token, "all"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := newServer(t, admin.Config{Addr: tt.addr, Token: token, Env: config.Prod},
				admin.Endpoint{Path: "/readyz", Handler: page("all"), Public: page("public")})
			require.NoError(t, err)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil)
			req.Host = tt.host
			req.Header.Set("Authorization", tt.authorization)
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, req)
			require.Equal(t, http.StatusOK, rec.Code)
			require.Equal(t, tt.want, rec.Body.String())
		})
	}
}

// A page of another site whose name resolves to this machine cannot read what is
// open, since it has to send its own name.
func TestHosts(t *testing.T) {
	t.Parallel()
	const token = "correct horse"
	tests := map[string]struct {
		addr, host, path, authorization string
		want                            int
	}{
		"localhost":                  {"127.0.0.1:9090", "localhost:9090", "/metrics", "", 200},
		"localhost, no port":         {"127.0.0.1:9090", "localhost", "/metrics", "", 200},
		"any case":                   {"127.0.0.1:9090", "LocalHost:9090", "/metrics", "", 200},
		"loopback":                   {"127.0.0.1:9090", "127.0.0.1:9090", "/metrics", "", 200},
		"another loopback":           {"127.0.0.1:9090", "127.8.9.1", "/metrics", "", 200},
		"IPv6":                       {"[::1]:9090", "[::1]:9090", "/metrics", "", 200},
		"IPv6, no port":              {"[::1]:9090", "[::1]", "/metrics", "", 200},
		"IPv4 in IPv6":               {"[::1]:9090", "[::ffff:127.0.0.1]:80", "/metrics", "", 200},
		"a foreign name":             {"127.0.0.1:9090", "evil.example:9090", "/metrics", "", 421},
		"a foreign name, no port":    {"127.0.0.1:9090", "evil.example", "/metrics", "", 421},
		"almost":                     {"127.0.0.1:9090", "localhost.evil.example", "/metrics", "", 421},
		"a foreign address":          {"127.0.0.1:9090", "192.0.2.1:9090", "/metrics", "", 421},
		"none":                       {"127.0.0.1:9090", "", "/metrics", "", 421},
		"a foreign name, token":      {"127.0.0.1:9090", "ops.example", "/metrics", "Bearer " + token, 200},
		"a foreign name, bad token":  {"127.0.0.1:9090", "ops.example", "/metrics", "Bearer no", 421},
		"a foreign name, health":     {"127.0.0.1:9090", "evil.example", "/livez", "", 200},
		"from afar, a foreign name":  {"0.0.0.0:9090", "ops.example", "/metrics", "Bearer " + token, 200},
		"from afar, without a token": {"0.0.0.0:9090", "localhost", "/metrics", "", 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := newServer(t, admin.Config{Addr: tt.addr, Token: token, Env: config.Prod},
				admin.Endpoint{Path: "/metrics", Handler: page("numbers")},
				admin.Endpoint{Path: "/livez", Handler: page("ok"), Public: page("public")})
			require.NoError(t, err)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.path, nil)
			req.Host = tt.host
			if tt.authorization != "" {
				req.Header.Set("Authorization", tt.authorization)
			}
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, req)
			require.Equal(t, tt.want, rec.Code, rec.Body.String())
			if tt.want >= http.StatusBadRequest {
				require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"))
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	local := admin.Config{Addr: "127.0.0.1:0"}
	tests := map[string]struct {
		cfg       admin.Config
		endpoints []admin.Endpoint
		want      string
	}{
		"remote without a token": {admin.Config{Addr: ":9090"}, nil, "ADMIN_TOKEN"},
		"a name":                 {admin.Config{Addr: "admin.internal:9090"}, nil, "ADMIN_TOKEN"},
		"no address":             {admin.Config{Addr: "nonsense"}, nil, "ADMIN_TOKEN"},
		"path twice":             {local, []admin.Endpoint{{Path: "/a", Handler: page("")}, {Path: "/a", Handler: page("")}}, `admin endpoint "/a"`},
		"path without slash":     {local, []admin.Endpoint{{Path: "a", Handler: page("")}}, "must begin with a slash"},
		"no handler":             {local, []admin.Endpoint{{Path: "/a"}}, "there is no handler"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newServer(t, tt.cfg, tt.endpoints...)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRoutesShowsJSON(t *testing.T) {
	t.Parallel()
	e := admin.Routes(func() []admin.Route {
		return []admin.Route{{Name: "shop.get", Method: "GET", Path: "/", Resilience: []string{"breaker"}}}
	})
	rec := httptest.NewRecorder()
	e.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/routes", nil))
	require.JSONEq(t, `[{"name":"shop.get","method":"GET","path":"/","module":"","source":"","guards":0,"resilience":["breaker"]}]`, rec.Body.String())
}

func TestServes(t *testing.T) {
	t.Parallel()
	s, err := newServer(t, admin.Config{Addr: "127.0.0.1:0"}, admin.Endpoint{Path: "/hello", Handler: page("hello")})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://"+s.Addr()+"/hello", nil)
	require.NoError(t, err)
	transport := &http.Transport{}
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	var body strings.Builder
	_, err = io.Copy(&body, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "hello", body.String())
	transport.CloseIdleConnections()
	s.Stop(t.Context())
}
