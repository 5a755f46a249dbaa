package hook_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

func TestTwentyFiveFailuresDeactivate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
			if r.URL.Path == "/gone" {
				return 200, nil
			}
			return 500, nil
		})
		id := w.listen("Tickets", "title")
		for range 30 {
			w.ticket("a")
		}
		w.wait()
		calls := w.receiver.seen()
		require.Len(t, calls, 25*5+1)
		last := calls[len(calls)-1]
		require.Equal(t, "https://receiver.test/gone", last.url)
		require.Equal(t, 25*2*time.Minute, last.at)
		require.Equal(t, []string{`{"Action":"Deactivated","Guid":"","EntityType":"Ticket","Id":1,"Fields":{},` +
			`"EventTime":"2000-01-01T00:50:00.000Z","SequenceNumber":31,"PersonID":0}`}, []string{guid(t, last.body)})
		require.Equal(t, signed(last.body), last.signature)
		require.Len(t, w.rows("WebhookEventErrorLogs"), 25, "what waited behind the last failure is dropped")
		require.Equal(t, false, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))

		w.ticket("nobody hears of it")
		require.Empty(t, w.patch("TicketWebhooks", id, 0, fields{"isActive": true}))
		w.ticket("first of another 25")
		w.wait()
		require.Equal(t, true, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))
		require.Len(t, w.receiver.seen(), 25*5+1+5)
	})
}

func TestASuccessForgivesFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(n int, _ *http.Request) (int, error) {
			if n == 24*5+1 {
				return 200, nil
			}
			return 500, nil
		})
		w.listen("Tickets", "title")
		for range 24 + 1 + 24 {
			w.ticket("a")
		}
		w.wait()
		require.Equal(t, true, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))
		w.ticket("the 25th")
		w.wait()
		require.Equal(t, false, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))
	})
}

func TestDeactivationDropsWhatIsQueued(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(w *world){
		"deactivated": func(w *world) { w.patch("TicketWebhooks", 1, 9, fields{"isActive": false}) },
		"deleted":     func(w *world) { w.remove("TicketWebhooks", 1, 9) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, func(n int, _ *http.Request) (int, error) {
					return []int{500, 500, 200}[min(n, 3)-1], nil
				})
				w.listen("Tickets", "title")
				w.ticket("1")
				w.ticket("2")
				synctest.Wait()
				time.Sleep(10 * time.Second)
				act(w)
				w.wait()
				require.Equal(t, seconds(0, 10, 40), w.receiver.times(), "that call is tried again, too")
				require.Equal(t, "https://receiver.test/gone", w.receiver.seen()[2].url)
				require.Empty(t, w.rows("WebhookEventErrorLogs"))
			})
		})
	}
}

func TestFailedDeactivationIsLoggedAndNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		w.patch("TicketWebhooks", 1, 9, fields{"isActive": false})
		w.wait()
		require.Equal(t, seconds(0, 30, 60, 90, 120), w.receiver.times())
		require.Len(t, w.rows("WebhookEventErrorLogs"), 1)

		w.patch("TicketWebhooks", 1, 9, fields{"isActive": true})
		for range 24 {
			w.ticket("a")
		}
		w.wait()
		require.Equal(t, true, w.value(w.rows("TicketWebhooks")[0], "TicketWebhooks", "isActive"))
	})
}

func TestDeactivationDuringAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(int, *http.Request) (int, error) {
			time.Sleep(5 * time.Second)
			return 500, nil
		})
		w.listen("Tickets", "title")
		w.ticket("1")
		time.Sleep(time.Second)
		w.patch("TicketWebhooks", 1, 9, fields{"isActive": false})
		time.Sleep(5 * time.Second)
		require.Equal(t, seconds(0, 5), w.receiver.times(), "the attempt goes on to its end")
		require.Equal(t, "Deactivated", w.actionOf(1))
		require.NoError(t, w.Stop(t.Context()))
	})
}

// actionOf is the Action of a call.
func (w *world) actionOf(n int) string {
	_, rest, _ := strings.Cut(w.receiver.seen()[n].body, `{"Action":"`)
	action, _, _ := strings.Cut(rest, `"`)
	return action
}
