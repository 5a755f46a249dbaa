package stoptest_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// dialSocket opens a websocket, which is closed with the test.
func dialSocket(t *testing.T, p *stoptest.Process, path string) *websocket.Conn {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	options := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
	conn, _, err := websocket.Dial(t.Context(), p.URL()+path, options) //nolint:bodyclose // it is the connection
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// raw is a plain connection, for what a client does not show.
type raw struct {
	t testing.TB
	net.Conn

	reader *bufio.Reader
}

func dial(t *testing.T, p *stoptest.Process) raw {
	t.Helper()
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.URL(), "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(limit)))
	return raw{t, c, bufio.NewReader(c)}
}

// send writes a request without a body.
func (r raw) send(method, path string, headers ...string) {
	r.t.Helper()
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: scratch", "Content-Length: 0"}, headers...)
	_, err := io.WriteString(r, strings.Join(lines, "\r\n")+"\r\n\r\n")
	require.NoError(r.t, err)
}

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	close  bool // it said Connection: close
	body   string
}

func (r raw) reply() reply {
	r.t.Helper()
	response, err := http.ReadResponse(r.reader, nil)
	require.NoError(r.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	return reply{response.StatusCode, response.Header, response.Close, string(body)}
}

// ended waits until the other side has closed the connection.
func (r raw) ended() time.Time {
	r.t.Helper()
	_, err := r.reader.ReadByte()
	require.Error(r.t, err)
	require.NotErrorIs(r.t, err, syscall.ETIMEDOUT)
	return time.Now()
}

// steal opens a connection that the program has taken for itself and forgotten.
func steal(t *testing.T, p *stoptest.Process) raw {
	t.Helper()
	c := dial(t, p)
	c.send(http.MethodGet, "/stolen", "Connection: Upgrade", "Upgrade: silence")
	response, err := http.ReadResponse(c.reader, nil) //nolint:bodyclose // it has none
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	return c
}

func TestSocketIsToldToLeave(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t, "SHUTDOWN_DRAIN_TIMEOUT=30s", "SHUTDOWN_FORCE_TIMEOUT=60s"))
	conn := dialSocket(t, p, "/socket")
	signalled := p.Terminate()
	_, _, err := conn.Read(t.Context())
	told := time.Since(signalled)
	require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err), err)
	require.GreaterOrEqual(t, told, 500*time.Millisecond, "not before the drain begins")
	require.Zero(t, p.Wait(limit))
	took := p.EndedAt().Sub(signalled)
	t.Logf("close frame 1001 after %s, gone after %s (grace 500ms)", told, took)
	require.Less(t, took, 20*time.Second, "the socket does not hold the process for its drain timeout")
}

func TestEventStreamComesToItsEnd(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t, "SHUTDOWN_DRAIN_TIMEOUT=30s", "SHUTDOWN_FORCE_TIMEOUT=60s"))
	c := dial(t, p)
	c.send(http.MethodGet, "/events", "Accept: text/event-stream")
	_, err := c.reader.Peek(1)
	require.NoError(t, err)
	signalled := p.Terminate()
	events := c.reply() // whole, or the test fails
	told := time.Since(signalled)
	require.Equal(t, http.StatusOK, events.status)
	require.True(t, strings.HasSuffix(events.body, "data: the process is shutting down\n\n"), events.body)
	require.GreaterOrEqual(t, told, 500*time.Millisecond, "not before the drain begins")
	require.Zero(t, p.Wait(limit))
	took := p.EndedAt().Sub(signalled)
	t.Logf("event stream ended after %s, gone after %s (grace 500ms)", told, took)
	require.Less(t, took, 20*time.Second)
}

// Neither of them listens: they are closed when their time is over, and the process is not held.
func TestDeafConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t))
	socket, stolen := dialSocket(t, p, "/deaf-socket"), steal(t, p)
	signalled := p.Terminate()
	_, _, err := socket.Read(t.Context())
	require.Error(t, err)
	closed := time.Since(signalled)
	stolen.ended()
	require.Equal(t, 1, p.Wait(limit), "the drain was not complete")
	t.Logf("deaf socket closed after %s, hijacked connection after %s, gone after %s (grace 500ms, drain 2s, cancel 500ms, force 4s)",
		closed, time.Since(signalled), p.EndedAt().Sub(signalled))
	require.GreaterOrEqual(t, closed, 3*time.Second-time.Millisecond)
	require.Equal(t, []string{"deaf-socket"}, culprits(last(t, p), "unfinished_streams"))
}

// Nobody waits for a connection that was hijacked and not registered. It is closed before the rest stops.
func TestStolenConnectionHoldsNobody(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(
		t, "SHUTDOWN_DRAIN_TIMEOUT=30s", "SHUTDOWN_FORCE_TIMEOUT=60s", "SHUTDOWN_TASK_TIMEOUT=5s", "SCRATCH_STOP_TAKES=2s",
	))
	stolen := steal(t, p)
	signalled := p.Terminate()
	closed := stolen.ended()
	require.Zero(t, p.Wait(limit))
	require.Less(t, p.EndedAt().Sub(signalled), 20*time.Second)
	require.Greater(t, p.EndedAt().Sub(closed), 500*time.Millisecond, "it is the program that closes it, not its end")
}

// When the drain has begun and something slow is under way, who dials is refused, and who comes over an old connection is
// told to go.
func TestOldConnectionsAreTurnedAway(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t, "SHUTDOWN_DRAIN_TIMEOUT=30s", "SHUTDOWN_FORCE_TIMEOUT=60s"))
	old, slow := dial(t, p), dial(t, p)
	old.send(http.MethodPost, "/fast")
	first := old.reply()
	require.Equal(t, http.StatusOK, first.status)
	require.False(t, first.close)
	slow.send(http.MethodPost, "/slow?ms=4000")
	watch := stoptest.NewWatch(stoptest.WatchConfig{URL: p.URL(), AdminURL: p.AdminURL()})
	defer watch.Stop()
	stoptest.WaitFor(t, limit, "a first look", func() bool { return !watch.Seen().LastOpen.IsZero() })

	p.Terminate()
	p.Line("draining", "", "")
	_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.URL(), "http://"))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	old.send(http.MethodPost, "/fast")
	second := old.reply()
	require.Equal(t, http.StatusServiceUnavailable, second.status)
	require.Contains(t, second.body, "shutting-down")
	require.True(t, second.close)
	require.NotEmpty(t, second.header.Get("Retry-After"))
	old.ended()

	underWay := slow.reply()
	require.Equal(t, http.StatusOK, underWay.status, "what was under way is answered")
	require.True(t, underWay.close)
	require.Zero(t, p.Wait(limit))
	seen := watch.Stop()
	require.False(t, seen.Reopened)
	require.False(t, seen.ShutAt.IsZero())
	require.EqualValues(t, 1, last(t, p)["refused"])
}
