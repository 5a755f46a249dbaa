package record_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// TestRoundTrip writes one column and reads it back, as a value and as JSON.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	const at = record.Stamp(1_700_000_000_123)
	long := strings.Repeat("x", 40_000)
	tests := map[string]struct {
		column   string
		in, want any
		json     string
	}{
		"null":                  {"title", nil, nil, `null`},
		"empty":                 {"title", "", "", `""`},
		"text":                  {"title", "a\"b\\c\n", "a\"b\\c\n", `"a\"b\\c\n"`},
		"unicode":               {"title", "Größe 日本 🖨", "Größe 日本 🖨", `"Größe 日本 🖨"`},
		"no UTF-8":              {"title", "a\xffb", "a\xffb", `"a\ufffdb"`},
		"long text":             {"title", long, long, `"` + long + `"`},
		"zero":                  {"companyID", int64(0), int64(0), `0`},
		"negative":              {"companyID", int64(-1), int64(-1), `-1`},
		"greatest":              {"contractID", int64(math.MaxInt64), int64(math.MaxInt64), `9223372036854775807`},
		"least":                 {"contractID", int64(math.MinInt64), int64(math.MinInt64), `-9223372036854775808`},
		"fraction":              {"estimatedHours", 1.25, 1.25, `1.25`},
		"negative fraction":     {"estimatedHours", -1e-9, -1e-9, `-0.000000001`},
		"whole fraction":        {"estimatedHours", 3.0, 3.0, `3`},
		"whole number in it":    {"estimatedHours", int64(3), 3.0, `3`},
		"greatest fraction":     {"estimatedHours", math.MaxFloat64, math.MaxFloat64, `17976931348623157` + strings.Repeat("0", 292)},
		"zero below zero":       {"estimatedHours", math.Copysign(0, -1), 0.0, `0`},
		"infinity":              {"estimatedHours", math.Inf(-1), nil, `null`},
		"no number":             {"estimatedHours", math.NaN(), nil, `null`},
		"true":                  {"serviceLevelAgreementHasBeenMet", true, true, `true`},
		"false":                 {"serviceLevelAgreementHasBeenMet", false, false, `false`},
		"moment":                {"createDate", at, at, `"2023-11-14T22:13:20.123"`},
		"moment before 1970":    {"createDate", record.Stamp(-1), record.Stamp(-1), `"1969-12-31T23:59:59.999"`},
		"1970":                  {"createDate", record.Stamp(0), record.Stamp(0), `"1970-01-01T00:00:00.000"`},
		"text for a number":     {"companyID", "7", nil, `null`},
		"number for text":       {"title", int64(7), nil, `null`},
		"number for a moment":   {"createDate", int64(7), nil, `null`},
		"moment for a number":   {"companyID", record.Stamp(7), nil, `null`},
		"fraction for a number": {"companyID", 7.0, nil, `null`},
		"boolean for a number":  {"companyID", true, nil, `null`},
		"a type unknown":        {"companyID", 7, nil, `null`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := whole()
			tickets := table(t, s, "Tickets")
			ord := ordinal(t, tickets, tt.column)
			id := insert(t, s, tickets, tt.column, tt.in, "ticketType", int64(300), "apiVendorID", int64(1))
			r := find(t, s, tickets, id)
			require.Equal(t, tt.want, r.Value(ord))
			vals := r.Values(tickets)
			require.Len(t, vals, 72)
			require.Equal(t, tt.want, vals[ord])
			require.Equal(t, []any{int64(1), int64(1), int64(300)}, []any{vals[0], vals[1], vals[70]})
			require.Equal(t, int64(300), r.Value(70))
			require.Equal(t, `{"`+tt.column+`":`+tt.json+`}`, string(tickets.AppendRow(nil, r, []int{ord})))
			require.True(t, json.Valid(tickets.AppendRow(nil, r, nil)))
		})
	}
}

// TestRoundTripAll writes random records and reads them back through JSON.
func TestRoundTripAll(t *testing.T) {
	t.Parallel()
	s := whole()
	for _, name := range []string{"Tickets", "TimeEntries", "Companies", "TicketNotes"} {
		tab := table(t, s, name)
		d := newDice(t, tab, 1)
		for i := range tab.Columns() {
			d.columns = append(d.columns, i)
		}
		for range 200 {
			vals := d.record()
			var id int64
			s.Update(func(tx *record.Tx) { id = tx.Insert(tab, vals) })
			vals[0] = id
			r := find(t, s, tab, id)
			require.Equal(t, vals, r.Values(tab))
			requireJSON(t, tab, vals, tab.AppendRow([]byte("before"), r, nil)[len("before"):])
		}
	}
}

func requireJSON(tb testing.TB, t *record.Table, vals []any, row []byte) {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(string(row)))
	dec.UseNumber()
	var got map[string]any
	require.NoError(tb, dec.Decode(&got), "%s", row)
	for ord, c := range t.Columns() {
		raw, ok := got[c.Name]
		require.True(tb, ok, c.Name)
		if vals[ord] == nil {
			require.Nil(tb, raw, c.Name)
			continue
		}
		v, ok := record.ParseValue(c.Type, raw)
		require.True(tb, ok, "%s %v", c.Name, raw)
		if s, isText := vals[ord].(string); isText {
			vals[ord] = string([]rune(s)) // each byte that is no UTF-8 is one replacement character
		}
		require.Equal(tb, vals[ord], v, c.Name)
	}
}

func TestAppendRow(t *testing.T) {
	t.Parallel()
	s := whole()
	tab := table(t, s, "Contacts")
	notes := table(t, s, "TicketNotes")
	first := find(t, s, tab, insert(t, s, tab, "firstName", "Ada"))
	name, ok := tab.Ordinal("FIRSTNAME")
	require.True(t, ok)
	all := string(tab.AppendRow(nil, first, nil))
	require.True(t, strings.HasSuffix(all, `,"userDefinedFields":[]}`), all)
	require.True(t, strings.HasPrefix(all, `{"id":1,`), all)

	var ords []int
	s.Update(func(tx *record.Tx) {
		for _, c := range []record.Column{
			{Field: registry.Field{Name: `Co"lor`, Type: registry.String}, UDF: true},
			{Field: registry.Field{Name: "learnt", Type: registry.Double}, Learnt: true},
			{Field: registry.Field{Name: "Size", Type: registry.Int64}, UDF: true},
			{Field: registry.Field{Name: "Since", Type: registry.DateTime}, UDF: true},
		} {
			ord, ok := tx.AddColumn(tab, c)
			require.True(t, ok)
			ords = append(ords, ord)
		}
		vals := first.Values(tab)
		vals[ords[1]], vals[ords[2]], vals[ords[3]] = 2.5, int64(-3), record.Stamp(0)
		require.True(t, tx.Replace(tab, 1, vals))
	})
	second := find(t, s, tab, 1)
	const pairs = `"userDefinedFields":[{"name":"Co\"lor","value":null},{"name":"Size","value":"-3"},` +
		`{"name":"Since","value":"1970-01-01T00:00:00.000"}]}`
	tests := map[string]struct {
		row  record.Row
		ords []int
		want string
	}{
		"some":               {second, []int{0, name}, `{"id":1,"firstName":"Ada"}`},
		"in any order":       {second, []int{ords[1], name, 0}, `{"learnt":2.5,"firstName":"Ada","id":1}`},
		"one twice":          {second, []int{name, name}, `{"firstName":"Ada","firstName":"Ada"}`},
		"none":               {second, []int{}, `{}`},
		"no such":            {second, []int{-1, 1000, name}, `{"firstName":"Ada"}`},
		"user-defined alone": {second, []int{ords[2]}, `{"userDefinedFields":[{"name":"Size","value":"-3"}]}`},
		"user-defined come last": {
			second, []int{ords[0], name}, `{"firstName":"Ada","userDefinedFields":[{"name":"Co\"lor","value":null}]}`,
		},
		"a row of before they existed": {
			first, []int{ords[2], ords[1]}, `{"learnt":null,"userDefinedFields":[{"name":"Size","value":null}]}`,
		},
		"all": {second, nil, strings.TrimSuffix(all, `,"userDefinedFields":[]}`) + `,"learnt":2.5,` + pairs},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, string(tab.AppendRow(nil, tt.row, tt.ords)))
		})
	}
	t.Run("an entity without user-defined fields", func(t *testing.T) {
		t.Parallel()
		note := find(t, s, notes, insert(t, s, notes, "title", "Done"))
		require.Equal(t, `{"id":1,"createDateTime":null,"creatorResourceID":null,"description":null,`+
			`"impersonatorCreatorResourceID":null,"impersonatorUpdaterResourceID":null,"lastActivityDate":null,"noteType":null,`+
			`"publish":null,"ticketID":null,"title":"Done"}`, string(notes.AppendRow(nil, note, nil)))
	})
}

func TestWritesKeepTheirHandsOff(t *testing.T) {
	t.Parallel()
	s := whole()
	tickets := table(t, s, "Tickets")
	vals := values(t, tickets, "id", int64(99), "title", "first")
	vals = append(vals, "more than there are columns")
	s.Update(func(tx *record.Tx) { require.EqualValues(t, 1, tx.Insert(tickets, vals)) })
	require.EqualValues(t, 99, vals[0])
	r := find(t, s, tickets, 1)
	vals[71] = "second"
	require.Equal(t, "first", r.Value(71))
	require.EqualValues(t, 1, r.Value(0))
	require.Nil(t, r.Value(72))
	require.Nil(t, r.Value(-1))
	s.Update(func(tx *record.Tx) { require.EqualValues(t, 2, tx.Insert(tickets, nil)) })
	require.Equal(t, "first", r.Values(tickets)[71])
}
