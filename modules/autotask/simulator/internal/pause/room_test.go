package pause_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWait(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change  func(r *pause.Room, early chan<- struct{}) // after a minute
		patient time.Duration                              // how long the request lasts
		want    bool
		took    time.Duration
	}{
		"to its end":     {func(*pause.Room, chan<- struct{}) {}, time.Hour, true, 2 * time.Minute},
		"early":          {func(_ *pause.Room, early chan<- struct{}) { early <- struct{}{} }, time.Hour, true, time.Minute},
		"a client left":  {func(*pause.Room, chan<- struct{}) {}, time.Second, false, time.Second},
		"a room closed":  {func(r *pause.Room, _ chan<- struct{}) { r.Close() }, time.Hour, false, time.Minute},
		"closed twice":   {func(r *pause.Room, _ chan<- struct{}) { r.Close(); r.Close() }, time.Hour, false, time.Minute},
		"opened already": {func(r *pause.Room, _ chan<- struct{}) { r.Open() }, time.Hour, true, 2 * time.Minute},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, early := pause.New(), make(chan struct{}, 1)
				ctx, cancel := context.WithTimeout(t.Context(), tc.patient)
				defer cancel()
				time.AfterFunc(time.Minute, func() { tc.change(r, early) })
				began := time.Now()
				require.Equal(t, tc.want, r.Wait(ctx, 2*time.Minute, early))
				require.Equal(t, tc.took, time.Since(began))
			})
		})
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, change := pause.New(), make(chan struct{}, 1)
		var wg sync.WaitGroup
		until := func(want bool) {
			wg.Go(func() { require.Equal(t, want, r.Until(t.Context(), change)) })
			synctest.Wait()
		}
		until(true)
		change <- struct{}{}
		wg.Wait()
		until(false)
		r.Close()
		wg.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r.Open()
		require.False(t, r.Until(ctx, change))
	})
}

func TestAClosedRoomIsOpenedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := pause.New()
		r.Close()
		require.False(t, r.Wait(t.Context(), time.Hour, nil))
		require.True(t, r.Wait(t.Context(), 0, nil), "what does not wait is not touched")
		r.Open()
		began := time.Now()
		require.True(t, r.Wait(t.Context(), time.Hour, nil))
		require.Equal(t, time.Hour, time.Since(began))
	})
}
