package simulator

import (
	"slices"
	"strings"
)

// maxOr is how many alternatives a query may have; the values of a list count.
const maxOr = 500

// filter is a compiled expression: a group, or a comparison of one field.
type filter struct {
	op     string // lower case
	items  []*filter
	ord    int
	vals   []any
	needle string // lower case, of the text operators
}

// compile checks and compiles the expressions of a query, which are joined by and.
func (t *table) compile(exprs []expression) (*filter, string) {
	if len(exprs) == 0 {
		return nil, textEmptyFilter
	}
	if userDefined(exprs) > 1 {
		return nil, textTwoUDF
	}
	c := compiler{table: t}
	f := c.group(opAnd, exprs)
	switch {
	case c.problem != "":
		return nil, c.problem
	case c.alternatives > maxOr:
		return nil, textTooManyOr
	default:
		return f, ""
	}
}

// userDefined counts the conditions on user-defined fields, nested ones too.
func userDefined(exprs []expression) int {
	n := 0
	for _, e := range exprs {
		n += bit(e.UDF) + userDefined(e.Items)
	}
	return n
}

const (
	opAnd = "and"
	opOr  = "or"
)

// compiler walks the expressions and keeps the first problem.
type compiler struct {
	table        *table
	alternatives int
	problem      string
}

func (c *compiler) group(op string, exprs []expression) *filter {
	f := &filter{op: op}
	if len(exprs) == 0 {
		c.fail(textEmptyFilter)
	}
	for _, e := range exprs {
		if op == opOr {
			c.alternatives++
		}
		f.items = append(f.items, c.expression(e))
		if c.problem != "" {
			break
		}
	}
	return f
}

func (c *compiler) fail(problem string) {
	if c.problem == "" {
		c.problem = problem
	}
}

func (c *compiler) expression(e expression) *filter {
	switch op := strings.ToLower(e.Op); op {
	case opAnd, opOr:
		return c.group(op, e.Items)
	default:
		return c.comparison(op, e)
	}
}

func (c *compiler) comparison(op string, e expression) *filter {
	ord, ok := c.table.ord(e.Field)
	switch {
	case e.UDF:
		ok = false // no entity of the tenant has user-defined fields
	case !slices.Contains(operators(), op):
		c.fail(text(textBadQuery, "The operator '"+e.Op+"' is unknown."))
		return nil
	}
	if !ok {
		c.fail(text(textUnknownField, e.Field, c.table.entity.Singular))
		return nil
	}
	f := &filter{op: op, ord: ord}
	switch op {
	case "exist", "notexist":
	case "in", "notin":
		c.list(f, e)
	case "beginswith", "endswith", "contains":
		c.text(f, e)
	default:
		c.single(f, e)
	}
	return f
}

// operators returns the names of the comparisons in lower case.
func operators() []string {
	return []string{
		"eq", "noteq", "gt", "gte", "lt", "lte", "beginswith", "endswith", "contains",
		"exist", "notexist", "in", "notin",
	}
}

func (c *compiler) single(f *filter, e expression) {
	if v, ok := c.value(f, e.Value); ok {
		f.vals = []any{v}
	}
}

func (c *compiler) list(f *filter, e expression) {
	raw, ok := e.Value.([]any)
	if !ok || len(raw) == 0 {
		c.fail(text(textBadQuery, "The operator '"+e.Op+"' needs a list of values."))
		return
	}
	c.alternatives += len(raw)
	for _, item := range raw {
		v, ok := c.value(f, item)
		if !ok {
			return
		}
		f.vals = append(f.vals, indexKey(v))
	}
}

func (c *compiler) text(f *filter, e expression) {
	if v, ok := c.value(f, e.Value); ok {
		s, isText := v.(string)
		if !isText {
			c.fail(text(textBadQuery, "The operator '"+e.Op+"' needs a field of type string."))
		}
		f.needle = strings.ToLower(s)
	}
}

func (c *compiler) value(f *filter, raw any) (any, bool) {
	field := c.table.entity.Fields[f.ord]
	v, ok := parseValue(field.Type, raw)
	if !ok {
		c.fail(text(textBadValue, field.Name, field.Type))
	}
	return v, ok
}

// match reports whether a row meets the filter. A field without a any meets notExist alone, as in SQL.
func (f *filter) match(r *row) bool {
	switch f.op {
	case opAnd:
		return !slices.ContainsFunc(f.items, func(i *filter) bool { return !i.match(r) })
	case opOr:
		return slices.ContainsFunc(f.items, func(i *filter) bool { return i.match(r) })
	}
	v := r.vals[f.ord]
	if v == nil {
		return f.op == "notexist"
	}
	switch f.op {
	case "exist":
		return true
	case "in":
		return slices.Contains(f.vals, indexKey(v))
	case "notin":
		return !slices.Contains(f.vals, indexKey(v))
	case "beginswith", "endswith", "contains":
		return f.matchText(v)
	default:
		return len(f.vals) == 1 && ordered(f.op, compare(v, f.vals[0]))
	}
}

func (f *filter) matchText(v any) bool {
	s, _ := v.(string)
	s = strings.ToLower(s)
	switch f.op {
	case "beginswith":
		return strings.HasPrefix(s, f.needle)
	case "endswith":
		return strings.HasSuffix(s, f.needle)
	default:
		return strings.Contains(s, f.needle)
	}
}

func ordered(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "noteq":
		return order != 0
	case "gt":
		return order > 0
	case "gte":
		return order >= 0
	case "lt":
		return order < 0
	case "lte":
		return order <= 0
	default:
		return false
	}
}
