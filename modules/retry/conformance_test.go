package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// What the best libraries are tested for, by the number of the case. A case that
// is left out stands here with its reason.
func TestConformance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		out string // why the case is left out
		run func(*testing.T)
	}{
		"RE-01 default: 3 attempts, the error wraps the last one": {run: func(t *testing.T) {
			t.Helper()
			calls := script{answers: []error{failed{status: 502}, failed{status: 503}, failed{status: 504}}}
			err := exact().Do(t.Context(), retry.Policy{}, calls.call)
			require.Len(t, calls.at, 3)
			require.ErrorIs(t, err, failed{status: 504})
			require.NotErrorIs(t, err, failed{status: 502})
			require.Equal(t, retry.ReasonAttempts, exhausted(t, err).Reason)
			require.EqualError(t, err, "gave up after 3 attempts (attempts): status 504")
		}},
		"RE-02 500 500 ok, with a condition for 500": {run: func(t *testing.T) {
			t.Helper()
			calls := script{answers: []error{failed{status: 500}, failed{status: 500}}}
			policy := retry.Policy{RetryIf: func(err error) bool { return errors.Is(err, failed{status: 500}) }}
			require.NoError(t, exact().Do(t.Context(), policy, calls.call))
			require.Len(t, calls.at, 3)
		}},
		"RE-03 max duration 100 ms, attempt 2 takes 120": {run: func(t *testing.T) {
			t.Helper()
			calls := script{answers: always(errDown)}
			policy := retry.Policy{MaxAttempts: 10, BaseDelay: 10 * time.Millisecond, MaxDuration: 100 * time.Millisecond}
			err := exact().Do(t.Context(), policy, func(ctx context.Context) error {
				if len(calls.at) == 1 {
					time.Sleep(120 * time.Millisecond)
				}
				return calls.call(ctx)
			})
			require.Len(t, calls.at, 2)
			require.Equal(t, retry.ReasonDuration, exhausted(t, err).Reason)
		}},
		"RE-04 return last: the bare error": {
			out: "the mark is what keeps outer layers from repeating; errors.Is and errors.As see through it, and MaxAttempts: 1 has none",
		},
		"RE-05 exponential 2 s to 30 s": {run: waits(
			retry.Policy{MaxAttempts: 6, BaseDelay: 2 * time.Second}, 2, 4, 8, 16, 30)},
		"RE-06 constant 1 1 1": {run: waits(
			retry.Policy{MaxAttempts: 4, Backoff: retry.ConstantBackoff}, 1, 1, 1)},
		"RE-06 linear 1 2 3, by a formula of one's own": {run: waits(
			retry.Policy{MaxAttempts: 4, Delay: func(n int) time.Duration { return time.Duration(n) * time.Second }}, 1, 2, 3)},
		"RE-06 exponential 1 2 4": {run: waits(retry.Policy{MaxAttempts: 4}, 1, 2, 4)},
		"RE-06 fibonacci 1 1 2 3 5 8": {run: waits(
			retry.Policy{MaxAttempts: 7, Backoff: retry.FibonacciBackoff}, 1, 1, 2, 3, 5, 8)},
		"RE-06 capped": {run: waits(
			retry.Policy{MaxAttempts: 10, Multiplier: 1000, MaxDelay: time.Second}, 1, 1, 1, 1, 1, 1, 1, 1, 1)},
		"RE-06 a delay of days is the cap, a negative one none": {run: waits(
			retry.Policy{MaxAttempts: 4, Delay: func(n int) time.Duration { return 1<<62 - time.Duration(n-1)<<62 }}, 30, 0, 0)},
		"RE-06 attempt 1000": {out: "there are at most 10 attempts; the formula is tried to overflow above"},
		"RE-08 jitter stays in its band": {
			out: "10,000 samples of each mode: TestScenario13Jitter, TestDecorrelated",
		},
		"RE-08 decorrelated in [0, base × 2^n × 4)": {
			out: "that is Polly's formula; ours is the one of the AWS blog: from base to three times the delay before",
		},
		"RE-09 cancelled before: nothing runs": {run: func(t *testing.T) {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			calls := script{}
			require.ErrorIs(t, exact().Do(ctx, retry.Fast, calls.call), context.Canceled)
			require.Empty(t, calls.at)
		}},
		"RE-09 cancelled during an attempt: 1": {run: cancelled(500*time.Millisecond, time.Second)},
		"RE-09 cancelled during the delay: 1":  {run: cancelled(500*time.Millisecond, 0)},
		"RE-10 zero delay: no timer": {run: func(t *testing.T) {
			t.Helper()
			calls := script{answers: []error{errDown, errDown}}
			policy := retry.Policy{Delay: func(int) time.Duration { return 0 }}
			require.NoError(t, exact().Do(t.Context(), policy, calls.call))
			require.Equal(t, seconds(0, 0, 0), calls.at)
		}},
		"RE-12 429 429 200": {run: func(t *testing.T) {
			t.Helper()
			calls := script{answers: []error{failed{status: 429}, failed{status: 429}}}
			require.NoError(t, exact().Do(t.Context(), retry.HTTP, calls.call))
			require.Len(t, calls.at, 3)
		}},
		"RE-12 bad scheme, redirect loop, body sent again": {out: "requests are made by package client, and tested there"},
		"PX-13 Retry-After as a date, capped":              {out: "TestScenario18RetryAfter"},
		"PX-14 no sleep that cannot fit the deadline": {run: func(t *testing.T) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second+retry.MinAttempt)
			defer cancel()
			calls := script{answers: always(errDown)}
			err := exact().Do(ctx, retry.Standard, calls.call)
			require.Len(t, calls.at, 1)
			require.Zero(t, time.Since(calls.start))
			require.ErrorIs(t, err, errDown, "the cause is kept")
			require.Equal(t, retry.ReasonDeadline, exhausted(t, err).Reason)
		}},
		"CO-01 retry 7 ∘ breaker 3: 3 executions, open": {run: func(t *testing.T) {
			t.Helper()
			b := breaker(t, 3)
			calls := script{answers: always(errDown)}
			err := exact().Do(t.Context(), retry.Policy{MaxAttempts: 7}, func(ctx context.Context) error { return b.Do(ctx, calls.call) })
			require.Len(t, calls.at, 3)
			require.ErrorIs(t, err, circuitbreaker.ErrOpen)
			require.Equal(t, 4, exhausted(t, err).Attempts)
		}},
		"CO-01 7 attempts": {out: "an open breaker refuses the 4th, and no 5th is made: it says itself that repeating is of no use"},
		"CO-02 breaker ∘ retry 3: one failure": {run: func(t *testing.T) {
			t.Helper()
			named := breakers(t)
			s, calls := exact(), script{answers: always(errDown)}
			b := named.Get("x")
			err := b.Do(t.Context(), func(ctx context.Context) error { return s.Do(ctx, retry.Standard, calls.call) })
			require.ErrorIs(t, err, errDown)
			require.Len(t, calls.at, 3)
			m, ok := named.Metrics("x")
			require.True(t, ok)
			require.EqualValues(t, 1, m.Failures)
		}},
		"CO-03 breaker ∘ timeout":                   {out: "no retry in it: package circuitbreaker"},
		"CO-05 retry 7 ∘ full bulkhead: 7 attempts": {out: "a refusal of our own is never repeated (reference 5.4)"},
		"CO-06 fallback ∘ retry 3 ∘ breaker 5: value, 3 executions, closed": {run: func(t *testing.T) {
			t.Helper()
			b, s, calls := breaker(t, 5), exact(), script{answers: always(errDown)}
			value, err := "", s.Do(t.Context(), retry.Standard, func(ctx context.Context) error { return b.Do(ctx, calls.call) })
			if circuitbreaker.Replaceable(err) {
				value = "fallback"
			}
			require.Equal(t, "fallback", value)
			require.Len(t, calls.at, 3)
			require.Equal(t, circuitbreaker.Closed, b.State())
		}},
		"TI-01 retry ∘ 50 ms: two slow attempts, success at 3": {run: func(t *testing.T) {
			t.Helper()
			n := 0
			err := exact().Do(t.Context(), retry.Standard, within(50*time.Millisecond, func(ctx context.Context) error {
				n++
				return work(ctx, time.Duration(3-n)*time.Second)
			}))
			require.NoError(t, err)
			require.Equal(t, 3, n)
		}},
		"TI-02 150 ms ∘ retry, failing attempts of 60 ms": {run: func(t *testing.T) {
			t.Helper()
			calls, start := script{answers: always(errDown), took: 60 * time.Millisecond}, time.Now()
			policy := retry.Policy{BaseDelay: time.Millisecond, Backoff: retry.ConstantBackoff}
			err := within(150*time.Millisecond, func(ctx context.Context) error { return exact().Do(ctx, policy, calls.call) })(t.Context())
			require.ErrorIs(t, err, errDown)
			require.Len(t, calls.at, 3)
			require.Equal(t, 182*time.Millisecond, time.Since(start), "the third is under way at the deadline")
		}},
		"TI-05 retry ∘ outer 50 ∘ inner 100: outer 3": {run: func(t *testing.T) {
			t.Helper()
			n := 0
			err := exact().Do(t.Context(), retry.Standard, within(50*time.Millisecond, within(100*time.Millisecond, func(ctx context.Context) error {
				n++
				return work(ctx, time.Second)
			})))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 3, n)
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.out != "" {
				require.Nil(t, tc.run)
				t.Log("left out: " + tc.out)
				return
			}
			synctest.Test(t, tc.run)
		})
	}
}

// waits checks the delays of a policy without jitter, in seconds.
func waits(p retry.Policy, want ...float64) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		calls, at := script{answers: always(errDown)}, 0.0
		require.Error(t, exact().Do(t.Context(), p, calls.call))
		times := seconds(0)
		for _, wait := range want {
			at += wait
			times = append(times, seconds(at)...)
		}
		require.Equal(t, times, calls.at)
	}
}

// cancelled cancels an operation whose attempts take so long: there is only one.
func cancelled(after, took time.Duration) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(after, cancel)
		calls := script{answers: always(errDown), took: took}
		err := exact().Do(ctx, retry.Standard, calls.call)
		require.Len(t, calls.at, 1)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errDown)
		require.Equal(t, max(after, took), time.Since(calls.start))
	}
}

func exhausted(t *testing.T, err error) *retry.ExhaustedError {
	t.Helper()
	var given *retry.ExhaustedError
	require.ErrorAs(t, err, &given)
	return given
}

// breaker opens at n failures.
func breaker(t *testing.T, n int) *circuitbreaker.Breaker {
	t.Helper()
	b, err := breakers(t).Register("x", circuitbreaker.Config{MinThroughput: n})
	require.NoError(t, err)
	return b
}

func within(limit time.Duration, fn func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return fn(ctx)
	}
}

func work(ctx context.Context, took time.Duration) error {
	select {
	case <-time.After(took):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func breakers(t *testing.T) *circuitbreaker.Service {
	t.Helper()
	s, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	require.NoError(t, err)
	return s
}
