package shed_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/shed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newShedder(tb testing.TB, cfg shed.Config, opts ...shed.Option) *shed.Shedder {
	tb.Helper()
	s, err := shed.New(cfg, slog.New(slog.DiscardHandler), opts...)
	require.NoError(tb, err)
	return s
}

// machine is what the signs of a process are made of, in a test: two processors.
type machine struct {
	busy atomic.Int64 // thousandths of a processor that are in use
	wait atomic.Int64 // of goroutines
	used time.Duration
	at   time.Time
	// reads counts looks at each sign.
	reads struct{ cpu, wait atomic.Int64 }
}

func (m *machine) option() shed.Option {
	m.at = time.Now()
	cpu := func() time.Duration {
		m.reads.cpu.Add(1)
		m.used += time.Since(m.at) * time.Duration(m.busy.Load()) / 1000
		m.at = time.Now()
		return m.used
	}
	wait := func() time.Duration {
		m.reads.wait.Add(1)
		return time.Duration(m.wait.Load())
	}
	return shed.WithSigns(cpu, wait, 2)
}

// start starts s until the test is over.
func start(t *testing.T, s *shed.Shedder) {
	t.Helper()
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) })
}

// share returns how many of 1000 calls are let in.
func share(t *testing.T, s *shed.Shedder, p bulkhead.Priority) (let int) {
	t.Helper()
	for range 1000 {
		if s.Admit(p) == nil {
			let++
			s.Done()
		}
	}
	return let
}
