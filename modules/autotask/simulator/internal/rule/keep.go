package rule

import (
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// byResource is the value of creatorType, completedByType and lastActivityPersonType that stands for a resource, as
// against a contact: as peers have found.
const byResource = int64(1)

// The fields that Autotask keeps, by what they tell. An entity has one or two of each list, or none.

func creationDates() []string { return []string{"createDate", "createDateTime", "attachDate"} }

func creators() []string {
	return []string{
		"creatorResourceID", "creatorUserID", "createdByResourceID", "createdByPersonID", "attachedByResourceID",
	}
}

func activityDates() []string {
	return []string{"lastActivityDate", "lastActivityDateTime", "lastActivity"}
}

func activityPersons() []string { return []string{"lastActivityResourceID", "lastActivityPersonID"} }

func changeDates() []string {
	return []string{
		"lastModifiedDate", "lastModifiedDateTime", "lastModifiedTime",
		"lastTrackedModificationDateTime", "lastTrackedModifiedDateTime",
	}
}

func changers() []string { return []string{"lastModifiedUserID", "lastModifiedBy"} }

// keeper sets fields that are Autotask's own.
type keeper struct {
	t    *record.Table
	cols []record.Column
	vals []any
	n    int // how many it has set
}

func (f *form) keeper() *keeper { return &keeper{t: f.t, cols: f.cols, vals: f.vals} }

// set sets a field; one that the entity does not have, or that is the caller's, is left alone.
func (k *keeper) set(name string, v any) {
	if ord, ok := k.t.Ordinal(name); ok && k.cols[ord].ReadOnly {
		k.vals[ord] = v
		k.n++
	}
}

func (k *keeper) setAll(names []string, v any) {
	for _, name := range names {
		k.set(name, v)
	}
}

// touch tells of an activity.
func (k *keeper) touch(w Writer) {
	k.setAll(activityDates(), record.StampOf(w.At))
	k.setAll(activityPersons(), w.Resource)
	k.set("lastActivityPersonType", byResource)
}

// change tells of a change, which is an activity too.
func (k *keeper) change(w Writer) {
	k.touch(w)
	k.setAll(changeDates(), record.StampOf(w.At))
	k.setAll(changers(), w.Resource)
}

// created fills the fields that are kept about a new record.
func (f *form) created() {
	k := f.keeper()
	k.setAll(creationDates(), record.StampOf(f.w.At))
	k.setAll(creators(), f.w.Resource)
	k.set("creatorType", byResource)
	if f.w.Impersonator != 0 {
		k.set("impersonatorCreatorResourceID", f.w.Impersonator)
	}
	k.change(f.w)
	f.special(k)
}

// updated fills the fields that are kept about a change.
func (f *form) updated() {
	k := f.keeper()
	if f.w.Impersonator != 0 {
		k.set("impersonatorUpdaterResourceID", f.w.Impersonator)
	}
	k.change(f.w)
	f.special(k)
}

// defaults gives a new record the booleans that were not sent: it is active, and everything else is false. A webhook
// begins inactive, since it is to be given its fields first. All of this is a guess.
func (f *form) defaults() {
	webhook := strings.HasSuffix(f.entity.Name, "Webhooks")
	for ord := range f.cols {
		col := &f.cols[ord]
		if col.Type == registry.Boolean && !col.ReadOnly && !col.UDF && !col.Learnt && !f.given[ord] {
			f.vals[ord] = !webhook && col.Name == "isActive"
		}
	}
}

// touchAbove tells of an activity the record that this one belongs to.
func touchAbove(tx *record.Tx, t *record.Table, vals []any, w Writer) {
	e := t.Entity()
	above := map[string]string{"ticketID": "Tickets", "taskID": "Tasks"}
	if e.Parent != "" {
		above[e.ParentField] = e.Owner()
	}
	for field, owner := range above {
		ord, ok := t.Ordinal(field)
		if !ok || ord >= len(vals) {
			continue
		}
		if id, ok := vals[ord].(int64); ok {
			touch(tx, owner, id, w)
		}
	}
}

// touch tells of an activity below a record.
func touch(tx *record.Tx, entity string, id int64, w Writer) {
	t, ok := tx.Table(entity)
	if !ok {
		return
	}
	row, ok := tx.Find(t, id)
	if !ok {
		return
	}
	k := keeper{t: t, cols: t.Columns(), vals: row.Values(t)}
	if k.touch(w); k.n > 0 {
		tx.Replace(t, id, k.vals)
	}
}
