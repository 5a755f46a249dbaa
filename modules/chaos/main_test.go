package chaos_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/chaos"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newInjector(tb testing.TB, rules ...chaos.Rule) *chaos.Injector {
	tb.Helper()
	i, err := chaos.New(chaos.Config{}, config.Test, slog.New(slog.DiscardHandler), rules...)
	require.NoError(tb, err)
	return i
}
