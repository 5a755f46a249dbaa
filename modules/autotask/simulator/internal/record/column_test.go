package record_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// userMade is a user-defined column of text.
func userMade(name string) record.Column {
	return record.Column{Field: registry.Field{Name: name, Type: registry.String}, UDF: true}
}

func TestSetColumn(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	s.Update(func(tx *record.Tx) {
		ord, ok := tx.AddColumn(tickets, userMade("Plan"))
		require.True(t, ok)
		vals := values(t, tickets)
		vals[ord] = "Gold"
		id := tx.Insert(tickets, vals)
		row, _ := tx.Find(tickets, id)
		before := string(tickets.AppendRow(nil, row, nil))
		require.Contains(t, before, `"userDefinedFields":[{"name":"Plan","value":"Gold"}]`)

		list := userMade("Plan")
		list.PickList, list.Picks = true, []registry.Pick{{Value: "Gold"}}
		columns := tickets.Columns()
		require.True(t, tx.SetColumn(tickets, ord, list))
		require.Equal(t, list, tickets.Columns()[ord])
		require.Nil(t, columns[ord].Picks, "whoever holds the old columns keeps them")

		list.Hidden = true
		require.True(t, tx.SetColumn(tickets, ord, list))
		_, ok = tickets.UDF("plan")
		require.False(t, ok)
		require.Contains(t, string(tickets.AppendRow(nil, row, nil)), `"userDefinedFields":[]`)
		require.Equal(t, `{}`, string(tickets.AppendRow(nil, row, []int{ord})))
		again, ok := tx.AddColumn(tickets, userMade("PLAN"))
		require.True(t, ok)
		require.Equal(t, ord, again, "a hidden column is there still")
		require.True(t, tx.Replace(tickets, id, row.Values(tickets)))

		require.True(t, tx.SetColumn(tickets, ord, userMade("Plan")))
		row, _ = tx.Find(tickets, id)
		require.Equal(t, before, string(tickets.AppendRow(nil, row, nil)), "its values were kept")
	})
}

func TestSetColumnRefuses(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	number := userMade("Plan")
	number.Type = registry.Double
	s.Update(func(tx *record.Tx) {
		ord, _ := tx.AddColumn(tickets, userMade("Plan"))
		require.False(t, tx.SetColumn(tickets, ord, userMade("Tariff")), "another name")
		require.False(t, tx.SetColumn(tickets, ord, number), "another type")
		require.False(t, tx.SetColumn(tickets, ord, record.Column{Field: userMade("Plan").Field}), "a field")
		require.False(t, tx.SetColumn(tickets, 1, userMade("Plan")), "of a field")
		require.False(t, tx.SetColumn(tickets, ord+1, userMade("Plan")))
		require.False(t, tx.SetColumn(tickets, -1, userMade("Plan")))
		require.Equal(t, userMade("Plan"), tickets.Columns()[ord])
	})
}

func TestSetColumnIsPartOfASnapshot(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	var ord int
	s.Update(func(tx *record.Tx) { ord, _ = tx.AddColumn(tickets, userMade("Plan")) })
	before := s.Snapshot()
	hidden := userMade("Plan")
	hidden.Hidden = true
	s.Update(func(tx *record.Tx) { require.True(t, tx.SetColumn(tickets, ord, hidden)) })
	s.Restore(before)
	require.Equal(t, userMade("Plan"), tickets.Columns()[ord])
}

func TestQueryable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		column record.Column
		want   bool
	}{
		"a field":             {record.Column{}, true},
		"a reference":         {record.Column{Field: registry.Field{References: "Tickets"}}, true},
		"not queryable":       {record.Column{Field: registry.Field{NotQueryable: true}}, false},
		"user-defined":        {record.Column{UDF: true}, true},
		"a reference of such": {record.Column{Field: registry.Field{References: "Tickets"}, UDF: true}, false},
		"hidden":              {record.Column{UDF: true, Hidden: true}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.column.Queryable())
		})
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw  any
		want string // "" is refused
	}{
		"a day":            {"2024-01-15", "2024-01-15T00:00:00.000"},
		"a time of it":     {"2024-01-15T23:59:59.999", "2024-01-15T00:00:00.000"},
		"UTC":              {"2024-01-15T23:30:00Z", "2024-01-15T00:00:00.000"},
		"east":             {"2024-01-15T03:00:00+10:00", "2024-01-15T00:00:00.000"},
		"west":             {"2024-01-15T23:00:00-05:00", "2024-01-15T00:00:00.000"},
		"the last":         {"9999-12-31T23:00:00-05:00", "9999-12-31T00:00:00.000"},
		"beyond the years": {"1752-12-31", ""},
		"no day":           {"tomorrow", ""},
		"a number":         {true, ""},
		"null":             {nil, ""},
	}
	col := record.Column{Field: registry.Field{Type: registry.DateTime, DateOnly: true}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, ok := col.Parse(tt.raw)
			require.Equal(t, tt.want != "", ok)
			if at, isStamp := v.(record.Stamp); ok && isStamp {
				require.Equal(t, tt.want, at.Time().Format(record.StampLayout))
			}
		})
	}
	moment := record.Column{Field: registry.Field{Type: registry.DateTime}}
	v, ok := moment.Parse("2024-01-15T23:00:00-05:00")
	require.True(t, ok)
	at, _ := v.(record.Stamp)
	require.Equal(t, "2024-01-16T04:00:00.000", at.Time().Format(record.StampLayout), "a moment is converted")
}

func TestIsName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a": true, "Z9": true, strings.Repeat("x", 100): true,
		"": false, "1a": false, "a b": false, "a_b": false, "é": false, strings.Repeat("x", 101): false,
	} {
		require.Equal(t, want, record.IsName(name), name)
	}
}
