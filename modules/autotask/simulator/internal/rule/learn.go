package rule

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// learn makes columns of the properties that an entity with partly known fields was sent, so that what was written is
// read back and can be filtered. Only a record that is written teaches anything, and only a value that says what type
// it has.
func (f *form) learn() {
	if !f.entity.Partial {
		return
	}
	for _, m := range f.unknown {
		typ, v := guess(m)
		if v == nil || !record.IsName(m.name) {
			continue
		}
		field := registry.Field{Name: m.name, Type: typ, From: registry.Guess, Rules: registry.Guess}
		ord, ok := f.tx.AddColumn(f.t, record.Column{Field: field, Learnt: true})
		if !ok {
			continue
		}
		if v, ok = record.ParseValue(f.t.Columns()[ord].Type, m.value); ok { // it may have come twice, with two types
			f.grow(ord)
			f.vals[ord] = v
		}
	}
}

// grow makes room for a column that has come.
func (f *form) grow(ord int) {
	for len(f.vals) <= ord {
		f.vals = append(f.vals, nil)
	}
}

// guess returns the type that a property seems to have, and its value, nil where there is no telling. A number whose
// name does not end in "ID" may have a fraction the next time, so that it is no whole number even where it looks like
// one.
func guess(m member) (typ registry.Type, v any) {
	switch raw := m.value.(type) {
	case bool:
		return registry.Boolean, raw
	case string:
		if isMoment(raw) {
			return registry.DateTime, raw
		}
		return registry.String, raw
	case json.Number:
		if n, err := strconv.ParseInt(raw.String(), 10, 64); err == nil && len(m.name) > 2 && suffixID(m.name) {
			return registry.Int64, n
		}
		if x, err := strconv.ParseFloat(raw.String(), 64); err == nil && !math.IsInf(x, 0) {
			return registry.Double, x
		}
	}
	return 0, nil
}

func suffixID(name string) bool { return strings.EqualFold(name[len(name)-2:], "id") }

// isMoment reports whether a text is a date with a time, as the API writes moments: 2024-01-15T09:00:00.000.
func isMoment(s string) bool {
	if len(s) < len("2024-01-15T09:00") || s[len(time.DateOnly)] != 'T' {
		return false
	}
	_, ok := record.ParseValue(registry.DateTime, s)
	return ok
}
