package tenant

import (
	"net/http"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// read answers a read by id. A record that is missing, that belongs to another parent than the path's, or that is
// somebody else's where the right is restricted, are one.
func (t *Tenant) read(c *wire.Call, k *kind, id int64, parent *int64) wire.Answer {
	s, refusal, ok := t.enter(c, k, registry.Get)
	if !ok {
		return refusal
	}
	var row record.Row
	t.store.View(func(tx *record.Tx) { row, ok = tx.Find(k.Table, id) })
	full := k.attachment && parent != nil // the only answer with the data of an attachment, and wrapped as a list
	switch {
	case ok && k.under(row, parent) && s.holdsRow(row):
		return k.one(row, full)
	case t.cfg.MissingStatus == http.StatusNotFound:
		return wire.Message(http.StatusNotFound, "The record was not found.")
	case full:
		return wire.JSON([]byte(`{"items":[]}`))
	default:
		return wire.JSON([]byte(`{"item":null}`))
	}
}

// enter is what every operation begins with: who asks, and for which records.
func (t *Tenant) enter(c *wire.Call, k *kind, op registry.Verbs) (s scope, refusal wire.Answer, ok bool) {
	a, refusal, ok := t.actor(c, k)
	if !ok {
		return scope{}, refusal, false
	}
	return t.allow(a, k, op)
}

// under reports whether a record belongs to the parent of a path; any does where the path names none.
func (k *kind) under(r record.Row, parent *int64) bool {
	return parent == nil || r.Value(k.parent) == any(*parent)
}

// one is the answer of a single record.
func (k *kind) one(r record.Row, wrapped bool) wire.Answer {
	body := make([]byte, 0, k.width.Load()+64)
	if wrapped {
		return wire.JSON(append(k.AppendRow(append(body, `{"items":[`...), r, nil), `]}`...))
	}
	body = append(k.AppendRow(append(body, `{"item":`...), r, k.shown(nil)), '}')
	k.measured(len(body), 1)
	return wire.JSON(body)
}

// measured notes how long records are, so that the next answer is made in one piece. A sixth is added for longer ones.
func (k *kind) measured(size, rows int) {
	if width := int64(size/rows + size/rows/6); width != k.width.Load() {
		k.width.Store(width)
	}
}
