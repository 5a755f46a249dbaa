package hook_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestWebhookIsChecked(t *testing.T) {
	t.Parallel()
	const url, other = "https://receiver.test/hook", "https://other.test/"
	badURL := wire.Text(wire.TextBadValue, "webhookUrl", "URL")
	twin := wire.Text(wire.TextWebhookDuplicate, 1)
	tests := map[string]struct {
		entity string
		fields fields
		want   []string
	}{
		"another URL": {"TicketWebhooks", fields{"webhookUrl": other}, nil},
		"another kind": {
			"TicketWebhooks",
			fields{"webhookUrl": url, "isSubscribedToDeleteEvents": true},
			nil,
		},
		"another entity": {
			"CompanyWebhooks",
			fields{"webhookUrl": url, "isSubscribedToCreateEvents": true},
			nil,
		},
		"no kind": {"TicketWebhooks", fields{"webhookUrl": url}, nil},
		"the same": {
			"TicketWebhooks",
			fields{"webhookUrl": url, "isSubscribedToCreateEvents": true},
			[]string{twin},
		},
		"one kind alike": {
			"TicketWebhooks",
			fields{"webhookUrl": url, "isSubscribedToCreateEvents": true, "isSubscribedToDeleteEvents": true},
			[]string{twin},
		},
		"the same in capitals": {
			"TicketWebhooks",
			fields{"webhookUrl": strings.ToUpper(url[8:]), "isSubscribedToCreateEvents": true},
			[]string{badURL},
		},
		"active at once": {
			"TicketWebhooks",
			fields{"webhookUrl": other, "isActive": true},
			[]string{wire.TextWebhookInactive},
		},
		"http":               {"TicketWebhooks", fields{"webhookUrl": "http://127.0.0.1:8080/x"}, nil},
		"scheme in capitals": {"TicketWebhooks", fields{"webhookUrl": "HTTPS://other.test"}, nil},
		"missing URL":        {"TicketWebhooks", fields{"isSubscribedToCreateEvents": true}, nil},
		"relative":           {"TicketWebhooks", fields{"webhookUrl": "/hook"}, []string{badURL}},
		"no host":            {"TicketWebhooks", fields{"webhookUrl": "https:///hook"}, []string{badURL}},
		"no host but a port": {"TicketWebhooks", fields{"webhookUrl": "https://:443/hook"}, []string{badURL}},
		"other scheme":       {"TicketWebhooks", fields{"webhookUrl": "file:///etc/passwd"}, []string{badURL}},
		"no URL":             {"TicketWebhooks", fields{"webhookUrl": "://"}, []string{badURL}},
		"deactivation is relative": {
			"TicketWebhooks",
			fields{"webhookUrl": other, "deactivationUrl": "gone"},
			[]string{wire.Text(wire.TextBadValue, "deactivationUrl", "URL")},
		},
		"all at once": {
			"TicketWebhooks",
			fields{"webhookUrl": "x", "deactivationUrl": "y", "isActive": true},
			[]string{badURL, wire.Text(wire.TextBadValue, "deactivationUrl", "URL"), wire.TextWebhookInactive},
		},
		"not a webhook": {"Tickets", fields{"title": "x"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hook.Config{}, always(200))
			w.must("TicketWebhooks", fields{
				"webhookUrl": url, "isSubscribedToCreateEvents": true, "isSubscribedToUpdateEvents": true,
			})
			_, texts := w.create(tt.entity, 0, tt.fields)
			require.Equal(t, tt.want, texts)
		})
	}
}

func TestWebhooksAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{Max: 2}, always(200))
	w.must("TicketWebhooks", fields{"name": "1"})
	id := w.must("ContactWebhooks", fields{"name": "2"})
	_, texts := w.create("CompanyWebhooks", 0, fields{"name": "3"})
	require.Equal(t, []string{wire.Text(wire.TextWebhookLimit, 2)}, texts)
	require.Empty(t, w.patch("ContactWebhooks", id, 0, fields{"name": "4"}), "what there is may change")
	require.Empty(t, w.remove("ContactWebhooks", id, 0))
	w.must("CompanyWebhooks", fields{"name": "3"})
}

func TestActivationNeedsASubscribedField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	activate, refused := fields{"isActive": true}, []string{wire.TextWebhookInactive}
	stranger := w.must("TicketWebhooks", fields{"name": "stranger"})
	w.must("TicketWebhookFields", fields{"webhookID": stranger, "fieldID": int64(2), "isSubscribedField": true})
	id := w.must("TicketWebhooks", fields{"name": "mine"})
	require.Equal(t, refused, w.patch("TicketWebhooks", id, 0, activate), "no field, but one of another webhook")
	first := w.must("TicketWebhookFields", fields{"webhookID": id, "fieldID": int64(2), "isDisplayAlwaysField": true})
	require.Equal(t, refused, w.patch("TicketWebhooks", id, 0, activate), "a field that is only displayed")
	require.Empty(t, w.patch("TicketWebhookFields", first, 0, fields{"isSubscribedField": true}))
	require.Empty(t, w.patch("TicketWebhooks", id, 0, activate))
	require.Empty(t, w.patch("TicketWebhooks", id, 0, fields{"name": "renamed"}))
}

func TestActiveWebhookKeepsASubscribedField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	refused := []string{wire.TextWebhookLastField}
	id := w.listen("Tickets", "title")
	require.Equal(t, refused, w.remove("TicketWebhookFields", 1, 0))
	require.Equal(t, refused, w.patch("TicketWebhookFields", 1, 0, fields{"isSubscribedField": false}))
	require.Empty(t, w.patch("TicketWebhookFields", 1, 0, fields{"isDisplayAlwaysField": true}))

	udf := w.must("TicketWebhookUdfFields", fields{
		"webhookID": id, "udfFieldID": w.addUDF("Tickets", "Room"), "isSubscribedField": true,
	})
	require.Empty(t, w.remove("TicketWebhookFields", 1, 0), "a user-defined field counts, too")
	require.Equal(t, refused, w.remove("TicketWebhookUdfFields", udf, 0))
	require.Empty(t, w.patch("TicketWebhooks", id, 0, fields{"isActive": false}))
	require.Empty(t, w.remove("TicketWebhookUdfFields", udf, 0), "an inactive webhook needs none")
}

// addUDF gives an entity a user-defined field and returns its number.
func (w *world) addUDF(entity, name string) int64 {
	w.t.Helper()
	t := w.table(entity)
	w.store.Update(func(tx *record.Tx) {
		_, ok := tx.AddColumn(t, record.Column{Field: registry.Field{Name: name, Type: registry.String}, UDF: true})
		require.True(w.t, ok)
	})
	id, ok := hook.UDFFieldID(t, name)
	require.True(w.t, ok)
	return id
}

func TestChildrenAreChecked(t *testing.T) {
	t.Parallel()
	first := map[string]fields{
		"TicketWebhookFields":            {"webhookID": int64(1), "fieldID": int64(2)},
		"TicketWebhookUdfFields":         {"webhookID": int64(1)}, // with the number of Room
		"TicketWebhookExcludedResources": {"webhookID": int64(1), "resourceID": int64(7)},
	}
	tests := map[string]struct {
		entity string
		change fields
		want   []string
	}{
		"field twice": {
			"TicketWebhookFields", nil,
			[]string{wire.Text(wire.TextWebhookTwice, "fieldID", 2)},
		},
		"another field":            {"TicketWebhookFields", fields{"fieldID": int64(3)}, nil},
		"field of another webhook": {"TicketWebhookFields", fields{"webhookID": int64(2)}, nil},
		"field 0": {
			"TicketWebhookFields",
			fields{"fieldID": int64(0)},
			[]string{wire.Text(wire.TextNoPick, "fieldID")},
		},
		"field beyond": {
			"TicketWebhookFields",
			fields{"fieldID": int64(10_000)},
			[]string{wire.Text(wire.TextNoPick, "fieldID")},
		},
		"field below": {
			"TicketWebhookFields",
			fields{"fieldID": int64(-1)},
			[]string{wire.Text(wire.TextNoPick, "fieldID")},
		},
		"UDF twice": {"TicketWebhookUdfFields", nil, nil}, // the text has a number: below
		"UDF that is a field": {
			"TicketWebhookUdfFields",
			fields{"udfFieldID": int64(2)},
			[]string{wire.Text(wire.TextNoPick, "udfFieldID")},
		},
		"resource twice": {
			"TicketWebhookExcludedResources", nil,
			[]string{wire.Text(wire.TextWebhookTwice, "resourceID", 7)},
		},
		"another resource":          {"TicketWebhookExcludedResources", fields{"resourceID": int64(8)}, nil},
		"resource, another webhook": {"TicketWebhookExcludedResources", fields{"webhookID": int64(2)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hook.Config{}, always(200))
			room := w.addUDF("Tickets", "Room")
			f := maps.Clone(first[tt.entity])
			want := tt.want
			if tt.entity == "TicketWebhookUdfFields" {
				f["udfFieldID"] = room
			}
			if name == "UDF twice" {
				want = []string{wire.Text(wire.TextWebhookTwice, "udfFieldID", room)}
			}
			w.must("TicketWebhooks", fields{"name": "1"})
			w.must("TicketWebhooks", fields{"name": "2"})
			w.must(tt.entity, f)
			maps.Copy(f, tt.change)
			_, texts := w.create(tt.entity, 0, f)
			require.Equal(t, want, texts)
		})
	}
}

func TestUDFIsNoField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	w.must("TicketWebhooks", fields{"name": "1"})
	room := w.addUDF("Tickets", "Room")
	_, texts := w.create("TicketWebhookFields", 0, fields{"webhookID": int64(1), "fieldID": room})
	require.Equal(t, []string{wire.Text(wire.TextNoPick, "fieldID")}, texts)
}

func TestChildStaysItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	w.listen("Tickets", "title", "status")
	require.Empty(t, w.patch("TicketWebhookFields", 1, 0, fields{"isDisplayAlwaysField": true}), "no second one")
	status := w.fieldID("Tickets", "status")
	require.Equal(t, []string{wire.Text(wire.TextWebhookTwice, "fieldID", status)},
		w.patch("TicketWebhookFields", 1, 0, fields{"fieldID": status}))
}

func TestWebhookStaysItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	id := w.listen("Tickets", "title")
	require.Empty(t, w.patch("TicketWebhooks", id, 0, fields{"name": "renamed"}))
	other := w.must("TicketWebhooks", fields{"webhookUrl": "https://receiver.test/hook"})
	require.Equal(t, []string{wire.Text(wire.TextWebhookDuplicate, id)},
		w.patch("TicketWebhooks", other, 0, fields{"isSubscribedToUpdateEvents": true}))
}

func TestComplete(t *testing.T) {
	t.Parallel()
	guids := func(seed uint64) (all []string) {
		w := newWorld(t, hook.Config{Seed: seed}, always(200))
		for range 3 {
			w.must("TicketWebhooks", fields{"name": "x"})
		}
		for _, row := range w.rows("TicketWebhooks") {
			require.Equal(t, true, w.value(row, "TicketWebhooks", "isReady"))
			guid, ok := w.value(row, "TicketWebhooks", "webhookGUID").(string)
			require.True(t, ok)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, guid)
			require.NotContains(t, all, guid)
			all = append(all, guid)
		}
		return all
	}
	first := guids(1)
	require.Equal(t, first, guids(1))
	require.NotEqual(t, first, guids(2))
}

func TestCompleteLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	vals := make([]any, 3)
	w.Complete(w.table("Tickets"), vals)
	w.Complete(w.table("TicketWebhooks"), vals)
	require.Equal(t, make([]any, 3), vals)
}

func TestFieldIDsArePicks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hook.Config{}, always(200))
	room := w.addUDF("Tickets", "Room")
	require.Equal(t, int64(1), w.fieldID("Tickets", "ID"))
	_, ok := hook.FieldID(w.table("Tickets"), "Room")
	require.False(t, ok)
	_, ok = hook.UDFFieldID(w.table("Tickets"), "title")
	require.False(t, ok)

	picks := w.Picks(w.table("TicketWebhookFields"), "FieldID")
	require.Len(t, picks, len(w.table("Tickets").Columns())-1)
	require.Equal(t, registry.Pick{Value: "1", Label: "id", From: registry.Guess}, picks[0])
	require.Equal(t, []registry.Pick{{Value: wire.Text("%d", room), Label: "Room", From: registry.Guess}},
		w.Picks(w.table("TicketWebhookUdfFields"), "udfFieldID"))
	require.Nil(t, w.Picks(w.table("TicketWebhookFields"), "webhookID"))
	require.Nil(t, w.Picks(w.table("TicketWebhookExcludedResources"), "resourceID"))
	require.Nil(t, w.Picks(w.table("Tickets"), "status"))

	tickets := w.table("Tickets")
	w.store.Update(func(tx *record.Tx) {
		hidden := tickets.Columns()[room-1]
		hidden.Hidden = true
		require.True(t, tx.SetColumn(tickets, int(room-1), hidden))
	})
	require.Empty(t, w.Picks(w.table("TicketWebhookUdfFields"), "udfFieldID"), "its definition is inactive")
}
