package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Filter is one condition, or a group of conditions. It is a value that never changes.
type Filter struct {
	op    string
	field string
	value json.RawMessage   // of every condition but exist, notExist, in and notIn
	list  []json.RawMessage // of in and notIn
	err   error             // why the value cannot be encoded
	udf   bool
	items []Filter
}

// Eq keeps records whose field equals value. Values are strings, booleans, numbers, [time.Time], or types that encode
// themselves as one of these in JSON; nil is refused, use [NotExist].
func Eq(field string, value any) Filter { return leaf("eq", field, value) }

// NotEq keeps records whose field differs from value.
func NotEq(field string, value any) Filter { return leaf("noteq", field, value) }

// Gt keeps records whose field is greater than value.
func Gt(field string, value any) Filter { return leaf("gt", field, value) }

// Gte keeps records whose field is greater than value or equal.
func Gte(field string, value any) Filter { return leaf("gte", field, value) }

// Lt keeps records whose field is less than value.
func Lt(field string, value any) Filter { return leaf("lt", field, value) }

// Lte keeps records whose field is less than value or equal.
func Lte(field string, value any) Filter { return leaf("lte", field, value) }

// BeginsWith keeps records whose text field begins with text.
func BeginsWith(field, text string) Filter { return leaf("beginsWith", field, text) }

// EndsWith keeps records whose text field ends with text.
func EndsWith(field, text string) Filter { return leaf("endsWith", field, text) }

// Contains keeps records whose text field contains text.
func Contains(field, text string) Filter { return leaf("contains", field, text) }

// Exist keeps records whose field has a value.
func Exist(field string) Filter { return Filter{op: "exist", field: field} }

// NotExist keeps records whose field has no value.
func NotExist(field string) Filter { return Filter{op: "notExist", field: field} }

// In keeps records whose field equals one of the values. Each value counts as an OR condition, of which a query may have
// 500.
func In[T any](field string, values ...T) Filter { return listed("in", field, values) }

// NotIn keeps records whose field equals none of the values. Each value counts as an OR condition.
func NotIn[T any](field string, values ...T) Filter { return listed("notIn", field, values) }

// And keeps records for which every filter holds. Groups nest.
func And(filters ...Filter) Filter { return Filter{op: "and", items: filters} }

// Or keeps records for which at least one filter holds. Groups nest.
func Or(filters ...Filter) Filter { return Filter{op: "or", items: filters} }

// UDF is the same condition on a user-defined field. A query may have one; it does nothing to a group.
func (f Filter) UDF() Filter {
	f.udf = !f.group()
	return f
}

func leaf(op, field string, value any) Filter {
	f := Filter{op: op, field: field}
	f.value, f.err = encode(value)
	return f
}

func listed[T any](op, field string, values []T) Filter {
	f := Filter{op: op, field: field, list: make([]json.RawMessage, len(values))}
	for i, v := range values {
		var err error
		if f.list[i], err = encode(v); err != nil {
			f.err = err
		}
	}
	return f
}

// encode writes a value at once, so that a filter can be used by many goroutines whatever happens to the value later.
// Times get the form that Autotask writes itself: UTC, milliseconds.
func encode(value any) (json.RawMessage, error) {
	if t, ok := value.(time.Time); ok {
		value = t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	data, err := json.Marshal(value)
	switch {
	case err != nil:
		return nil, err
	case string(data) == "null":
		return nil, errors.New("nil is no value, use Exist or NotExist")
	case data[0] == '{', data[0] == '[':
		return nil, fmt.Errorf("a %T is no value for a condition", value)
	}
	return data, nil
}

func (f Filter) group() bool { return f.op == "and" || f.op == "or" }

func (f Filter) takesList() bool { return f.op == "in" || f.op == "notIn" }

// MarshalJSON writes the filter as Autotask reads it.
func (f Filter) MarshalJSON() ([]byte, error) {
	body := struct {
		Op    string   `json:"op"`
		Field string   `json:"field,omitempty"`
		Value any      `json:"value,omitempty"`
		UDF   bool     `json:"udf,omitempty"`
		Items []Filter `json:"items,omitempty"`
	}{Op: f.op, Field: f.field, UDF: f.udf, Items: f.items}
	switch {
	case f.takesList():
		body.Value = f.list
	case f.value != nil:
		body.Value = f.value
	}
	return json.Marshal(body)
}
