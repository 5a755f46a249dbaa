package retry_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/retry"
)

// Each decorrelated delay is between the base and three times the one before,
// and never above the cap: 2,500 delays.
func TestDecorrelated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := retry.NewService(retry.DefaultConfig(), nil)
		policy := retry.Policy{MaxAttempts: 6, Backoff: retry.DecorrelatedBackoff, MaxDelay: 20 * time.Second}
		grown := 0
		for range 500 {
			calls := script{answers: always(errDown)}
			require.Error(t, s.Do(t.Context(), policy, calls.call))
			before := time.Second
			for n := 1; n < len(calls.at); n++ {
				wait := calls.at[n] - calls.at[n-1]
				require.GreaterOrEqual(t, wait, time.Second)
				require.LessOrEqual(t, wait, min(3*before, 20*time.Second))
				if wait > 9*time.Second {
					grown++
				}
				before = wait
			}
		}
		require.Greater(t, grown, 50, "it does grow from one to the next")
	})
}

// No kind, mode or number makes a wait that is negative or above the cap.
func TestNeverAboveTheCap(t *testing.T) {
	t.Parallel()
	for _, backoff := range []retry.Backoff{retry.ExponentialBackoff, retry.ConstantBackoff, retry.FibonacciBackoff, retry.DecorrelatedBackoff} {
		for _, jitter := range []retry.JitterMode{retry.RangeJitter, retry.FullJitter, retry.EqualJitter, retry.NoJitter} {
			t.Run(string(backoff)+" "+string(jitter), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					policy := retry.Policy{
						MaxAttempts: 10, BaseDelay: 7 * time.Second, MaxDelay: 30 * time.Second, Multiplier: 1000,
						Backoff: backoff, JitterMode: jitter, JitterRange: 1,
					}
					for range 50 {
						s, calls := exact(), script{answers: always(errDown)}
						require.Error(t, s.Do(t.Context(), policy, calls.call))
						for _, planned := range s.AllRetryMetrics()[0].Delays {
							require.LessOrEqual(t, planned, policy.MaxDelay)
						}
						for n := 1; n < len(calls.at); n++ {
							wait := calls.at[n] - calls.at[n-1]
							require.GreaterOrEqual(t, wait, time.Duration(0))
							require.LessOrEqual(t, wait, policy.MaxDelay)
							if jitter == retry.EqualJitter && backoff == retry.ConstantBackoff {
								require.GreaterOrEqual(t, wait, policy.BaseDelay/2)
							}
						}
					}
				})
			})
		}
	}
}

func TestShortest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy retry.Policy
		want   time.Duration
	}{
		"range":        {retry.Policy{}, 900 * time.Millisecond},
		"full":         {retry.Policy{JitterMode: retry.FullJitter}, 0},
		"equal":        {retry.Policy{JitterMode: retry.EqualJitter}, 500 * time.Millisecond},
		"none":         {retry.Policy{JitterMode: retry.NoJitter}, time.Second},
		"decorrelated": {retry.Policy{Backoff: retry.DecorrelatedBackoff, JitterMode: retry.FullJitter}, time.Second},
		"fibonacci":    {retry.Policy{Backoff: retry.FibonacciBackoff, JitterMode: retry.NoJitter}, time.Second},
		"own":          {retry.Policy{Delay: hours, JitterMode: retry.NoJitter}, 30 * time.Second},
	}
	s := retry.NewService(retry.DefaultConfig(), nil)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, s.Effective(tc.policy).Shortest())
		})
	}
}

func TestInheritance(t *testing.T) {
	t.Parallel()
	yes := func(error) bool { return true }
	group := retry.Policy{
		Delay: hours, RetryIf: yes, AbortIf: yes, Allow: func() bool { return true },
		MaxDuration: time.Minute, Dependency: "erp", Backoff: retry.FibonacciBackoff,
	}
	all := retry.Policy{}.Or(group)
	require.NotNil(t, all.Delay)
	require.NotNil(t, all.RetryIf)
	require.NotNil(t, all.AbortIf)
	require.NotNil(t, all.Allow)
	require.Equal(t, time.Minute, all.MaxDuration)
	require.Equal(t, "erp", all.Dependency)
	require.Equal(t, retry.FibonacciBackoff, all.Backoff)
	require.Nil(t, retry.Policy{Backoff: retry.ConstantBackoff}.Or(group).Delay, "a kind of one's own replaces a formula")
}

func TestAbortIf(t *testing.T) {
	t.Parallel()
	errFull := errors.New("disk full")
	policy := retry.Policy{
		RetryIf: func(error) bool { return true },
		AbortIf: func(err error) bool { return errors.Is(err, errFull) },
	}
	synctest.Test(t, func(t *testing.T) {
		s, calls := exact(), script{answers: []error{errFull}}
		require.Equal(t, errFull, s.Do(t.Context(), policy, calls.call), "without a mark: it was not repeated")
		calls = script{answers: []error{errDown, errFull}}
		err := s.Do(t.Context(), policy, calls.call)
		require.Equal(t, retry.ExhaustedError{Attempts: 2, Reason: retry.ReasonAborted, Err: errFull}, *exhausted(t, err))
		require.EqualValues(t, 2, s.Metrics().GivenUp[retry.ReasonAborted])
	})
}

func TestMaxDuration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		most time.Duration
		took time.Duration
		want []time.Duration
	}{
		"no bound":                       {0, 0, seconds(0, 1, 3)},
		"the wait would end at the end":  {3 * time.Second, 0, seconds(0, 1)},
		"the wait just fits":             {3*time.Second + 1, 0, seconds(0, 1, 3)},
		"the first attempt counts":       {1500 * time.Millisecond, time.Second, seconds(0)},
		"an attempt may end after it":    {2500 * time.Millisecond, time.Second, seconds(0, 2)},
		"shorter than the first attempt": {time.Millisecond, time.Second, seconds(0)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := script{answers: always(errDown), took: tc.took}
				err := exact().Do(t.Context(), retry.Policy{MaxDuration: tc.most}, calls.call)
				require.Equal(t, tc.want, calls.at)
				if len(tc.want) < 3 {
					require.Equal(t, retry.ReasonDuration, exhausted(t, err).Reason)
				}
			})
		})
	}
}
