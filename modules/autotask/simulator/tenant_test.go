package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func TestSnapshots(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 3})
	clean, rows := k.Snapshot(), k.Stats().Rows
	require.NoError(t, k.SetRights(0, "Companies", simulator.Rights{}))
	id := k.created("Tickets", ticket(""))
	k.Restore(clean)
	require.Equal(t, rows, k.Stats().Rows)
	require.Equal(t, 200, k.get("Companies/0").status)
	require.Equal(t, id, k.created("Tickets", ticket("")), "ids go on as they would have")
	k.Restore(clean)
	k.Restore(nil)
	require.Equal(t, rows, k.Stats().Rows, "again, and nil is nothing")
	require.EqualValues(t, 3, k.Stats().Requests, "what was counted stays")
}

func TestS19Rights(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	const all = simulator.AccessAll
	require.NoError(t, k.SetRights(0, "tickets", simulator.Rights{Query: all, Update: all, Delete: all}))
	r := k.post("Tickets", ticket(""))
	require.Equal(t, 500, r.status)
	require.Contains(t, r.body, "The logged in Resource does not have the adequate permissions")
	require.Equal(t, 200, k.get("Tickets/7001").status)
	require.Empty(t, k.Violations(), "to be expected")
	require.ErrorContains(t, k.SetRights(0, "Nonsense", simulator.Rights{}), "autotask simulator: set rights: ")
	k.Reset()
	k.created("Tickets", ticket(""))
}

// subscribe makes a webhook that is told of new tickets.
func (k kit) subscribe(url string) {
	k.t.Helper()
	id := k.created("TicketWebhooks", fmt.Sprintf(`{"name":"new","webhookUrl":%q,"deactivationUrl":%q,"secretKey":"s",`+
		`"isActive":false,"isSubscribedToCreateEvents":true,"isSubscribedToUpdateEvents":false,"isSubscribedToDeleteEvents":false,`+
		`"sendThresholdExceededNotification":false}`, url, url))
	var field string
	for _, f := range decode[map[string][]map[string]any](k.t, k.get("TicketWebhookFields/entityInformation/fields"))["fields"] {
		if f["name"] != "fieldID" {
			continue
		}
		values, _ := f["picklistValues"].([]any)
		first, _ := values[0].(map[string]any)
		field, _ = first["value"].(string)
	}
	k.created(fmt.Sprintf("TicketWebhooks/%d/Fields", id), `{"fieldID":`+field+`,"isDisplayAlwaysField":false,"isSubscribedField":true}`)
	require.Equal(k.t, 200, k.do(http.MethodPatch, api+"TicketWebhooks", fmt.Sprintf(`{"id":%d,"isActive":true}`, id)).status)
}

// takes is the transport of webhooks in a test: they reach a handler.
type takes struct{ http.Handler }

func (h takes) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result(), nil
}

func TestS47Webhooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusals := 1
		var signature string
		receiver := takes{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signature = r.Header.Get("X-Hook-Signature")
			if refusals--; refusals >= 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})}
		k := newKit(t, simulator.Config{Tickets: 1}, simulator.WithWebhookTransport(receiver))
		defer func() { require.NoError(t, k.Stop(t.Context())) }()
		k.subscribe("https://receiver.example/hook")
		k.DisturbWebhooks(simulator.Disturbance{})
		k.created("Tickets", ticket(""))
		synctest.Wait()
		require.Len(t, k.Deliveries(), 1)
		require.Equal(t, 503, k.Deliveries()[0].Status)
		began := time.Now()
		k.Advance(time.Minute) // and with it the wait before the second attempt
		require.NoError(t, k.WaitWebhooks(t.Context()))
		require.Zero(t, time.Since(began))
		got := k.Deliveries()
		require.Len(t, got, 2)
		require.Equal(t, 200, got[1].Status)
		require.Equal(t, "Create", got[1].Action)
		require.Equal(t, 2, got[1].Attempt)
		require.NotEmpty(t, signature)
		require.Contains(t, k.do(http.MethodGet, sim+"deliveries", "").body, `"action": "Create"`)
	})
}

func TestResetEndsDisturbance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		receiver := takes{http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
		k := newKit(t, simulator.Config{Tickets: 1}, simulator.WithWebhookTransport(receiver))
		defer func() { require.NoError(t, k.Stop(t.Context())) }()
		for _, want := range []int{2, 1} {
			k.subscribe("https://receiver.example/hook")
			if want == 2 {
				k.DisturbWebhooks(simulator.Disturbance{Duplicate: 1})
			}
			k.created("Tickets", ticket(""))
			require.NoError(t, k.WaitWebhooks(t.Context()))
			require.Len(t, k.Deliveries(), want)
			k.Reset()
		}
	})
}

func TestStopEndsWebhooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		receiver := takes{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			ended = true
		})}
		k := newKit(t, simulator.Config{Tickets: 1}, simulator.WithWebhookTransport(receiver))
		k.subscribe("https://receiver.example/hook")
		k.created("Tickets", ticket(""))
		synctest.Wait()
		require.NoError(t, k.Stop(t.Context()))
		require.True(t, ended)
	})
}
