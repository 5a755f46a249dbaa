package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/shutdown"
)

func TestServerNamesThePortInUse(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	addr := taken.Addr().String()
	s := bindRouter(t).NewServer(addr, quiet())
	require.EqualError(t, s.Start(t.Context()), "listen on "+addr+": address already in use; set HTTP_ADDR")
	s.Stop(t.Context())
}

func TestServerServesUntilItDrains(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	r := serve(t, app.Get("/slow", func(context.Context, *empty) (*order, error) {
		close(entered)
		<-release
		return &order{ID: 1}, nil
	}).Name("slow"))
	s := r.NewServer("127.0.0.1:0", quiet())
	require.NoError(t, s.Start(t.Context()))
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // it is one
	url := "http://" + s.Addr()

	type result struct {
		status int
		body   string
		err    error
	}
	slow := make(chan result, 1)
	go func() {
		res, err := fetch(context.WithoutCancel(t.Context()), url+"/slow")
		if err != nil {
			slow <- result{err: err}
			return
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		slow <- result{res.StatusCode, string(body), err}
	}()
	<-entered
	s.Refuse() // what the hook at the end of GRACE does
	refused, err := fetch(t.Context(), url+"/slow")
	if err == nil {
		require.NoError(t, refused.Body.Close())
	}
	require.ErrorContains(t, err, "connection refused")

	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Stop(t.Context())
	}()
	close(release)
	got := <-slow
	require.NoError(t, got.err)
	require.Equal(t, http.StatusOK, got.status)
	require.JSONEq(t, `{"id":1}`, got.body)
	<-stopped
	s.Stop(t.Context()) // a second stop
	require.NoError(t, s.Err())
}

func TestServerCutsWhatOutlivesTheStop(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	r := serve(t, app.Get("/stuck", func(ctx context.Context, _ *empty) (*order, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	}).Name("stuck"))
	s := r.NewServer("127.0.0.1:0", quiet())
	require.NoError(t, s.Start(t.Context()))
	failed := make(chan error, 1)
	go func() {
		res, err := fetch(context.WithoutCancel(t.Context()), "http://"+s.Addr()+"/stuck")
		if err == nil {
			_ = res.Body.Close()
		}
		failed <- err
	}()
	<-entered
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s.Stop(over)
	require.Error(t, <-failed)
}

func TestShutdownCauseIsA503(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	r := serve(t, app.Get("/", func(ctx context.Context, _ *empty) (*order, error) {
		cancel(shutdown.ErrShutdown)
		<-ctx.Done()
		return nil, ctx.Err()
	}).Name("cut"))
	rec := sendContext(ctx, r, "GET", "/")
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Contains(t, problemOf(t, rec).Type, "#shutting-down")
	require.Equal(t, "5", rec.Header().Get("Retry-After"))
}

func TestDrainingRefuses(t *testing.T) {
	t.Parallel()
	r := serve(t, app.Get("/", handler[empty, empty]).Name("x"))
	r.Stop.Request("test")
	<-r.Stop.Context().Done() // no grace, nothing in flight: the sequence is over
	rec := send(r, "GET", "/", "")
	require.Contains(t, problemOf(t, rec).Type, "#shutting-down")
	require.Equal(t, "close", rec.Header().Get("Connection"))
}

func TestServerTimeouts(t *testing.T) {
	t.Parallel()
	r := serve(t,
		app.Get("/a", handler[empty, empty]).Name("a").UseResilience(resilience.Policy{Timeout: time.Minute}),
		app.Get("/b", handler[empty, empty]).Name("b").UseResilience(resilience.Policy{Timeout: resilience.NoTimeout}))
	require.Equal(t, 65*time.Second, r.NewServer(":0", quiet()).WriteTimeout())
}

func fetch(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(req)
}

// deadlines is a ResponseWriter that notes its write deadline.
type deadlines struct {
	http.ResponseWriter

	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func TestRouteWithoutTimeoutHasNoWriteDeadline(t *testing.T) {
	t.Parallel()
	r := serve(t,
		app.Get("/bounded", handler[empty, empty]).Name("a"),
		app.Get("/endless", handler[empty, empty]).Name("b").UseResilience(resilience.Policy{Timeout: resilience.NoTimeout}),
		app.Raw("GET", "/stream", counter{}.Export).UseResilience(resilience.Policy{Streaming: true}))
	for path, want := range map[string]bool{"/bounded": false, "/endless": true, "/stream": true} {
		w := &deadlines{ResponseWriter: httptest.NewRecorder()}
		r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if !want {
			require.Empty(t, w.set, path)
			continue
		}
		require.Zero(t, w.set[0], path)
		require.Zero(t, w.set[len(w.set)-1], path)
	}
}
