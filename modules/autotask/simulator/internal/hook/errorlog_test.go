package hook_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestErrorLog(t *testing.T) {
	t.Parallel()
	for entity, want := range map[string]struct{ field, column string }{
		"Companies": {"companyName", "accountWebhookID"},
		"Contacts":  {"firstName", "contactWebhookID"},
		"Tickets":   {"title", ""},
	} {
		t.Run(entity, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(500))
				id := w.listen(entity, want.field)
				w.must(entity, fields{want.field: "x"})
				w.wait()
				rows := w.rows("WebhookEventErrorLogs")
				require.Len(t, rows, 1)
				at := func(name string) any { return w.value(rows[0], "WebhookEventErrorLogs", name) }
				for _, column := range []string{"accountWebhookID", "contactWebhookID"} {
					if column == want.column {
						require.Equal(t, id, at(column))
						continue
					}
					require.Nil(t, at(column))
				}
				require.Equal(t, w.receiver.seen()[0].body, at("payload"))
				require.Equal(t, int64(1), at("sequenceNumber"))
				require.Equal(t, record.StampOf(w.receiver.start.Add(2*time.Minute)), at("createDateTime"))
			})
		})
	}
}

func TestErrorLogIsKeptForThirtyDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		const month, attempts = 30 * 24 * time.Hour, 2 * time.Minute
		for _, then := range []struct {
			after time.Duration // of the row before
			want  []any
		}{
			{0, []any{int64(1)}},
			{month, []any{int64(1), int64(2)}},
			{time.Hour, []any{int64(2), int64(3)}},
			{month, []any{int64(3), int64(4)}},
			{month + time.Millisecond, []any{int64(5)}},
		} {
			w.advance(max(then.after-attempts, 0))
			w.ticket("a")
			w.wait()
			require.Equal(t, then.want, w.logged())
		}
	})
}

// logged are the numbers of the events in the error log.
func (w *world) logged() []any { return w.column("WebhookEventErrorLogs", "sequenceNumber") }

func TestErrorLogIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		faults := w.table("WebhookEventErrorLogs")
		vals := w.values(faults, nil, fields{"createDateTime": record.StampOf(w.now()), "sequenceNumber": int64(0)})
		w.store.Update(func(tx *record.Tx) {
			for range 10_000 {
				tx.Insert(faults, vals)
			}
		})
		w.ticket("a")
		w.wait()
		got := w.logged()
		require.Len(t, got, 10_000)
		require.Equal(t, int64(1), got[9_999])
	})
}

func TestErrorLogKeepsTheBeginningOfALargePayload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		w.ticket(strings.Repeat("é", 100_000))
		w.wait()
		got := w.column("WebhookEventErrorLogs", "payload")
		require.Len(t, got, 1)
		payload, _ := got[0].(string)
		require.LessOrEqual(t, len(payload), 64<<10)
		require.Greater(t, len(payload), 64<<10-2)
		require.True(t, strings.HasPrefix(w.receiver.seen()[0].body, payload))
	})
}

// 32 MiB are 511 rows of 64 KiB and a message, whatever has happened to the error log since its last row.
func TestErrorLogIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(500))
		w.listen("Tickets", "title")
		empty := w.store.Snapshot()
		faults := w.table("WebhookEventErrorLogs")
		large := strings.Repeat("a", 64<<10)
		insert := func(rows int, payload string) {
			vals := w.values(faults, nil, fields{
				"createDateTime": record.StampOf(w.now()), "payload": payload,
				"errorMessage": "The callout was answered with HTTP status 500.",
			})
			w.store.Update(func(tx *record.Tx) {
				for range rows {
					tx.Insert(faults, vals)
				}
			})
		}
		remove := func(rows ...record.Row) {
			w.store.Update(func(tx *record.Tx) {
				for _, row := range rows {
					tx.Remove(faults, row.ID)
				}
			})
		}
		all := func() []record.Row { return w.rows("WebhookEventErrorLogs") }
		for i, step := range []struct {
			before func()
			want   int // rows, once another has been written
		}{
			{func() { insert(600, large) }, 511},
			{func() {}, 511},
			{func() { remove(all()[100]) }, 511},
			{func() { remove(all()[510]) }, 511},
			{func() { remove(all()...) }, 1},
			{func() { insert(100, large) }, 102},
			{func() { insert(500, large) }, 511},
			{func() { w.store.Restore(empty); insert(511, "small") }, 512},
		} {
			step.before()
			w.ticket(large)
			w.wait()
			rows := all()
			require.Len(t, rows, step.want, "step %d", i)
			require.NotNil(t, w.value(rows[step.want-1], "WebhookEventErrorLogs", "sequenceNumber"), "the newest stays")
		}
	})
}
