package hook_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// guid replaces the guid of a body, which the seed decides.
func guid(t *testing.T, body string) string {
	t.Helper()
	before, rest, ok := strings.Cut(body, `"Guid":"`)
	require.True(t, ok)
	return before + `"Guid":"` + rest[36:]
}

// Within a bubble the clock begins at midnight, 2000-01-01 UTC.
const when = `"EventTime":"2000-01-01T00:00:00.000Z"`

func TestPayload(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fields []string // of the webhook
		change func(w *world)
		want   []string
	}{
		"create": {
			[]string{"title", "status", "priority", "+companyID", "+queueID"},
			func(w *world) {
				w.create("Tickets", 7, fields{
					"title": "printer", "status": int64(1), "companyID": int64(0), "source": int64(2),
				})
			},
			[]string{`{"Action":"Create","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"companyID":0,` +
				`"queueID":null,"status":1,"title":"printer"},` + when + `,"SequenceNumber":1,"PersonID":7}`},
		},
		"update": {
			[]string{"title", "status", "+companyID"},
			func(w *world) {
				id := w.seed("Tickets", fields{"title": "a", "status": int64(1), "companyID": int64(5)})
				w.patch("Tickets", id, 8, fields{"status": int64(2)})
			},
			[]string{`{"Action":"Update","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"companyID":5,"status":2},` +
				when + `,"SequenceNumber":1,"PersonID":8}`},
		},
		"update to null": {
			[]string{"title"},
			func(w *world) { w.patch("Tickets", w.seed("Tickets", fields{"title": "a"}), 8, fields{"title": nil}) },
			[]string{`{"Action":"Update","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"title":null},` + when +
				`,"SequenceNumber":1,"PersonID":8}`},
		},
		"update of a field that is only displayed": {
			[]string{"title", "+companyID"},
			func(w *world) {
				w.patch("Tickets", w.seed("Tickets", fields{"companyID": int64(5)}), 8, fields{"companyID": int64(6)})
			},
			nil,
		},
		"update of nothing": {
			[]string{"title"},
			func(w *world) { w.patch("Tickets", w.seed("Tickets", fields{"title": "a"}), 8, fields{"title": "a"}) },
			nil,
		},
		"delete": {
			[]string{"title", "+companyID"},
			func(w *world) { w.remove("Tickets", w.seed("Tickets", fields{"title": "a", "companyID": int64(5)}), 9) },
			[]string{`{"Action":"Delete","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"companyID":5},` + when +
				`,"SequenceNumber":1,"PersonID":9}`},
		},
		"values in every form": {
			[]string{"title", "estimatedHours", "dueDateTime"},
			func(w *world) {
				w.must("Tickets", fields{
					"title": "1 < 2 \"\\\n\u2028é😀", "estimatedHours": 1e21, "dueDateTime": record.Stamp(1),
				})
			},
			[]string{`{"Action":"Create","Guid":"","EntityType":"Ticket","Id":1,"Fields":{` +
				`"dueDateTime":"1970-01-01T00:00:00.001","estimatedHours":1000000000000000000000,` +
				`"title":"1 < 2 \"\\\n\u2028é😀"},` + when + `,"SequenceNumber":1,"PersonID":0}`},
		},
		"three events": {
			[]string{"title"},
			func(w *world) {
				id := w.ticket("a")
				w.patch("Tickets", id, 0, fields{"title": "b"})
				w.remove("Tickets", id, 0)
			},
			[]string{
				`{"Action":"Create","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"title":"a"},` + when +
					`,"SequenceNumber":1,"PersonID":0}`,
				`{"Action":"Update","Guid":"","EntityType":"Ticket","Id":1,"Fields":{"title":"b"},` + when +
					`,"SequenceNumber":2,"PersonID":0}`,
				`{"Action":"Delete","Guid":"","EntityType":"Ticket","Id":1,"Fields":{},` + when +
					`,"SequenceNumber":3,"PersonID":0}`,
			},
		},
		"another entity": {[]string{"title"}, func(w *world) { w.must("Companies", fields{"companyName": "x"}) }, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(200))
				w.listen("Tickets", tt.fields...)
				tt.change(w)
				w.wait()
				var bodies []string
				for _, c := range w.receiver.seen() {
					bodies = append(bodies, guid(t, c.body))
				}
				require.Equal(t, tt.want, bodies)
			})
		})
	}
}

// seed inserts a record of which no webhook hears.
func (w *world) seed(entity string, f fields) (id int64) {
	t := w.table(entity)
	w.store.Update(func(tx *record.Tx) { id = tx.Insert(t, w.values(t, nil, f)) })
	return id
}

func TestEntityTypes(t *testing.T) {
	t.Parallel()
	for entity, want := range map[string]struct{ field, name string }{
		"Companies":          {"companyName", "Account"},
		"Contacts":           {"firstName", "Contact"},
		"ConfigurationItems": {"referenceTitle", "InstalledProduct"},
		"Tickets":            {"title", "Ticket"},
		"TicketNotes":        {"title", "TicketNote"},
	} {
		t.Run(entity, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(200))
				w.listen(entity, want.field)
				w.must(entity, fields{want.field: "x"})
				w.wait()
				require.Len(t, w.receiver.seen(), 1)
				require.Contains(t, w.receiver.seen()[0].body, `"EntityType":"`+want.name+`"`)
			})
		})
	}
}

func TestUDFIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		id := w.listen("Tickets", "title")
		room := w.addUDF("Tickets", "Room")
		w.must("TicketWebhookUdfFields", fields{"webhookID": id, "udfFieldID": room, "isSubscribedField": true})
		ticket := w.seed("Tickets", fields{"title": "a", "Room": "3"})
		w.patch("Tickets", ticket, 0, fields{"Room": "4"})
		w.wait()
		require.Len(t, w.receiver.seen(), 1)
		require.Contains(t, w.receiver.seen()[0].body, `"Fields":{"Room":"4"}`)
	})
}

func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(w *world, webhook int64)
		want    []string // titles
	}{
		"everything": {func(*world, int64) {}, []string{"new", "changed", ""}},
		"not of creates": {
			func(w *world, id int64) {
				w.patch("TicketWebhooks", id, 0, fields{"isSubscribedToCreateEvents": false})
			},
			[]string{"changed", ""},
		},
		"not of updates": {
			func(w *world, id int64) { w.patch("TicketWebhooks", id, 0, fields{"isSubscribedToUpdateEvents": nil}) },
			[]string{"new", ""},
		},
		"not of deletes": {
			func(w *world, id int64) {
				w.patch("TicketWebhooks", id, 0, fields{"isSubscribedToDeleteEvents": false})
			},
			[]string{"new", "changed"},
		},
		"not ready": {
			func(w *world, id int64) { w.patch("TicketWebhooks", id, 0, fields{"isReady": false}) }, nil,
		},
		"inactive": {
			func(w *world, id int64) { w.patch("TicketWebhooks", id, 0, fields{"isActive": false}) },
			[]string{""}, // the deactivation
		},
		"excluded": {
			func(w *world, id int64) {
				w.must("TicketWebhookExcludedResources", fields{"webhookID": id, "resourceID": int64(6)})
				w.must("TicketWebhookExcludedResources", fields{"webhookID": id, "resourceID": int64(7)})
			}, nil,
		},
		"somebody else is excluded": {
			func(w *world, id int64) {
				w.must("TicketWebhookExcludedResources", fields{"webhookID": id, "resourceID": int64(8)})
			},
			[]string{"new", "changed", ""},
		},
		"excluded elsewhere": {
			func(w *world, id int64) {
				w.must("TicketWebhookExcludedResources", fields{"webhookID": id + 1, "resourceID": int64(7)})
			},
			[]string{"new", "changed", ""},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, always(200))
				tt.prepare(w, w.listen("Tickets", "title"))
				id, _ := w.create("Tickets", 7, fields{"title": "new"})
				w.patch("Tickets", id, 7, fields{"title": "changed"})
				w.remove("Tickets", id, 7)
				w.wait()
				require.Equal(t, tt.want, w.receiver.titles())
			})
		})
	}
}

func TestEveryWebhookCountsForItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		w.listen("Tickets", "title")
		w.ticket("1")
		second := w.must("TicketWebhooks", fields{
			"webhookUrl": "https://second.test/", "isSubscribedToCreateEvents": true,
		})
		w.must("TicketWebhookFields", fields{
			"webhookID": second, "fieldID": w.fieldID("Tickets", "title"), "isSubscribedField": true,
		})
		w.patch("TicketWebhooks", second, 0, fields{"isActive": true})
		w.ticket("2")
		w.wait()
		sequences := map[string][]int64{}
		for _, d := range w.Deliveries() {
			sequences[d.URL] = append(sequences[d.URL], d.Sequence)
		}
		require.Equal(t, map[string][]int64{
			"https://receiver.test/hook": {1, 2}, "https://second.test/": {1},
		}, sequences)
	})
}

func TestDeletedWebhookLosesItsChildren(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, always(200))
		first := w.listen("Tickets", "title", "+status")
		w.must("TicketWebhookExcludedResources", fields{"webhookID": first, "resourceID": int64(7)})
		w.must("TicketWebhookUdfFields", fields{"webhookID": first, "udfFieldID": w.addUDF("Tickets", "Room")})
		w.must("TicketWebhooks", fields{"name": "second"})
		w.must("TicketWebhookFields", fields{"webhookID": int64(2), "fieldID": int64(1)})
		require.Empty(t, w.remove("TicketWebhooks", first, 9))
		require.Len(t, w.rows("TicketWebhookFields"), 1)
		require.Empty(t, w.rows("TicketWebhookExcludedResources"))
		require.Empty(t, w.rows("TicketWebhookUdfFields"))
		w.wait()
		require.Len(t, w.receiver.seen(), 1)
		require.Equal(t, "https://receiver.test/gone", w.receiver.seen()[0].url)
		require.Equal(t, []string{`{"Action":"Deactivated","Guid":"","EntityType":"Ticket","Id":1,"Fields":{},` + when +
			`,"SequenceNumber":1,"PersonID":9}`}, []string{guid(t, w.receiver.seen()[0].body)})
	})
}
