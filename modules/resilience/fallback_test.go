package resilience_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestFallback(t *testing.T) { // scenario 26, TI-04
	t.Parallel()
	errSpare := errors.New("no spare")
	fallback := resilience.Policy{EnableFallback: true, Timeout: 100 * ms}
	tests := map[string]struct {
		err      error
		took     time.Duration
		fallback func(context.Context, error) (any, error)
		want     any
		wantErr  error
		wantCode int
	}{
		"success":         {want: "answer"},
		"unknown error":   {err: errBoom, want: "spare"},
		"500":             {err: status(500), want: "spare"},
		"timeout":         {took: time.Hour, want: "spare"},
		"panic":           {err: &circuitbreaker.PanicError{}, want: "spare"},
		"another breaker": {err: &circuitbreaker.OpenError{}, want: "spare"},
		"404":             {err: status(404), wantErr: status(404)},
		"409":             {err: status(409), wantErr: status(409)},
		"429":             {err: status(429), wantErr: status(429)},
		"cancelled":       {err: context.Canceled, wantErr: context.Canceled},
		"both fail":       {err: errBoom, fallback: func(context.Context, error) (any, error) { return nil, errSpare }, wantErr: errSpare, wantCode: 503},
		"own answer":      {err: errBoom, fallback: func(context.Context, error) (any, error) { return nil, status(409) }, wantErr: status(409), wantCode: 409},
		"hands it on":     {err: status(502), fallback: func(_ context.Context, err error) (any, error) { return nil, err }, wantErr: status(502), wantCode: 502},
		"fallback panics": {err: status(502), fallback: func(context.Context, error) (any, error) { panic("boom") }, wantErr: status(502), wantCode: 503},
		"fallback blocks": {err: status(502), fallback: func(ctx context.Context, _ error) (any, error) { <-ctx.Done(); return nil, ctx.Err() }, wantErr: context.DeadlineExceeded, wantCode: 503},
	}
	for _, mode := range []resilience.Mode{resilience.Soft, resilience.Hard} {
		for name, tc := range tests {
			t.Run(mode.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					policy := fallback
					policy.TimeoutMode = mode
					calls, start := 0, time.Now()
					a := answers(tc.took, &calls, tc.err)
					a.fallback = tc.fallback
					if a.fallback == nil {
						a.fallback = func(ctx context.Context, cause error) (any, error) {
							require.Error(t, cause)
							return "spare", ctx.Err()
						}
					}
					pipeline := compile(t, policy)
					require.True(t, pipeline.HasFallback())
					result := pipeline.Run(t.Context(), a)
					require.Equal(t, tc.want, result.Value)
					require.ErrorIs(t, result.Err, tc.wantErr)
					require.Equal(t, tc.want == "spare" || tc.wantCode != 0, result.Fallback)
					require.LessOrEqual(t, time.Since(start), 1100*ms)
					if tc.wantCode != 0 {
						var coded interface{ StatusCode() int }
						require.ErrorAs(t, result.Err, &coded)
						require.Equal(t, tc.wantCode, coded.StatusCode())
					}
				})
			})
		}
	}
}

func TestFallbackOfAnOpenBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParts(t, nil)
		pipeline, err := p.runner.Compile("a", resilience.Policy{EnableCircuitBreaker: true, EnableFallback: true, FallbackResponse: 42})
		require.NoError(t, err)
		p.breakers.ForceOpen("a", "test", time.Hour)
		result := pipeline.Run(t.Context(), attempt{})
		require.Equal(t, resilience.Result{Value: 42, Fallback: true}, result)
	})
}

// raw is an Attempt with the two optional methods.
type raw struct {
	attempt

	repeatable, committed bool
}

func (r raw) Repeatable() bool { return r.repeatable }
func (r raw) Committed() bool  { return r.committed }

func TestWhatAnAttemptMaySay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		repeatable, committed bool
		stopping              bool
		wantAttempts          int
		wantFallback          bool
	}{
		"repeatable":     {repeatable: true, wantAttempts: 3, wantFallback: true},
		"not repeatable": {wantAttempts: 1, wantFallback: true},
		"committed":      {repeatable: true, committed: true, wantAttempts: 1},
		"draining":       {repeatable: true, stopping: true, wantAttempts: 1, wantFallback: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParts(t, func() bool { return tc.stopping })
				pipeline, err := p.runner.Compile("a", resilience.Policy{
					EnableRetry: true, Safe: true, EnableFallback: true, FallbackResponse: "spare",
				})
				require.NoError(t, err)
				calls := 0
				result := pipeline.Run(t.Context(), raw{answers(instantly, &calls, status(503)), tc.repeatable, tc.committed})
				require.Equal(t, tc.wantAttempts, calls)
				require.Equal(t, tc.wantFallback, result.Fallback)
			})
		})
	}
}

func TestCommittedAnswerStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := raw{committed: true, attempt: attempt{do: func(context.Context) (any, error) {
			time.Sleep(time.Second)
			return "sent", nil
		}}}
		result := compile(t, resilience.Policy{Timeout: 100 * ms}).Run(t.Context(), begun)
		require.NoError(t, result.Err)
		require.Equal(t, "sent", result.Value)
	})
}

func TestNoFallbackForACallerThatHasGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	result := compile(t, resilience.Policy{EnableFallback: true, FallbackResponse: "spare"}).Run(ctx, attempt{
		do: func(context.Context) (any, error) { cancel(); return nil, errBoom },
	})
	require.Equal(t, resilience.Result{Err: errBoom, Attempts: 1}, result)
}

func TestCallerHasGone(t *testing.T) { // TI-07, scenario 17
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipeline := compile(t, resilience.Policy{
			EnableRetry: true, Safe: true, EnableFallback: true, FallbackResponse: "spare",
			Retry: retry.Policy{BaseDelay: 10 * time.Second}, Timeout: time.Minute,
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		calls, start := 0, time.Now()
		result := pipeline.Run(ctx, answers(instantly, &calls, status(503)))
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, result.Err, context.Canceled)
		require.False(t, result.Fallback)
		require.Equal(t, 1, calls)
		_, err := pipeline.Enter(ctx)
		require.ErrorIs(t, err, context.Canceled)

		late, cancel := context.WithDeadline(t.Context(), time.Now())
		defer cancel()
		_, err = pipeline.Enter(late)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var timeout *resilience.TimeoutError
		require.ErrorAs(t, err, &timeout)
	})
}
