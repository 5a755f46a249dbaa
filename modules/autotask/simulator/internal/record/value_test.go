package record_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestParseValue(t *testing.T) {
	t.Parallel()
	at := func(s string) any {
		moment, err := time.Parse(time.RFC3339Nano, s)
		require.NoError(t, err)
		return record.StampOf(moment)
	}
	n := func(s string) any { return json.Number(s) }
	tests := map[string]struct {
		typ  registry.Type
		raw  any
		want any // nil is refused
	}{
		"integer":                     {registry.Int32, n("5"), int64(5)},
		"integer as text":             {registry.Int32, "-5", int64(-5)},
		"integer, greatest":           {registry.Int32, n("2147483647"), int64(math.MaxInt32)},
		"integer, least":              {registry.Int32, n("-2147483648"), int64(math.MinInt32)},
		"integer above":               {registry.Int32, n("2147483648"), nil},
		"integer below":               {registry.Int32, n("-2147483649"), nil},
		"integer with fraction":       {registry.Int32, n("5.5"), nil},
		"integer, no number":          {registry.Int32, "five", nil},
		"integer, empty":              {registry.Int32, "", nil},
		"integer, null":               {registry.Int32, nil, nil},
		"integer, boolean":            {registry.Int32, true, nil},
		"integer, list":               {registry.Int32, []any{n("5")}, nil},
		"long, greatest":              {registry.Int64, n("9223372036854775807"), int64(math.MaxInt64)},
		"long, least":                 {registry.Int64, n("-9223372036854775808"), int64(math.MinInt64)},
		"long above":                  {registry.Int64, n("9223372036854775808"), nil},
		"double":                      {registry.Double, n("1.5e3"), 1500.0},
		"double as text":              {registry.Double, "-.5", -.5},
		"double, whole":               {registry.Double, n("3"), 3.0},
		"double above":                {registry.Double, n("1e400"), nil},
		"double, infinite":            {registry.Double, "Infinity", nil},
		"double, no number":           {registry.Double, "NaN", nil},
		"double, hexadecimal":         {registry.Double, "0x10", nil},
		"double, empty":               {registry.Double, "", nil},
		"double, object":              {registry.Double, map[string]any{}, nil},
		"boolean":                     {registry.Boolean, false, false},
		"boolean as text":             {registry.Boolean, "true", nil},
		"boolean as number":           {registry.Boolean, n("1"), nil},
		"boolean, null":               {registry.Boolean, nil, nil},
		"moment":                      {registry.DateTime, "2026-08-01T10:20:30", at("2026-08-01T10:20:30Z")},
		"moment with fraction":        {registry.DateTime, "2026-08-01T10:20:30.1239", at("2026-08-01T10:20:30.123Z")},
		"moment with Z":               {registry.DateTime, "2026-08-01T10:20:30Z", at("2026-08-01T10:20:30Z")},
		"moment with fraction and Z":  {registry.DateTime, "2026-08-01T10:20:30.5Z", at("2026-08-01T10:20:30.5Z")},
		"moment with offset":          {registry.DateTime, "2026-08-01T10:20:30.5+02:00", at("2026-08-01T08:20:30.5Z")},
		"moment with blank":           {registry.DateTime, "2026-08-01 10:20:30.25", at("2026-08-01T10:20:30.25Z")},
		"moment to the minute":        {registry.DateTime, "2026-08-01T10:20", at("2026-08-01T10:20:00Z")},
		"moment to the minute with Z": {registry.DateTime, "2026-08-01T10:20Z", at("2026-08-01T10:20:00Z")},
		"day":                         {registry.DateTime, "2026-08-01", at("2026-08-01T00:00:00Z")},
		"day that is none":            {registry.DateTime, "2026-02-30", nil},
		"first moment":                {registry.DateTime, "1753-01-01T00:00:00", at("1753-01-01T00:00:00Z")},
		"before the first":            {registry.DateTime, "1752-12-31T23:59:59.999", nil},
		"before the first, in UTC":    {registry.DateTime, "1753-01-01T00:00:00+01:00", nil},
		"last moment":                 {registry.DateTime, "9999-12-31T23:59:59.999", at("9999-12-31T23:59:59.999Z")},
		"after the last, in UTC":      {registry.DateTime, "9999-12-31T23:59:59-01:00", nil},
		"moment, zero":                {registry.DateTime, "0001-01-01T00:00:00", nil},
		"moment as number":            {registry.DateTime, n("1700000000000"), nil},
		"moment, words":               {registry.DateTime, "yesterday", nil},
		"moment, null":                {registry.DateTime, nil, nil},
		"text":                        {registry.String, "é", "é"},
		"text, empty":                 {registry.String, "", ""},
		"text of a number":            {registry.String, n("1.50"), "1.50"},
		"text that is no UTF-8":       {registry.String, "a\xff\xfeb", "a\ufffdb"},
		"text of a boolean":           {registry.String, true, nil},
		"text of a list":              {registry.String, []any{}, nil},
		"text, null":                  {registry.String, nil, nil},
		"no type":                     {registry.Type(99), "a", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := record.ParseValue(tt.typ, tt.raw)
			require.Equal(t, tt.want != nil, ok)
			if ok {
				require.Equal(t, tt.want, got)
			}
		})
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 1, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))
	require.Equal(t, time.Date(2026, 8, 1, 11, 0, 0, 123_000_000, time.UTC), record.StampOf(at).Time())
	require.Equal(t, "2026-08-01T11:00:00.123", record.StampOf(at).Time().Format(record.StampLayout))
}
