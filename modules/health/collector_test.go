package health_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/health"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var queue thing
		s := newReady(t, health.Config{}, queue.check("queue"), health.Check{Name: "slow", Run: func(context.Context) error {
			time.Sleep(250 * time.Millisecond)
			return nil
		}})
		require.Zero(t, testutil.CollectAndCount(s), "nobody has asked")
		queue.away.Store(true)
		s.Ready(t.Context())
		time.Sleep(time.Minute)
		require.NoError(t, testutil.CollectAndCompare(s, strings.NewReader(`
# HELP health_check_duration_seconds How long the last run of a health check took.
# TYPE health_check_duration_seconds gauge
health_check_duration_seconds{check="queue"} 0
health_check_duration_seconds{check="slow"} 0.25
# HELP health_check_failures Failed runs of a health check in a row.
# TYPE health_check_failures gauge
health_check_failures{check="queue"} 1
health_check_failures{check="slow"} 0
# HELP health_check_up Whether a health check is up, by the thresholds: 1 or 0.
# TYPE health_check_up gauge
health_check_up{check="queue"} 0
health_check_up{check="slow"} 1
`)))
		require.EqualValues(t, 1, queue.runs.Load(), "a scrape runs nothing")
	})
}
