package entities

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

type state uint8

const (
	unset state = iota
	null
	set
)

// Optional is a field that is unset, null, or has a value. Its zero value is unset, and an unset field tagged omitzero is
// left out of JSON. It is a value: copy it freely.
type Optional[T any] struct {
	value T
	state state
}

// Some is an Optional with value v, which may be the zero value of T.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, state: set} }

// Null is an Optional that is written as JSON null: it clears the field at Autotask.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get is the value, and whether there is one. It is the zero value and false for an unset or null field.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == set }

// Or is the value, or def for an unset or null field.
func (o Optional[T]) Or(def T) T {
	if o.state == set {
		return o.value
	}
	return def
}

// IsNull tells whether the field is null, as opposed to unset.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero tells whether the field is unset. It is what the JSON option omitzero asks.
func (o Optional[T]) IsZero() bool { return o.state == unset }

// String is the value as fmt prints it, "null", or "" for an unset field.
func (o Optional[T]) String() string {
	switch o.state {
	case set:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	default:
		return ""
	}
}

// Allowed says in words what JSON the field takes, for messages about what it does not.
func (Optional[T]) Allowed() string {
	switch any(*new(T)).(type) {
	case int64:
		return "an integer or null"
	case float64:
		return "a number or null"
	case bool:
		return "true, false or null"
	case string:
		return "a string or null"
	case Time:
		return "a time such as 2026-01-31T15:04:05Z, or null"
	default:
		return "a value or null"
	}
}

// MarshalJSON writes the value; null and unset are both written as null, so tag the field omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null. Numbers and booleans may be quoted, a number may stand for a string, and 0 and 1
// for a boolean, as Autotask's entities and metadata disagree on these.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	if err := decode(data, any(&o.value)); err != nil {
		return err
	}
	o.state = set
	return nil
}

// decode reads one JSON value into a pointer, leniently for the four basic kinds.
func decode(data []byte, into any) error {
	switch p := into.(type) {
	case *int64:
		return decodeInt(data, p)
	case *float64:
		return decodeFloat(data, p)
	case *bool:
		return decodeBool(data, p)
	case *string:
		return decodeString(data, p)
	case *Time:
		return p.UnmarshalJSON(data)
	default:
		return json.Unmarshal(data, into)
	}
}

func decodeInt(data []byte, p *int64) error {
	text := unquote(data)
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		*p = n
		return nil
	}
	f, ferr := strconv.ParseFloat(text, 64) // 5.0 and 1e3 are integers too
	if ferr != nil || f != float64(int64(f)) || f >= 1<<53 || f <= -1<<53 {
		return fmt.Errorf("%s is no integer", clip(data))
	}
	*p = int64(f)
	return nil
}

func decodeFloat(data []byte, p *float64) error {
	f, err := strconv.ParseFloat(unquote(data), 64)
	if err != nil || f-f != 0 { // NaN and the infinities are no JSON numbers
		return fmt.Errorf("%s is no number", clip(data))
	}
	*p = f
	return nil
}

func decodeBool(data []byte, p *bool) error {
	b, err := strconv.ParseBool(unquote(data))
	if err != nil {
		return fmt.Errorf("%s is no boolean", clip(data))
	}
	*p = b
	return nil
}

func decodeString(data []byte, p *string) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, p)
	}
	if len(data) == 0 || data[0] == '{' || data[0] == '[' {
		return fmt.Errorf("%s is no string", clip(data))
	}
	*p = string(data)
	return nil
}

// unquote takes the quotes off a JSON string that holds a number; escapes do not occur in one.
func unquote(data []byte) string {
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' {
		data = data[1 : n-1]
	}
	return string(data)
}

// clip keeps error texts short and free of long customer data.
func clip(data []byte) string {
	const most = 40
	if len(data) > most {
		return string(data[:most]) + "…"
	}
	return string(data)
}
