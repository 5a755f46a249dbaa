package hook_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

func TestMovedClock(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		moves []time.Duration
		want  []int // attempts after each move
	}{
		"too little":       {[]time.Duration{29 * time.Second}, []int{1}},
		"exactly":          {[]time.Duration{30 * time.Second}, []int{2}},
		"in two steps":     {[]time.Duration{20 * time.Second, 10 * time.Second}, []int{1, 2}},
		"two attempts due": {[]time.Duration{time.Minute}, []int{3}},
		"all of them":      {[]time.Duration{time.Hour}, []int{10}}, // and those of the event behind
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(500))
				w.listen("Tickets", "title")
				w.ticket("1")
				w.ticket("2")
				synctest.Wait()
				var got []int
				for _, d := range tt.moves {
					w.advance(d)
					got = append(got, len(w.receiver.seen()))
				}
				require.Equal(t, tt.want, got)
				require.Zero(t, time.Since(w.receiver.start))
				require.NoError(t, w.Stop(t.Context()))
			})
		})
	}
}

func TestMovedClockDoesNotEndAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
			select {
			case <-time.After(9 * time.Second):
				return 200, nil
			case <-r.Context().Done():
				return 0, r.Context().Err()
			}
		})
		w.listen("Tickets", "title")
		w.ticket("1")
		w.advance(time.Hour)
		w.wait()
		require.Equal(t, 200, w.Deliveries()[0].Status)
	})
}

func TestStopEndsTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cause error
		w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
			<-r.Context().Done()
			cause = r.Context().Err()
			return 0, cause
		})
		w.listen("Tickets", "title")
		w.ticket("1")
		w.ticket("2")
		time.Sleep(time.Second)
		require.NoError(t, w.Stop(t.Context()))
		require.NoError(t, w.Stop(t.Context()))
		require.Equal(t, time.Second, time.Since(w.receiver.start))
		require.ErrorIs(t, cause, context.Canceled)
		w.ticket("3")
		w.wait()
		require.Len(t, w.receiver.seen(), 1)
		require.Empty(t, w.rows("WebhookEventErrorLogs"))
	})
}

func TestStopGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(int, *http.Request) (int, error) {
			time.Sleep(time.Minute) // deaf
			return 200, nil
		})
		w.listen("Tickets", "title")
		w.ticket("1")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, w.Stop(ctx), context.DeadlineExceeded)
		require.NoError(t, w.Stop(t.Context()))
		require.Equal(t, time.Minute, time.Since(w.receiver.start))
	})
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.wait() // nothing was ever queued
		w.listen("Tickets", "title")
		w.ticket("1")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.ErrorIs(t, w.Wait(ctx), context.DeadlineExceeded)
		require.Equal(t, 5*time.Second, time.Since(w.receiver.start))
		w.wait()
		require.Equal(t, 2*time.Minute, time.Since(w.receiver.start))
		require.Len(t, w.rows("WebhookEventErrorLogs"), 1, "the error log is written, too")
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, silent)
		empty := w.store.Snapshot()
		w.listen("Tickets", "title")
		w.ticket("1")
		w.ticket("2")
		time.Sleep(11 * time.Second)
		require.Len(t, w.Deliveries(), 1)
		time.Sleep(25 * time.Second) // in the second attempt
		w.store.Restore(empty)
		w.Reset()
		w.wait()
		require.Equal(t, 36*time.Second, time.Since(w.receiver.start))
		require.Empty(t, w.Deliveries())
		require.Empty(t, w.rows("WebhookEventErrorLogs"))

		w.receiver.answer = always(200)
		w.listen("Tickets", "title")
		w.ticket("3")
		w.wait()
		require.Len(t, w.Deliveries(), 1)
		require.Equal(t, int64(1), w.Deliveries()[0].Sequence)
	})
}

func TestResetForgivesFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		for range 24 {
			w.ticket("a")
		}
		w.wait()
		w.Reset()
		w.ticket("the 25th")
		w.wait()
		require.Equal(t, true, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))
	})
}

func TestRestoredStoreIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		empty := w.store.Snapshot()
		w.listen("Tickets", "title")
		w.ticket("1")
		synctest.Wait()
		w.store.Restore(empty)
		w.wait()
		require.Len(t, w.receiver.seen(), 1, "the webhook is not there any more")
	})
}
