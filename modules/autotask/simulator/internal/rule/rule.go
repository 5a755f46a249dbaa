package rule

import (
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// Writer says who writes, when, and under which switch.
type Writer struct {
	Resource       int64 // who the record will say has written it: the API user, or the resource that it acts as
	Impersonator   int64 // the API user where it acts as another resource, else 0
	At             time.Time
	RefuseReadOnly bool // a read-only field in a body is refused; otherwise it is ignored
}

// Outcome is what became of a draft: the values of the record, or the texts of a refusal.
type Outcome struct {
	Values   []any // see [Outcome.Settle]
	Problems []string
	Unknown  string // a property that was tolerated though the entity has no such field, cut where it is long; "" is none

	form *form // nil where it was refused
}

// Settle completes Values with what a refused write must not take: the number of a new record, and the columns that the
// entity learns from it, which are added to the table. It is called once, inside of the same update, when nothing can
// go wrong any more and the record is about to be written.
func (o *Outcome) Settle() {
	if o.form == nil {
		return
	}
	if o.form.old == nil {
		o.form.number()
	}
	o.form.learn()
	o.Values = o.form.vals
}

// Create makes a record of a draft, complete but for its id and for what [Outcome.Settle] adds. parent is the id in the
// path, nil at the root; it wins over the body.
func Create(tx *record.Tx, t *record.Table, d Draft, parent *int64, w Writer) Outcome {
	f := newForm(tx, t, nil, w)
	f.read(d)
	f.newID(d)
	f.setParent(parent)
	if problems := f.problems(); len(problems) > 0 {
		return Outcome{Problems: problems, Unknown: f.stray()}
	}
	f.defaults()
	f.created()
	return Outcome{Values: f.vals, Unknown: f.stray(), form: f}
}

// Update merges a draft into a record or, where replace is true, gives every field that may be written its value or
// null. A child cannot be given to another parent.
func Update(tx *record.Tx, t *record.Table, old record.Row, d Draft, parent *int64, replace bool, w Writer) Outcome {
	f := newForm(tx, t, old.Values(t), w)
	f.read(d)
	if f.moved(parent) {
		return Outcome{Problems: []string{wire.TextNoUpdate}, Unknown: f.stray()}
	}
	if replace {
		f.clear(parent)
	}
	if problems := f.problems(); len(problems) > 0 {
		return Outcome{Problems: problems, Unknown: f.stray()}
	}
	f.updated()
	return Outcome{Values: f.vals, Unknown: f.stray(), form: f}
}

// Written keeps what follows elsewhere from a write to t that has happened: the activity dates of the ticket, project
// or company that the record belongs to, and the column that a definition of a user-defined field speaks of, or one of
// the items of its list. vals is the record as written or deleted.
func Written(tx *record.Tx, t *record.Table, vals []any, w Writer) {
	touchAbove(tx, t, vals, w)
	switch t.Entity().Name {
	case definitions:
		define(tx, t, vals)
	case listItems:
		relist(tx, t, vals)
	}
}
