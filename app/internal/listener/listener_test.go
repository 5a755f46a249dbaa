package listener_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

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
	s.Stop(t.Context())
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	s := newServer("127.0.0.1:0")
	s.Stop(t.Context())
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
	s.Stop(t.Context())

	next := newServer(addr)
	require.NoError(t, next.Start(t.Context()))
	next.Stop(t.Context())
}

// dial opens a connection, and sends a request on it where there is one.
func dial(t *testing.T, s *listener.Server, request string) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", s.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, err = c.Write([]byte(request))
	require.NoError(t, err)
	return c
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func status(t *testing.T, r *bufio.Reader) int {
	t.Helper()
	res, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

func TestRefuseKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := newServer("127.0.0.1:0")
	require.NoError(t, s.Start(t.Context()))
	c := dial(t, s, request)
	r := bufio.NewReader(c)
	require.Equal(t, http.StatusNotFound, status(t, r))

	s.Refuse()
	s.Refuse()
	_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	_, err = c.Write([]byte(request))
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, status(t, r), "an idle connection is still served")

	s.Stop(t.Context())
	_, err = r.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, s.Err(), "the end was asked for")
}

// net/http waits 5 s for connections that have not sent anything, and never closes hijacked ones.
func TestStopClosesEveryConnection(t *testing.T) {
	t.Parallel()
	hijacked := make(chan struct{})
	s := listener.New(listener.Config{
		Name: "test", Addr: "127.0.0.1:0", Setting: "TEST_ADDR", Log: slog.New(slog.DiscardHandler),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
			}
			close(hijacked)
		}),
	})
	require.NoError(t, s.Start(t.Context()))
	silent, upgraded := dial(t, s, ""), dial(t, s, request)
	<-hijacked
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	s.Stop(ctx)
	require.NoError(t, ctx.Err(), "it waits for neither")
	for name, c := range map[string]net.Conn{"silent": silent, "hijacked": upgraded} {
		_, err := c.Read(make([]byte, 1))
		require.Error(t, err, name)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, name)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}, 3), make(chan struct{})
	s := listener.New(listener.Config{
		Name: "test", Addr: "127.0.0.1:0", Setting: "TEST_ADDR", Log: slog.New(slog.DiscardHandler),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			entered <- struct{}{}
			switch r.URL.Path {
			case "/slow":
				<-release
			case "/large":
				_, _ = w.Write(make([]byte, 16<<20)) // more than the buffers of the connection take
			}
		}),
	})
	require.NoError(t, s.Start(t.Context()))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Quiet(over), "nothing is under way")

	slow := dial(t, s, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	owes := dial(t, s, "POST /owes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
	<-entered
	<-entered
	require.NoError(t, s.Quiet(over), "no answer is being sent")

	large := dial(t, s, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	_, err := io.CopyN(io.Discard, large, 1<<20) // past what comes before the one large write
	require.NoError(t, err)
	require.ErrorContains(t, s.Quiet(over), "1 answers of the test server were not sent to their end: context canceled")

	quiet := make(chan error, 1)
	go func() { quiet <- s.Quiet(t.Context()) }()
	_, err = io.Copy(io.Discard, large)
	require.NoError(t, err)
	close(release)
	require.Equal(t, http.StatusOK, status(t, bufio.NewReader(slow)))
	select {
	case err := <-quiet:
		require.Fail(t, "quiet, though a request is not read to its end", err)
	default:
	}
	require.NoError(t, owes.Close())
	require.NoError(t, <-quiet)
	s.Stop(t.Context())
}
