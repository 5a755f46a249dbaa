package app

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// parser turns text from the path, the query or a header into a field.
type parser struct {
	parse func(dst reflect.Value, text string) error
	want  string // what is expected: "an integer"
	many  bool   // the field is a slice: one call per value
}

var errText = errors.New("cannot be read") // parser.want says what was expected

// parserOf finds the parser of a type; ok is false where there is none.
func parserOf(t reflect.Type) (p parser, ok bool) {
	if p, ok = scalar(t); ok {
		return p, true
	}
	switch t.Kind() { //nolint:exhaustive // all else has no parser
	case reflect.Pointer:
		inner, ok := scalar(t.Elem())
		return parser{want: inner.want, parse: func(dst reflect.Value, text string) error {
			value := reflect.New(t.Elem())
			if err := inner.parse(value.Elem(), text); err != nil {
				return err
			}
			dst.Set(value)
			return nil
		}}, ok
	case reflect.Slice:
		inner, ok := scalar(t.Elem())
		return parser{want: inner.want, many: true, parse: func(dst reflect.Value, text string) error {
			value := reflect.New(t.Elem()).Elem()
			if err := inner.parse(value, text); err != nil {
				return err
			}
			dst.Set(reflect.Append(dst, value))
			return nil
		}}, ok
	}
	return parser{}, false
}

func scalar(t reflect.Type) (p parser, ok bool) {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return parser{parse: parseDuration, want: "a duration such as 1m30s"}, true
	case t == reflect.TypeFor[time.Time]():
		return parser{parse: parseUnmarshaler, want: "a time such as 2026-01-31T15:04:05Z"}, true
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return parser{parse: parseUnmarshaler, want: "a valid " + t.Name()}, true
	}
	switch t.Kind() { //nolint:exhaustive // all else has no parser
	case reflect.String:
		return parser{parse: parseString, want: "UTF-8 text without NUL"}, true
	case reflect.Bool:
		return parser{parse: parseBool, want: "true or false"}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return parser{parse: intParser(t.Bits()), want: wantInt(t.Bits())}, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return parser{parse: uintParser(t.Bits()), want: wantUint(t.Bits())}, true
	case reflect.Float32, reflect.Float64:
		return parser{parse: floatParser(t.Bits()), want: "a number"}, true
	}
	return parser{}, false
}

func parseString(dst reflect.Value, text string) error {
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 { // databases refuse both
		return errText
	}
	dst.SetString(text)
	return nil
}

func parseBool(dst reflect.Value, text string) error {
	value, err := strconv.ParseBool(text)
	dst.SetBool(value)
	return err
}

func parseDuration(dst reflect.Value, text string) error {
	value, err := time.ParseDuration(text)
	dst.SetInt(int64(value))
	return err
}

func parseUnmarshaler(dst reflect.Value, text string) error {
	u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](dst.Addr())
	if !ok {
		return errText
	}
	return u.UnmarshalText([]byte(text))
}

func intParser(bits int) func(reflect.Value, string) error {
	return func(dst reflect.Value, text string) error {
		value, err := strconv.ParseInt(text, 10, bits)
		dst.SetInt(value)
		return err
	}
}

func uintParser(bits int) func(reflect.Value, string) error {
	return func(dst reflect.Value, text string) error {
		value, err := strconv.ParseUint(text, 10, bits)
		dst.SetUint(value)
		return err
	}
}

func floatParser(bits int) func(reflect.Value, string) error {
	return func(dst reflect.Value, text string) error {
		value, err := strconv.ParseFloat(text, bits)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			return errText
		}
		dst.SetFloat(value)
		return nil
	}
}

func wantInt(bits int) string {
	if bits == 64 {
		return "an integer"
	}
	return fmt.Sprintf("an integer from %d to %d", -1<<(bits-1), 1<<(bits-1)-1)
}

func wantUint(bits int) string {
	if bits == 64 {
		return "an integer, 0 or more"
	}
	return fmt.Sprintf("an integer from 0 to %d", uint64(1)<<bits-1)
}
