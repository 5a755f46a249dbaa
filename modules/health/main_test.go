package health_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newStop(tb testing.TB) *shutdown.Service {
	tb.Helper()
	stop, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(tb, err)
	tb.Cleanup(stop.Finish)
	return stop
}

// newReady returns a service of a process in state READY.
func newReady(tb testing.TB, cfg health.Config, checks ...health.Check) *health.Service {
	tb.Helper()
	stop := newStop(tb)
	stop.Ready()
	return newService(tb, cfg, stop, checks...)
}

func newService(tb testing.TB, cfg health.Config, stop *shutdown.Service, checks ...health.Check) *health.Service {
	tb.Helper()
	s, err := health.NewService(cfg, stop, slog.New(slog.DiscardHandler), checks...)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		require.NoError(tb, s.Stop(context.WithoutCancel(tb.Context())))
	})
	return s
}

func gives(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// errRefused is what a thing answers that is away.
var errRefused = errors.New("connection refused")

// thing is something that a process depends on.
type thing struct {
	runs atomic.Int32
	away atomic.Bool
}

func (d *thing) check(name string) health.Check { return health.Check{Name: name, Run: d.ping} }

func (d *thing) ping(context.Context) error {
	d.runs.Add(1)
	if d.away.Load() {
		return errRefused
	}
	return nil
}
