package stoptest_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

func TestSecondSignal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		second os.Signal
		want   int
	}{
		"SIGTERM": {syscall.SIGTERM, 143},
		"SIGINT":  {os.Interrupt, 130},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stoptest.Serve(t, command(
				t, "SHUTDOWN_HEALTH_GRACE_PERIOD=10m", "SHUTDOWN_FORCE_TIMEOUT=20m",
			))
			p.Terminate()
			p.Line("shutdown started", "", "")
			after(t, time.Second)
			again := p.Signal(tt.second)
			require.Equal(t, tt.want, p.Wait(limit))
			took := p.EndedAt().Sub(again)
			t.Logf("bar A4: gone %s after the second signal", took)
			if full() {
				require.Less(t, took, time.Second)
			}
			require.Len(t, p.Lines("second signal: exiting at once"), 1)
		})
	}
}

// A terminal and a supervisor may each send one.
func TestCopyOfTheSignal(t *testing.T) {
	t.Parallel()
	p := stoptest.Serve(t, command(t))
	signalled := p.Terminate()
	p.Signal(os.Interrupt)
	p.Signal(syscall.SIGTERM)
	require.Zero(t, p.Wait(limit))
	require.Greater(t, p.EndedAt().Sub(signalled), 500*time.Millisecond, "the grace period is kept")
	require.Empty(t, p.Lines("second signal: exiting at once"))
	last(t, p)
}

func TestSignalDuringTheStart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sig  os.Signal
		want int
	}{
		"SIGTERM": {syscall.SIGTERM, 143},
		"SIGINT":  {os.Interrupt, 130},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stoptest.Start(t, starting(t, "SCRATCH_START_TAKES=10m"))
			admin := p.Line("listening", "server", "admin").Text("addr")
			p.Line("last hook starts", "", "")
			watch := stoptest.NewWatch(stoptest.WatchConfig{AdminURL: "http://" + admin})
			defer watch.Stop()
			signalled := p.Signal(tt.sig)
			require.Equal(t, tt.want, p.Wait(limit))
			t.Logf("signal during the start: gone after %s", p.EndedAt().Sub(signalled))
			require.Len(t, p.Lines("first hook stopped"), 1, "it had started")
			require.Empty(t, p.Lines("last hook stopped"), "it had not")
			require.Len(t, p.Lines("flushed"), 1)
			neverReady(t, p, watch.Stop())
		})
	}
}

// after lets time pass in the life of another process, which no bubble can hold.
func after(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
