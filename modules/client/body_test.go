package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestBodyIsSentAgain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	tests := map[string]struct {
		body       io.Reader // a plain reader has no GetBody
		length     int64
		want       []string
		wantStatus int
	}{
		"by GetBody":      {strings.NewReader("order"), 0, []string{"order", "order", "order"}, 200},
		"kept":            {iotest.OneByteReader(strings.NewReader("order")), 0, []string{"order", "order", "order"}, 200},
		"kept, empty":     {iotest.OneByteReader(strings.NewReader("")), 0, []string{"", "", ""}, 200},
		"as large as may": {iotest.HalfReader(strings.NewReader(long[:100])), 0, []string{long[:100], long[:100], long[:100]}, 200},
		"too large":       {iotest.HalfReader(strings.NewReader(long)), 0, []string{long}, 503},
		"says too large":  {iotest.HalfReader(strings.NewReader(long)), 1000, []string{long}, 503},
		"large, GetBody":  {strings.NewReader(long), 0, []string{long, long, long}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := statuses(503, 503, 200)
				policy := retrying()
				policy.MaxRequestBuffer = 100
				policy.Idempotent = true
				c := newClient(t, client.Config{Policy: policy}, s)
				req := request(t.Context(), t, "PUT", here, tt.body)
				if tt.length > 0 {
					req.ContentLength = tt.length
				}
				status, _, err := ask(t, c, req)
				require.NoError(t, err)
				require.Equal(t, tt.wantStatus, status)
				var got []string
				for _, a := range s.asked {
					got = append(got, a.body)
				}
				require.Equal(t, tt.want, got)
			})
		})
	}
}

func TestBodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	s := statuses(200)
	policy := retrying()
	policy.Breaker.MinThroughput = 1
	p := newParts(t)
	c, err := client.New("billing", p.runner, client.Config{Policy: policy}, client.WithTransport(s))
	require.NoError(t, err)
	req := request(t.Context(), t, "POST", here, iotest.ErrReader(broken))
	req.Header.Set("Idempotency-Key", "1")
	_, _, err = ask(t, c, req)
	require.ErrorIs(t, err, broken)
	require.Empty(t, s.asked)
	m, ok := p.breakers.Metrics("billing.api.test")
	require.True(t, ok)
	require.Equal(t, "closed", m.State.String())
}

func TestBodyThatNeverComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := retrying()
		policy.Timeout = 5 * time.Second
		c := newClient(t, client.Config{Policy: policy}, statuses(200))
		from, to := io.Pipe()
		defer to.Close() //nolint:errcheck // the end of a test
		req := request(t.Context(), t, "POST", here, from)
		req.Header.Set("Idempotency-Key", "1")
		began := time.Now()
		_, _, err := ask(t, c, req)
		var timeout *resilience.TimeoutError
		require.ErrorAs(t, err, &timeout)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestBodyOfARequestIsAlwaysClosed(t *testing.T) {
	t.Parallel()
	open := resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true}
	tests := map[string]struct {
		url    string
		policy resilience.Policy
		key    string
		text   string
	}{
		"no host":                       {url: "http:///x"},
		"no scheme of ours":             {url: "ftp://api.test/"},
		"breaker open":                  {url: here, policy: open},
		"breaker open, kept":            {url: here, policy: open, key: "1"},
		"breaker open, a part was read": {url: here, policy: resilience.Policy{EnableCircuitBreaker: true, EnableRetry: true, MaxRequestBuffer: 1}, key: "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := statuses(200)
			p := newParts(t)
			tt.policy.Retry = retry.HTTP
			rt, err := client.NewTransport("billing", p.runner, client.Config{Policy: tt.policy}, client.WithTransport(s))
			require.NoError(t, err)
			if tt.policy.EnableCircuitBreaker {
				resp, err := rt.RoundTrip(request(t.Context(), t, "GET", here, nil))
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				require.True(t, p.breakers.ForceOpen("billing.api.test", "test", time.Hour))
			}
			b := &body{Reader: strings.NewReader("order")}
			req := request(t.Context(), t, "POST", tt.url, b)
			if tt.key != "" {
				req.Header.Set("Idempotency-Key", tt.key)
			}
			_, err = rt.RoundTrip(req) //nolint:bodyclose // an error
			require.Error(t, err)
			require.True(t, b.Closed())
		})
	}
}

func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		length int64
		limit  int64
		want   string // what is read
		fails  bool
	}{
		"as large as may":  {"12345", 5, 5, "12345", false},
		"too large, known": {"123456", 6, 5, "", true},
		"too large":        {"123456", -1, 5, "12345", true},
		"no limit":         {"123456", -1, client.NoLimit, "123456", false},
		"default":          {"123456", -1, 0, "123456", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &body{Reader: iotest.OneByteReader(strings.NewReader(tt.text))}
			c := newClient(t, client.Config{MaxResponseBody: tt.limit}, inner(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: b, ContentLength: tt.length}, nil
			}))
			status, text, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
			require.Equal(t, 200, status)
			require.Equal(t, tt.want, text)
			require.True(t, b.Closed())
			var large *client.BodyTooLargeError
			require.Equal(t, tt.fails, errors.As(err, &large), "%v", err)
		})
	}
}

// TestLengthOfNoBody has a HEAD fail whose GET would be too large: there is
// nothing to read, and that is no error.
func TestLengthOfNoBody(t *testing.T) {
	t.Parallel()
	c := newClient(t, client.Config{MaxResponseBody: 5}, inner(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, ContentLength: 6}, nil
	}))
	status, text, err := ask(t, c, request(t.Context(), t, "HEAD", here, nil))
	require.NoError(t, err)
	require.Equal(t, 404, status)
	require.Empty(t, text)
}
