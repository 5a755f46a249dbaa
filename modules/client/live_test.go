package client_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// conns counts the connections made to a server.
type conns struct{ made atomic.Int64 }

// carried is the key of what tells whether a connection has carried a request.
type carried struct{}

func (c *conns) note(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		c.made.Add(1)
	}
}

// serve starts a server. Its client side is closed before it.
func serve(t *testing.T, handler http.HandlerFunc) (url string, counts *conns) {
	t.Helper()
	counts = new(conns)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = counts.note
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, carried{}, new(atomic.Bool))
	}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, counts
}

func quick() resilience.Policy {
	return resilience.Policy{
		EnableRetry: true, EnableCircuitBreaker: true, Timeout: 10 * time.Second, Idempotent: true,
		Retry: retry.Policy{MaxAttempts: 3, BaseDelay: time.Millisecond}, MaxRequestBuffer: 2 << 20,
	}
}

// TestWholeBodyThreeTimes lets a real server fail twice, early, before it has
// read the body.
func TestWholeBodyThreeTimes(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 100_000)
	for name, from := range map[string]io.Reader{"by GetBody": strings.NewReader(text), "kept": io.MultiReader(strings.NewReader(text))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole, calls atomic.Int64
			url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				read, err := io.ReadAll(r.Body)
				if err == nil && string(read) == text {
					whole.Add(1)
				}
				if calls.Add(1) < 3 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			status, _, err := ask(t, newClient(t, client.Config{Policy: quick()}, nil), request(t.Context(), t, "POST", url, from))
			require.NoError(t, err)
			require.Equal(t, 200, status)
			require.EqualValues(t, 3, whole.Load())
		})
	}
}

// TestConnectionsAreUsedAgain makes many calls that fail, are repeated and are
// read: one connection serves them all. A machine that is busy elsewhere for the
// whole time that a failure may be read costs one more, now and then.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url, counts := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1)%3 != 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 10_000))
	})
	policy := quick()
	policy.EnableCircuitBreaker = false // two of three fail
	c := newClient(t, client.Config{Policy: policy}, nil)
	for range 30 {
		status, text, err := ask(t, c, request(t.Context(), t, "GET", url, nil))
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Len(t, text, 10_000)
	}
	require.EqualValues(t, 90, calls.Load())
	require.LessOrEqual(t, counts.made.Load(), int64(10))
}

// TestLargeLosersAreNotRead closes a connection rather than read a large answer
// that nobody wants.
func TestLargeLosersAreNotRead(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url, counts := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 3 {
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		chunk := make([]byte, 32<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	status, _, err := ask(t, newClient(t, client.Config{Policy: quick()}, nil), request(t.Context(), t, "GET", url, nil))
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.EqualValues(t, 3, counts.made.Load())
}

// TestSlowServers is bar D4: whatever hangs or drips ends at the deadline, and
// leaves neither a goroutine nor a connection.
func TestSlowServers(t *testing.T) {
	t.Parallel()
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, "x"); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	tests := map[string]http.HandlerFunc{
		"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"drip": drip,
		"drip a failure": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			drip(w, r)
		},
		"drip the header": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close() //nolint:errcheck // the end of a test
			for range 1000 {
				if _, err := io.WriteString(conn, "H"); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond) // until the client hangs up
			}
		},
	}
	for name, handler := range tests {
		for kind, attempt := range map[string]time.Duration{"": 0, ", attempts": 250 * time.Millisecond} {
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				var again atomic.Int64
				url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if before, ok := r.Context().Value(carried{}).(*atomic.Bool); !ok || before.Swap(true) {
						again.Add(1)
					}
					handler(w, r)
				})
				policy := quick()
				policy.Timeout, policy.AttemptTimeout = 400*time.Millisecond, attempt
				policy.EnableCircuitBreaker = false
				c := newClient(t, client.Config{Policy: policy}, nil)
				began := time.Now()
				var wait sync.WaitGroup
				for range 20 {
					wait.Go(func() {
						_, _, err := ask(t, c, request(t.Context(), t, "GET", url, nil))
						if _, ok := errors.AsType[*resilience.TimeoutError](err); !ok {
							t.Errorf("want a timeout, got %v", err)
						}
					})
				}
				wait.Wait()
				require.Less(t, time.Since(began), 10*time.Second)
				_, _, err := ask(t, c, request(t.Context(), t, "GET", url, nil))
				require.Error(t, err)
				require.Zero(t, again.Load(), "no connection is used again")
			})
		}
	}
}

func TestLimitIsAfterDecompression(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer zip.Close() //nolint:errcheck // the end of a test
		_, _ = io.Copy(zip, io.LimitReader(zeros{}, 2<<20))
	})
	c := newClient(t, client.Config{MaxResponseBody: 1 << 20, Policy: resilience.Policy{Timeout: resilience.NoTimeout}}, nil)
	_, text, err := ask(t, c, request(t.Context(), t, "GET", url, nil))
	var large *client.BodyTooLargeError
	require.ErrorAs(t, err, &large)
	require.Len(t, text, 1<<20)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTLS(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		most  uint16
		works bool
	}{"1.1": {tls.VersionTLS11, false}, "1.2": {tls.VersionTLS12, true}, "1.3": {tls.VersionTLS13, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lowest atomic.Uint32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.EnableHTTP2 = true
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tt.most, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { //nolint:gosec // an old server
				low := hello.SupportedVersions[0]
				for _, v := range hello.SupportedVersions {
					low = min(low, v)
				}
				lowest.Store(uint32(low))
				return nil, nil //nolint:nilnil // as it is
			}}
			server.StartTLS()
			t.Cleanup(server.Close)
			base := client.Base()
			base.TLSClientConfig.RootCAs = x509.NewCertPool()
			base.TLSClientConfig.RootCAs.AddCert(server.Certificate())
			resp, err := newClient(t, client.Config{Policy: quick()}, base).Do(request(t.Context(), t, "GET", server.URL, nil))
			require.Equal(t, tt.works, err == nil, "%v", err)
			if tt.works {
				require.Equal(t, "HTTP/2.0", resp.Proto)
				require.NoError(t, resp.Body.Close())
			}
			require.EqualValues(t, tls.VersionTLS12, lowest.Load())
		})
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // the end of a test
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := buf.ReadString('\n')
		_, _ = io.WriteString(conn, line)
	})
	policy := quick()
	policy.Timeout, policy.MaxConcurrent = 2*time.Second, 1
	c := newClient(t, client.Config{Policy: policy}, nil)
	req := request(t.Context(), t, "GET", url, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := c.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close() //nolint:errcheck // the end of a test
	require.Equal(t, 101, resp.StatusCode)
	time.Sleep(2100 * time.Millisecond) // beyond the deadline, which is not that of the connection
	other, err := c.Do(req)
	require.NoError(t, err, "the slot is free")
	require.NoError(t, other.Body.Close())
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, err = io.WriteString(conn, "hello\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "hello\n", line)
}

// TestManyAtOnce is for the race detector: attempts with deadlines, callers that
// go, bodies closed by others than their readers.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body) // or the server does not see the client go
		if err != nil {
			return
		}
		switch n := calls.Add(1); n % 5 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			<-r.Context().Done()
		default:
			_, _ = w.Write(text)
		}
	})
	for name, mode := range map[string]resilience.Mode{"soft": resilience.Soft, "hard": resilience.Hard} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := quick()
			policy.AttemptTimeout, policy.TimeoutMode, policy.EnableCircuitBreaker = 50*time.Millisecond, mode, false
			c := newClient(t, client.Config{Policy: policy}, nil)
			var wait sync.WaitGroup
			for i := range 200 {
				wait.Go(func() { once(t, c, url, i) })
			}
			wait.Wait()
		})
	}
}

func once(t *testing.T, c *http.Client, url string, i int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if i%10 == 0 {
		time.AfterFunc(time.Millisecond, cancel)
	}
	resp, err := c.Do(request(ctx, t, "POST", url, strings.NewReader(fmt.Sprint(i))))
	if err != nil {
		return
	}
	if i%7 == 0 {
		go resp.Body.Close() //nolint:errcheck // somebody else closes
	}
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusOK && i%7 != 0 && string(text) != fmt.Sprint(i) {
		t.Errorf("%d got the answer %q of another", i, text)
	}
	_ = resp.Body.Close()
}
