package hook_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

// newSocketWorld is a world whose hooks have a transport of their own.
func newSocketWorld(t *testing.T, cfg hook.Config) *world {
	t.Helper()
	w := newWorld(t, hook.Config{}, nil)
	w.Hooks = hook.New(cfg, w.store, w.now)
	return w
}

func TestOverASocket(t *testing.T) {
	t.Parallel()
	signatures := make(chan bool, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		signatures <- err == nil && r.Header.Get("X-Hook-Signature") == signed(string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	w := newSocketWorld(t, hook.Config{Raw: true})
	w.listen("Tickets", "title")
	w.patch("TicketWebhooks", 1, 0, fields{"webhookUrl": server.URL})
	for range 100 {
		w.ticket("Jürgen's")
	}
	w.wait()
	for range 100 {
		require.True(t, <-signatures)
	}
}

// A program that never stops its simulator is left without idle connections all the same.
func TestNoConnectionIsLeft(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	w := newSocketWorld(t, hook.Config{})
	w.listen("Tickets", "title")
	w.patch("TicketWebhooks", 1, 0, fields{"webhookUrl": server.URL})
	w.ticket("a")
	select {
	case <-closed:
	case <-time.After(30 * time.Second): // half of what an idle connection is kept otherwise
		require.Fail(t, "the connection is open")
	}
}

func TestPublicReceiverIsRefused(t *testing.T) {
	t.Parallel()
	w := newSocketWorld(t, hook.Config{})
	w.listen("Tickets", "title")
	w.patch("TicketWebhooks", 1, 0, fields{"webhookUrl": "https://8.8.8.8/hook"})
	w.ticket("a")
	w.moved.Add(int64(time.Hour))
	w.Moved()
	w.wait()
	require.Len(t, w.Deliveries(), 5)
	require.Contains(t, w.Deliveries()[0].Error, "AUTOTASK_SIMULATOR_WEBHOOK_PUBLIC=true")
	require.Zero(t, w.Deliveries()[0].Status)
}

func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength%3 == 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(server.Close)
	w := newSocketWorld(t, hook.Config{})
	for _, entity := range []string{"Tickets", "TicketNotes"} {
		w.listen(entity, "title")
	}
	w.patch("TicketWebhooks", 1, 0, fields{"webhookUrl": server.URL, "deactivationUrl": server.URL})
	w.patch("TicketNoteWebhooks", 1, 0, fields{"webhookUrl": server.URL, "deactivationUrl": server.URL})
	start := w.store.Snapshot()
	var group sync.WaitGroup
	for _, act := range []func(){
		func() { w.ticket("a") },
		func() { w.must("TicketNotes", fields{"title": "abc"}) },
		func() { w.moved.Add(int64(time.Minute)); w.Moved() },
		func() { w.Disturb(hook.Disturbance{Duplicate: .5, Swap: .5}); _ = w.Deliveries() },
		func() { w.patch("TicketWebhooks", 1, 0, fields{"isActive": false}) },
		func() { w.patch("TicketWebhooks", 1, 0, fields{"isActive": true}) },
		func() { w.store.Restore(start); w.Reset() },
		func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_ = w.Wait(ctx) // either is right
		},
	} {
		group.Go(func() {
			for range 200 {
				act()
			}
		})
	}
	group.Wait()
	require.NoError(t, w.Stop(t.Context()))
}
