package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The limits that Autotask sets to a query.
const (
	MaxRecords    = 500 // MaxRecords is the most records that one page can hold, and what a page holds by default.
	MaxConditions = 500 // MaxConditions is the most OR conditions of one query; the values of an In count.
)

// ErrInvalid is matched by every error of [Query.Validate].
var ErrInvalid = errors.New("invalid query")

// InvalidError is one thing that is wrong with a query. It matches [ErrInvalid].
type InvalidError struct{ Problem string }

// Error says what is wrong.
func (e *InvalidError) Error() string { return "invalid query: " + e.Problem }

// Is matches [ErrInvalid].
func (*InvalidError) Is(target error) bool { return target == ErrInvalid }

// StatusCode is 422: the caller of a service asked for something that cannot be.
func (*InvalidError) StatusCode() int { return http.StatusUnprocessableEntity }

// PublicDetail is what the caller of a service may read.
func (e *InvalidError) PublicDetail() string { return "The query is invalid: " + e.Problem + "." }

// Query says which records are wanted, which of their fields, and how many to a page. It is a value: each method returns
// a changed copy, so that a query can be kept and refined by several goroutines. The zero value asks for everything.
type Query struct {
	filters []Filter
	fields  []string
	limit   *int
}

// New is a query for every record.
func New() Query { return Query{} }

// Where adds conditions, which must all hold.
func (q Query) Where(filters ...Filter) Query {
	q.filters = append(slices.Clip(q.filters), filters...)
	return q
}

// Limit sets how many records a page holds: 1 to 500, by default 500. It does not bound how many records an iteration
// yields; break out of the loop for that.
func (q Query) Limit(n int) Query {
	q.limit = &n
	return q
}

// Fields names the fields that the answer holds, in any case of letters; without it the answer holds all. The id is
// always among them, since paging needs it.
func (q Query) Fields(names ...string) Query {
	q.fields = append(slices.Clip(q.fields), names...)
	return q
}

// Matching is the query with its conditions alone, as a count wants it.
func (q Query) Matching() Query { return Query{filters: q.filters} }

// Validate reports everything that Autotask would refuse: a page size outside 1 to 500, more than 500 OR conditions, more
// than one user-defined field, an empty group, list or field name, and nil as a value. Its errors match [ErrInvalid].
func (q Query) Validate() error {
	var c checker
	if q.limit != nil && (*q.limit < 1 || *q.limit > MaxRecords) {
		c.fault("page size %d is not between 1 and %d", *q.limit, MaxRecords)
	}
	if slices.Contains(q.fields, "") {
		c.fault("the list of fields holds an empty name")
	}
	for _, f := range q.filters {
		c.filter(f)
	}
	if c.conditions > MaxConditions {
		c.fault("%d OR conditions, Autotask takes at most %d: split the list and merge the answers", c.conditions, MaxConditions)
	}
	if c.udfs > 1 {
		c.fault("%d conditions on user-defined fields, Autotask takes one", c.udfs)
	}
	return errors.Join(c.faults...)
}

// MarshalJSON writes the body of a query request, or fails as [Query.Validate] does. A query without conditions asks for
// id >= 0, because Autotask refuses an empty filter.
func (q Query) MarshalJSON() ([]byte, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	filters := q.filters
	if len(filters) == 0 {
		filters = []Filter{Gte("id", 0)}
	}
	var limit int
	if q.limit != nil {
		limit = *q.limit
	}
	return json.Marshal(struct {
		MaxRecords    int      `json:"MaxRecords,omitzero"`
		IncludeFields []string `json:"IncludeFields,omitempty"`
		Filter        []Filter `json:"filter"`
	}{limit, withID(q.fields), filters})
}

func withID(fields []string) []string {
	isID := func(name string) bool { return strings.EqualFold(name, "id") }
	if len(fields) == 0 || slices.ContainsFunc(fields, isID) {
		return fields
	}
	return append([]string{"id"}, fields...)
}

// checker walks the filters once and counts.
type checker struct {
	conditions int // members of or-groups, values of in and notIn
	udfs       int
	faults     []error
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, &InvalidError{fmt.Sprintf(format, args...)})
}

func (c *checker) filter(f Filter) {
	if f.group() {
		c.groupOf(f)
		return
	}
	c.leaf(f)
}

func (c *checker) groupOf(f Filter) {
	if len(f.items) == 0 {
		c.fault("an empty %q group", f.op)
	}
	if f.op == "or" {
		c.conditions += len(f.items)
	}
	for _, item := range f.items {
		c.filter(item)
	}
}

func (c *checker) leaf(f Filter) {
	if f.udf {
		c.udfs++
	}
	switch {
	case f.op == "":
		c.fault("an empty filter, build filters with Eq, And and the like")
	case f.field == "":
		c.fault("a %q condition without a field", f.op)
	case f.err != nil:
		c.fault("condition %s on %s: %v", f.op, f.field, f.err)
	case f.takesList() && len(f.list) == 0:
		c.fault("condition %s on %s has an empty list", f.op, f.field)
	}
	c.conditions += len(f.list)
}
