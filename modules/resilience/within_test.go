package resilience_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
)

func TestEnterWithin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		remaining, inherit, timeout time.Duration
		want                        time.Duration
		wantErr                     bool
	}{
		"none":                {timeout: time.Second, want: time.Second},
		"the caller's":        {remaining: 300 * ms, timeout: time.Second, want: 300 * ms},
		"the policy's":        {remaining: time.Minute, timeout: time.Second, want: time.Second},
		"the context's":       {remaining: 300 * ms, inherit: 200 * ms, timeout: time.Second, want: 200 * ms},
		"no timeout, but its": {remaining: 300 * ms, timeout: resilience.NoTimeout, want: 300 * ms},
		"over":                {remaining: -1, timeout: time.Second, wantErr: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.inherit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.inherit)
					defer cancel()
				}
				a, err := compile(t, resilience.Policy{Timeout: tc.timeout}).EnterWithin(ctx, tc.remaining)
				if tc.wantErr {
					var timeout *resilience.TimeoutError
					require.ErrorAs(t, err, &timeout)
					require.Equal(t, resilience.KindTotal, timeout.Kind)
					return
				}
				require.NoError(t, err)
				defer a.Leave()
				at, ok := a.Context().Deadline()
				require.True(t, ok)
				require.Equal(t, tc.want, time.Until(at))
			})
		})
	}
}

// A caller that sent next to no time says nothing about a dependency.
func TestHurriedByADeadlineSentAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true})
		require.NoError(t, err)
		a, err := pipeline.EnterWithin(t.Context(), 9*ms)
		require.NoError(t, err)
		defer a.Leave()
		calls := 0
		require.ErrorIs(t, a.Run(answers(time.Hour, &calls, nil)).Err, context.DeadlineExceeded)
		m, _ := p.breakers.Metrics("a")
		require.EqualValues(t, 1, m.Excluded)
	})
}

func TestQueue(t *testing.T) { // PX-11
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{
			MaxConcurrent: 1, MaxQueue: 1, QueueTimeout: time.Second, Timeout: 10 * time.Second, Adaptive: false,
		})
		require.NoError(t, err)
		held, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		time.AfterFunc(500*ms, held.Leave)
		start := time.Now()
		next, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		require.Equal(t, 500*ms, time.Since(start), "waited for the slot")
		at, _ := next.Context().Deadline()
		require.Equal(t, 9500*ms, time.Until(at), "the wait is in the deadline")

		var full *resilience.OverloadedError
		_, err = pipeline.Enter(t.Context())
		require.ErrorAs(t, err, &full)
		require.Equal(t, "queue-timeout", full.Reason)
		impatient, cancel := context.WithTimeout(t.Context(), 100*ms)
		defer cancel()
		start = time.Now()
		_, err = pipeline.Enter(impatient)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 100*ms, time.Since(start), "a wait ends with the caller")
		require.Equal(t, []resilience.LimitMetrics{{
			Name: "a", Limit: 1, Running: 1, MaxQueue: 1, Priority: "normal", Refused: resilience.RefusedCounts{QueueTimeout: 1},
		}}, p.runner.Limits())
		next.Leave()
	})
}

// However a wait in the queue ends, it ends as a call does.
func TestQueuedCallsThatEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{MaxConcurrent: 1, MaxQueue: 1, Timeout: 10 * time.Second})
		held, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		defer held.Leave()
		_, err = pipeline.Enter(t.Context())
		var timeout *resilience.TimeoutError
		require.ErrorAs(t, err, &timeout)
		require.Equal(t, 10*time.Second, timeout.After)

		caller, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(ms, func() { cancel(errBoom) })
		_, err = pipeline.Enter(caller)
		require.ErrorIs(t, err, context.Canceled, "as if it had not waited")
		caller, stop := context.WithTimeoutCause(t.Context(), ms, errBoom)
		defer stop()
		_, err = pipeline.Enter(caller)
		require.ErrorAs(t, err, &timeout)
		require.Equal(t, ms, timeout.After)
	})
}

// clients makes calls of a pipeline for a while, so many at a time, and returns how
// many were let in.
func clients(t *testing.T, pipeline *resilience.Pipeline, n int, length time.Duration, do func(context.Context) (any, error)) (let int64) {
	t.Helper()
	var calls sync.WaitGroup
	var in atomic.Int64
	for end := time.Now().Add(length); n > 0; n-- {
		calls.Go(func() {
			for time.Now().Before(end) {
				if pipeline.Run(t.Context(), attempt{do: do}).Attempts > 0 {
					in.Add(1)
				} else {
					time.Sleep(100 * ms)
				}
			}
		})
	}
	calls.Wait()
	return in.Load()
}

// The limit follows what calls take: it rises while they take no longer, falls when
// they wait for each other, and learns nothing from those that fail sooner.
func TestAdaptive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{Adaptive: true, MaxConcurrent: 100, Timeout: time.Minute})
		require.NoError(t, err)
		limit := func() int { return p.runner.Limits()[0].Limit }
		require.Equal(t, 20, limit())
		quick := func(context.Context) (any, error) { time.Sleep(100 * ms); return nil, nil }
		clients(t, pipeline, 40, 30*time.Second, quick)
		calm := limit()
		require.Greater(t, calm, 30)

		clients(t, pipeline, 40, 30*time.Second, func(context.Context) (any, error) { time.Sleep(50 * ms); return nil, errBoom })
		require.Equal(t, calm, limit(), "failed sooner than usual")

		worker := make(chan struct{}, 1)
		clients(t, pipeline, 40, time.Minute, func(ctx context.Context) (any, error) {
			worker <- struct{}{}
			defer func() { <-worker }()
			return quick(ctx)
		})
		require.Less(t, limit(), calm, "they wait for each other")
		require.Zero(t, p.runner.Limits()[0].Running)
		require.Positive(t, p.runner.Limits()[0].Refused.Full)
	})
}

// A call gives its slot back where it took it, and its place to the shedder that
// let it in, whatever is set meanwhile.
func TestChangesInFlight(t *testing.T) {
	t.Parallel()
	changes := map[string]func(r *resilience.Runner) error{
		"bound":   func(r *resilience.Runner) error { return r.Set("a", "MAX_CONCURRENT", "2", "") },
		"unbound": func(r *resilience.Runner) error { return r.Set("a", "MAX_CONCURRENT", "0", "") },
		"moving":  func(r *resilience.Runner) error { return r.Set("a", "ADAPTIVE", "on", "") },
		"off":     func(r *resilience.Runner) error { return r.Off("") },
		"off, on": func(r *resilience.Runner) error { return errors.Join(r.Off(""), r.On("")) },
		"on":      func(r *resilience.Runner) error { return r.On("") },
	}
	for before, most := range map[string]int{"bound": 5, "unbound": 0} {
		for name, change := range changes {
			t.Run(before+"/"+name, func(t *testing.T) {
				t.Parallel()
				s, err := shed.New(shed.Config{MaxInFlight: 10}, slog.New(slog.DiscardHandler))
				require.NoError(t, err)
				breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
				require.NoError(t, err)
				r := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil, nil, resilience.WithShedder(s))
				pipeline, err := r.Compile("a", resilience.Policy{MaxConcurrent: most})
				require.NoError(t, err)
				one, err := pipeline.Enter(t.Context())
				require.NoError(t, err)
				require.NoError(t, change(r))
				two, err := pipeline.Enter(t.Context())
				if err == nil {
					two.Leave()
				}
				one.Leave()
				require.NoError(t, r.On(""))
				require.Zero(t, s.Stats().InFlight)
				for _, limit := range r.Limits() {
					require.Zero(t, limit.Running)
				}
			})
		}
	}
}

func TestShedder(t *testing.T) {
	t.Parallel()
	s, err := shed.New(shed.Config{MaxInFlight: 1}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	r := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil, nil, resilience.WithShedder(s))
	pipeline, err := r.Compile("a", resilience.Policy{EnableFallback: true, FallbackResponse: 1, Priority: resilience.Critical})
	require.NoError(t, err)
	held, err := pipeline.Enter(t.Context())
	require.NoError(t, err)
	result := pipeline.Run(t.Context(), attempt{})
	var overloaded *shed.OverloadedError
	require.ErrorAs(t, result.Err, &overloaded, "no fallback for it")
	held.Leave()
	calls := 0
	require.NoError(t, pipeline.Run(t.Context(), answers(instantly, &calls, nil)).Err, "the place came back")
	require.InDelta(t, 2, sumOf(t, r, "resilience_attempts_total"), 0)
}

func TestChaos(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		injector, err := chaos.New(chaos.Config{Mode: "on"}, config.Test, slog.New(slog.DiscardHandler), chaos.Rule{Route: "a", Rate: 1, Latency: time.Second})
		require.NoError(t, err)
		breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
		require.NoError(t, err)
		r := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, nil), resilience.Config{}, nil, nil, resilience.WithChaos(injector))
		slow, err := r.Compile("a", resilience.Policy{AttemptTimeout: 100 * ms})
		require.NoError(t, err)
		other, err := r.Compile("b", resilience.Policy{AttemptTimeout: 100 * ms})
		require.NoError(t, err)
		calls := 0
		require.ErrorIs(t, slow.Run(t.Context(), answers(instantly, &calls, nil)).Err, context.DeadlineExceeded, "inside the attempt timeout")
		require.Zero(t, calls)
		require.NoError(t, other.Run(t.Context(), answers(instantly, &calls, nil)).Err)
	})
}

func TestRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		policy := safe()
		policy.Endpoint, policy.AttemptTimeout, policy.FallbackStatus = "GET /orders/:id", 100*ms, http.StatusAccepted
		policy.Retry = quick(2)
		pipeline, err := p.runner.Compile("orders.get", policy)
		require.NoError(t, err)
		require.Empty(t, p.runner.AllResilienceMetrics())
		calls, start := 0, time.Now()
		pipeline.Run(t.Context(), answers(instantly, &calls, status(503), nil))
		calls = 0
		pipeline.Run(t.Context(), answers(time.Second, &calls, nil))
		pipeline.Run(t.Context(), answers(instantly, &calls, status(404)))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		pipeline.Run(gone, attempt{})

		all := p.runner.AllResilienceMetrics()
		require.Len(t, all, 4)
		same := resilience.CallMetrics{CircuitName: "orders.get", Endpoint: "GET /orders/:id", Method: "GET", CircuitBreakerUsed: true}
		with := func(change func(m *resilience.CallMetrics)) resilience.CallMetrics { m := same; change(&m); return m }
		want := []resilience.CallMetrics{
			with(func(m *resilience.CallMetrics) {
				m.StartTime, m.EndTime, m.Duration = start, start.Add(ms), ms
				m.RetryUsed, m.RetryAttempts, m.Success, m.HTTPStatus = true, 1, true, 200
			}),
			with(func(m *resilience.CallMetrics) {
				m.StartTime, m.EndTime, m.Duration = start.Add(ms), start.Add(202*ms), 201*ms
				m.RetryUsed, m.RetryAttempts, m.Success, m.HTTPStatus = true, 1, true, 202
				m.TimedOut, m.FallbackUsed, m.ErrorType = true, true, resilience.ErrorTimeout
			}),
			with(func(m *resilience.CallMetrics) {
				m.StartTime, m.EndTime = start.Add(202*ms), start.Add(202*ms)
				m.HTTPStatus, m.ErrorType = 404, resilience.ErrorClient
			}),
			with(func(m *resilience.CallMetrics) {
				m.StartTime, m.EndTime = start.Add(202*ms), start.Add(202*ms)
				m.HTTPStatus, m.ErrorType = 499, resilience.ErrorCanceled
			}),
		}
		ids := make(map[string]bool)
		for i := range all {
			require.NotEmpty(t, all[i].OperationID)
			ids[all[i].OperationID] = true
			all[i].OperationID = ""
		}
		require.Equal(t, want, all)
		require.Len(t, ids, 4)
		text, err := json.Marshal(all[1])
		require.NoError(t, err)
		require.Contains(t, string(text), `"duration":201`)
	})
}

func TestErrorTypes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err        error
		want       string
		wantStatus int
	}{
		"timeout":    {context.DeadlineExceeded, resilience.ErrorTimeout, 504},
		"canceled":   {context.Canceled, resilience.ErrorCanceled, 499},
		"open":       {&circuitbreaker.OpenError{}, resilience.ErrorCircuitOpen, 503},
		"overloaded": {&resilience.OverloadedError{}, resilience.ErrorOverloaded, 503},
		"server":     {status(502), resilience.ErrorServer, 502},
		"rate limit": {status(429), resilience.ErrorRateLimited, 429},
		"client":     {status(409), resilience.ErrorClient, 409},
		"panic":      {&circuitbreaker.PanicError{Value: "x"}, resilience.ErrorPanic, 500},
		"unknown":    {errBoom, resilience.ErrorUnknown, 500},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParts(t, nil)
			pipeline, err := p.runner.Compile("a", resilience.Policy{})
			require.NoError(t, err)
			pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { return nil, tc.err }})
			got := p.runner.AllResilienceMetrics()
			require.Len(t, got, 1)
			require.Equal(t, tc.want, got[0].ErrorType)
			require.Equal(t, tc.wantStatus, got[0].HTTPStatus)
		})
	}
}

func TestRecordsAreBoundedAndSampled(t *testing.T) {
	t.Parallel()
	p := newParts(t, nil)
	pipeline, err := p.runner.Compile("a", resilience.Policy{})
	require.NoError(t, err)
	calls := 0
	for range 64 * 20 {
		pipeline.Run(t.Context(), answers(instantly, &calls, nil))
	}
	sampled := len(p.runner.AllResilienceMetrics())
	require.Positive(t, sampled)
	require.LessOrEqual(t, sampled, 20)
	for range 1000 {
		pipeline.Run(t.Context(), attempt{do: func(context.Context) (any, error) { return nil, errors.New("x") }})
	}
	all := p.runner.AllResilienceMetrics()
	require.Len(t, all, 256)
	for i := range all[1:] {
		require.False(t, all[i+1].StartTime.Before(all[i].StartTime), "the oldest first")
	}
}
