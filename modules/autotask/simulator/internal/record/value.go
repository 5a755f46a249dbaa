package record

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// Stamp is a moment in milliseconds since 1970, UTC.
type Stamp int64

// StampOf returns t, to the millisecond.
func StampOf(t time.Time) Stamp { return Stamp(t.UnixMilli()) }

// Time returns the moment in UTC.
func (s Stamp) Time() time.Time { return time.UnixMilli(int64(s)).UTC() }

// StampLayout is how the API writes moments: UTC, milliseconds, no zone.
const StampLayout = "2006-01-02T15:04:05.000"

// The years that SQL Server's datetime knows. That the API refuses others is a guess.
const (
	firstYear = 1753
	lastYear  = 9999
)

// ParseValue takes what encoding/json made of a value, numbers as json.Number, for a field of type t. Numbers may come
// as strings, as .NET reads them, and numbers are taken for text; a boolean is true or false and nothing else. A moment
// may have a fraction and a zone, or be a day alone; without a zone it is UTC. Text that is no UTF-8 is repaired. ok is
// false for what does not fit: a number out of range, a moment outside the years 1753 to 9999, null.
func ParseValue(t registry.Type, raw any) (v any, ok bool) {
	switch t {
	case registry.Int32:
		return parseInt(raw, math.MinInt32, math.MaxInt32)
	case registry.Int64:
		return parseInt(raw, math.MinInt64, math.MaxInt64)
	case registry.Double:
		return parseDouble(literal(raw))
	case registry.Boolean:
		b, ok := raw.(bool)
		return b, ok
	case registry.DateTime:
		s, _ := raw.(string)
		return parseStamp(s)
	case registry.String:
		switch raw.(type) {
		case string, json.Number:
			return strings.ToValidUTF8(literal(raw), "\uFFFD"), true
		}
	}
	return nil, false
}

// literal is the text of a JSON string or number, and "" of anything else.
func literal(raw any) string {
	switch raw := raw.(type) {
	case string:
		return raw
	case json.Number:
		return raw.String()
	default:
		return ""
	}
}

func parseInt(raw any, low, high int64) (any, bool) {
	n, err := strconv.ParseInt(literal(raw), 10, 64)
	if err != nil || n < low || n > high {
		return nil, false
	}
	return n, true
}

// parseDouble takes decimal numbers alone: strconv knows hexadecimal ones, infinities and NaN as well.
func parseDouble(s string) (any, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return nil, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	return f, true
}

func parseStamp(s string) (any, bool) {
	t, ok := parseTime(s)
	if !ok || !known(t.UTC()) {
		return nil, false
	}
	return StampOf(t), true
}

// parseDay returns the day that is written, whatever its zone, as its midnight in UTC.
func parseDay(s string) (any, bool) {
	t, ok := parseTime(s)
	if !ok || !known(t) {
		return nil, false
	}
	year, month, day := t.Date()
	return StampOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)), true
}

func known(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }

func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime,
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
