package retry_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// answered is a response with a Retry-After header, as a client would see it.
type answered struct {
	status int
	header string
}

func (a answered) Error() string   { return http.StatusText(a.status) }
func (a answered) StatusCode() int { return a.status }

func (a answered) RetryAfter() time.Duration {
	wait, _ := retry.ParseAfter(a.header, time.Now())
	return wait
}

func TestScenario18RetryAfter(t *testing.T) { // and PX-13, PX-14
	t.Parallel()
	date := func(in time.Duration) func() string {
		return func() string { return time.Now().Add(in).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func() string { return func() string { return s } }
	tests := map[string]struct {
		header     func() string
		status     int
		left       time.Duration // until the deadline
		want       []time.Duration
		wantReason string
	}{
		"2 s":                    {header: text("2"), status: 503, left: time.Minute, want: seconds(0, 2)},
		"429 as well":            {header: text("2"), status: 429, left: time.Minute, want: seconds(0, 2)},
		"date":                   {header: date(5 * time.Second), status: 503, left: time.Minute, want: seconds(0, 5)},
		"date that is past":      {header: date(-time.Hour), status: 503, left: time.Minute, want: seconds(0, 1)},
		"60 s with 10 s left":    {header: text("60"), status: 503, left: 10 * time.Second, want: seconds(0), wantReason: retry.ReasonRetryAfter},
		"20 s with 10 s left":    {header: text("20"), status: 503, left: 10 * time.Second, want: seconds(0), wantReason: retry.ReasonDeadline},
		"date beyond the cap":    {header: date(time.Hour), status: 503, left: 2 * time.Hour, want: seconds(0), wantReason: retry.ReasonRetryAfter},
		"not a Retry-After":      {header: text("soon"), status: 503, left: time.Minute, want: seconds(0, 1)},
		"500 is not repeated":    {header: text("2"), status: 500, left: time.Minute, want: seconds(0), wantReason: "-"},
		"as long as the cap":     {header: text("30"), status: 503, left: time.Minute, want: seconds(0, 30)},
		"a second above the cap": {header: text("31"), status: 503, left: time.Minute, want: seconds(0), wantReason: retry.ReasonRetryAfter},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tc.left)
				defer cancel()
				failed := answered{tc.status, tc.header()}
				calls := script{answers: []error{failed}}
				err := exact().Do(ctx, retry.Standard, calls.call)
				require.Equal(t, tc.want, calls.at)
				if tc.wantReason == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, failed)
				require.Equal(t, tc.want[len(tc.want)-1], time.Since(calls.start), "at once, without a wait")
			})
		})
	}
}

// A total outage: 1000 operations make at most 1000 × 1.2 attempts and what is
// free, 3 per second for 10 s. When the dependency is back, so is the budget.
func TestScenario19Budget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, policy := exact(), retry.Policy{BaseDelay: time.Second, MaxAttempts: 3, Dependency: "payments"}
		var attempts atomic.Uint64
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 5 * time.Millisecond)
				_ = s.Do(t.Context(), policy, func(context.Context) error {
					attempts.Add(1)
					return errDown
				})
			})
		}
		wg.Wait()
		const floor = 3 * 10
		require.LessOrEqual(t, attempts.Load(), uint64(1000*12/10+floor))
		require.GreaterOrEqual(t, attempts.Load(), uint64(1000*12/10), "and what is allowed is used")
		given := s.Metrics().GivenUp
		require.Positive(t, given[retry.ReasonBudget])
		require.EqualValues(t, 1000, given[retry.ReasonBudget]+given[retry.ReasonAttempts])
		require.Equal(t, []retry.BudgetMetrics{{
			Dependency: "payments", Requests: 1000, Retries: attempts.Load() - 1000,
			Refused: given[retry.ReasonBudget], Available: 0,
		}}, s.Budgets())

		time.Sleep(20 * time.Second) // what was earned and spent is forgotten
		require.EqualValues(t, floor, s.Budgets()[0].Available)
		for range 100 {
			require.NoError(t, s.Do(t.Context(), policy, func(context.Context) error { return nil }))
		}
		require.EqualValues(t, floor+20, s.Budgets()[0].Available, "it has recovered")
		calls := script{answers: []error{errDown}}
		require.NoError(t, s.Do(t.Context(), policy, calls.call), "and repeats again")
	})
}

func TestScenario22Settings(t *testing.T) { // what concerns RETRY_*
	t.Parallel()
	cfg, err := load(nil)
	require.NoError(t, err)
	require.Equal(t, retry.DefaultConfig(), cfg)

	_, err = load(map[string]string{
		"RETRY_MAX_ATTEMPTS": "0", "RETRY_BASE_DELAY": "-1", "RETRY_MAX_DELAY": "abc", "RETRY_BACKOFF_MULTIPLIER": "",
		"RETRY_BACKOFF": "linear", "RETRY_USE_JITTER": "perhaps", "RETRY_JITTER_RANGE": "2", "RETRY_JITTER_MODE": "wild",
		"RETRY_BUDGET": "maybe", "RETRY_BUDGET_RATIO": "20", "RETRY_BUDGET_MIN_PER_SEC": "-3", "RETRY_BUDGET_TTL": "10",
	})
	for _, name := range []string{
		"RETRY_MAX_ATTEMPTS", "RETRY_BASE_DELAY", "RETRY_MAX_DELAY", "RETRY_BACKOFF_MULTIPLIER",
		"RETRY_BACKOFF", "RETRY_USE_JITTER", "RETRY_JITTER_RANGE", "RETRY_JITTER_MODE",
		"RETRY_BUDGET", "RETRY_BUDGET_RATIO", "RETRY_BUDGET_MIN_PER_SEC", "RETRY_BUDGET_TTL",
	} {
		require.ErrorContains(t, err, "  "+name, "all at once")
	}
	for _, wrong := range []string{"0", "-1", "abc", "", "11", "99999999999999999999"} {
		_, err = load(map[string]string{"RETRY_MAX_ATTEMPTS": wrong})
		require.ErrorContains(t, err, "RETRY_MAX_ATTEMPTS", "%q", wrong)
	}
	_, err = load(map[string]string{"RETRY_BASE_DELAY": "1m"})
	require.ErrorContains(t, err, "RETRY_MAX_DELAY")
}

func TestScenario22Units(t *testing.T) {
	t.Parallel()
	for _, minute := range []string{"60000", "60s", "1m"} {
		cfg, err := load(map[string]string{"RETRY_MAX_DELAY": minute, "RETRY_BUDGET_TTL": minute})
		require.NoError(t, err)
		require.Equal(t, time.Minute, cfg.MaxDelay)
		require.Equal(t, time.Minute, cfg.BudgetTTL)
	}
	for _, half := range []string{"0.5", "50%"} {
		cfg, err := load(map[string]string{"RETRY_BUDGET_RATIO": half})
		require.NoError(t, err)
		require.InDelta(t, 0.5, float64(cfg.BudgetRatio), 0)
	}
	cfg, err := load(map[string]string{"RETRY_USE_JITTER": "false", "RETRY_BASE_DELAY": "2s", "RETRY_BACKOFF": "fibonacci"})
	require.NoError(t, err)
	effective := retry.NewService(cfg, nil).Effective(retry.Policy{})
	require.Equal(t, retry.NoJitter, effective.JitterMode)
	require.Equal(t, 2*time.Second, effective.BaseDelay)
	require.Equal(t, retry.FibonacciBackoff, effective.Backoff)
}

func load(vars map[string]string) (retry.Config, error) {
	values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[retry.Config]())
	if err != nil {
		return retry.Config{}, err
	}
	return config.Get[retry.Config](values)
}
