package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// slowBody gives a byte a second, while its context lasts.
type slowBody struct{ ctx context.Context } //nolint:containedctx // that of the request, as in net/http

func (b slowBody) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		p[0] = 'x'
		return 1, nil
	case <-b.ctx.Done():
		return 0, context.Cause(b.ctx)
	}
}

func (slowBody) Close() error { return nil }

// hang waits for the end of the context, as a server that never answers.
func hang(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context()) // as net/http does
	defer cancel(nil)
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func TestHangingServer(t *testing.T) {
	t.Parallel()
	short := retry.Policy{MaxAttempts: 3, BaseDelay: 100 * time.Millisecond}
	tests := map[string]struct {
		policy    resilience.Policy
		caller    time.Duration // its own deadline, 0 is none
		cancel    time.Duration // when the caller goes, 0 is never
		wantCalls int
		wantTook  time.Duration
		wantKind  string // empty: cancelled
	}{
		"total":                           {resilience.Policy{Timeout: 2 * time.Second}, 0, 0, 1, 2 * time.Second, resilience.KindTotal},
		"total, retry":                    {resilience.Policy{Timeout: 2 * time.Second, EnableRetry: true, Retry: short}, 0, 0, 1, 2 * time.Second, resilience.KindTotal},
		"attempt":                         {resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second}, 0, 0, 1, time.Second, resilience.KindAttempt},
		"attempts":                        {resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second, EnableRetry: true, Retry: short}, 0, 0, 3, 3300 * time.Millisecond, resilience.KindAttempt},
		"the second attempt has no 0.6 s": {resilience.Policy{Timeout: time.Second, AttemptTimeout: 600 * time.Millisecond, EnableRetry: true, Retry: short}, 0, 0, 2, time.Second, resilience.KindTotal},
		"of the caller":                   {resilience.Policy{Timeout: 10 * time.Second, EnableRetry: true, Retry: short}, time.Second, 0, 1, time.Second, resilience.KindTotal},
		"caller goes":                     {resilience.Policy{Timeout: 10 * time.Second, EnableRetry: true, Retry: short}, 0, time.Second, 1, time.Second, ""},
		"caller goes, attempt timeout":    {resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: 5 * time.Second}, 0, time.Second, 1, time.Second, ""},
		"hard":                            {resilience.Policy{Timeout: 2 * time.Second, TimeoutMode: resilience.Hard}, 0, 0, 1, 2 * time.Second, resilience.KindTotal},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := newClient(t, client.Config{Policy: tt.policy}, inner(func(req *http.Request) (*http.Response, error) {
					calls++
					return hang(req)
				}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.caller > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.caller)
					defer cancel()
				}
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				began := time.Now()
				_, _, err := ask(t, c, request(ctx, t, "GET", here, nil))
				require.Equal(t, tt.wantTook, time.Since(began))
				require.Equal(t, tt.wantCalls, calls)
				var timeout *resilience.TimeoutError
				if tt.wantKind == "" {
					require.ErrorIs(t, err, context.Canceled)
					require.NotErrorAs(t, err, &timeout)
					return
				}
				require.ErrorAs(t, err, &timeout)
				require.Equal(t, tt.wantKind, timeout.Kind)
			})
		})
	}
}

func TestBodyIsUnderTheDeadline(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy   resilience.Policy
		wantRead int
		wantTook time.Duration
	}{
		"total":               {resilience.Policy{Timeout: 2500 * time.Millisecond}, 2, 2500 * time.Millisecond},
		"attempt over before": {resilience.Policy{Timeout: 2500 * time.Millisecond, AttemptTimeout: time.Second}, 2, 2500 * time.Millisecond},
		"hard":                {resilience.Policy{Timeout: 2500 * time.Millisecond, TimeoutMode: resilience.Hard}, 2, 2500 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, client.Config{Policy: tt.policy}, inner(func(req *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Body: slowBody{req.Context()}, ContentLength: -1}, nil
				}))
				began := time.Now()
				status, text, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
				require.Equal(t, 200, status)
				require.Len(t, text, tt.wantRead)
				require.Equal(t, tt.wantTook, time.Since(began))
				var timeout *resilience.TimeoutError
				require.ErrorAs(t, err, &timeout)
				require.Equal(t, resilience.TimeoutError{After: 2500 * time.Millisecond, Kind: resilience.KindTotal, Err: timeout.Err}, *timeout)
			})
		})
	}
}

func TestStreamingHasNoDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, client.Config{Policy: resilience.Policy{Streaming: true}}, inner(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: slowBody{req.Context()}, ContentLength: -1}, nil
		}))
		resp, err := c.Do(request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		defer resp.Body.Close() //nolint:errcheck // the end of a test
		_, err = io.ReadFull(resp.Body, make([]byte, 3600))
		require.NoError(t, err)
	})
}

// checkedBody looks at its context, but does not wait for it.
type checkedBody struct {
	ctx  context.Context //nolint:containedctx // that of the request, as in net/http
	left int
}

func (b *checkedBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.left == 0 {
		return 0, io.EOF
	}
	b.left--
	time.Sleep(time.Second)
	p[0] = 'x'
	return 1, nil
}

func (*checkedBody) Close() error { return nil }

// TestAttemptTimeoutEndsWithTheHeader reads a body longer than an attempt may
// take.
func TestAttemptTimeoutEndsWithTheHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second}
		c := newClient(t, client.Config{Policy: policy}, inner(func(req *http.Request) (*http.Response, error) {
			at, ok := req.Context().Deadline()
			require.True(t, ok)
			require.Equal(t, time.Second, time.Until(at))
			return &http.Response{StatusCode: http.StatusOK, Body: &checkedBody{req.Context(), 5}, ContentLength: -1}, nil
		}))
		_, text, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.Len(t, text, 5)
	})
}

// TestSlowReader has a body that is there, and a caller who takes his time.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, client.Config{Policy: resilience.Policy{Timeout: time.Second}}, statuses(200))
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		resp, err := c.Do(request(ctx, t, "GET", here, nil))
		require.NoError(t, err)
		defer resp.Body.Close() //nolint:errcheck // the end of a test
		time.Sleep(time.Second)
		n, err := resp.Body.Read(make([]byte, 1))
		require.Zero(t, n)
		timeout, ok := errors.AsType[*resilience.TimeoutError](err)
		require.True(t, ok)
		require.Equal(t, 500*time.Millisecond, timeout.After)
	})
}

// tooLate ignores its context.
func tooLate(late *body) (*http.Response, error) {
	time.Sleep(2 * time.Second)
	return &http.Response{StatusCode: http.StatusOK, Body: late}, nil
}

// TestWhatIsLeftBehind looks, in the second attempt, at what the first has left.
func TestWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		first    func(late *body) (*http.Response, error)
		attempts time.Duration
		watched  bool // somebody asks for Done
	}{
		"nothing": {func(*body) (*http.Response, error) { return nil, io.EOF }, 5 * time.Second, true},
		"an answer": {func(*body) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusServiceUnavailable}, nil
		}, 5 * time.Second, true},
		"a late one":          {tooLate, time.Second, true},
		"a late one, unasked": {tooLate, time.Second, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				late := &body{Reader: http.NoBody}
				var first context.Context
				policy := retrying()
				policy.Timeout, policy.AttemptTimeout = 10*time.Second, tt.attempts
				c := newClient(t, client.Config{Policy: policy}, inner(func(req *http.Request) (*http.Response, error) {
					if first == nil {
						first = req.Context() //nolint:fatcontext // to be looked at later
						if tt.watched {
							_ = first.Done()
						}
						return tt.first(late)
					}
					select {
					case <-first.Done():
					default:
						t.Error("the context of the first attempt lives on")
					}
					require.NoError(t, req.Context().Err())
					require.Equal(t, tt.attempts == time.Second, late.Closed())
					return &http.Response{StatusCode: http.StatusOK}, nil
				}))
				status, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
				require.NoError(t, err)
				require.Equal(t, 200, status)
			})
		})
	}
}

// TestContextOfAnAttempt asks the context of a request for all that package
// context may ask, before and after the attempt has ended.
func TestContextOfAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		var called, stopped atomic.Bool
		policy := resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second}
		c := newClient(t, client.Config{Policy: policy}, inner(func(req *http.Request) (*http.Response, error) {
			ctx = req.Context() //nolint:fatcontext // to be looked at later
			context.AfterFunc(ctx, func() { called.Store(true) })
			require.True(t, context.AfterFunc(ctx, func() { stopped.Store(true) })())
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			began := time.Now()
			<-child.Done()
			require.Equal(t, time.Second, time.Since(began))
			require.Equal(t, context.DeadlineExceeded, ctx.Err())
			require.NotContains(t, fmt.Sprint(ctx), "Mutex")
			return nil, ctx.Err()
		}))
		_, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.True(t, called.Load())
		require.False(t, stopped.Load())

		called.Store(false)
		stop := context.AfterFunc(ctx, func() { called.Store(true) })
		synctest.Wait()
		require.True(t, called.Load(), "it has ended")
		require.False(t, stop())
	})
}

// TestContextOutlivesTheAttempt asks for Done only once the header is there.
func TestContextOutlivesTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		policy := resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second}
		c := newClient(t, client.Config{Policy: policy}, inner(func(req *http.Request) (*http.Response, error) {
			ctx = req.Context() //nolint:fatcontext // to be looked at later
			return &http.Response{StatusCode: http.StatusOK, Body: slowBody{ctx}, ContentLength: -1}, nil
		}))
		resp, err := c.Do(request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		began := time.Now()
		<-ctx.Done()
		require.Equal(t, 10*time.Second, time.Since(began))
		require.Equal(t, context.DeadlineExceeded, ctx.Err())
		require.NoError(t, resp.Body.Close())

		resp, err = c.Do(request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		<-ctx.Done() // at once: asked for after the end
		require.Equal(t, context.Canceled, ctx.Err())
	})
}

// TestCancelledByTheDeadline has an inner transport that calls every end of a
// context a cancellation.
func TestCancelledByTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t)
		policy := resilience.Policy{Timeout: 10 * time.Second, AttemptTimeout: time.Second, EnableCircuitBreaker: true}
		c, err := client.New("billing", p.runner, client.Config{Policy: policy}, client.WithTransport(inner(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, context.Canceled
		})))
		require.NoError(t, err)
		_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
		timeout, ok := errors.AsType[*resilience.TimeoutError](err)
		require.True(t, ok)
		require.Equal(t, resilience.KindAttempt, timeout.Kind)
		m, ok := p.breakers.Metrics("billing.api.test")
		require.True(t, ok)
		require.EqualValues(t, 1, m.Failures)
	})
}

// TestLateAnswerIsClosed has an inner transport that ignores its context.
func TestLateAnswerIsClosed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy resilience.Policy
		took   time.Duration
	}{
		"soft":          {resilience.Policy{Timeout: time.Second}, 2 * time.Second},
		"soft, attempt": {resilience.Policy{Timeout: 5 * time.Second, AttemptTimeout: time.Second}, 2 * time.Second},
		"hard":          {resilience.Policy{Timeout: time.Second, TimeoutMode: resilience.Hard}, time.Second},
		"hard, attempt": {resilience.Policy{Timeout: 5 * time.Second, AttemptTimeout: time.Second, TimeoutMode: resilience.Hard}, time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &body{Reader: http.NoBody}
				c := newClient(t, client.Config{Policy: tt.policy}, inner(func(*http.Request) (*http.Response, error) {
					time.Sleep(2 * time.Second)
					return &http.Response{StatusCode: http.StatusOK, Body: b}, nil
				}))
				began := time.Now()
				_, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, tt.took, time.Since(began))
				time.Sleep(2 * time.Second)
				require.True(t, b.Closed())
			})
		})
	}
}

func TestSlotIsHeldByTheBody(t *testing.T) {
	t.Parallel()
	s := statuses(200)
	c := newClient(t, client.Config{Policy: resilience.Policy{MaxConcurrent: 1}}, s)
	first, err := c.Do(request(t.Context(), t, "GET", here, nil))
	require.NoError(t, err)
	_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
	var overloaded *resilience.OverloadedError
	require.ErrorAs(t, err, &overloaded)
	_, _, err = ask(t, c, request(t.Context(), t, "GET", "http://other.test/", nil))
	require.NoError(t, err, "another host has slots of its own")
	require.NoError(t, first.Body.Close())
	require.NoError(t, first.Body.Close(), "the slot is given back once")
	for range 3 { // read to the end, or closed: each gives back one slot
		_, _, err = ask(t, c, request(t.Context(), t, "GET", here, nil))
		require.NoError(t, err)
	}
}

func TestPanicOfTheInnerTransport(t *testing.T) {
	t.Parallel()
	b := &body{Reader: http.NoBody}
	c := newClient(t, client.Config{}, inner(func(*http.Request) (*http.Response, error) { panic("boom") }))
	_, _, err := ask(t, c, request(t.Context(), t, "POST", here, b))
	var caught *circuitbreaker.PanicError
	require.ErrorAs(t, err, &caught)
	require.True(t, b.Closed())
}

func TestNoAnswerAndNoError(t *testing.T) {
	t.Parallel()
	c := newClient(t, client.Config{}, inner(func(*http.Request) (*http.Response, error) {
		return nil, nil //nolint:nilnil // a broken transport
	}))
	_, _, err := ask(t, c, request(t.Context(), t, "GET", here, nil))
	var failed *client.SendError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 502, failed.StatusCode())
}

func TestPanicOfRetryIfLeaksNothing(t *testing.T) {
	t.Parallel()
	s := statuses(503)
	policy := retrying()
	policy.MaxConcurrent = 1
	policy.Retry.RetryIf = func(error) bool { panic(errors.New("boom")) }
	c := newClient(t, client.Config{Policy: policy}, s)
	for range 2 {
		require.Panics(t, func() { _, _, _ = ask(t, c, request(t.Context(), t, "GET", here, nil)) })
	}
	require.Len(t, s.asked, 2)
	require.True(t, s.bodies[0].Closed())
}

// TestRequestIsTheCallersAgain is for the race detector: an attempt that outlives
// its call looks at a request which the caller changes in the meantime.
func TestRequestIsTheCallersAgain(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]resilience.Policy{
		"hard":   {Timeout: time.Second, TimeoutMode: resilience.Hard},
		"hedged": {Timeout: time.Minute, Hedge: resilience.Hedge{Delay: time.Second, Max: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				late := make(chan string, 1)
				c := newClient(t, client.Config{Policy: policy}, inner(func(req *http.Request) (*http.Response, error) {
					if calls.Add(1) == 1 { // deaf to its context
						time.Sleep(2 * time.Second)
						late <- req.Header.Get("Accept") + " " + req.URL.Path
					}
					return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
				}))
				req := request(t.Context(), t, "GET", here, nil)
				req.Header.Set("Accept", "text/plain")
				if resp, err := c.Do(req); err == nil {
					_ = resp.Body.Close()
				}
				req.Header.Set("Accept", "changed")
				req.URL.Path = "/changed"
				require.Equal(t, "text/plain /orders", <-late)
			})
		})
	}
}

// TestAnswerThatCannotBeHandedOver has the call end after its last answer came
// and before it was handed over: that is a timeout, or a caller that has gone,
// and no status.
func TestAnswerThatCannotBeHandedOver(t *testing.T) {
	t.Parallel()
	slow := func(error) bool { time.Sleep(time.Minute); return false }
	for name, policy := range map[string]resilience.Policy{
		"one attempt": {EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{Classify: func(error) circuitbreaker.Outcome {
			time.Sleep(time.Minute)
			return circuitbreaker.Failure
		}}},
		"the last attempt": {EnableRetry: true, Retry: retry.Policy{MaxAttempts: 1, RetryIf: slow}},
	} {
		for _, gone := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gone %t", name, gone), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					policy := policy
					policy.Timeout = time.Hour
					if !gone {
						policy.Timeout = time.Second
					}
					s := statuses(503)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if gone {
						time.AfterFunc(time.Second, cancel)
					}
					_, _, err := ask(t, newClient(t, client.Config{Policy: policy}, s), request(ctx, t, "GET", here, nil))
					if gone {
						require.ErrorIs(t, err, context.Canceled)
					} else {
						var timeout *resilience.TimeoutError
						require.ErrorAs(t, err, &timeout)
						require.Equal(t, resilience.KindTotal, timeout.Kind)
					}
					require.True(t, s.bodies[0].Closed())
				})
			})
		}
	}
}
