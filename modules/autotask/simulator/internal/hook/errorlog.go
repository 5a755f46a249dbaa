package hook

import (
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

const (
	faultAge = 30 * 24 * time.Hour // how long a row of the error log is kept

	// Bounds of our own.
	maxFaults     = 10_000   // rows
	maxFaultBytes = 32 << 20 // of all rows together
	maxPayload    = 64 << 10 // bytes of the payload of one row
)

// faultSum is what the rows of the error log amount to since the last one was written, as long as nothing else has
// happened to them. The store's lock guards it.
type faultSum struct {
	newest record.Row
	rows   int64
	bytes  int
}

// logFault writes an event that was not delivered to WebhookEventErrorLogs. That entity can name webhooks of companies
// and of contacts alone.
func (h *Hooks) logFault(tx *record.Tx, k key, e *event, problem string, at time.Time) {
	t := h.tables.faults
	if t == nil {
		return
	}
	vals := make([]any, len(t.Columns()))
	set := func(name string, v any) {
		if ord, ok := t.Ordinal(name); ok {
			vals[ord] = v
		}
	}
	switch k.table {
	case "CompanyWebhooks":
		set("accountWebhookID", k.id)
	case "ContactWebhooks":
		set("contactWebhookID", k.id)
	}
	set("createDateTime", record.StampOf(at))
	set("errorMessage", problem)
	set("payload", wire.Clip(e.body, maxPayload))
	set("sequenceNumber", e.sequence)
	if !h.faults.holds(tx, t) {
		h.faults = sumFaults(tx, t)
	}
	h.faults.newest, _ = tx.Find(t, tx.Insert(t, vals))
	h.faults.rows++
	h.faults.bytes += faultBytes(t, h.faults.newest)
	h.faults.tidy(tx, t, at)
}

// holds reports whether the sum is still that of the table: a row may have been deleted, or a snapshot restored. A
// state that ends in the row that was written last, and has as many rows as then, is that state.
func (s *faultSum) holds(tx *record.Tx, t *record.Table) bool {
	newest, ok := tx.Find(t, tx.Last(t))
	return ok && newest == s.newest && tx.Count(t, nil) == s.rows
}

func sumFaults(tx *record.Tx, t *record.Table) faultSum {
	var s faultSum
	for row := range tx.Rows(t, nil) {
		s.rows++
		s.bytes += faultBytes(t, row)
	}
	return s
}

// faultBytes is the size of the texts of a row.
func faultBytes(t *record.Table, row record.Row) int {
	return len(text(row.Value(place(t, "payload")))) + len(text(row.Value(place(t, "errorMessage"))))
}

// tidy removes the oldest rows of the error log while they are too old, too many or too large.
func (s *faultSum) tidy(tx *record.Tx, t *record.Table, at time.Time) {
	created, limit := place(t, "createDateTime"), record.StampOf(at.Add(-faultAge))
	for {
		oldest, _ := tx.Page(t, nil, record.BeforeAll, 1)
		if len(oldest) == 0 {
			return
		}
		stamp, _ := oldest[0].Value(created).(record.Stamp)
		if stamp >= limit && s.rows <= maxFaults && s.bytes <= maxFaultBytes {
			return
		}
		tx.Remove(t, oldest[0].ID)
		s.rows--
		s.bytes -= faultBytes(t, oldest[0])
	}
}
