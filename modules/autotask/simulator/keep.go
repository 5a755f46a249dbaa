package simulator

import "slices"

// apiResource is the resource that the API user is.
const apiResource = int64(29682885)

// statusComplete is the value of Tickets.status that ends a ticket in every tenant.
const statusComplete = int64(5)

// created fills the fields that the API keeps about a new record.
func (t *table) created(vals []any, now stamp) {
	for _, name := range []string{"createDate", "createDateTime"} {
		t.set(vals, name, now)
	}
	for _, name := range []string{"creatorResourceID", "creatorUserID", "createdByResourceID"} {
		t.set(vals, name, apiResource)
	}
	if _, ok := t.ord("ticketNumber"); ok {
		t.set(vals, "ticketNumber", t.ticketNumber(now))
		t.set(vals, "creatorType", int64(1))
	}
	t.set(vals, "timeEntryType", timeEntryType(t.get(vals, "ticketID")))
	t.completed(make([]any, len(vals)), vals, now)
}

// timeEntryType tells work on a ticket (2) from work on a task (6).
func timeEntryType(ticketID any) int64 {
	if ticketID != nil {
		return 2
	}
	return 6
}

// completed keeps the date on which a ticket was completed.
func (t *table) completed(old, vals []any, now stamp) {
	if t.entity.Name != "Tickets" {
		return
	}
	was, is := t.get(old, "status") == any(statusComplete), t.get(vals, "status") == any(statusComplete)
	switch {
	case is && !was:
		t.set(vals, "completedDate", now)
		t.set(vals, "completedByResourceID", apiResource)
	case was && !is:
		t.set(vals, "completedDate", nil)
		t.set(vals, "completedByResourceID", nil)
	}
}

// touched fills the fields that the API keeps about a change, also those of the ticket that the record belongs to.
func (s *Simulator) touched(t *table, vals []any, now stamp) {
	t.touch(vals, now)
	tickets := s.store.tables["Tickets"]
	id, ok := t.get(vals, "ticketID").(int64)
	if !ok {
		return
	}
	if r := tickets.find(id); r != nil {
		ticket := slices.Clone(r.vals)
		tickets.touch(ticket, now)
		tickets.replace(id, ticket)
	}
}

func (t *table) touch(vals []any, now stamp) {
	for _, name := range []string{
		"lastActivityDate", "lastModifiedDate", "lastModifiedDateTime",
		"lastTrackedModificationDateTime", "lastTrackedModifiedDateTime",
	} {
		t.set(vals, name, now)
	}
	for _, name := range []string{"lastActivityResourceID", "lastModifiedUserID"} {
		t.set(vals, name, apiResource)
	}
	t.set(vals, "lastActivityPersonType", int64(1))
}
