package hook

import (
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// FieldID returns the number by which a webhook names a field of t in fieldID: its position in the table, from 1. The
// real API has numbers of its own in a picklist, so a careful client reads them from the metadata ([Hooks.Picks]); ours
// are a guess. Letters of any case are alike. A user-defined field has no such number but one of [UDFFieldID].
func FieldID(t *record.Table, name string) (int64, bool) {
	ord, ok := t.Ordinal(name)
	return int64(ord) + 1, ok
}

// UDFFieldID returns the number by which a webhook names a user-defined field of t in udfFieldID, as [FieldID] does.
func UDFFieldID(t *record.Table, name string) (int64, bool) {
	ord, ok := t.UDF(name)
	return int64(ord) + 1, ok
}

// Picks returns the values of a webhook's picklist, fieldID or udfFieldID, for the metadata of t: the fields of the
// entity that the webhook is about, as they are now, hidden ones aside. For any other table or field it returns nil.
func (h *Hooks) Picks(t *record.Table, field string) []registry.Pick {
	l, ok := h.tables.links[t.Entity().Name]
	if !ok || l == l.of.excluded {
		return nil
	}
	if ord, found := t.Ordinal(field); !found || ord != l.target {
		return nil
	}
	var picks []registry.Pick
	for i, c := range l.of.entity.Columns() {
		if c.UDF == (l == l.of.udfs) && !c.Hidden {
			picks = append(picks, registry.Pick{Value: strconv.Itoa(i + 1), Label: c.Name, From: registry.Guess})
		}
	}
	return picks
}

// column returns the ordinal of the field of the entity that a record of l names.
func (l *link) column(id int64) (ord int, ok bool) {
	columns := l.of.entity.Columns()
	if id < 1 || id > int64(len(columns)) {
		return 0, false
	}
	ord = int(id - 1)
	return ord, columns[ord].UDF == (l == l.of.udfs) && !columns[ord].Hidden
}
