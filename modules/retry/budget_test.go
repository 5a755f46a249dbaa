package retry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// drain takes until the budget refuses.
func drain(b *retry.Budget, requests uint64) int {
	n := 0
	for ; n < 100_000 && b.Take(requests); n++ {
	}
	return n
}

func TestBudgetGrants(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  retry.Config
		want map[uint64]int // after so many first attempts at once, in this order of size
	}{
		"default":          {retry.Config{}, map[uint64]int{0: 30, 100: 50, 1000: 230}},
		"said":             {retry.DefaultConfig(), map[uint64]int{0: 30, 1000: 230}},
		"ratio alone":      {retry.Config{Budget: "on", BudgetRatio: 0.1}, map[uint64]int{0: 0, 9: 0, 10: 1, 15: 1, 20: 2}},
		"floor alone":      {retry.Config{Budget: "on", BudgetMinPerSec: 1}, map[uint64]int{0: 10, 1000: 10}},
		"nothing":          {retry.Config{Budget: "on"}, map[uint64]int{0: 0, 1000: 0}},
		"each repeated":    {retry.Config{Budget: "on", BudgetRatio: 1}, map[uint64]int{1: 1, 3: 3}},
		"tenths add up":    {retry.Config{Budget: "on", BudgetRatio: 0.3}, map[uint64]int{10: 3}},
		"shorter TTL":      {retry.Config{Budget: "on", BudgetMinPerSec: 3, BudgetTTL: time.Second}, map[uint64]int{0: 3}},
		"off":              {retry.Config{Budget: "off"}, map[uint64]int{0: 100_000}},
		"less than before": {retry.Config{Budget: "on", BudgetRatio: 0.5}, map[uint64]int{2: 1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for requests, want := range tc.want {
				require.Equal(t, want, drain(retry.NewService(tc.cfg, nil).Budget("x"), requests), "%d requests", requests)
			}
		})
	}
}

func TestBudgetCountsGrowthOnce(t *testing.T) {
	t.Parallel()
	b := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.5}, nil).Budget("x")
	require.Equal(t, 5, drain(b, 10))
	require.Zero(t, drain(b, 10), "the same ten")
	require.Zero(t, drain(b, 3), "a smaller number pays nothing in")
	require.Equal(t, 1, drain(b, 12), "two more")
}

func TestBudgetAddsUpTenths(t *testing.T) {
	t.Parallel()
	b := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.1}, nil).Budget("x")
	for n := range uint64(9) {
		require.False(t, b.Take(n+1))
	}
	require.True(t, b.Take(10), "ten tenths are one")
}

// An account that is opened late has not been earning since the beginning.
func TestBudgetOpenedLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.5}, nil)
		require.False(t, s.Budget("x").Take(1))
		time.Sleep(time.Hour)
		require.Equal(t, 50, drain(s.Budget("x"), 100), "all of them just now")
	})
}

// Two callers of one dependency count their own first attempts and share the rest.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	s := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.5}, nil)
	orders, invoices, other := s.Budget("erp"), s.Budget("erp"), s.Budget("mail")
	require.Equal(t, 50, drain(orders, 100))
	require.Equal(t, 5, drain(invoices, 10), "10 are not fewer than 100: they are another's")
	require.Zero(t, drain(orders, 100))
	require.Equal(t, 1, drain(other, 2))
	require.Equal(t, []retry.BudgetMetrics{
		{Dependency: "erp", Requests: 110, Retries: 55, Refused: 3},
		{Dependency: "mail", Requests: 2, Retries: 1, Refused: 1},
	}, s.Budgets())
}

func TestBudgetForgets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ratio config.Ratio
		floor float64
		wait  time.Duration
		want  int
	}{
		"spent floor stays spent":        {floor: 3, wait: 9999 * time.Millisecond, want: 0},
		"spent floor is back":            {floor: 3, wait: 11 * time.Second, want: 30},
		"earned and kept for a TTL":      {ratio: 0.2, wait: 10 * time.Second, want: 20},
		"earned and forgotten after it":  {ratio: 0.2, wait: 11 * time.Second, want: 0},
		"earned and forgotten for ever":  {ratio: 0.2, wait: 24 * time.Hour, want: 0},
		"floor is not saved up for ever": {floor: 3, wait: 24 * time.Hour, want: 30},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg := retry.Config{Budget: "on", BudgetRatio: tc.ratio, BudgetMinPerSec: tc.floor}
				b := retry.NewService(cfg, nil).Budget("x")
				if tc.floor > 0 {
					require.Equal(t, 30, drain(b, 0))
				} else {
					require.True(t, b.Take(105), "one of 21 spent")
				}
				time.Sleep(tc.wait)
				require.Equal(t, tc.want, drain(b, 105))
			})
		})
	}
}

// A million successes in a quiet hour do not pay for a storm: only what falls
// into the last TTL counts, taken as spread evenly.
func TestBudgetLazyDepositsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.2}, nil).Budget("x")
		time.Sleep(time.Hour)
		perTTL := 1_000_000 / 360.0 * 0.2
		got := float64(drain(b, 1_000_000))
		require.GreaterOrEqual(t, got, perTTL*0.99)
		require.LessOrEqual(t, got, perTTL*1.1+1, "a TTL and the slice that is not over")
	})
}

// Whatever the traffic: when one is granted, those of the last TTL are not more
// than the ratio of its first attempts, and of the slice before, and the floor.
func TestBudgetBound(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // repeatable
				b := exact().Budget("x")
				type second struct{ requests, retries float64 }
				var log [120]second
				var requests uint64
				for now := range log {
					grown := random.Uint64N(100) * random.Uint64N(2)
					requests += grown
					log[now] = second{float64(grown), float64(drain(b, requests))}
					time.Sleep(time.Second)
				}
				for now := 11; now < len(log); now++ {
					if log[now].retries == 0 {
						continue
					}
					earned, spent := 30.0, 0.0
					for back := range 11 {
						earned += 0.2 * log[now-back].requests
						if back < 10 {
							spent += log[now-back].retries
						}
					}
					require.LessOrEqual(t, spent, earned+1e-6, "second %d", now)
				}
			})
		})
	}
}

func TestBudgetIsAskedLast(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		timeout time.Duration // of the context; negative is over already
		policy  retry.Policy
		first   error
	}{
		"permanent":   {time.Minute, retry.Policy{}, failed{status: 400}},
		"aborted":     {time.Minute, retry.Policy{AbortIf: func(error) bool { return true }}, errDown},
		"over":        {-1, retry.Policy{}, errDown},
		"deadline":    {100 * time.Millisecond, retry.Policy{}, errDown},
		"retry-after": {time.Minute, retry.Policy{}, failed{503, time.Hour}},
		"attempts":    {time.Minute, retry.Policy{MaxAttempts: 1}, errDown},
		"duration":    {time.Minute, retry.Policy{MaxDuration: time.Millisecond}, errDown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), tc.timeout)
			defer cancel()
			tc.policy.Allow = func() bool { t.Error("asked in vain"); return false }
			require.Error(t, exact().Again(ctx, tc.policy, tc.first, nop))
		})
	}
}

func TestAllowRefuses(t *testing.T) {
	t.Parallel()
	s := exact()
	err := s.Again(t.Context(), retry.Policy{Dependency: "x", Allow: func() bool { return false }}, errDown, nop)
	require.ErrorIs(t, err, errDown)
	var given *retry.ExhaustedError
	require.ErrorAs(t, err, &given, "marked: an outer layer must not repeat it either")
	require.Equal(t, retry.ExhaustedError{Attempts: 1, Reason: retry.ReasonBudget, Err: errDown}, *given)
	require.Empty(t, s.Budgets(), "the caller has its own count")
}

func TestAgainAsksNoBudgetByName(t *testing.T) {
	t.Parallel()
	s := retry.NewService(retry.Config{Budget: "on"}, nil) // would refuse everything
	require.NoError(t, s.Again(t.Context(), retry.Policy{Dependency: "x", Delay: func(int) time.Duration { return 0 }}, errDown, nop))
	require.Empty(t, s.Budgets())
}

func TestBudgetsAreBounded(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	s := retry.NewService(retry.Config{}, slog.New(slog.NewTextHandler(&text, nil)))
	for i := range 2 * retry.MaxBudgets {
		require.True(t, s.Budget(fmt.Sprint("host-", i%1500)).Take(0) || i >= retry.MaxBudgets)
	}
	require.Len(t, s.Budgets(), retry.MaxBudgets+1, "and one for all others")
	require.Equal(t, 1, strings.Count(text.String(), "too many dependencies"))
	require.Nil(t, s.Budget(""))
	require.True(t, s.Budget("").Take(0))
}

func TestBudgetMetric(t *testing.T) {
	t.Parallel()
	s := retry.NewService(retry.Config{Budget: "on"}, nil)
	for _, name := range []string{"a", "b"} {
		for range 2 {
			_ = s.Do(t.Context(), retry.Policy{Dependency: name}, func(context.Context) error {
				if name == "a" {
					return errDown
				}
				return nil
			})
		}
	}
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(s))
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP resilience_retry_budget_exhausted_total Repetitions that the budget of a dependency refused.
# TYPE resilience_retry_budget_exhausted_total counter
resilience_retry_budget_exhausted_total{dependency="a"} 2
`), "resilience_retry_budget_exhausted_total"))
	require.EqualValues(t, 2, s.Budgets()[1].Requests, "successes count, too")
}

func TestBudgetTogether(t *testing.T) { // real goroutines: what is granted is exact
	t.Parallel()
	s := retry.NewService(retry.Config{Budget: "on", BudgetRatio: 0.5, BudgetTTL: time.Hour}, nil)
	var granted atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			b := s.Budget("x")
			for i := range uint64(1000) {
				if b.Take(i + 1) {
					granted.Add(1)
				}
				_ = s.Budgets()
			}
		})
	}
	wg.Wait()
	m := s.Budgets()[0]
	require.EqualValues(t, 8000, m.Requests)
	require.EqualValues(t, granted.Load(), m.Retries)
	require.EqualValues(t, 4000, m.Retries+m.Available)
	require.EqualValues(t, 8000, m.Retries+m.Refused)
}
