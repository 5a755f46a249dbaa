package retry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestStops(t *testing.T) {
	t.Parallel()
	permanent := failed{status: 500}
	tests := map[string]struct {
		answers    []error
		took       time.Duration
		timeout    time.Duration
		policy     retry.Policy
		want       []time.Duration
		wantReason string // empty is an error without a mark, or none
		wantErr    error
		wantEnd    time.Duration
	}{
		"success at once":              {want: seconds(0)},
		"success after two":            {answers: []error{errDown, errDown}, want: seconds(0, 1, 3), wantEnd: 3 * time.Second},
		"permanent at once":            {answers: always(permanent), want: seconds(0), wantErr: permanent},
		"permanent later":              {answers: []error{errDown, permanent}, want: seconds(0, 1), wantErr: permanent, wantReason: retry.ReasonPermanent, wantEnd: time.Second},
		"one attempt, no mark":         {answers: always(errDown), policy: retry.Policy{MaxAttempts: 1}, want: seconds(0), wantErr: errDown},
		"retry-after is a floor":       {answers: []error{failed{429, 2 * time.Second}}, want: seconds(0, 2), wantEnd: 2 * time.Second},
		"retry-after below backoff":    {answers: []error{failed{429, time.Millisecond}}, want: seconds(0, 1), wantEnd: time.Second},
		"retry-after above cap":        {answers: always(failed{429, 31 * time.Second}), want: seconds(0), wantErr: failed{429, 31 * time.Second}, wantReason: retry.ReasonRetryAfter},
		"retry-after beyond deadline":  {answers: always(failed{503, 20 * time.Second}), timeout: 10 * time.Second, want: seconds(0), wantErr: failed{503, 20 * time.Second}, wantReason: retry.ReasonDeadline},
		"delay beyond deadline":        {answers: always(errDown), timeout: 2 * time.Second, want: seconds(0, 1), wantErr: errDown, wantReason: retry.ReasonDeadline, wantEnd: time.Second},
		"delay just fits":              {answers: always(errDown), timeout: 3*time.Second + 11*time.Millisecond, want: seconds(0, 1, 3), wantErr: errDown, wantReason: retry.ReasonAttempts, wantEnd: 3 * time.Second},
		"delay just does not fit":      {answers: always(errDown), timeout: 3*time.Second + 10*time.Millisecond, want: seconds(0, 1), wantErr: errDown, wantReason: retry.ReasonDeadline, wantEnd: time.Second},
		"RE-03 slow attempts":          {answers: always(errDown), took: 1200 * time.Millisecond, timeout: 4 * time.Second, want: seconds(0, 2.2), wantErr: errDown, wantReason: retry.ReasonDeadline, wantEnd: 3400 * time.Millisecond},
		"open breaker: no second call": {answers: always(&circuitbreaker.OpenError{Name: "x"}), want: seconds(0), wantErr: circuitbreaker.ErrOpen},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.timeout)
					defer cancel()
				}
				calls, start := script{answers: tc.answers, took: tc.took}, time.Now()
				err := exact().Do(ctx, tc.policy, calls.call)
				require.Equal(t, tc.wantEnd, time.Since(start), "when it ends")
				require.Equal(t, tc.want, calls.at)
				require.ErrorIs(t, err, tc.wantErr)
				var given *retry.ExhaustedError
				require.Equal(t, tc.wantReason != "", errors.As(err, &given))
				if given != nil {
					require.Equal(t, tc.wantReason, given.Reason)
					require.Equal(t, len(tc.want), given.Attempts)
				}
			})
		})
	}
}

func TestCancel(t *testing.T) { // RE-09, scenario 17, PX-14
	t.Parallel()
	errGone := errors.New("gone")
	tests := map[string]struct {
		after     time.Duration // until the cancel
		wantCalls int
		wantTook  time.Duration
	}{
		"before":           {after: 0, wantCalls: 0},
		"during the first": {after: 50 * time.Millisecond, wantCalls: 1, wantTook: 100 * time.Millisecond},
		"during the wait":  {after: 500 * time.Millisecond, wantCalls: 1, wantTook: 500 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(tc.after, func() { cancel(errGone) })
				defer timer.Stop()
				if tc.after == 0 {
					cancel(errGone)
				}
				calls, start := script{answers: always(errDown), took: 100 * time.Millisecond}, time.Now()
				err := exact().Do(ctx, retry.Standard, calls.call)
				require.ErrorIs(t, err, errGone)
				require.Len(t, calls.at, tc.wantCalls)
				require.Equal(t, tc.wantTook, time.Since(start))
				if tc.wantCalls > 0 {
					require.ErrorIs(t, err, errDown, "the real error is kept")
				}
			})
		})
	}
}

// Trap 6: where the end of the wait and that of the context are both there,
// retry-go picks one at random. Nothing begins after the cancel all the same.
func TestCancelAndTimerTogether(t *testing.T) {
	t.Parallel()
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		policy := retry.Policy{MaxAttempts: 10, Delay: func(n int) time.Duration {
			if n == 2 {
				cancel()
			}
			return 0
		}}
		calls := script{answers: always(errDown)}
		err := exact().Do(ctx, policy, calls.call)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errDown)
		require.Len(t, calls.at, 2)
		require.Equal(t, retry.ReasonCanceled, exhausted(t, err).Reason)
	}
}

func TestScenario20LayersDoNotMultiply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, calls := exact(), script{answers: always(errDown)}
		err := s.Do(t.Context(), retry.Standard, func(ctx context.Context) error {
			return fmt.Errorf("load: %w", s.Do(ctx, retry.Standard, calls.call))
		})
		require.Len(t, calls.at, 3)
		require.ErrorIs(t, err, errDown)

		insistent := retry.Policy{RetryIf: func(error) bool { return true }}
		calls = script{answers: always(errDown)}
		_ = s.Do(t.Context(), insistent, func(ctx context.Context) error { return s.Do(ctx, retry.Standard, calls.call) })
		require.Len(t, calls.at, 3, "not even where RetryIf says so")
	})
}

func TestValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		value, err := retry.Do(t.Context(), exact(), retry.Fast, func(context.Context) (string, error) {
			calls++
			if calls < 3 {
				return "half", errDown
			}
			return "whole", nil
		})
		require.NoError(t, err)
		require.Equal(t, "whole", value)
		value, err = retry.Do(t.Context(), exact(), retry.Fast, func(context.Context) (string, error) { return "half", errDown })
		require.ErrorIs(t, err, errDown)
		require.Empty(t, value)
		_, err = retry.Do(t.Context(), exact(), retry.Policy{MaxAttempts: 11}, func(context.Context) (string, error) { panic("not called") })
		require.ErrorContains(t, err, "MaxAttempts")
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := exact()
		for _, answers := range [][]error{nil, {errDown}, always(errDown), {failed{status: 400}}} {
			calls := script{answers: answers}
			_ = s.Do(t.Context(), retry.Standard, calls.call)
		}
		require.Equal(t, retry.Metrics{
			FirstTry: 1, Recovered: 1, Retries: 3, Waited: 4 * time.Second,
			GivenUp: map[string]uint64{retry.ReasonAttempts: 1, retry.ReasonPermanent: 1},
		}, s.Metrics())
		registry := prometheus.NewPedanticRegistry()
		require.NoError(t, registry.Register(s))
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP retry_operations_total Operations by outcome: first_try, recovered, given_up.
# TYPE retry_operations_total counter
retry_operations_total{outcome="first_try"} 1
retry_operations_total{outcome="given_up"} 2
retry_operations_total{outcome="recovered"} 1
`), "retry_operations_total"))
	})
}
