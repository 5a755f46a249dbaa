package config

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

// mask is what is shown in place of a secret.
const mask = "***"

// Secret is a setting that must not be seen: a password, a token, a URL that
// holds one. However it is printed, logged or marshalled, it gives "***"
// (and "" when it is empty, so that a missing secret can be told from a set
// one). Reveal gives the text.
//
// Two places print it nevertheless, because they ask no method: package fmt an
// unexported struct field, encoding/json the key of a map. Keep secrets in
// exported fields and in the values of maps.
type Secret string

// Reveal returns the secret itself. Call it where the secret is used, and
// nowhere else.
func (s Secret) Reveal() string { return string(s) }

// String returns "***", or "" when the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString returns what String returns, quoted.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format prints what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	switch {
	case verb == 'v' && f.Flag('#'):
		text = s.GoString()
	case verb == 'q':
		text = fmt.Sprintf("%q", text)
	}
	_, _ = io.WriteString(f, text) // fmt.State keeps its own errors
}

// MarshalText returns what String returns; encoding/json and encoding/xml
// use it. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns what String returns as a JSON string. It never fails.
func (s Secret) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }

// LogValue makes package slog log what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// holdsSecret reports whether a value of type t is a Secret, or a list or map
// of them.
func holdsSecret(t reflect.Type) bool {
	switch {
	case t == reflect.TypeFor[Secret]():
		return true
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		return holdsSecret(t.Elem())
	case t.Kind() == reflect.Map:
		return holdsSecret(t.Elem())
	default:
		return false
	}
}
