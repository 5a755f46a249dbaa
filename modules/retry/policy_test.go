package retry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestScenario13Presets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy retry.Policy
		want   []time.Duration // when the attempts begin
	}{
		"fast":        {retry.Fast, seconds(0, 0.5, 1.25)},
		"standard":    {retry.Standard, seconds(0, 1, 3)},
		"database":    {retry.Database, seconds(0, 1, 3, 7)},
		"http":        {retry.HTTP, seconds(0, 1, 3)},
		"slow":        {retry.Slow, seconds(0, 2, 7, 19.5, 50.75)},
		"the default": {retry.Policy{}, seconds(0, 1, 3)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				down := script{answers: always(errDown)}
				err := exact().Do(t.Context(), tc.policy, down.call)
				var given *retry.ExhaustedError
				require.ErrorAs(t, err, &given)
				require.Equal(t, retry.ExhaustedError{Attempts: len(tc.want), Reason: retry.ReasonAttempts, Err: errDown}, *given)
				require.Equal(t, tc.want, down.at)
			})
		})
	}
}

func TestScenario13Jitter(t *testing.T) { // 10,000 samples of the default, 1,000 of the others
	t.Parallel()
	tests := map[string]struct {
		policy    retry.Policy
		low, high time.Duration
	}{
		"range":           {retry.Policy{}, 900 * time.Millisecond, 1100 * time.Millisecond},
		"range at cap":    {retry.Policy{MaxDelay: time.Second}, 900 * time.Millisecond, time.Second},
		"full":            {retry.Policy{JitterMode: retry.FullJitter}, 0, time.Second},
		"equal":           {retry.Policy{JitterMode: retry.EqualJitter}, 500 * time.Millisecond, time.Second},
		"RE-08, ± 25 %":   {retry.Policy{JitterRange: 0.25}, 750 * time.Millisecond, 1250 * time.Millisecond},
		"decorrelated":    {retry.Policy{Backoff: retry.DecorrelatedBackoff}, time.Second, 3 * time.Second},
		"… no jitter":     {retry.Policy{Backoff: retry.DecorrelatedBackoff, JitterMode: retry.NoJitter}, time.Second, 3 * time.Second},
		"… at cap":        {retry.Policy{Backoff: retry.DecorrelatedBackoff, MaxDelay: 2 * time.Second}, time.Second, 2 * time.Second},
		"own":             {retry.Policy{Delay: hours}, 27 * time.Second, 30 * time.Second},
		"preset inherits": {retry.Fast, 450 * time.Millisecond, 550 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := retry.NewService(retry.DefaultConfig(), nil)
				least, most := time.Hour, time.Duration(0)
				samples := 1_000
				if name == "range" {
					samples = 10_000
				}
				for range samples {
					down := time.Now()
					require.NoError(t, s.Again(t.Context(), tc.policy, errDown, nop))
					least, most = min(least, time.Since(down)), max(most, time.Since(down))
				}
				require.GreaterOrEqual(t, least, tc.low)
				require.LessOrEqual(t, most, tc.high)
				spread := tc.high - tc.low
				require.LessOrEqual(t, least, tc.low+spread/10, "uses its range")
				require.GreaterOrEqual(t, most, tc.high-spread/10, "uses its range")
			})
		})
	}
}

func TestRefusedPolicies(t *testing.T) { // T15
	t.Parallel()
	bad := retry.Policy{MaxAttempts: -1, BaseDelay: -1, MaxDelay: -2, Multiplier: 0.5, JitterRange: 2, JitterMode: "wild", Backoff: "wilder", MaxDuration: -1}
	err := exact().Do(t.Context(), bad, func(context.Context) error { panic("not called") })
	for _, field := range []string{"MaxAttempts", "BaseDelay", "MaxDelay", "Multiplier", "JitterRange", "JitterMode", "Backoff", "MaxDuration"} {
		require.ErrorContains(t, err, field)
	}
	require.ErrorContains(t, retry.Policy{BaseDelay: 2, MaxDelay: 1}.Validate(), "above MaxDelay")
	require.NoError(t, retry.Policy{}.Validate())

	s := retry.NewService(retry.Config{MaxAttempts: 11}, nil)
	require.ErrorContains(t, s.Do(t.Context(), retry.Fast, func(context.Context) error { return nil }), "MaxAttempts")
	require.ErrorContains(t, retry.Config{BaseDelay: 2, MaxDelay: 1}.Validate(), "RETRY_MAX_DELAY")
	err = retry.Config{Budget: "maybe", BudgetRatio: 2, BudgetMinPerSec: -1, BudgetTTL: 1}.Validate()
	for _, field := range []string{"Budget is", "BudgetRatio", "BudgetMinPerSec", "BudgetTTL"} {
		require.ErrorContains(t, err, field)
	}
}

func TestTransient(t *testing.T) { // T1, T10, T11
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("no route")}
	tests := map[string]struct {
		err  error
		want bool
	}{
		"nil":            {nil, false},
		"unknown":        {errors.New("connection timeout"), false},
		"400":            {failed{status: 400}, false},
		"408":            {failed{status: 408}, true},
		"425":            {failed{status: 425}, true},
		"429":            {failed{status: 429}, true},
		"500":            {failed{status: 500}, false},
		"501":            {failed{status: 501}, false},
		"502":            {failed{status: 502}, true},
		"wrapped 503":    {fmt.Errorf("load: %w", errDown), true},
		"504":            {failed{status: 504}, true},
		"refused":        {&net.OpError{Op: "read", Err: syscall.ECONNREFUSED}, true},
		"reset":          {syscall.ECONNRESET, true},
		"dial":           {fmt.Errorf("get: %w", dial), true},
		"read":           {&net.OpError{Op: "read", Err: io.EOF}, false},
		"deadline":       {context.DeadlineExceeded, true},
		"cancelled":      {fmt.Errorf("get: %w", context.Canceled), false},
		"cancelled dial": {&net.OpError{Op: "dial", Err: context.Canceled}, false},
		"no such host":   {&net.DNSError{IsNotFound: true}, false},
		"DNS away":       {&net.DNSError{IsTemporary: true}, true},
		"open breaker":   {&circuitbreaker.OpenError{}, false},
		"given up":       {&retry.ExhaustedError{Err: errDown}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, retry.Transient(tc.err))
		})
	}
}
