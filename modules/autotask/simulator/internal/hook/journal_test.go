package hook_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

func TestDeliveriesAreARing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		w.listen("Tickets", "title")
		for range 1234 {
			w.ticket("a")
		}
		w.wait()
		got := w.Deliveries()
		require.Len(t, got, 1000)
		for i, d := range got {
			require.Equal(t, int64(235+i), d.Sequence)
		}
		require.Equal(t, hook.Delivery{
			At: w.receiver.start, Webhook: "TicketWebhooks/1", URL: "https://receiver.test/hook", Action: "Create",
			Attempt: 1, Sequence: 1234, Status: 200, Body: w.receiver.seen()[1233].body,
		}, got[999])
	})
}

func TestDeliveryKeepsTheBeginningOfALargeBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		w.listen("Tickets", "title")
		w.ticket(strings.Repeat("é", 100_000))
		w.wait()
		got := w.Deliveries()[0].Body
		require.Less(t, len(got), 16<<10+1)
		require.Greater(t, len(got), 16<<10-4)
		require.True(t, strings.HasPrefix(w.receiver.seen()[0].body, got))
	})
}

func TestDeliveryKeepsTheBeginningOfALongError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := errors.New(strings.Repeat("é", 100_000))
		w := newWorld(t, hook.Config{}, func(int, *http.Request) (int, error) { return 0, long })
		w.listen("Tickets", "title")
		w.ticket("a")
		w.wait()
		got := w.Deliveries()[0].Error
		require.LessOrEqual(t, len(got), 4<<10)
		require.Contains(t, got, "call a webhook: Post")
		require.Equal(t, []any{got}, w.column("WebhookEventErrorLogs", "errorMessage"))
	})
}
