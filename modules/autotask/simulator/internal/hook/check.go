package hook

import (
	"net/url"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Check returns the texts about a webhook, or a child of one, that is about to be written or deleted: activation without
// a subscribed field (a new webhook has none, so it begins inactive), a second one for the same entity, URL and kind,
// one too many, a field twice or that does not exist, the last subscribed field of an active webhook. id is 0 and before
// nil for a create, after nil for a delete. For any other table it returns nil.
func (h *Hooks) Check(tx *record.Tx, t *record.Table, id int64, before, after []any) []string {
	name := t.Entity().Name
	if s, ok := h.tables.webhooks[name]; ok && after != nil {
		return h.checkWebhook(tx, s, id, before, after)
	}
	if l, ok := h.tables.links[name]; ok {
		return l.check(tx, id, before, after)
	}
	return nil
}

func (h *Hooks) checkWebhook(tx *record.Tx, s *subject, id int64, before, after []any) []string {
	var texts []string
	w := s.read(id, valuesAt(after))
	if !callable(w.url) {
		texts = append(texts, wire.Text(wire.TextBadValue, "webhookUrl", "URL"))
	}
	if !callable(w.deactivation) {
		texts = append(texts, wire.Text(wire.TextBadValue, "deactivationUrl", "URL"))
	}
	if w.active && !s.subscribed(tx, id, nil, 0) {
		texts = append(texts, wire.TextWebhookInactive)
	}
	if other, ok := s.twin(tx, w); ok {
		texts = append(texts, wire.Text(wire.TextWebhookDuplicate, other))
	}
	if before == nil && h.count(tx) >= int64(h.cfg.Max) {
		texts = append(texts, wire.Text(wire.TextWebhookLimit, h.cfg.Max))
	}
	return texts
}

// callable reports whether a URL can be called. One that is missing is the business of whoever knows what is required.
func callable(address string) bool {
	if address == "" {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

// count returns how many webhooks the tenant has.
func (h *Hooks) count(tx *record.Tx) int64 {
	var n int64
	for _, s := range h.tables.webhooks {
		n += tx.Count(s.webhooks, nil)
	}
	return n
}

// twin finds another webhook of the same entity that calls the same URL, in any case of letters, for a kind of event
// that w is subscribed to as well. Whether they are active does not matter: a guess.
func (s *subject) twin(tx *record.Tx, w webhook) (id int64, ok bool) {
	if w.url == "" {
		return 0, false
	}
	for row := range tx.Rows(s.webhooks, &record.Filter{Op: record.Eq, Ord: s.url, Values: []any{w.url}}) {
		if row.ID == w.id {
			continue
		}
		other := s.read(row.ID, row.Value)
		for kind, subscribed := range w.kinds {
			if subscribed && other.kinds[kind] {
				return row.ID, true
			}
		}
	}
	return 0, false
}

// subscribed reports whether a webhook has a subscribed field, other than the record but of l.
func (s *subject) subscribed(tx *record.Tx, webhook int64, l *link, but int64) bool {
	for _, fields := range []*link{s.fields, s.udfs} {
		for _, row := range fields.rows(tx, webhook) {
			if isTrue(row.Value(fields.subscribed)) && (fields != l || row.ID != but) {
				return true
			}
		}
	}
	return false
}

func (l *link) check(tx *record.Tx, id int64, before, after []any) []string {
	var texts []string
	if after != nil {
		texts = l.checkTarget(tx, id, valuesAt(after))
	}
	if l.loses(before, after) {
		webhook := whole(valuesAt(before)(l.webhook))
		w, ok := l.of.find(tx, webhook)
		if ok && w.active && !l.of.subscribed(tx, webhook, l, id) {
			texts = append(texts, wire.TextWebhookLastField)
		}
	}
	return texts
}

// loses reports whether a webhook loses a subscribed field by a write.
func (l *link) loses(before, after []any) bool {
	return l.subscribed >= 0 && isTrue(valuesAt(before)(l.subscribed)) && !isTrue(valuesAt(after)(l.subscribed))
}

// checkTarget looks at what a child names: a field that there is, or a resource, once in each webhook.
func (l *link) checkTarget(tx *record.Tx, id int64, at func(ord int) any) []string {
	var texts []string
	name, target := l.table.Columns()[l.target].Name, whole(at(l.target))
	if l != l.of.excluded && at(l.target) != nil {
		if _, ok := l.column(target); !ok {
			texts = append(texts, wire.Text(wire.TextNoPick, name))
		}
	}
	for _, row := range l.rows(tx, whole(at(l.webhook))) {
		if row.ID != id && whole(row.Value(l.target)) == target {
			return append(texts, wire.Text(wire.TextWebhookTwice, name, target))
		}
	}
	return texts
}
