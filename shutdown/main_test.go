package shutdown_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/shutdown"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newService(tb testing.TB, cfg shutdown.Config, tasks ...shutdown.Task) *shutdown.Service {
	tb.Helper()
	s, err := shutdown.NewService(cfg, discard(), tasks...)
	require.NoError(tb, err)
	return s
}
