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

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestPresets(t *testing.T) { // scenario 13, RE-01
	t.Parallel()
	tests := map[string]struct {
		policy retry.Policy
		want   []time.Duration // when the attempts begin
	}{
		"fast":            {retry.Fast, seconds(0, 0.5, 1.25)},
		"standard":        {retry.Standard, seconds(0, 1, 3)},
		"database":        {retry.Database, seconds(0, 1, 3, 7)},
		"http":            {retry.HTTP, seconds(0, 1, 3)},
		"slow":            {retry.Slow, seconds(0, 2, 7, 19.5, 50.75)},
		"the default":     {retry.Policy{}, seconds(0, 1, 3)},
		"RE-05, capped":   {retry.Policy{MaxAttempts: 6, BaseDelay: 2 * time.Second}, seconds(0, 2, 6, 14, 30, 60)},
		"constant":        {retry.Policy{Multiplier: 1}, seconds(0, 1, 2)},
		"RE-06, overflow": {retry.Policy{MaxAttempts: 10, Multiplier: 1000, MaxDelay: time.Second}, seconds(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)},
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

func TestJitter(t *testing.T) { // scenario 13, RE-08: 10,000 samples
	t.Parallel()
	tests := map[string]struct {
		policy    retry.Policy
		low, high time.Duration
	}{
		"range":           {retry.Policy{}, 900 * time.Millisecond, 1100 * time.Millisecond},
		"range at cap":    {retry.Policy{MaxDelay: time.Second}, 900 * time.Millisecond, time.Second},
		"full":            {retry.Policy{JitterMode: retry.FullJitter}, 0, time.Second},
		"none":            {retry.Policy{JitterMode: retry.NoJitter}, time.Second, time.Second},
		"preset inherits": {retry.Fast, 450 * time.Millisecond, 550 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := retry.NewService(retry.DefaultConfig(), nil)
				tc.policy.MaxAttempts = 2
				least, most := time.Hour, time.Duration(0)
				for range 10_000 {
					down := script{answers: []error{errDown}}
					require.NoError(t, s.Do(t.Context(), tc.policy, down.call))
					least, most = min(least, down.at[1]), max(most, down.at[1])
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
	bad := retry.Policy{MaxAttempts: -1, BaseDelay: -1, MaxDelay: -2, Multiplier: 0.5, JitterRange: 2, JitterMode: "wild"}
	err := exact().Do(t.Context(), bad, func(context.Context) error { panic("not called") })
	for _, field := range []string{"MaxAttempts", "BaseDelay", "MaxDelay", "Multiplier", "JitterRange", "JitterMode"} {
		require.ErrorContains(t, err, field)
	}
	require.ErrorContains(t, retry.Policy{BaseDelay: 2, MaxDelay: 1}.Validate(), "above MaxDelay")
	require.NoError(t, retry.Policy{}.Validate())

	s := retry.NewService(retry.Config{MaxAttempts: 11}, nil)
	require.ErrorContains(t, s.Do(t.Context(), retry.Fast, func(context.Context) error { return nil }), "MaxAttempts")
	require.ErrorContains(t, retry.Config{BaseDelay: 2, MaxDelay: 1}.Validate(), "RETRY_MAX_DELAY")
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

func TestSettings(t *testing.T) { // scenario 22, T8
	t.Parallel()
	load := func(vars map[string]string) (retry.Config, error) {
		values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[retry.Config]())
		if err != nil {
			return retry.Config{}, err
		}
		return config.Get[retry.Config](values)
	}
	cfg, err := load(nil)
	require.NoError(t, err)
	require.Equal(t, retry.DefaultConfig(), cfg)
	cfg, err = load(map[string]string{"RETRY_USE_JITTER": "false", "RETRY_BASE_DELAY": "2s"})
	require.NoError(t, err)
	effective := retry.NewService(cfg, nil).Effective(retry.Policy{})
	require.Equal(t, retry.NoJitter, effective.JitterMode)
	require.Equal(t, 2*time.Second, effective.BaseDelay)
	for _, wrong := range []string{"0", "-1", "abc", "", "11"} {
		_, err = load(map[string]string{"RETRY_MAX_ATTEMPTS": wrong, "RETRY_JITTER_MODE": "wild"})
		require.ErrorContains(t, err, "RETRY_MAX_ATTEMPTS")
		require.ErrorContains(t, err, "RETRY_JITTER_MODE")
	}
	_, err = load(map[string]string{"RETRY_BASE_DELAY": "1m"})
	require.ErrorContains(t, err, "RETRY_MAX_DELAY")
}
