package rule

import (
	"fmt"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// What is said of an entity by its name, stands in this file and in definition.go.

// statusComplete is the value of status that ends a ticket, a task or a project in every tenant.
const statusComplete = int64(5)

// The kinds of a time entry: the work on a ticket and that on a task.
const (
	entryOnTicket = int64(2)
	entryOnTask   = int64(6)
)

// number gives a new record the next number of its day, T20240115.0001. Tickets and tasks count together; that, and
// the letter of a project, are guesses.
func (f *form) number() {
	k := f.keeper()
	switch f.entity.Name {
	case "Tickets":
		k.set("ticketNumber", f.next("T", "Tickets"))
	case "Tasks":
		k.set("taskNumber", f.next("T", "Tickets"))
	case "Projects":
		k.set("projectNumber", f.next("P", "Projects"))
	}
}

// next counts the numbers that an entity has given on a day, which is one in UTC.
func (f *form) next(letter, entity string) string {
	day := f.w.At.UTC().Format("20060102")
	t, ok := f.tx.Table(entity)
	if !ok {
		t = f.t
	}
	return fmt.Sprintf("%s%s.%04d", letter, day, f.tx.Serial(t, day))
}

// special fills the fields that follow from other fields of the same record.
func (f *form) special(k *keeper) {
	switch f.entity.Name {
	case "Tickets":
		f.complete(k, "completedDate")
		f.resolve(k)
	case "Tasks":
		f.complete(k, "completedDateTime")
	case "Projects":
		f.completeProject()
	case "TimeEntries":
		k.set("timeEntryType", entryType(f.value("ticketID")))
	}
}

func entryType(ticket any) int64 {
	if ticket == nil {
		return entryOnTask
	}
	return entryOnTicket
}

// turned reports whether the record has just become complete, and whether it has just ceased to be.
func (f *form) turned() (into, out bool) {
	was, is := f.was("status") == any(statusComplete), f.value("status") == any(statusComplete)
	return is && !was, was && !is
}

// complete keeps when a ticket or a task was completed, and by whom.
func (f *form) complete(k *keeper, date string) {
	into, out := f.turned()
	var at, by, person any
	if into {
		at, by, person = record.StampOf(f.w.At), f.w.Resource, byResource
	}
	if into || out {
		k.set(date, at)
		k.set("completedByResourceID", by)
		k.set("completedByType", person)
	}
}

// resolve keeps when a ticket was resolved: at the latest when it was completed. That Autotask does so is a guess.
func (f *form) resolve(k *keeper) {
	switch into, out := f.turned(); {
	case into && f.value("resolvedDateTime") == nil:
		k.set("resolvedDateTime", record.StampOf(f.w.At))
	case out:
		k.set("resolvedDateTime", nil)
	}
}

// completeProject keeps when a project was completed, where the caller does not say so: there the field may be
// written. That Autotask fills it is a guess.
func (f *form) completeProject() {
	ord, ok := f.t.Ordinal("completedDateTime")
	if !ok || f.given[ord] {
		return
	}
	switch into, out := f.turned(); {
	case into:
		f.vals[ord] = record.StampOf(f.w.At)
	case out:
		f.vals[ord] = nil
	}
}
