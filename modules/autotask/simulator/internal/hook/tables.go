package hook

import (
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// tables are the tables that have to do with webhooks, by the names of their entities. They never change.
type tables struct {
	watched  map[string]*subject // Tickets
	webhooks map[string]*subject // TicketWebhooks
	links    map[string]*link    // TicketWebhookFields
	faults   *record.Table       // WebhookEventErrorLogs; nil where the store has none
}

// subject is an entity that webhooks can tell about, with the places of a webhook's fields.
type subject struct {
	entity, webhooks          *record.Table
	fields, udfs, excluded    *link // udfs is nil for ticket notes
	url, deactivation, secret int
	guid, active, ready       int
	kinds                     [Deleted + 1]int
}

// link is a collection below a webhook, with the places of its fields.
type link struct {
	of                 *subject
	table              *record.Table
	webhook            int
	target             int // fieldID, udfFieldID, resourceID
	subscribed, always int // -1 for excluded resources
}

func tablesOf(store *record.Store) *tables {
	all := &tables{watched: map[string]*subject{}, webhooks: map[string]*subject{}, links: map[string]*link{}}
	all.faults, _ = store.Table("WebhookEventErrorLogs")
	for _, e := range registry.Entities() {
		if e.Webhook == "" {
			continue
		}
		if s, ok := subjectOf(store, e); ok {
			all.watched[e.Name], all.webhooks[e.Webhook] = s, s
			for _, l := range s.links() {
				all.links[l.table.Entity().Name] = l
			}
		}
	}
	return all
}

// subjectOf returns false for an entity that the store does not hold.
func subjectOf(store *record.Store, e registry.Entity) (*subject, bool) {
	entity, ok := store.Table(e.Name)
	if !ok {
		return nil, false
	}
	webhooks, ok := store.Table(e.Webhook)
	if !ok {
		return nil, false
	}
	s := &subject{
		entity: entity, webhooks: webhooks,
		url: place(webhooks, "webhookUrl"), deactivation: place(webhooks, "deactivationUrl"),
		secret: place(webhooks, "secretKey"), guid: place(webhooks, "webhookGUID"),
		active: place(webhooks, "isActive"), ready: place(webhooks, "isReady"),
		kinds: [...]int{
			Created: place(webhooks, "isSubscribedToCreateEvents"),
			Updated: place(webhooks, "isSubscribedToUpdateEvents"),
			Deleted: place(webhooks, "isSubscribedToDeleteEvents"),
		},
	}
	s.fields = s.link(store, "Fields", "fieldID")
	s.udfs = s.link(store, "UdfFields", "udfFieldID")
	s.excluded = s.link(store, "ExcludedResources", "resourceID")
	return s, true
}

// link returns nil for a collection that there is not.
func (s *subject) link(store *record.Store, child, target string) *link {
	e, ok := registry.FindChild(s.webhooks.Entity().Name, child)
	if !ok {
		return nil
	}
	t, ok := store.Table(e.Name)
	if !ok {
		return nil
	}
	return &link{
		of: s, table: t, webhook: place(t, e.ParentField), target: place(t, target),
		subscribed: place(t, "isSubscribedField"), always: place(t, "isDisplayAlwaysField"),
	}
}

// links are the collections that there are.
func (s *subject) links() []*link {
	var all []*link
	for _, l := range []*link{s.fields, s.udfs, s.excluded} {
		if l != nil {
			all = append(all, l)
		}
	}
	return all
}

func place(t *record.Table, name string) int {
	if ord, ok := t.Ordinal(name); ok {
		return ord
	}
	return -1
}

// webhook is a record of a webhook, read.
type webhook struct {
	id                              int64
	url, deactivation, secret, guid string
	active, ready                   bool
	kinds                           [Deleted + 1]bool
}

// read makes a webhook of a record whose values at returns by their ordinals.
func (s *subject) read(id int64, at func(ord int) any) webhook {
	w := webhook{
		id: id, url: text(at(s.url)), deactivation: text(at(s.deactivation)), secret: text(at(s.secret)),
		guid: text(at(s.guid)), active: isTrue(at(s.active)), ready: isTrue(at(s.ready)),
	}
	for _, kind := range []Kind{Created, Updated, Deleted} {
		w.kinds[kind] = isTrue(at(s.kinds[kind]))
	}
	return w
}

// find reads the webhook with that id.
func (s *subject) find(tx *record.Tx, id int64) (webhook, bool) {
	row, ok := tx.Find(s.webhooks, id)
	if !ok {
		return webhook{}, false
	}
	return s.read(id, row.Value), true
}

// rows returns the records of l that belong to a webhook.
func (l *link) rows(tx *record.Tx, webhook int64) []record.Row {
	if l == nil {
		return nil
	}
	var rows []record.Row
	for row := range tx.Rows(l.table, &record.Filter{Op: record.Eq, Ord: l.webhook, Values: []any{webhook}}) {
		rows = append(rows, row)
	}
	return rows
}

// valuesAt returns a function that reads vals, which may be shorter than its table: what is missing is null.
func valuesAt(vals []any) func(ord int) any {
	return func(ord int) any {
		if ord < 0 || ord >= len(vals) {
			return nil
		}
		return vals[ord]
	}
}

func isTrue(v any) bool {
	b, _ := v.(bool)
	return b
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}
