package simulator

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// A field holds nil, int64, float64, string, bool or stamp; all of them can be compared and be keys of a map.

// stamp is a moment in milliseconds since 1970, UTC.
type stamp int64

func stampOf(t time.Time) stamp { return stamp(t.UnixMilli()) }

// stampLayout is how the API writes moments: UTC, milliseconds, no zone.
const stampLayout = "2006-01-02T15:04:05.000"

// parseValue takes what encoding/json made of a any, numbers as json.Number, for a field of type t. Whole numbers may
// come as strings, as .NET reads them. ok is false for what does not fit.
func parseValue(t registry.Type, raw any) (v any, ok bool) {
	switch t {
	case registry.Int32:
		return parseInt(raw, math.MinInt32, math.MaxInt32)
	case registry.Int64:
		return parseInt(raw, math.MinInt64, math.MaxInt64)
	case registry.Double:
		f, err := strconv.ParseFloat(literal(raw), 64)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	case registry.Boolean:
		b, ok := raw.(bool)
		return b, ok
	case registry.DateTime:
		s, ok := raw.(string)
		if !ok {
			return nil, false
		}
		return parseStamp(s)
	case registry.String:
		switch raw.(type) {
		case string, json.Number:
			return literal(raw), true
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

func parseStamp(s string) (any, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return stampOf(t), true
		}
	}
	return nil, false
}

// compare orders two values of one type; text without regard to case, as the database behind the API does.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case stamp:
		b, _ := b.(stamp)
		return cmp.Compare(a, b)
	case float64:
		b, _ := b.(float64)
		return cmp.Compare(a, b)
	case string:
		b, _ := b.(string)
		if a == b {
			return 0
		}
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	case bool:
		b, _ := b.(bool)
		return cmp.Compare(bit(a), bit(b))
	default:
		return 0
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// indexKey is v as an index holds it, so that equal values have equal keys.
func indexKey(v any) any {
	if s, ok := v.(string); ok {
		return strings.ToLower(s)
	}
	return v
}

func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case stamp:
		dst = append(dst, '"')
		dst = time.UnixMilli(int64(v)).UTC().AppendFormat(dst, stampLayout)
		return append(dst, '"')
	case float64:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendString(dst, v)
	default:
		return append(dst, "null"...)
	}
}
