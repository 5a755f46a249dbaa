package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

var (
	errDial = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	errCert = errors.New("x509: certificate signed by unknown authority")
)

func TestRetry(t *testing.T) {
	t.Parallel()
	wait := func(value string) http.Header { return http.Header{"Retry-After": {value}} }
	tests := map[string]struct {
		method     string
		key        string // Idempotency-Key
		idempotent bool
		body       io.Reader
		answers    []answer
		wantCalls  int
		wantStatus int // 0: an error
		wantTook   time.Duration
	}{
		"429 429 200":                 {answers: statuses(429, 429, 200).answers, wantCalls: 3, wantStatus: 200, wantTook: 3 * time.Second},
		"503 for ever":                {answers: statuses(503).answers, wantCalls: 3, wantStatus: 503, wantTook: 3 * time.Second},
		"408":                         {answers: statuses(408, 200).answers, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"500 says nothing":            {answers: statuses(500, 200).answers, wantCalls: 1, wantStatus: 500},
		"404 is an answer":            {answers: statuses(404, 200).answers, wantCalls: 1, wantStatus: 404},
		"certificate":                 {answers: []answer{{err: errCert}}, wantCalls: 1},
		"closed instead of answering": {answers: []answer{{err: io.EOF}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"asked to wait 2 s":           {answers: []answer{{status: 503, header: wait("2")}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: 2 * time.Second},
		"a wait below the backoff":    {answers: []answer{{status: 503, header: wait("0")}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"garbage":                     {answers: []answer{{status: 503, header: wait("soon")}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"asked to wait too long":      {answers: []answer{{status: 503, header: wait("60")}, {status: 200}}, wantCalls: 1, wantStatus: 503},
		"POST once sent":              {method: "POST", body: strings.NewReader("x"), answers: statuses(503, 200).answers, wantCalls: 1, wantStatus: 503},
		"POST broken line":            {method: "POST", body: strings.NewReader("x"), answers: []answer{{err: io.EOF}}, wantCalls: 1},
		"POST reset":                  {method: "POST", body: strings.NewReader("x"), answers: []answer{{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}}, wantCalls: 1},
		"GET reset":                   {answers: []answer{{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"POST never sent":             {method: "POST", body: strings.NewReader("x"), answers: []answer{{err: errDial}, {status: 200}}, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"POST never sent, then sent":  {method: "POST", body: strings.NewReader("x"), answers: []answer{{err: errDial}, {status: 503}}, wantCalls: 2, wantStatus: 503, wantTook: time.Second},
		"POST with a key":             {method: "POST", key: "1", body: strings.NewReader("x"), answers: statuses(503, 200).answers, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"PATCH declared idempotent":   {method: "PATCH", idempotent: true, answers: statuses(503, 200).answers, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"PUT":                         {method: "PUT", answers: statuses(503, 200).answers, wantCalls: 1, wantStatus: 503},
		"PUT with a key":              {method: "PUT", key: "1", answers: statuses(503, 200).answers, wantCalls: 1, wantStatus: 503},
		"DELETE declared idempotent":  {method: "DELETE", idempotent: true, answers: statuses(503, 200).answers, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
		"TRACE":                       {method: "TRACE", answers: statuses(503, 200).answers, wantCalls: 2, wantStatus: 200, wantTook: time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: tt.answers}
				policy := retrying()
				policy.Idempotent = tt.idempotent
				c := newClient(t, client.Config{Policy: policy}, s)
				req := request(t.Context(), t, tt.method, here, tt.body)
				if tt.key != "" {
					req.Header.Set("Idempotency-Key", tt.key)
				}
				began := time.Now()
				status, _, err := ask(t, c, req)
				require.Equal(t, tt.wantStatus == 0, err != nil, "%v", err)
				require.Equal(t, tt.wantStatus, status)
				require.Len(t, s.asked, tt.wantCalls)
				require.Equal(t, tt.wantTook, time.Since(began))
				for i, b := range s.bodies {
					require.True(t, b.Closed(), "answer %d", i)
				}
			})
		})
	}
}

func TestRetryAfterOfAnAnswer(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-3": 0, "soon": 0,
		"Wed, 21 Oct 2015 07:28:00 GMT": 0, "Fri, 21 Oct 2999 07:28:00 GMT": 24 * time.Hour,
	} {
		var status *client.StatusError
		require.ErrorAs(t, client.Check(&http.Response{
			StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {value}},
			Request: request(t.Context(), t, "GET", here, nil),
		}), &status)
		require.Equal(t, want, status.RetryAfter(), "%q", value)
	}
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := time.Now().Add(4 * time.Second).UTC().Format(http.TimeFormat)
		s := &script{answers: []answer{{status: 429, header: http.Header{"Retry-After": {date}}}, {status: 200}}}
		c := newClient(t, client.Config{Policy: retrying()}, s)
		began := time.Now()
		status, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Equal(t, 4*time.Second, time.Since(began))
	})
}

// sudden is a context whose deadline nobody knew.
type sudden struct{ context.Context } //nolint:containedctx // what ends it

func (s sudden) Err() error {
	if s.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

func TestDeadlineWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := statuses(503)
		c := newClient(t, client.Config{Policy: retrying()}, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		_, _, err := ask(t, c, request(sudden{ctx}, t, "GET", here, nil))
		timeout, ok := errors.AsType[*resilience.TimeoutError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, resilience.KindTotal, timeout.Kind)
		require.Len(t, s.asked, 1)
		require.True(t, s.bodies[0].Closed())
	})
}

// TestCallerGoesWhileWaiting is told of its own going, not of an answer.
func TestCallerGoesWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := statuses(503)
		c := newClient(t, client.Config{Policy: retrying()}, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		began := time.Now()
		status, _, err := ask(t, c, request(ctx, t, "GET", here, nil))
		require.Zero(t, status)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 500*time.Millisecond, time.Since(began))
		require.Len(t, s.asked, 1)
		require.True(t, s.bodies[0].Closed())
	})
}

func TestAttemptsAreNumbered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := statuses(503, 503, 200)
		req := request(t.Context(), t, "GET", here, nil)
		req.Header.Set("Accept", "text/plain")
		before := req.Header.Clone()
		_, _, err := ask(t, newClient(t, client.Config{Policy: retrying()}, s), req)
		require.NoError(t, err)
		for i, want := range []string{"", "1", "2"} {
			require.Equal(t, want, s.asked[i].header.Get(client.HeaderRetryAttempt))
			require.Equal(t, "text/plain", s.asked[i].header.Get("Accept"))
		}
		require.Equal(t, before, req.Header, "a RoundTripper does not change the request")
	})
}

func TestExhaustedIsNotRepeatedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := statuses(503)
		c := newClient(t, client.Config{Policy: retrying()}, s)
		err := retry.NewService(retry.Config{}, nil).Do(t.Context(), retry.Policy{}, func(ctx context.Context) error {
			resp, err := c.Do(request(ctx, t, "GET", here, nil))
			if err != nil {
				return err
			}
			defer resp.Body.Close() //nolint:errcheck // the end of a test
			return client.Check(resp)
		})
		var status *client.StatusError
		require.ErrorAs(t, err, &status)
		require.Equal(t, 503, status.StatusCode())
		require.Len(t, s.asked, 3)
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := statuses(204, 404)
	c := newClient(t, client.Config{}, s)
	resp, err := c.Do(request(t.Context(), t, "GET", here, nil))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NoError(t, client.Check(resp))

	resp, err = c.Do(request(t.Context(), t, "GET", here, nil))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.EqualError(t, client.Check(resp), "GET api.test: 404 Not Found")
	require.EqualError(t, client.Check(&http.Response{StatusCode: http.StatusInternalServerError}), " : 500 Internal Server Error")
}
