package simulator

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What takes less than a second is not worth a line.
func TestProgressIsLoggedOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		tell := everySecond(slog.New(slog.NewTextHandler(&log, nil)))
		lines := func() int { return strings.Count(log.String(), `msg="generating data"`) }
		tell(0, 100)
		time.Sleep(time.Second - time.Nanosecond)
		tell(10, 100)
		require.Zero(t, lines())
		time.Sleep(time.Nanosecond)
		tell(20, 100)
		tell(30, 100)
		require.Equal(t, 1, lines())
		require.Contains(t, log.String(), "done=20 total=100")
		time.Sleep(time.Second)
		tell(100, 100)
		require.Equal(t, 2, lines())
	})
}
