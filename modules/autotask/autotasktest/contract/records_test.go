package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

// where, in filters, compares a field with a value.
func where(op, field string, value any) object {
	return object{"op": op, "field": field, "value": value}
}

// everything is the idiom for all records of an entity.
func everything() object { return where("gte", "id", -1<<31) }

// search is the address of a query by GET.
func search(entity, suffix, model string) string {
	return entity + "/query" + suffix + "?search=" + url.QueryEscape(model)
}

// find returns the first page of the records that meet all of these.
func (at *tenant) find(entity string, filter ...object) []object {
	at.t.Helper()
	return at.post(entity+"/query", object{"filter": filter}).page().Items
}

// first returns the first record that meets all of these.
func (at *tenant) first(entity string, filter ...object) object {
	at.t.Helper()
	found := at.post(entity+"/query", object{"MaxRecords": 1, "filter": filter}).page().Items
	require.Lenf(at.t, found, 1, "%s has no record like %v", entity, filter)
	return found[0]
}

func (at *tenant) count(entity string, filter ...object) int64 {
	at.t.Helper()
	return whole(at.t, at.post(entity+"/query/count", object{"filter": filter}).is(http.StatusOK).object()["queryCount"])
}

// read returns a record by its id, nil where there is none.
func (at *tenant) read(entity string, id int64) object {
	at.t.Helper()
	return at.get(fmt.Sprintf("%s/%d", entity, id)).item()
}

// draft is a ticket that any tenant takes: it is like one that is there.
func (at *tenant) draft(more object) object {
	at.t.Helper()
	like := at.first("Tickets", where("exist", "queueID", nil), where("exist", "ticketType", nil))
	draft := object{
		"title":       "Contract suite",
		"status":      1,
		"dueDateTime": time.Now().Add(72 * time.Hour).UTC().Format("2006-01-02T15:04:05.000"),
	}
	for _, name := range []string{"companyID", "priority", "queueID", "ticketType", "ticketCategory"} {
		if v := like[name]; v != nil {
			draft[name] = v
		}
	}
	maps.Copy(draft, more)
	return draft
}

// create makes a ticket like that of draft and returns its id.
func (at *tenant) create(more object, edits ...edit) int64 {
	at.t.Helper()
	id := at.post("Tickets", at.draft(more), edits...).itemID()
	at.leave(id)
	return id
}

// leave completes a ticket of a sandbox at the end: it cannot be deleted.
func (at *tenant) leave(id int64) {
	if at.simulated {
		return
	}
	at.t.Cleanup(func() { _, _ = at.try(http.MethodPatch, "Tickets", object{"id": id, "status": 5}) })
}

// timeEntry makes a time entry on a ticket, which can be deleted, and returns its id.
func (at *tenant) timeEntry(ticket int64) int64 {
	at.t.Helper()
	like := at.first("TimeEntries", where("exist", "ticketID", nil), where("exist", "roleID", nil))
	entry := object{"ticketID": ticket, "summaryNotes": "Contract suite", "hoursWorked": 0.25}
	for _, name := range []string{"resourceID", "roleID", "dateWorked", "startDateTime"} {
		entry[name] = like[name]
	}
	return at.post("TimeEntries", entry).itemID()
}

// unique is a text that no other run has used, of at most 50 characters.
func (at *tenant) unique() string {
	return fmt.Sprintf("contract-%d", time.Now().UnixNano())
}

// sample returns the first page of the tickets, and what a filter needs to mean these only.
func (at *tenant) sample() (rows []object, bound object) {
	at.t.Helper()
	rows = at.find("Tickets", everything())
	require.NotEmpty(at.t, rows)
	return rows, where("lte", "id", rows[len(rows)-1]["id"])
}

// names are the keys of an object, sorted.
func names(o object) []string { return slices.Sorted(maps.Keys(o)) }
