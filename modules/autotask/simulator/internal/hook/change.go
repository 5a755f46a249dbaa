package hook

import (
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// Kind is what happened to a record.
type Kind uint8

// The kinds.
const (
	Created Kind = iota + 1
	Updated
	Deleted
)

// action is the Action of a payload.
func (k Kind) action() string {
	switch k {
	case Created:
		return "Create"
	case Updated:
		return "Update"
	case Deleted:
		return "Delete"
	default:
		return ""
	}
}

// Change is a write that has happened.
type Change struct {
	Kind          Kind
	Table         *record.Table
	ID            int64
	Before, After []any // nil where there is none
	Person        int64 // the resource that has written
	At            time.Time
}

// Changed queues the events that a change causes. It is called inside of the update that made the change and never
// blocks. It wants to know about every change: that of a webhook, too. One that is deactivated or deleted drops what it
// has queued and calls its deactivationUrl, and a deleted one loses its children.
func (h *Hooks) Changed(tx *record.Tx, c Change) {
	name := c.Table.Entity().Name
	if s, ok := h.tables.watched[name]; ok && c.Kind >= Created && c.Kind <= Deleted {
		h.tell(tx, s, c)
	}
	if s, ok := h.tables.webhooks[name]; ok {
		h.webhookChanged(tx, s, c)
	}
}

// tell queues an event for each webhook that tells c.
func (h *Hooks) tell(tx *record.Tx, s *subject, c Change) {
	for _, w := range s.listening(tx, c.Kind) {
		if s.excludes(tx, w.id, c.Person) {
			continue
		}
		if fields, told := s.tells(tx, w.id, c); told {
			h.enqueue(tx, s, w.id, c.At, &event{}, payload{
				Action: c.Kind.action(), GUID: w.guid, EntityType: entityType(s.entity.Entity().Singular), ID: c.ID, Fields: fields,
				PersonID: c.Person,
			})
		}
	}
}

// listening are the webhooks that are subscribed to a kind of event.
func (s *subject) listening(tx *record.Tx, kind Kind) []webhook {
	var all []webhook
	for row := range tx.Rows(s.webhooks, &record.Filter{Op: record.Eq, Ord: s.active, Values: []any{true}}) {
		if w := s.read(row.ID, row.Value); w.active && w.ready && w.kinds[kind] {
			all = append(all, w)
		}
	}
	return all
}

func (s *subject) excludes(tx *record.Tx, webhook, person int64) bool {
	for _, row := range s.excluded.rows(tx, webhook) {
		if whole(row.Value(s.excluded.target)) == person {
			return true
		}
	}
	return false
}

// tells returns the fields that a webhook tells of c, and whether c is told at all: an update is not when no subscribed
// field has changed, which is a guess.
func (s *subject) tells(tx *record.Tx, webhook int64, c Change) (fields map[string]any, told bool) {
	before, after := valuesAt(c.Before), valuesAt(c.After)
	fields, told = map[string]any{}, c.Kind != Updated
	for _, l := range []*link{s.fields, s.udfs} {
		for _, row := range l.rows(tx, webhook) {
			ord, ok := l.column(whole(row.Value(l.target)))
			if !ok {
				continue
			}
			subscribed, always := isTrue(row.Value(l.subscribed)), isTrue(row.Value(l.always))
			v := after(ord)
			switch c.Kind {
			case Created:
				always = always || subscribed && v != nil
			case Updated:
				changed := subscribed && v != before(ord)
				told, always = told || changed, always || changed
			case Deleted:
				v = before(ord)
			}
			if always {
				column := s.entity.Columns()[ord]
				fields[column.Name] = shown(column, v)
			}
		}
	}
	return fields, told
}

// webhookChanged follows a webhook that ceases to be active.
func (h *Hooks) webhookChanged(tx *record.Tx, s *subject, c Change) {
	w := s.read(c.ID, valuesAt(c.Before))
	if w.active && !isTrue(valuesAt(c.After)(s.active)) {
		h.deactivated(tx, s, w, c.Person, c.At)
	}
	if c.Kind == Deleted {
		for _, l := range s.links() {
			for _, row := range l.rows(tx, c.ID) {
				tx.Remove(l.table, row.ID)
			}
		}
	}
}

// deactivated drops what is queued for a webhook and calls its deactivationUrl.
func (h *Hooks) deactivated(tx *record.Tx, s *subject, w webhook, person int64, at time.Time) {
	h.forget(key{s.webhooks.Entity().Name, w.id})
	h.enqueue(tx, s, w.id, at, &event{to: &target{url: w.deactivation, secret: w.secret}}, payload{
		Action: deactivated, GUID: w.guid, EntityType: entityType(s.entity.Entity().Singular), ID: w.id, Fields: map[string]any{},
		PersonID: person,
	})
}
