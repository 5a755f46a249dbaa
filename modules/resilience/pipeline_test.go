package resilience_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

const (
	ms        = time.Millisecond
	instantly = time.Duration(0)
)

func TestRun(t *testing.T) {
	t.Parallel()
	quick := retry.Policy{BaseDelay: 100 * ms, Multiplier: 1}
	retried := resilience.Policy{EnableRetry: true, Safe: true, Retry: quick, Timeout: 10 * time.Second}
	with := func(p resilience.Policy, change func(*resilience.Policy)) resilience.Policy {
		change(&p)
		return p
	}
	tests := map[string]struct {
		policy       resilience.Policy
		took         time.Duration
		answers      []error
		wantErr      error
		wantAttempts int
		wantEnd      time.Duration
	}{
		"success":                  {answers: []error{nil}, wantAttempts: 1},
		"failure":                  {answers: []error{errBoom}, wantErr: errBoom, wantAttempts: 1},
		"soft timeout":             {policy: resilience.Policy{Timeout: 100 * ms}, took: time.Hour, answers: []error{nil}, wantErr: context.DeadlineExceeded, wantAttempts: 1, wantEnd: 100 * ms},
		"retried":                  {policy: retried, answers: []error{status(503), status(503), nil}, wantAttempts: 3, wantEnd: 200 * ms},
		"attempts used up":         {policy: retried, answers: []error{status(503)}, wantErr: status(503), wantAttempts: 3, wantEnd: 200 * ms},
		"500 is not retried":       {policy: retried, answers: []error{status(500)}, wantErr: status(500), wantAttempts: 1},
		"500 where asked for":      {policy: with(retried, func(p *resilience.Policy) { p.RetryOnStatus = []int{500} }), answers: []error{status(500), nil}, wantAttempts: 2, wantEnd: 100 * ms},
		"503 where not asked for":  {policy: with(retried, func(p *resilience.Policy) { p.RetryOnStatus = []int{500} }), answers: []error{status(503), nil}, wantErr: status(503), wantAttempts: 1},
		"own condition":            {policy: with(retried, func(p *resilience.Policy) { p.Retry.RetryIf = func(err error) bool { return errors.Is(err, errBoom) } }), answers: []error{errBoom, nil}, wantAttempts: 2, wantEnd: 100 * ms},
		"given up further inside":  {policy: retried, answers: []error{&retry.ExhaustedError{Attempts: 3, Err: status(503)}}, wantErr: status(503), wantAttempts: 1},
		"attempt timeout, retried": {policy: with(retried, func(p *resilience.Policy) { p.AttemptTimeout = 50 * ms }), took: 60 * ms, answers: []error{nil}, wantErr: context.DeadlineExceeded, wantAttempts: 3, wantEnd: 350 * ms},
		"scenario 25, total wins":  {policy: with(retried, func(p *resilience.Policy) { p.Timeout, p.AttemptTimeout = time.Second, 600*ms }), took: time.Hour, answers: []error{nil}, wantErr: context.DeadlineExceeded, wantAttempts: 2, wantEnd: time.Second},
		"TI-02":                    {policy: with(retried, func(p *resilience.Policy) { p.Timeout, p.Retry.BaseDelay = 150*ms, ms }), took: 60 * ms, answers: []error{status(503)}, wantErr: context.DeadlineExceeded, wantAttempts: 3, wantEnd: 150 * ms},
		"TI-08 no timeout":         {policy: resilience.Policy{Timeout: resilience.NoTimeout}, took: time.Hour, answers: []error{nil}, wantAttempts: 1, wantEnd: time.Hour},
		"TI-08 the default":        {took: time.Hour, answers: []error{nil}, wantErr: context.DeadlineExceeded, wantAttempts: 1, wantEnd: 30 * time.Second},
	}
	for _, mode := range []resilience.Mode{resilience.Soft, resilience.Hard} {
		for name, tc := range tests {
			if mode == resilience.Hard && tc.policy.Timeout == resilience.NoTimeout {
				continue // refused
			}
			t.Run(mode.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tc.policy.TimeoutMode = mode
					tc.policy.EnableCircuitBreaker = true
					calls, start := 0, time.Now()
					result := compile(t, tc.policy).Run(t.Context(), answers(tc.took, &calls, tc.answers...))
					synctest.Wait() // for calls that were left behind
					require.Equal(t, tc.wantEnd, time.Since(start), "when it ends")
					require.Equal(t, tc.wantAttempts, result.Attempts)
					require.Equal(t, tc.wantAttempts, calls)
					require.False(t, result.Fallback)
					require.ErrorIs(t, result.Err, tc.wantErr)
					if tc.wantErr == nil {
						require.Equal(t, "answer", result.Value)
					}
				})
			})
		}
	}
}

func TestTimeoutErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy  resilience.Policy
		inherit time.Duration
		want    resilience.TimeoutError
	}{
		"total":     {policy: resilience.Policy{Timeout: 100 * ms}, want: resilience.TimeoutError{After: 100 * ms, Kind: resilience.KindTotal}},
		"attempt":   {policy: resilience.Policy{AttemptTimeout: 100 * ms}, want: resilience.TimeoutError{After: 100 * ms, Kind: resilience.KindAttempt}},
		"inherited": {inherit: 50 * ms, want: resilience.TimeoutError{After: 50 * ms, Kind: resilience.KindTotal}},
		"TI-05":     {policy: resilience.Policy{AttemptTimeout: 100 * ms}, inherit: 50 * ms, want: resilience.TimeoutError{After: 50 * ms, Kind: resilience.KindTotal}},
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
				calls := 0
				result := compile(t, tc.policy).Run(ctx, answers(time.Hour, &calls, nil))
				var timeout *resilience.TimeoutError
				require.ErrorAs(t, result.Err, &timeout)
				require.Equal(t, tc.want.After, timeout.After)
				require.Equal(t, tc.want.Kind, timeout.Kind)
				require.Equal(t, http.StatusGatewayTimeout, timeout.StatusCode())
				require.Equal(t, tc.want.Kind == resilience.KindAttempt, timeout.Transient())
				require.Contains(t, timeout.Error(), tc.want.After.String())
			})
		})
	}
}

func TestLateAnswerOfASoftDeadlineIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deaf := attempt{do: func(context.Context) (any, error) { time.Sleep(200 * ms); return "late", nil }}
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true, Timeout: 100 * ms})
		require.NoError(t, err)
		result := pipeline.Run(t.Context(), deaf)
		require.ErrorIs(t, result.Err, context.DeadlineExceeded)
		require.Nil(t, result.Value)
		m, _ := p.breakers.Metrics("a")
		require.EqualValues(t, 1, m.Failures)
	})
}

func TestBreakerInThePipeline(t *testing.T) { // CO-01, CO-06, scenario 21
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{
			EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{MinThroughput: 3},
			EnableRetry: true, Safe: true, Retry: retry.Policy{MaxAttempts: 7, BaseDelay: ms}, Timeout: time.Minute,
		})
		calls := 0
		result := pipeline.Run(t.Context(), answers(instantly, &calls, status(503)))
		require.Equal(t, 3, calls)
		require.Equal(t, 3, result.Attempts)
		require.ErrorIs(t, result.Err, status(503), "the answer that opened it, not the refusal after it")
		var given *retry.ExhaustedError
		require.ErrorAs(t, result.Err, &given)
		require.Equal(t, 3, given.Attempts)
		require.Equal(t, retry.ReasonPermanent, given.Reason)

		start := time.Now()
		result = pipeline.Run(t.Context(), answers(instantly, &calls, nil))
		require.ErrorIs(t, result.Err, circuitbreaker.ErrOpen)
		require.Zero(t, result.Attempts)
		require.Zero(t, time.Since(start), "no wait for an open breaker")
		require.Equal(t, 3, calls)
	})
}

func TestWhatCounts(t *testing.T) { // PX-03, PX-09, PX-12
	t.Parallel()
	tests := map[string]struct {
		err     error
		inherit time.Duration
		cancel  bool
		want    circuitbreaker.Outcome
	}{
		"success":             {want: circuitbreaker.Success},
		"404":                 {err: status(404), want: circuitbreaker.Success},
		"500":                 {err: status(500), want: circuitbreaker.Failure},
		"429":                 {err: status(429), want: circuitbreaker.Excluded},
		"caller went":         {err: status(500), cancel: true, want: circuitbreaker.Excluded},
		"own deadline":        {err: context.DeadlineExceeded, want: circuitbreaker.Failure},
		"deadline of caller":  {err: context.DeadlineExceeded, inherit: 10 * ms, want: circuitbreaker.Failure},
		"hurried caller":      {err: context.DeadlineExceeded, inherit: 9 * ms, want: circuitbreaker.Excluded},
		"hurried, but broken": {err: status(500), inherit: 9 * ms, want: circuitbreaker.Failure},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParts(t, nil)
				pipeline, err := p.runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true, Timeout: time.Second})
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tc.inherit > 0 {
					ctx, cancel = context.WithTimeout(ctx, tc.inherit)
					defer cancel()
				}
				pipeline.Run(ctx, attempt{do: func(ctx context.Context) (any, error) {
					if tc.cancel {
						cancel()
					}
					if errors.Is(tc.err, context.DeadlineExceeded) {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return nil, tc.err
				}})
				m, _ := p.breakers.Metrics("a")
				got := map[circuitbreaker.Outcome]uint64{
					circuitbreaker.Success: m.Successes, circuitbreaker.Failure: m.Failures, circuitbreaker.Excluded: m.Excluded,
				}
				require.EqualValues(t, 1, got[tc.want])
				require.EqualValues(t, 1, m.Calls)
			})
		})
	}
}

func TestEachAttemptHasItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{EnableRetry: true, Safe: true, AttemptTimeout: time.Second})
		var before context.Context
		result := pipeline.Run(t.Context(), attempt{do: func(ctx context.Context) (any, error) {
			if before != nil {
				require.ErrorIs(t, before.Err(), context.Canceled)
			}
			require.NoError(t, ctx.Err())
			before = ctx //nolint:fatcontext // looked at, not nested
			return nil, status(503)
		}})
		require.Equal(t, 3, result.Attempts)
		a, err := pipeline.Enter(t.Context())
		require.NoError(t, err)
		defer a.Leave()
		a.Run(attempt{do: func(ctx context.Context) (any, error) { before = ctx; panic("ouch") }}) //nolint:fatcontext // see above
		require.ErrorIs(t, before.Err(), context.Canceled, "a panic ends it, too")
	})
}

// An attempt that opens the breaker is the last: nobody waits for one that
// could only be refused.
func TestNoWaitForABreakerThatHasOpened(t *testing.T) { // scenario 21
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{
			EnableCircuitBreaker: true, Breaker: circuitbreaker.Config{MinThroughput: 1},
			EnableRetry: true, Safe: true, Timeout: time.Minute,
		})
		calls, start := 0, time.Now()
		result := pipeline.Run(t.Context(), answers(instantly, &calls, status(503)))
		require.Equal(t, status(503), result.Err)
		require.Equal(t, 1, calls)
		require.Zero(t, time.Since(start))
	})
}
