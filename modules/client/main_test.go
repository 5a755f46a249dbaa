package client_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const here = "http://api.test/orders?id=1"

// inner is an inner transport made of a function.
type inner func(*http.Request) (*http.Response, error)

func (f inner) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type parts struct {
	runner   *resilience.Runner
	breakers *circuitbreaker.Service
}

func newParts(tb testing.TB) parts {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(tb, err)
	return parts{
		breakers: breakers,
		runner:   resilience.NewRunner(breakers, retry.NewService(retry.Config{Budget: "off"}, nil), resilience.Config{}, nil, nil),
	}
}

// newClient returns a client named billing; a nil inner is the default one.
func newClient(tb testing.TB, cfg client.Config, rt http.RoundTripper) *http.Client {
	tb.Helper()
	var opts []client.Option
	if rt != nil {
		opts = append(opts, client.WithTransport(rt))
	}
	c, err := client.New("billing", newParts(tb).runner, cfg, opts...)
	require.NoError(tb, err)
	tb.Cleanup(c.CloseIdleConnections)
	return c
}

// body tells whether it was read and closed.
type body struct {
	io.Reader
	mu     sync.Mutex
	closed bool
}

func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

func (b *body) Closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// script is an inner transport that gives its answers in turn, the last one for
// ever, and keeps what it was asked.
type script struct {
	answers []answer

	mu     sync.Mutex
	asked  []asked
	bodies []*body
}

// answer is a status, or an error.
type answer struct {
	status int
	header http.Header
	text   string
	err    error
}

type asked struct {
	method, url, body string
	header            http.Header
}

func statuses(codes ...int) *script {
	s := &script{}
	for _, code := range codes {
		s.answers = append(s.answers, answer{status: code, text: "text"})
	}
	return s
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	got := asked{method: req.Method, url: req.URL.String(), header: req.Header.Clone()}
	if req.Body != nil {
		read, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		got.body = string(read)
		_ = req.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, got)
	a := s.answers[min(len(s.asked), len(s.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	b := &body{Reader: strings.NewReader(a.text)}
	s.bodies = append(s.bodies, b)
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: b, ContentLength: int64(len(a.text)), Request: req}, nil
}

// request makes a request; a nil body is none.
func request(ctx context.Context, tb testing.TB, method, url string, from io.Reader) *http.Request {
	tb.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, from)
	require.NoError(tb, err)
	return req
}

// ask makes a request and returns the status and the text of the answer.
func ask(tb testing.TB, c *http.Client, req *http.Request) (status int, text string, err error) {
	tb.Helper()
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	read, err := io.ReadAll(resp.Body)
	require.NoError(tb, resp.Body.Close())
	return resp.StatusCode, string(read), err
}

func retrying() resilience.Policy {
	return resilience.Policy{EnableRetry: true, EnableCircuitBreaker: true, Retry: retry.HTTP}
}
