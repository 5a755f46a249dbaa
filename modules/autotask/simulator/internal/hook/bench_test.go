package hook_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// benchmarkChanged writes one ticket again and again: each a change of its title.
func benchmarkChanged(b *testing.B, entity string, webhooks int) {
	b.Helper()
	store := record.New(registry.Entities())
	tickets, _ := store.Table("Tickets")
	h := hook.New(hook.Config{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	})}, store, time.Now)
	listenAll(b, store, webhooks)
	t, _ := store.Table(entity)
	before, after := make([]any, len(tickets.Columns())), make([]any, len(tickets.Columns()))
	title, _ := tickets.Ordinal("title")
	before[title], after[title] = "before", "after"
	b.ReportAllocs()
	for b.Loop() {
		store.Update(func(tx *record.Tx) {
			h.Changed(tx, hook.Change{Kind: hook.Updated, Table: t, ID: 1, Before: before, After: after})
		})
		require.NoError(b, h.Wait(b.Context()))
	}
	b.StopTimer()
	require.NoError(b, h.Stop(b.Context()))
}

// listenAll gives the store active webhooks for the titles of tickets.
func listenAll(b *testing.B, store *record.Store, n int) {
	b.Helper()
	webhooks, _ := store.Table("TicketWebhooks")
	children, _ := store.Table("TicketWebhookFields")
	tickets, _ := store.Table("Tickets")
	title, ok := hook.FieldID(tickets, "title")
	require.True(b, ok)
	row := func(t *record.Table, f fields) []any {
		vals := make([]any, len(t.Columns()))
		for name, v := range f {
			ord, found := t.Ordinal(name)
			require.True(b, found, name)
			vals[ord] = v
		}
		return vals
	}
	store.Update(func(tx *record.Tx) {
		for range n {
			id := tx.Insert(webhooks, row(webhooks, fields{
				"webhookUrl": "https://receiver.test/", "secretKey": secret, "isActive": true, "isReady": true,
				"isSubscribedToUpdateEvents": true,
			}))
			tx.Insert(children, row(children, fields{"webhookID": id, "fieldID": title, "isSubscribedField": true}))
		}
	})
}

func BenchmarkChangedUnwatched(b *testing.B)   { benchmarkChanged(b, "Resources", 0) }
func BenchmarkChangedNoWebhook(b *testing.B)   { benchmarkChanged(b, "Tickets", 0) }
func BenchmarkChangedDelivered(b *testing.B)   { benchmarkChanged(b, "Tickets", 1) }
func BenchmarkChangedDelivered50(b *testing.B) { benchmarkChanged(b, "Tickets", 50) }

func BenchmarkEscape(b *testing.B) {
	body := []byte(`{"title":"` + strings.Repeat("Drucker & Kopierer im 2. Stock, Büro 'Süd' ", 24) + `"}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		hook.Escape(body)
	}
}
