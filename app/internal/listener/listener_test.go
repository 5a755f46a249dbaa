package listener_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/internal/listener"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newServer(addr string) *listener.Server {
	return listener.New(listener.Config{
		Name: "test", Addr: addr, Setting: "TEST_ADDR", Handler: http.NotFoundHandler(),
		Log: slog.New(slog.DiscardHandler), Failed: func(error) {},
	})
}

func TestStartTwiceIsOneStart(t *testing.T) {
	t.Parallel()
	s := newServer("127.0.0.1:0")
	require.Empty(t, s.Addr())
	require.NoError(t, s.Start(t.Context()))
	addr := s.Addr()
	require.NoError(t, s.Start(t.Context()))
	require.Equal(t, addr, s.Addr())
	require.NoError(t, s.Stop(t.Context()))
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	s := newServer("127.0.0.1:0")
	require.NoError(t, s.Stop(t.Context()))
	require.ErrorContains(t, s.Start(t.Context()), "the server was stopped")
	require.Empty(t, s.Addr())
	require.NoError(t, s.Err())
}

func TestStartNamesTheSetting(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:99999", "256.0.0.1:80", "192.0.2.1:0"} {
		err := newServer(addr).Start(t.Context())
		require.ErrorContains(t, err, "listen on "+addr+" (TEST_ADDR): ")
	}
	require.NotErrorIs(t, newServer("x").Start(t.Context()), errors.ErrUnsupported)
}

// A bound address is taken, and given back where nobody came to serve it.
func TestBind(t *testing.T) {
	t.Parallel()
	s := newServer("127.0.0.1:0")
	require.NoError(t, s.Bind(t.Context()))
	addr := s.Addr()
	require.ErrorContains(t, newServer(addr).Bind(t.Context()), "address already in use")
	require.NoError(t, s.Bind(t.Context()), "a second Bind does nothing")
	require.NoError(t, s.Stop(t.Context()))

	next := newServer(addr)
	require.NoError(t, next.Start(t.Context()))
	require.NoError(t, next.Stop(t.Context()))
}
