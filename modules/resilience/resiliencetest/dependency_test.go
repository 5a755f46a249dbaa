package resiliencetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/resilience/resiliencetest"
)

var errBroken = errors.New("broken")

func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		outcome  resiliencetest.Outcome
		want     any
		wantErr  error
		wantTook time.Duration
	}{
		"ok":                {resiliencetest.OK(7), 7, nil, 0},
		"zero value":        {resiliencetest.Outcome{}, nil, nil, 0},
		"fail":              {resiliencetest.Fail(errBroken), nil, errBroken, 0},
		"slow":              {resiliencetest.Slow(2*time.Second, resiliencetest.OK(7)), 7, nil, 2 * time.Second},
		"slow failure":      {resiliencetest.Slow(time.Second, resiliencetest.Fail(errBroken)), nil, errBroken, time.Second},
		"slower than asked": {resiliencetest.Slow(time.Minute, resiliencetest.OK(7)), nil, context.DeadlineExceeded, 5 * time.Second},
		"hang":              {resiliencetest.Hang(), nil, context.DeadlineExceeded, 5 * time.Second},
		"deaf":              {resiliencetest.Deaf(time.Minute, resiliencetest.OK(7)), 7, nil, time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				began := time.Now()
				d := resiliencetest.Script(tt.outcome)
				got, err := d.Do(ctx)
				require.ErrorIs(t, err, tt.wantErr)
				require.Equal(t, tt.want, got)
				require.Equal(t, []resiliencetest.Attempt{{Began: began, Ended: began.Add(tt.wantTook), Err: err}}, d.Attempts())
			})
		})
	}
}

func TestStatusSaysWhatClassificationAsks(t *testing.T) {
	t.Parallel()
	_, err := resiliencetest.Script(resiliencetest.RetryAfter(429, 2*time.Second)).Do(t.Context())
	status, ok := errors.AsType[*resiliencetest.StatusError](err)
	require.True(t, ok)
	require.Equal(t, 429, status.StatusCode())
	require.Equal(t, 2*time.Second, status.RetryAfter())
	require.EqualError(t, err, "the dependency answered 429 Too Many Requests")
}

func TestAttemptsThatDoNotReturnHaveEnded(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(resiliencetest.Panic("bug"), resiliencetest.Goexit())
	require.PanicsWithValue(t, "bug", func() { _, _ = d.Do(t.Context()) })
	var done sync.WaitGroup
	done.Go(func() { _, _ = d.Do(t.Context()) })
	done.Wait()
	for _, a := range d.Attempts() {
		require.False(t, a.Ended.IsZero())
	}
	d.WantAttempts(t, 2)
}

func TestTheScriptGoesOnWithItsLastOutcome(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(resiliencetest.Fail(errBroken), resiliencetest.OK("first"), resiliencetest.OK("last"))
	var got []any
	for range 4 {
		value, _ := d.Do(t.Context())
		got = append(got, value)
	}
	require.Equal(t, []any{nil, "first", "last", "last"}, got)
	value, err := resiliencetest.Script().Do(t.Context())
	require.NoError(t, err)
	require.Nil(t, value)
}

func TestConcurrentAttemptsAreAllCounted(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(resiliencetest.OK(1), resiliencetest.Fail(errBroken))
	var done sync.WaitGroup
	for range 50 {
		done.Go(func() { _, _ = d.Do(t.Context()) })
	}
	done.Wait()
	d.WantAttempts(t, 50)
	succeeded := 0
	for _, a := range d.Attempts() {
		if a.Err == nil {
			succeeded++
		}
	}
	require.Equal(t, 1, succeeded)
}

func TestFallback(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script()
	_, err := d.Fallback(t.Context(), errBroken)
	require.Equal(t, errBroken, err, "without Instead the reason is the answer")
	value, err := d.Instead(resiliencetest.OK("yesterday's")).Fallback(t.Context(), io.EOF)
	require.NoError(t, err)
	require.Equal(t, "yesterday's", value)
	require.Equal(t, []error{errBroken, io.EOF}, d.Causes())
}

func TestPlay(t *testing.T) {
	t.Parallel()
	d := resiliencetest.Script(resiliencetest.OK("text"), resiliencetest.OK(nil), resiliencetest.Fail(errBroken), resiliencetest.OK(5))
	_, err := resiliencetest.Play[int](t.Context(), d)
	require.EqualError(t, err, "the script answers with a string, the caller wants a int")
	n, err := resiliencetest.Play[int](t.Context(), d)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = resiliencetest.Play[int](t.Context(), d)
	require.Equal(t, errBroken, err)
	n, err = resiliencetest.Play[int](t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, 5, n)
}

func TestAssertionsTellWhatHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := resiliencetest.Script(resiliencetest.Slow(time.Second, resiliencetest.Fail(errBroken)), resiliencetest.OK(1))
		_, _ = d.Do(t.Context())
		time.Sleep(3 * time.Second)
		_, _ = d.Do(t.Context())
		d.WantAttempts(t, 2)
		d.WantWaits(t, 3*time.Second)
		require.Equal(t, "2 attempts were made, want 3\n  1: after 0s, 1s, error broken\n  2: after 4s, 0s, error <nil>",
			fails(t, func(r *recorder) { d.WantAttempts(r, 3) }))
		require.Contains(t, fails(t, func(r *recorder) { d.WantWaits(r, 2*time.Second) }), "[3s], want [2s]")
		require.Contains(t, fails(t, func(r *recorder) { d.WantWaits(r) }), "[3s], want []")
	})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	own := &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody}
	tests := map[string]struct {
		outcome             resiliencetest.Outcome
		wantStatus          int
		wantBody, wantAfter string
		wantErr             string
	}{
		"text":        {resiliencetest.OK("pong"), 200, "pong", "", ""},
		"bytes":       {resiliencetest.OK([]byte("pong")), 200, "pong", "", ""},
		"nothing":     {resiliencetest.OK(nil), 200, "", "", ""},
		"own":         {resiliencetest.OK(own), 418, "", "", ""},
		"status":      {resiliencetest.Status(503), 503, "", "", ""},
		"retry after": {resiliencetest.RetryAfter(503, 1500*time.Millisecond), 503, "", "2", ""},
		"connection":  {resiliencetest.Fail(io.ErrUnexpectedEOF), 0, "", "", "unexpected EOF"},
		"no body":     {resiliencetest.OK(5), 0, "", "", "answers with a int"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &closed{Reader: strings.NewReader("ping")}
			client := &http.Client{Transport: resiliencetest.Script(tt.outcome)}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://stock.example.com/", body)
			require.NoError(t, err)
			resp, err := client.Do(req)
			require.True(t, body.closed)
			require.Zero(t, body.Len())
			if tt.wantErr != "" {
				require.ErrorContains(t, err, tt.wantErr)
				return
			}
			require.NoError(t, err)
			defer func() { require.NoError(t, resp.Body.Close()) }()
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, tt.wantStatus, resp.StatusCode)
			require.Equal(t, tt.wantBody, string(got))
			require.Equal(t, tt.wantAfter, resp.Header.Get("Retry-After"))
		})
	}
}

// closed is a body that notes its end.
type closed struct {
	*strings.Reader

	closed bool
}

func (c *closed) Close() error {
	c.closed = true
	return nil
}
