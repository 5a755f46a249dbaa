package bulkhead_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

func TestAbandon(t *testing.T) {
	t.Parallel()
	t.Run("keeps a slot", func(t *testing.T) {
		t.Parallel()
		b := newBulkhead(t, bulkhead.Config{Max: 2})
		enter(t, b, 2)
		b.Abandon()
		require.Equal(t, bulkhead.Stats{Limit: 2, Running: 3, Abandoned: 1}, b.Stats())
		b.Leave(0, false) // its request is answered
		requireReason(t, b.Enter(t.Context(), bulkhead.Normal), bulkhead.ReasonFull)
		b.Returned()
		require.Equal(t, bulkhead.Stats{Limit: 2, Running: 1, Refused: bulkhead.Refused{Full: 1}}, b.Stats())
		enter(t, b, 1)
	})
	t.Run("its slot goes to who waits", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newBulkhead(t, bulkhead.Config{Max: 1, Queue: 1})
			enter(t, b, 1)
			b.Abandon()
			b.Leave(0, false)
			c := begin(t.Context(), b, bulkhead.Normal)
			require.False(t, c.done)
			b.Returned()
			synctest.Wait()
			require.True(t, c.done)
			require.NoError(t, c.err)
		})
	})
	t.Run("100 where there is no bound", func(t *testing.T) {
		t.Parallel()
		b := newBulkhead(t, bulkhead.Config{})
		enter(t, b, 150)
		for range 100 {
			b.Abandon()
			b.Leave(0, false)
		}
		require.Equal(t, bulkhead.Stats{Running: 150, Abandoned: 100}, b.Stats())
		err := b.Enter(t.Context(), bulkhead.Critical)
		requireReason(t, err, bulkhead.ReasonFull)
		require.EqualError(t, err, "100 calls can run at once, and no more: full")
		b.Returned()
		enter(t, b, 1)
	})
}

func TestDo(t *testing.T) {
	t.Parallel()
	b := newBulkhead(t, bulkhead.Config{Max: 1})
	want := errors.New("boom")
	require.ErrorIs(t, b.Do(t.Context(), bulkhead.Normal, func(ctx context.Context) error {
		requireReason(t, b.Do(ctx, bulkhead.Normal, nil), bulkhead.ReasonFull)
		return want
	}), want)
	require.Zero(t, b.Stats().Running)
}

// What refuses is known to retries, breakers and whoever answers.
func TestFullError(t *testing.T) {
	t.Parallel()
	b := newBulkhead(t, bulkhead.Config{Max: 1})
	enter(t, b, 1)
	after := map[time.Duration]bool{}
	for range 50 {
		var err *bulkhead.FullError
		require.ErrorAs(t, b.Enter(t.Context(), bulkhead.Normal), &err)
		require.Equal(t, 1, err.Limit)
		require.Equal(t, http.StatusServiceUnavailable, err.StatusCode())
		require.False(t, err.Transient())
		require.True(t, err.Excluded())
		require.Equal(t, "overloaded", err.ProblemType())
		requireReason(t, err, bulkhead.ReasonFull)
		after[err.RetryAfter()] = true
	}
	require.Greater(t, len(after), 10, "clients that were refused together do not come back together")
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  bulkhead.Config
		want string // "" is none
	}{
		"zero":                     {},
		"everything":               {cfg: bulkhead.Config{Max: 10, Queue: 5, QueueTimeout: time.Second, Adaptive: true, Min: 10}},
		"adaptive alone":           {cfg: bulkhead.Config{Adaptive: true, Queue: 1, Min: 1000}},
		"negative limit":           {bulkhead.Config{Max: -1}, "limit of -1 calls: must be between 0 and 1000000"},
		"limit too great":          {bulkhead.Config{Max: 1_000_001}, "limit of 1000001 calls: must be between 0 and 1000000"},
		"queue without a limit":    {bulkhead.Config{Queue: 1}, "queue of 1 calls: without a limit none waits; set a limit"},
		"negative queue":           {bulkhead.Config{Max: 1, Queue: -1}, "queue of -1 calls: must be between 0 and 1000000"},
		"timeout without a queue":  {bulkhead.Config{Max: 1, QueueTimeout: 1}, "queue timeout 1ns: without a queue none waits; set the length of the queue"},
		"negative timeout":         {bulkhead.Config{Max: 1, Queue: 1, QueueTimeout: -1}, "queue timeout -1ns: must not be negative"},
		"least without adaptive":   {bulkhead.Config{Max: 1, Min: 1}, "least limit of 1 calls: the limit does not move unless it is adaptive"},
		"least above the greatest": {bulkhead.Config{Max: 5, Adaptive: true, Min: 6}, "least limit of 6 calls: is above the greatest, 5"},
		"all at once":              {bulkhead.Config{Max: -1, QueueTimeout: -1}, "limit of -1 calls: must be between 0 and 1000000\nqueue timeout -1ns: must not be negative"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.want == "" {
				require.NoError(t, tc.cfg.Validate())
				return
			}
			require.EqualError(t, tc.cfg.Validate(), tc.want)
		})
	}
}

// Without Validate the nearest bound holds.
func TestNearestBound(t *testing.T) {
	t.Parallel()
	b := bulkhead.New(bulkhead.Config{Max: -1, Queue: -1, QueueTimeout: -1})
	enter(t, b, 1)
	require.Zero(t, b.Stats().Limit)
	b.Configure(bulkhead.Config{Max: 1 << 40})
	require.Equal(t, bulkhead.Stats{Limit: 1_000_000, Running: 1}, b.Stats())
	b.Configure(bulkhead.Config{Adaptive: true, Min: 3000})
	require.Equal(t, 3000, b.Stats().Limit)
}

// A free slot costs nothing that the garbage collector sees.
func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	for name, cfg := range map[string]bulkhead.Config{"none": {}, "bound": {Max: 2}, "queue": {Max: 2, Queue: 2}, "adaptive": {Adaptive: true}} {
		b := newBulkhead(t, cfg)
		ctx := t.Context()
		require.Zero(t, testing.AllocsPerRun(100, func() {
			_ = b.Enter(ctx, bulkhead.Normal)
			b.Leave(time.Millisecond, true)
		}), name)
	}
}
