package shutdown_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// While somebody holds, the stop stays in GRACE; its clocks go on.
func TestHold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		releases []time.Duration // of each holder, after T0
		ready    bool
		want     time.Duration // when the task runs
	}{
		"nobody":                {want: 0},
		"released before":       {releases: []time.Duration{-time.Second}, want: 0},
		"one":                   {releases: []time.Duration{3 * time.Second}, want: 3 * time.Second},
		"two":                   {releases: []time.Duration{3 * time.Second, 5 * time.Second}, want: 5 * time.Second},
		"less than GRACE":       {releases: []time.Duration{3 * time.Second}, ready: true, want: 10 * time.Second},
		"longer than the drain": {releases: []time.Duration{50 * time.Second}, ready: true, want: 50 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ran time.Duration
				t0 := time.Now().Add(2 * time.Second)
				s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "task", Run: func(context.Context) error {
					ran = time.Since(t0)
					return nil
				}})
				if tt.ready {
					s.Ready()
				}
				for _, at := range tt.releases {
					release := s.Hold()
					time.AfterFunc(time.Until(t0.Add(at)), func() { release(); release() })
				}
				time.Sleep(time.Until(t0))
				s.Request("test")
				require.NoError(t, s.Wait(t.Context()))
				s.Finish()
				require.Equal(t, tt.want, ran)
				require.Equal(t, tt.want, s.Report().Phases[0].Took, "it is GRACE that lasts")
				require.Equal(t, t0, s.Report().Started)
			})
		})
	}
}

// Nobody who holds keeps the process alive.
func TestHoldIsForced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig(), shutdown.Task{Name: "task", Run: nothing})
		release := s.Hold()
		began := time.Now()
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "cleanup failed: task (skipped)\nthe shutdown was forced")
		require.Equal(t, time.Minute, time.Since(began))
		s.Finish()
		release()
	})
}

func TestHoldConcurrently(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newService(t, shutdown.DefaultConfig())
		var holders sync.WaitGroup
		for range 8 {
			holders.Go(func() {
				for range 100 {
					s.Hold()()
				}
			})
		}
		s.Request("test")
		err := s.Wait(t.Context())
		holders.Wait()
		s.Finish()
		require.NoError(t, err)
	}
}
