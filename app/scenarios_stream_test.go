package app_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// pipes is a listener without a network, so that time in a bubble passes.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newPipes() *pipes {
	done := make(chan struct{})
	return &pipes{conns: make(chan net.Conn), done: done, close: sync.OnceFunc(func() { close(done) })}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (*pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// Dial has the signature of http.Transport.DialContext.
func (p *pipes) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serveOverPipes serves an application as its own server does, with the time
// that has for an answer, and returns what connects to it.
func serveOverPipes(t *testing.T, h http.Handler) *pipes {
	t.Helper()
	p := newPipes()
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 35 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(p) })
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		serving.Wait()
	})
	return p
}

func (p *pipes) client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: p.Dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ask sends a GET request.
func ask(t *testing.T, client *http.Client, path, accept string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://shop.example.com"+path, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Accept", accept)
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// everything is a policy with all that a stream must be spared.
func everything() resilience.Policy {
	return resilience.Policy{
		EnableCircuitBreaker: true, EnableRetry: true, EnableFallback: true, FallbackResponse: "instead", Timeout: 30 * time.Second,
	}
}

// rest waits, unless the client leaves.
func rest(c echo.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-c.Request().Context().Done():
		return context.Cause(c.Request().Context())
	}
}

// Scenario 27: an event stream lives as long as it likes, and each event arrives
// when it is written.
func TestScenario27EventStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := play(t, []app.Mountable{
			app.Raw(http.MethodGet, "/events", func(c echo.Context) error {
				c.Response().Header().Set("Content-Type", "text/event-stream")
				for range 5 {
					if _, err := io.WriteString(c.Response(), "data: tick\n\n"); err != nil {
						return err
					}
					c.Response().Flush()
					if err := rest(c, time.Minute); err != nil {
						return err
					}
				}
				return nil
			}).Name("events").UseResilience(everything()),
		})
		began := time.Now()
		resp := ask(t, serveOverPipes(t, a.Handler()).client(t), "/events", "text/event-stream") //nolint:bodyclose // ask closes it
		require.Zero(t, time.Since(began), "the first byte")
		events := textproto.NewReader(bufio.NewReader(resp.Body))
		for i := range 5 {
			line, err := events.ReadLine()
			require.NoError(t, err)
			require.Equal(t, "data: tick", line)
			require.Equal(t, time.Duration(i)*time.Minute, time.Since(began))
			_, err = events.ReadLine()
			require.NoError(t, err)
		}
		_, err := events.ReadLine()
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, 5*time.Minute, time.Since(began))
	})
}

// A stream that fails before its first byte is not repeated.
func TestScenario27StreamsAreNotRetried(t *testing.T) {
	t.Parallel()
	attempts := 0
	a := play(t, []app.Mountable{
		app.Raw(http.MethodGet, "/events", func(echo.Context) error {
			attempts++
			return app.Unavailable("no events today")
		}).Name("events").UseResilience(everything()),
	})
	r := a.Get("/events").Header("Accept", "text/event-stream").Do().Status(http.StatusServiceUnavailable)
	require.Empty(t, r.Header.Get("X-Resilience-Fallback"))
	require.Equal(t, 1, attempts)
}

// A websocket, as far as HTTP knows it: the handler takes the connection over.
func TestScenario27Websocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := play(t, []app.Mountable{
			app.Raw(http.MethodGet, "/chat", func(c echo.Context) error {
				conn, rw, err := c.Response().Hijack()
				if err != nil {
					return err
				}
				defer func() { _ = conn.Close() }()
				if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); err != nil {
					return err
				}
				for {
					line, err := rw.ReadString('\n')
					if err != nil {
						return nil // the client hung up
					}
					if _, err := io.WriteString(conn, "you said "+line); err != nil {
						return err
					}
				}
			}).Name("chat").UseResilience(everything()),
		})
		conn, err := serveOverPipes(t, a.Handler()).Dial(t.Context(), "", "")
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		_, err = io.WriteString(conn, "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		require.NoError(t, err)
		replies := textproto.NewReader(bufio.NewReader(conn))
		status, err := replies.ReadLine()
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 101 Switching Protocols", status)
		_, err = replies.ReadMIMEHeader()
		require.NoError(t, err)
		for range 3 {
			time.Sleep(time.Minute)
			_, err := io.WriteString(conn, "hello\n")
			require.NoError(t, err)
			line, err := replies.ReadLine()
			require.NoError(t, err)
			require.Equal(t, "you said hello", line)
		}
	})
}

// A 103 is no answer yet: what comes after it is.
func TestScenario27EarlyHints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		a := play(t, []app.Mountable{
			app.Raw(http.MethodGet, "/page", func(c echo.Context) error {
				attempts++
				c.Response().Header().Set("Link", "</style.css>; rel=preload")
				c.Response().WriteHeader(http.StatusEarlyHints)
				time.Sleep(time.Second)
				return app.NotFound("no such page")
			}).Name("page").UseResilience(everything()),
		})
		began := time.Now()
		var hints time.Duration
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				require.Equal(t, http.StatusEarlyHints, code)
				require.Equal(t, "</style.css>; rel=preload", h.Get("Link"))
				hints = time.Since(began)
				return nil
			},
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://shop.example.com/page", http.NoBody)
		require.NoError(t, err)
		resp, err := serveOverPipes(t, a.Handler()).client(t).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusNotFound, resp.StatusCode)
		require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		require.Zero(t, hints)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, 1, attempts)
	})
}

// A download of 50 MiB to a client that takes a minute for it. The first byte
// arrives while the rest is not yet written.
func TestScenario27Download(t *testing.T) {
	t.Parallel()
	const size, chunk = 50 << 20, 1 << 20
	synctest.Test(t, func(t *testing.T) {
		written, attempts := 0, 0
		a := play(t, []app.Mountable{
			app.Raw(http.MethodGet, "/export", func(c echo.Context) error {
				attempts++
				for written < size {
					n, err := c.Response().Write(make([]byte, chunk))
					if err != nil {
						return err
					}
					written += n
				}
				return nil
			}).Name("export").UseResilience(resilience.Policy{EnableCircuitBreaker: true, Streaming: true}),
		})
		began := time.Now()
		resp := ask(t, serveOverPipes(t, a.Handler()).client(t), "/export", "*/*") //nolint:bodyclose // ask closes it
		require.Zero(t, time.Since(began))
		synctest.Wait()
		require.Less(t, written, 2*chunk, "nothing is gathered for a client that does not read")
		read := 0
		for range size / chunk {
			time.Sleep(1200 * time.Millisecond)
			n, err := io.ReadFull(resp.Body, make([]byte, chunk))
			require.NoError(t, err)
			read += n
		}
		_, err := resp.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, size, read)
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, 1, attempts)
	})
}

// The same download from a route that nobody has marked: what does not fit the
// buffer goes out as it is written.
func TestScenario27LargeAnswerOfABufferedRoute(t *testing.T) {
	t.Parallel()
	const size, chunk = 50 << 20, 1 << 20
	synctest.Test(t, func(t *testing.T) {
		written, attempts := 0, 0
		a := play(t, []app.Mountable{
			app.Raw(http.MethodGet, "/export", func(c echo.Context) error {
				attempts++
				for written < size {
					n, err := c.Response().Write(make([]byte, chunk))
					if err != nil {
						return err
					}
					written += n
				}
				return &echo.HTTPError{Code: http.StatusServiceUnavailable} // too late to be repeated
			}).Name("export").UseResilience(everything()),
		})
		resp := ask(t, serveOverPipes(t, a.Handler()).client(t), "/export", "*/*") //nolint:bodyclose // ask closes it
		synctest.Wait()
		require.Less(t, written, 3*chunk)
		n, err := io.Copy(io.Discard, resp.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.EqualValues(t, size, n)
		require.Equal(t, 1, attempts)
	})
}
