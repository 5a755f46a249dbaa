package stoptest_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// What a server writes.
const (
	good     = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend"
	goodbye  = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"
	short    = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nend"
	chunked  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n"
	unended  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n"
	hinted   = "HTTP/1.1 103 Early Hints\r\n\r\n" + good
	headless = "HTTP/1.1 200 OK\r\nConte"
)

// server answers requests as raw text says: answers[i] is written for the request i of a connection, and after the last one
// the connection is closed when its request was read.
func server(t *testing.T, answers ...string) (addr string) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { answer(c, answers) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

func answer(c net.Conn, answers []string) {
	defer func() { _ = c.Close() }()
	reader := bufio.NewReader(c)
	for _, text := range answers {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		if _, err := io.WriteString(c, text); err != nil {
			return
		}
	}
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	t.Helper()
	return stoptest.FreeAddr(t)
}

// some sends requests one after the other until at least n have ended.
func some(t *testing.T, n int, cfg stoptest.LoadConfig) stoptest.Requests {
	t.Helper()
	l, err := stoptest.NewLoad(cfg)
	require.NoError(t, err)
	defer l.Stop()
	stoptest.WaitFor(t, limit, "requests", func() bool { return l.Ended() >= n })
	return l.Stop()
}

func TestFates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers    []string // nil is nobody there
		kind       stoptest.Kind
		patience   time.Duration
		wantFate   stoptest.Fate
		wantStatus int
		wantClose  bool
		wantErr    string
	}{
		"answered":                {answers: []string{good}, wantStatus: 200},
		"in pieces":               {answers: []string{chunked}, kind: stoptest.Kind{Ends: "end"}, wantStatus: 200},
		"after a hint":            {answers: []string{hinted}, wantStatus: 200},
		"turned away":             {answers: []string{goodbye}, wantStatus: 503, wantClose: true},
		"nobody there":            {wantFate: stoptest.Refused, wantErr: "refused"},
		"closed without a word":   {answers: []string{""}, wantFate: stoptest.Lost, wantErr: "EOF"},
		"closed in the head":      {answers: []string{headless}, wantFate: stoptest.Lost, wantErr: "malformed"},
		"closed in the body":      {answers: []string{short}, wantFate: stoptest.Lost, wantStatus: 200, wantErr: "unexpected EOF"},
		"closed between pieces":   {answers: []string{unended}, wantFate: stoptest.Lost, wantStatus: 200, wantErr: "unexpected EOF"},
		"in form, but too short":  {answers: []string{good}, kind: stoptest.Kind{Ends: "the end"}, wantFate: stoptest.Lost, wantStatus: 200, wantErr: "does not end"},
		"a failure has no ending": {answers: []string{goodbye}, kind: stoptest.Kind{Ends: "end"}, wantStatus: 503, wantClose: true},
		"never answered":          {answers: []string{"", ""}, patience: time.Second, wantFate: stoptest.Lost, wantErr: "no answer within 1s"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := nobody(t)
			if tt.answers != nil {
				addr = server(t, tt.answers...)
			}
			tt.kind.Path = "/"
			for _, kept := range []float64{0, 1} {
				done := some(t, 3, stoptest.LoadConfig{
					Rate: 100, Kept: kept, Mix: []stoptest.Kind{tt.kind}, Pick: stoptest.To(addr), Patience: tt.patience,
				})
				for _, r := range done.All {
					require.Equal(t, tt.wantFate, r.Fate, r.Err)
					require.Equal(t, tt.wantStatus, r.Status)
					require.Equal(t, tt.wantClose, r.Close)
					require.Equal(t, tt.wantFate == stoptest.Refused, r.Sent.IsZero())
					if tt.wantErr == "" {
						require.NoError(t, r.Err)
					} else {
						require.ErrorContains(t, r.Err, tt.wantErr)
					}
				}
			}
		})
	}
}

// net/http's client would send the second request again, and nobody would know that it was lost. Its GET is idempotent.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	done := some(t, 6, stoptest.LoadConfig{
		Rate: 20, Kept: 1, Mix: []stoptest.Kind{{Path: "/", Method: http.MethodGet}}, Pick: stoptest.To(server(t, good, "")),
	})
	var lost int
	for _, r := range done.All {
		require.Equal(t, r.Reused, r.Fate == stoptest.Lost, "the second request of each connection is lost: %v", r.Err)
		if r.Reused {
			lost++
		}
	}
	require.Positive(t, lost)
}

// A server may close a connection while it is idle. Who looks before he sends loses nothing.
func TestClosedConnectionsAreNotUsed(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	require.NoError(t, listener.SetDeadline(time.Now().Add(limit)))
	l, err := stoptest.NewLoad(stoptest.LoadConfig{Kept: 1, Pick: stoptest.To(listener.Addr().String())})
	require.NoError(t, err)
	defer l.Stop()
	for n := range 5 {
		l.Send(1, stoptest.Kind{Path: "/"})
		c, err := listener.Accept() // a request over an old connection would leave it waiting
		require.NoError(t, err)
		answer(c, []string{good}) // closes, and does not say so
		stoptest.WaitFor(t, limit, "the answer", func() bool { return l.Ended() > n })
	}
	for _, r := range l.Stop().All {
		require.Equal(t, stoptest.Answered, r.Fate, r.Err)
		require.False(t, r.Reused)
	}
}

func TestKeptConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	l, err := stoptest.NewLoad(stoptest.LoadConfig{Kept: 1, Pick: stoptest.To("http://" + server(t, good, chunked, hinted, good))})
	require.NoError(t, err)
	defer l.Stop()
	for n := range 3 {
		l.Send(1, stoptest.Kind{Path: "/", Body: "x"})
		stoptest.WaitFor(t, limit, "the answer", func() bool { return l.Ended() > n })
	}
	for i, r := range l.Stop().All {
		require.Equal(t, stoptest.Answered, r.Fate, r.Err)
		require.Equal(t, i > 0, r.Reused)
	}
}

func TestWhatIsNotSentIsTold(t *testing.T) {
	t.Parallel()
	held, err := stoptest.NewLoad(stoptest.LoadConfig{Pick: func() (string, bool) { return "", false }})
	require.NoError(t, err)
	held.Send(5, stoptest.Kind{Path: "/"})
	require.Equal(t, stoptest.Requests{Held: 5}, held.Stop())

	few, err := stoptest.NewLoad(stoptest.LoadConfig{InFlight: 2, Patience: time.Millisecond, Pick: stoptest.To(server(t, "", ""))})
	require.NoError(t, err)
	few.Send(5, stoptest.Kind{Path: "/"})
	few.Pause()
	few.Send(5, stoptest.Kind{Path: "/"})
	done := few.Stop()
	require.Equal(t, 5, len(done.All)+done.Skipped, "after the pause nothing is sent")
	require.GreaterOrEqual(t, len(done.All), 2)
	require.Error(t, (&stoptest.Outcome{Requests: stoptest.Requests{Skipped: 1}}).Served())
}

func TestLoadThatMakesNoSense(t *testing.T) {
	t.Parallel()
	to := stoptest.To("127.0.0.1:1")
	mix := []stoptest.Kind{{Path: "/"}}
	tests := map[string]struct {
		cfg  stoptest.LoadConfig
		want string
	}{
		"rate":   {stoptest.LoadConfig{Rate: -1, Mix: mix, Pick: to}, "Rate is -1"},
		"share":  {stoptest.LoadConfig{Kept: 1.5, Mix: mix, Pick: to}, "Kept is 1.5"},
		"nobody": {stoptest.LoadConfig{Mix: mix}, "needs Pick"},
		"no mix": {stoptest.LoadConfig{Rate: 1, Pick: to}, "at least one Kind"},
		"path":   {stoptest.LoadConfig{Mix: []stoptest.Kind{{Path: "x"}}, Pick: to}, `path "x"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := stoptest.NewLoad(tt.cfg)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// The mix has the shares that it says, and the seed makes the order.
func TestMix(t *testing.T) {
	t.Parallel()
	addr := nobody(t)
	count := func(seed uint64) map[string]int {
		done := some(t, 400, stoptest.LoadConfig{
			Rate: 4000, Seed: seed, Mix: []stoptest.Kind{{Path: "/a", Share: 3}, {Path: "/b", Share: 1, Name: "b"}}, Pick: stoptest.To(addr),
		})
		kinds := map[string]int{}
		for _, r := range done.All[:400] {
			kinds[r.Kind]++
		}
		return kinds
	}
	kinds := count(1)
	require.Len(t, kinds, 2)
	require.InDelta(t, 300, kinds["/a"], 60)
}
