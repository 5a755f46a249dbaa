package seed_test

import (
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
)

// Whatever a client's reference names, something is there, even in a tenant of one ticket; but webhooks it must make
// itself.
func TestEveryReferenceCanBeWritten(t *testing.T) {
	t.Parallel()
	webhooks := map[string]bool{}
	for _, e := range registry.Entities() {
		webhooks[e.Webhook] = true
	}
	for _, tickets := range []int{1, 1203} {
		store := fill(seed.Config{Seed: 1, Tickets: tickets})
		for _, e := range registry.Entities() {
			for _, f := range e.Fields {
				if f.References != "" && !webhooks[f.References] {
					require.NotEmpty(t, rows(t, store, f.References), "%s.%s", e.Name, f.Name)
				}
			}
		}
	}
}

func TestRowsKeepTheRules(t *testing.T) {
	t.Parallel()
	for _, cfg := range []seed.Config{{Seed: 1, Tickets: 1}, {Seed: 1, Tickets: 1203}, {Seed: 99, Tickets: 4000}} {
		store := fill(cfg)
		tables(store, func(tx *record.Tx, table *record.Table) {
			for _, c := range table.Columns() {
				require.True(t, !c.Learnt || table.Entity().Partial, "%s.%s is no field", table.Entity().Name, c.Name)
			}
			check := newChecker(table)
			for r := range tx.Rows(table, nil) {
				check.row(t, tx, r)
			}
		})
	}
}

// checker holds the rows of a table against the registry.
type checker struct {
	table *record.Table
	cols  []record.Column
	picks []map[any]string // values with their parents, by ordinal
}

func newChecker(table *record.Table) *checker {
	c := &checker{table: table, cols: table.Columns()}
	for _, col := range c.cols {
		values := map[any]string{}
		for _, p := range col.Picks {
			var v any = p.Value
			if n, err := strconv.ParseInt(p.Value, 10, 64); err == nil && col.Type != registry.String {
				v = n
			}
			values[v] = p.Parent
		}
		c.picks = append(c.picks, values)
	}
	return c
}

func (c *checker) row(t *testing.T, tx *record.Tx, r record.Row) {
	t.Helper()
	for ord, col := range c.cols {
		where, v := c.table.Entity().Name+"."+col.Name, r.Value(ord)
		if v == nil {
			require.False(t, col.Required && ord > 0, "%s is required: %d", where, r.ID)
			continue
		}
		if wanted := col.Type; wanted != registry.Int32 {
			require.Equal(t, wanted, typeOf(v), where)
		} else {
			require.Equal(t, registry.Int64, typeOf(v), where)
		}
		if text, ok := v.(string); ok && col.Length > 0 {
			require.LessOrEqual(t, utf8.RuneCountInString(text), col.Length, where)
		}
		if id, ok := v.(int64); ok && col.References != "" {
			require.True(t, tx.Exists(col.References, id), "%s: %s %d", where, col.References, id)
		}
		c.pick(t, r, ord)
	}
	c.pair(t, r)
}

// typeOf is the type of a field that holds v; whole numbers of 32 bits are told by the column alone.
func typeOf(v any) registry.Type {
	switch v.(type) {
	case int64:
		return registry.Int64
	case float64:
		return registry.Double
	case bool:
		return registry.Boolean
	case record.Stamp:
		return registry.DateTime
	default:
		return registry.String
	}
}

func (c *checker) pick(t *testing.T, r record.Row, ord int) {
	t.Helper()
	col := c.cols[ord]
	if len(col.Picks) == 0 {
		return
	}
	parent, ok := c.picks[ord][r.Value(ord)]
	require.True(t, ok, "%s.%s: %v", c.table.Entity().Name, col.Name, r.Value(ord))
	if above, ok := c.table.Ordinal(col.PickParent); ok {
		require.Equal(t, strconv.FormatInt(r.Value(above).(int64), 10), parent) //nolint:forcetypeassert // a test may panic
	}
}

// pair holds that whoever works on something has a role in it.
func (c *checker) pair(t *testing.T, r record.Row) {
	t.Helper()
	for _, pair := range [][2]string{{"assignedResourceID", "assignedResourceRoleID"}, {"resourceID", "roleID"}} {
		resource, ok := c.table.Ordinal(pair[0])
		role, both := c.table.Ordinal(pair[1])
		if ok && both {
			require.Equal(t, r.Value(resource) == nil, r.Value(role) == nil, "%s %d", c.table.Entity().Name, r.ID)
		}
	}
}
