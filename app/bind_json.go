package app

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// decodeBody fills in, a pointer to a struct, from exactly one JSON object.
// Members that no field takes are skipped, so that clients may send what later
// versions will know.
func (p *plan) decodeBody(body []byte, in any) *Error {
	if len(body) == 0 {
		return nil
	}
	blankKeys(body, p.foreign, p.own)
	err := json.Unmarshal(body, in)
	if err == nil {
		if body[skipSpace(body, 0)] == 'n' { // null fills nothing, silently
			return BadRequest("the body is null; send a JSON object")
		}
		return nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return BadRequest("the body is not one JSON value: %s, at %s", syntax.Error(), lineColumn(body, syntax.Offset)).Wrap(err)
	}
	faults := locate(reflect.TypeOf(in).Elem(), body, "", 0)
	if len(faults) == 0 {
		return BadRequest("the body does not fit").Wrap(err)
	}
	if faults[0].Field == "" {
		wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
		if !ok || wrong.Field == "" {
			return BadRequest("the body must be a JSON object").Wrap(err)
		}
		faults[0].Field = wrong.Field // given twice, and the last one fits
		faults[0].Message = wrong.Field + " must be " + jsonWant(wrong.Type)
	}
	return malformed(faults).Wrap(err)
}

// malformed is the answer to fields that hold the wrong kind of thing.
func malformed(faults []FieldError) *Error {
	if len(faults) == 1 {
		return BadRequest("%s", faults[0].Message).WithFields(faults...)
	}
	return BadRequest("%d fields cannot be read", len(faults)).WithFields(faults...)
}

// lineColumn turns an offset, which points behind the character, into words.
func lineColumn(body []byte, offset int64) string {
	before := body[:min(max(offset-1, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// Bounds of the search for what does not fit: deeper, the outer field is
// named; more are not listed.
const (
	maxLocateDepth = 8
	maxLocated     = 20
)

// locate finds the fields that do not fit, with their paths: encoding/json
// names the first one only, without the index in an array, and not at all
// where a type decodes itself. It runs after a failure only.
func locate(t reflect.Type, raw []byte, path string, depth int) []FieldError {
	if json.Unmarshal(raw, reflect.New(t).Interface()) == nil {
		return nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var faults []FieldError
	if depth < maxLocateDepth && !decodesItself(t) {
		faults = locateInside(t, raw, path, depth)
	}
	if len(faults) == 0 {
		faults = []FieldError{{Field: path, Rule: "type", Message: strings.TrimSpace(path + " must be " + jsonWant(t))}}
	}
	return faults[:min(len(faults), maxLocated)]
}

func locateInside(t reflect.Type, raw []byte, path string, depth int) []FieldError {
	var faults []FieldError
	switch t.Kind() { //nolint:exhaustive // nothing is inside the others
	case reflect.Struct:
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) != nil {
			return nil
		}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" || (f.Anonymous && embeds(f)) || !f.IsExported() {
				continue
			}
			name = orElse(name, f.Name)
			if value, ok := member(members, name); ok {
				faults = append(faults, locate(f.Type, value, strings.TrimPrefix(path+"."+name, "."), depth+1)...)
			}
		}
	case reflect.Slice, reflect.Array:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return nil
		}
		for i := 0; i < len(items) && len(faults) < maxLocated; i++ {
			faults = append(faults, locate(t.Elem(), items[i], fmt.Sprintf("%s[%d]", path, i), depth+1)...)
		}
	case reflect.Map:
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) != nil {
			return nil
		}
		for name, value := range members {
			if found := locate(t.Elem(), value, path+"."+name, depth+1); len(found) > 0 {
				return found // one is enough, and which one is not told by a map
			}
		}
	}
	return faults
}

func member(members map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if value, ok := members[name]; ok {
		return value, true
	}
	for key, value := range members {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return nil, false
}

func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// jsonWant says what JSON a type takes. A type that decodes itself may say so
// in a method Allowed() string, as it may for package config.
func jsonWant(t reflect.Type) string {
	if decodesItself(t) {
		if p, ok := scalar(t); ok {
			return p.want
		}
		if own, ok := reflect.TypeAssert[interface{ Allowed() string }](reflect.New(t)); ok {
			return own.Allowed()
		}
		name, _, _ := strings.Cut(t.Name(), "[") // type parameters say nothing to a client
		return "a valid " + name
	}
	switch t.Kind() { //nolint:exhaustive // the others have names of their own
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "base64 text"
		}
		return "an array"
	case reflect.String:
		return "a string"
	case reflect.Int64:
		return "an integer" // time.Duration too: nanoseconds
	}
	if p, ok := scalar(t); ok {
		return p.want
	}
	return "a valid " + t.String()
}
