package bulkhead_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newBulkhead checks the configuration, as whoever reads one from outside does.
func newBulkhead(tb testing.TB, cfg bulkhead.Config) *bulkhead.Bulkhead {
	tb.Helper()
	require.NoError(tb, cfg.Validate())
	return bulkhead.New(cfg)
}

// enter takes n slots that must be free.
func enter(tb testing.TB, b *bulkhead.Bulkhead, n int) {
	tb.Helper()
	for range n {
		require.NoError(tb, b.Enter(tb.Context(), bulkhead.Normal))
	}
}

// call is an Enter in a goroutine of its own, inside a bubble.
type call struct {
	took time.Duration
	err  error
	done bool
}

// begin enters, and returns once that has ended or waits.
func begin(ctx context.Context, b *bulkhead.Bulkhead, p bulkhead.Priority) *call {
	c, start := &call{}, time.Now()
	go func() {
		c.err = b.Enter(ctx, p)
		c.took, c.done = time.Since(start), true
	}()
	synctest.Wait()
	return c
}

func requireReason(tb testing.TB, err error, want string) {
	tb.Helper()
	var refused *bulkhead.FullError
	require.ErrorAs(tb, err, &refused)
	require.Equal(tb, want, refused.Reason)
	require.GreaterOrEqual(tb, refused.RetryAfter(), time.Second)
	require.LessOrEqual(tb, refused.RetryAfter(), 3*time.Second)
}
