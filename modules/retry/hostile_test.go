package retry_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/retry"
)

// No cap at all is a cap that no float64 holds.
func TestLongestDelays(t *testing.T) {
	t.Parallel()
	const forever = time.Duration(math.MaxInt64)
	tests := map[string]retry.Policy{
		"exponential": {BaseDelay: 1000 * time.Hour, Multiplier: 1000, MaxAttempts: 5},
		"own":         {Delay: func(int) time.Duration { return forever }},
		"base":        {BaseDelay: forever},
		"full jitter": {BaseDelay: forever, JitterMode: retry.FullJitter},
		"range":       {BaseDelay: forever, JitterMode: retry.RangeJitter, JitterRange: 1},
	}
	for name, policy := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				policy.MaxDelay = forever
				require.GreaterOrEqual(t, exact().Effective(policy).Shortest(), time.Duration(0))
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					down := script{answers: always(errDown)}
					err := exact().Do(ctx, policy, down.call)
					cancel()
					require.Equal(t, retry.ReasonDeadline, exhausted(t, err).Reason)
					require.Len(t, down.at, 1)
				}
				policy.MaxDuration = time.Hour
				down := script{answers: always(errDown)}
				require.Equal(t, retry.ReasonDuration, exhausted(t, exact().Do(t.Context(), policy, down.call)).Reason)
			})
		})
	}
}

func TestAgainRefusesWhatDoRefuses(t *testing.T) {
	t.Parallel()
	never := func(context.Context) error { panic("not called") }
	err := exact().Again(t.Context(), retry.Policy{MaxAttempts: 50}, errDown, never)
	require.ErrorContains(t, err, "MaxAttempts")
	require.ErrorIs(t, err, errDown)
	err = retry.NewService(retry.Config{MaxAttempts: 50}, nil).Again(t.Context(), retry.Fast, errDown, never)
	require.ErrorContains(t, err, "MaxAttempts")
	require.ErrorIs(t, err, errDown)
	yes := func(error) bool { return true }
	require.NoError(t, exact().Again(t.Context(), retry.Policy{RetryIf: yes}, nil, never), "nothing has failed")
}

// A caller that leaves in the middle of an attempt is no failure for good.
func TestCancelledInAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s, n := exact(), 0
		err := s.Do(ctx, retry.Fast, func(ctx context.Context) error {
			if n++; n == 1 {
				return errDown
			}
			cancel()
			return ctx.Err()
		})
		require.Equal(t, retry.ExhaustedError{Attempts: 2, Reason: retry.ReasonCanceled, Err: context.Canceled}, *exhausted(t, err))
		err = s.Do(t.Context(), retry.Fast, func(context.Context) error { return context.Canceled })
		require.Equal(t, context.Canceled, err)
		require.Equal(t, map[string]uint64{retry.ReasonCanceled: 1, retry.ReasonPermanent: 1}, s.Metrics().GivenUp)
	})
}

// The budgets of an empty Budget inherit number by number.
func TestBudgetInheritsEachNumber(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  retry.Config
		want uint64
	}{
		"nothing": {retry.Config{}, 30},
		"ratio":   {retry.Config{BudgetRatio: 0.5}, 30},
		"floor":   {retry.Config{BudgetMinPerSec: 1}, 10},
		"literal": {retry.Config{Budget: "on", BudgetRatio: 0.5}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := retry.NewService(tc.cfg, nil)
			s.Budget("erp")
			require.Equal(t, tc.want, s.Budgets()[0].Available)
		})
	}
}

type calling struct {
	slog.Handler

	call func()
}

func (calling) Enabled(context.Context, slog.Level) bool { return true }

func (c calling) WithAttrs([]slog.Attr) slog.Handler { return c }

func (c calling) Handle(context.Context, slog.Record) error { c.call(); return nil } //nolint:gocritic // slog's signature

func TestLogHandlerMayAskForBudgets(t *testing.T) {
	t.Parallel()
	var s *retry.Service
	told := 0
	s = retry.NewService(retry.Config{}, slog.New(calling{slog.DiscardHandler, func() { told++; s.Budget("log") }}))
	for i := range retry.MaxBudgets + 5 {
		s.Budget(fmt.Sprint(i))
	}
	require.Equal(t, 1, told)
}

// noAnswerError is the error of a client whose errors have a status, without one.
type noAnswerError struct{ error }

func (noAnswerError) StatusCode() int { return 0 }

func (n noAnswerError) Unwrap() error { return n.error }

func TestTransientWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	require.True(t, retry.Transient(noAnswerError{&net.OpError{Op: "dial", Err: net.ErrClosed}}))
	require.False(t, retry.Transient(noAnswerError{net.ErrClosed}))
}
