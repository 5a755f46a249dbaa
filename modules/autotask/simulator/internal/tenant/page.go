package tenant

import (
	"slices"
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// pageSize is the most that one page holds, and what it holds unless MaxRecords says less.
const pageSize = 500

// list answers the records of a kind below a parent.
func (t *Tenant) list(c *wire.Call, k *kind, parent int64) wire.Answer {
	s, refusal, ok := t.enter(c, k, registry.Get)
	if !ok {
		return refusal
	}
	q := query{
		filter: &record.Filter{Op: record.Eq, Ord: k.parent, Values: []any{parent}}, limit: pageSize,
		digest: func() []byte { return strconv.AppendInt([]byte("below "), parent, 10) },
		link:   func(token string) string { return c.Origin + c.Path + "?paging=" + escape(token) },
		done:   c.Done,
	}
	if c.Param("paging") != "" {
		return t.next(c, k, q, s)
	}
	return t.page(k, q, s, position{start: begin})
}

// next answers the page that a token leads to.
func (t *Tenant) next(c *wire.Call, k *kind, q query, s scope) wire.Answer {
	p, ok := t.sealer(k, q).open(c.Param("paging"))
	if !ok {
		return wire.Failure(wire.TextBadToken).Misusing("bad_token")
	}
	return t.page(k, q, s, p)
}

func (t *Tenant) sealer(k *kind, q query) sealer {
	return sealer{seed: t.cfg.Seed, entity: k.entity.Name, digest: q.digest(), limit: q.limit}
}

// page answers the page at a position.
func (t *Tenant) page(k *kind, q query, s scope, p position) wire.Answer {
	rows, more, complete := t.store.Page(q.done, k.Table, s.narrow(q.filter), p.start, q.limit)
	if !complete {
		return wire.Reset() // nobody waits for it
	}
	body := k.appendRows(rows, q.fields)
	body = strconv.AppendInt(append(body, `,"pageDetails":{"count":`...), int64(len(rows)), 10)
	body = strconv.AppendInt(append(body, `,"requestCount":`...), int64(q.limit), 10)
	body = append(body, `,"prevPageUrl":`...)
	before, ok := p.previous()
	body = t.appendLink(body, k, q, before, ok)
	body = append(body, `,"nextPageUrl":`...)
	if !more {
		return wire.JSON(append(body, `null}}`...))
	}
	last, blind := rows[len(rows)-1].ID, q.fields != nil && !slices.Contains(q.fields, 0)
	if blind { // documented: "must contain Id or paging breaks"; the id that is not there is 0
		last = 0
	}
	body = append(t.appendLink(body, k, q, p.next(last), true), `}}`...)
	if blind {
		return wire.JSON(body).Misusing("include_without_id")
	}
	return wire.JSON(body)
}

// appendRows begins the answer of a page, in a buffer that has room for its end.
func (k *kind) appendRows(rows []record.Row, fields []int) []byte {
	width, whole := int(k.width.Load()), fields == nil
	if !whole {
		width = width * (len(fields) + 1) / (len(k.Columns()) + 1)
	}
	fields = k.shown(fields)
	body := append(make([]byte, 0, width*len(rows)+1024), `{"items":[`...)
	for i, r := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		body = k.AppendRow(body, r, fields)
	}
	if whole && len(rows) > 0 {
		k.measured(len(body), len(rows))
	}
	return append(body, ']')
}

// shown are the ordinals of a list: those asked for, or nil for all; the data of an attachment is in neither.
func (k *kind) shown(fields []int) []int {
	if !k.attachment {
		return fields
	}
	all := attachment.Columns(k.Table)
	if fields == nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(fields), func(ord int) bool { return !slices.Contains(all, ord) })
}

// appendLink appends the address of a page as JSON, null where there is no such page.
func (t *Tenant) appendLink(body []byte, k *kind, q query, p position, ok bool) []byte {
	if !ok {
		return append(body, "null"...)
	}
	return wire.AppendString(body, q.link(t.sealer(k, q).token(p)))
}
