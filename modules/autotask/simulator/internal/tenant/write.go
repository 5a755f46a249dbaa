package tenant

import (
	"slices"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// write answers POST, PATCH and PUT. Below a parent, the path says which.
func (t *Tenant) write(c *wire.Call, k *kind, op registry.Verbs, parent *int64) wire.Answer {
	a, refusal, ok := t.actor(c, k)
	if !ok {
		return refusal
	}
	draft, err := rule.Parse(content(c.Body))
	if err != nil {
		return wire.Failure(wire.Text(wire.TextBadBody, err)).Misusing("bad_body")
	}
	e := edit{tenant: t, kind: k, op: op, parent: parent, writer: t.writer(a)}
	if e.scope, refusal, ok = t.allow(a, k, op); !ok {
		return refusal
	}
	var answer wire.Answer
	t.store.Update(func(tx *record.Tx) {
		if op == registry.Create {
			answer = e.create(tx, draft)
		} else {
			answer = e.update(tx, draft)
		}
	})
	return answer
}

// delete answers DELETE.
func (t *Tenant) delete(c *wire.Call, k *kind, id int64, parent *int64) wire.Answer {
	a, refusal, ok := t.actor(c, k)
	if !ok {
		return refusal
	}
	e := edit{tenant: t, kind: k, op: registry.Delete, parent: parent, writer: t.writer(a)}
	if e.scope, refusal, ok = t.allow(a, k, e.op); !ok {
		return refusal
	}
	var answer wire.Answer
	t.store.Update(func(tx *record.Tx) { answer = e.delete(tx, id) })
	return answer
}

// edit is a write of one record: what is written, where, and by whom.
type edit struct {
	tenant *Tenant
	kind   *kind
	op     registry.Verbs
	parent *int64 // of the path; nil at the root
	writer rule.Writer
	scope  scope
}

func (e edit) create(tx *record.Tx, d rule.Draft) wire.Answer {
	t, table := e.tenant, e.kind.Table
	if e.parent != nil && !tx.Exists(e.kind.entity.Owner(), *e.parent) {
		return wire.Failure(e.noParent())
	}
	o := rule.Create(tx, table, d, e.parent, e.writer)
	switch {
	case len(o.Problems) > 0:
		return judged(wire.Failure(o.Problems...), o)
	case !e.scope.holds(o.Values):
		return denied(e.kind, e.op)
	}
	t.hooks.Complete(table, o.Values)
	if problems := t.hooks.Check(tx, table, 0, nil, o.Values); len(problems) > 0 {
		return judged(wire.Failure(problems...), o)
	}
	id, problems := e.insert(tx, &o)
	if len(problems) > 0 {
		return judged(wire.Failure(problems...), o)
	}
	e.happened(tx, e.change(hook.Created, e.kind, id, nil, o.Values))
	return judged(wire.ItemID(id), o)
}

// judged is an answer to a write, with what a careful client would not have sent.
func judged(a wire.Answer, o rule.Outcome) wire.Answer {
	if o.Unknown == "" {
		return a
	}
	a = a.Misusing("unknown_property")
	a.Detail = "the entity has no field " + o.Unknown
	return a
}

// noParent is the text of a child whose parent does not exist.
func (e edit) noParent() string {
	return wire.Text(wire.TextNoReference, e.kind.entity.ParentField, registry.Singular(e.kind.entity.Owner()))
}

// insert adds the record. An attachment comes in through the desk, which counts its bytes: the last check there is.
func (e edit) insert(tx *record.Tx, o *rule.Outcome) (id int64, problems []string) {
	desk, at := e.tenant.desk, e.writer.At
	if !e.kind.attachment {
		o.Settle()
		return tx.Insert(e.kind.Table, o.Values), nil
	}
	if problems = desk.Check(e.kind.Table, o.Values, at); len(problems) > 0 {
		return 0, problems
	}
	o.Settle()
	return desk.Insert(tx, e.kind.Table, o.Values, at), nil
}

// update merges into a record or, as PUT does, replaces every field that may be written.
func (e edit) update(tx *record.Tx, d rule.Draft) wire.Answer {
	t, table := e.tenant, e.kind.Table
	id, ok := d.ID()
	if !ok {
		return wire.Failure(wire.TextNoID).Misusing("bad_body")
	}
	old, ok := tx.Find(table, id)
	switch {
	case !ok:
		return wire.Failure(wire.TextNoUpdate)
	case !e.scope.holdsRow(old):
		return denied(e.kind, e.op)
	}
	o := rule.Update(tx, table, old, d, e.parent, e.op == registry.Put, e.writer)
	if len(o.Problems) > 0 {
		return judged(wire.Failure(o.Problems...), o)
	}
	before := old.Values(table)
	if problems := t.hooks.Check(tx, table, id, before, o.Values); len(problems) > 0 {
		return judged(wire.Failure(problems...), o)
	}
	o.Settle()
	tx.Replace(table, id, o.Values)
	e.happened(tx, e.change(hook.Updated, e.kind, id, before, o.Values))
	return judged(wire.ItemID(id), o)
}

func (e edit) delete(tx *record.Tx, id int64) wire.Answer {
	old, ok := tx.Find(e.kind.Table, id)
	switch {
	case !ok || !e.kind.under(old, e.parent):
		return wire.Failure(wire.TextNoDelete)
	case !e.scope.holdsRow(old):
		return denied(e.kind, e.op)
	}
	if problems := e.tenant.hooks.Check(tx, e.kind.Table, id, old.Values(e.kind.Table), nil); len(problems) > 0 {
		return wire.Failure(problems...)
	}
	e.remove(tx, e.kind, old)
	return wire.ItemID(id)
}

// remove deletes a record and then what hangs below it: in this order, it ends whatever refers to what.
func (e edit) remove(tx *record.Tx, k *kind, r record.Row) {
	before := r.Values(k.Table)
	if k.attachment {
		e.tenant.desk.Remove(tx, k.Table, r.ID)
	} else {
		tx.Remove(k.Table, r.ID)
	}
	e.happened(tx, e.change(hook.Deleted, k, r.ID, before, nil))
	for _, child := range k.children {
		own := &record.Filter{Op: record.Eq, Ord: child.parent, Values: []any{r.ID}}
		for _, below := range slices.Collect(tx.Rows(child.Table, own)) {
			e.remove(tx, child, below)
		}
	}
}

func (e edit) change(what hook.Kind, k *kind, id int64, before, after []any) hook.Change {
	return hook.Change{
		Kind: what, Table: k.Table, ID: id, Before: before, After: after, Person: e.writer.Resource, At: e.writer.At,
	}
}

// happened tells of a write: to the records that keep the time of their last activity, and to webhooks.
func (e edit) happened(tx *record.Tx, c hook.Change) {
	vals := c.After
	if vals == nil {
		vals = c.Before
	}
	rule.Written(tx, c.Table, vals, e.writer)
	e.tenant.hooks.Changed(tx, c)
}
