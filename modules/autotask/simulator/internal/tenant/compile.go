package tenant

import (
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

const (
	maxOr         = 500  // alternatives of a query; the values of a list count
	maxDepth      = 100  // groups inside of one another
	maxConditions = 5000 // of a query; the real API's limit is not known, if it has one
)

// expression is a comparison or, with items, a group.
type expression struct {
	Op    string       `json:"op"`
	Field string       `json:"field"`
	Value any          `json:"value"`
	UDF   bool         `json:"udf"`
	Items []expression `json:"items"`
}

// compile checks and compiles the expressions of a query, which are joined by and.
func (k *kind) compile(exprs []expression) (*record.Filter, *fault) {
	if userDefined(exprs) > 1 {
		return nil, &fault{wire.TextTwoUDF, "bad_query"}
	}
	c := compiler{kind: k, columns: k.Columns()}
	f := c.group(record.And, exprs, 1)
	if c.fault != nil {
		return nil, c.fault
	}
	return f, nil
}

// userDefined counts the conditions on user-defined fields, nested ones too.
func userDefined(exprs []expression) int {
	n := 0
	for _, e := range exprs {
		if e.UDF {
			n++
		}
		n += userDefined(e.Items)
	}
	return n
}

// compiler walks the expressions and keeps the first fault.
type compiler struct {
	*kind

	columns      []record.Column
	conditions   int
	alternatives int
	fault        *fault
}

func (c *compiler) fail(f *fault) {
	if c.fault == nil {
		c.fault = f
	}
}

// alternative counts n more of them.
func (c *compiler) alternative(n int) {
	if c.alternatives += n; c.alternatives > maxOr {
		c.fail(&fault{wire.TextTooManyOr, "too_many_or"})
	}
}

func (c *compiler) group(op record.Op, exprs []expression, depth int) *record.Filter {
	switch {
	case len(exprs) == 0:
		c.fail(&fault{wire.TextEmptyFilter, "bad_query"})
	case depth > maxDepth:
		c.fail(badQuery("Conditions are nested too deeply."))
	case op == record.Or:
		c.alternative(len(exprs))
	}
	f := &record.Filter{Op: op}
	for _, e := range exprs {
		if c.fault != nil {
			break
		}
		f.Items = append(f.Items, c.expression(e, depth))
	}
	return f
}

func (c *compiler) expression(e expression, depth int) *record.Filter {
	op := operator(e.Op)
	switch op {
	case 0:
		c.fail(badQuery("The operator '" + wire.Short(e.Op) + "' is unknown."))
		return nil
	case record.And, record.Or:
		return c.group(op, e.Items, depth+1)
	default:
		return c.comparison(op, e)
	}
}

func (c *compiler) comparison(op record.Op, e expression) *record.Filter {
	if c.conditions++; c.conditions > maxConditions {
		c.fail(badQuery("There are too many conditions."))
		return nil
	}
	ord, ok := c.field(e)
	if !ok {
		c.fail(c.unknown(e.Field))
		return nil
	}
	f := &record.Filter{Op: op, Ord: ord} // that of no column is null in every record
	switch op {
	case record.Exist, record.NotExist:
	case record.In, record.NotIn:
		f.Values = c.list(ord, e)
	case record.BeginsWith, record.EndsWith, record.Contains:
		if ord != absent && c.columns[ord].Type != registry.String {
			c.fail(badQuery("The operator '" + wire.Short(e.Op) + "' needs a field of type string."))
			return nil
		}
		f.Values = c.single(ord, e)
	default:
		f.Values = c.single(ord, e)
	}
	return f
}

// field returns the ordinal of a field that may be asked for, absent for one that the entity may have though nobody
// knows of it.
func (c *compiler) field(e expression) (ord int, ok bool) {
	if e.UDF {
		ord, ok = c.UDF(e.Field)
	} else {
		ord, ok = c.Ordinal(e.Field)
	}
	if !ok || ord >= len(c.columns) {
		return absent, !e.UDF && c.imaginable(e.Field)
	}
	return ord, c.columns[ord].Queryable()
}

func (c *compiler) single(ord int, e expression) []any {
	v, ok := c.value(ord, e.Value)
	if !ok {
		return nil
	}
	return []any{v}
}

func (c *compiler) list(ord int, e expression) []any {
	raw, ok := e.Value.([]any)
	if !ok || len(raw) == 0 {
		c.fail(badQuery("The operator '" + wire.Short(e.Op) + "' needs a list of values."))
		return nil
	}
	if c.alternative(len(raw)); c.fault != nil {
		return nil
	}
	vals := make([]any, 0, len(raw))
	for _, item := range raw {
		v, ok := c.value(ord, item)
		if !ok {
			return nil
		}
		vals = append(vals, v)
	}
	return vals
}

func (c *compiler) value(ord int, raw any) (any, bool) {
	if ord == absent {
		return raw, true
	}
	col := &c.columns[ord]
	v, ok := col.Parse(raw)
	if !ok {
		c.fail(&fault{wire.Text(wire.TextBadValue, col.Name, col.Type), "bad_value"})
	}
	return v, ok
}

// operator is the operator of that name, in any case of letters, and 0 for any other.
func operator(name string) record.Op {
	switch strings.ToLower(name) {
	case "and":
		return record.And
	case "or":
		return record.Or
	case "eq":
		return record.Eq
	case "noteq":
		return record.NotEq
	case "gt":
		return record.Gt
	case "gte":
		return record.Gte
	case "lt":
		return record.Lt
	case "lte":
		return record.Lte
	case "beginswith":
		return record.BeginsWith
	case "endswith":
		return record.EndsWith
	case "contains":
		return record.Contains
	case "exist":
		return record.Exist
	case "notexist":
		return record.NotExist
	case "in":
		return record.In
	case "notin":
		return record.NotIn
	default:
		return 0
	}
}
