// Package object reads JSON that people write by hand. What has no meaning is refused rather than ignored, and what is
// wrong is said in words, without the types of Go.
package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Read reads one JSON object into the struct that v points to. Its members are the fields of the struct by their json
// names, matched exactly. The error names the first member that is wrong.
func Read(data []byte, v any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("nothing is not a JSON object")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return notAnObject(err)
	}
	if members == nil {
		return errors.New("null is not a JSON object")
	}
	fields := fieldsOf(v)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, ok := fields[name]
		if !ok {
			return unknown(name, slices.Sorted(maps.Keys(fields)))
		}
		if err := json.Unmarshal(members[name], field); err != nil {
			return fmt.Errorf("%s: %w", name, plain(err))
		}
	}
	return nil
}

// fieldsOf returns pointers to the fields of a struct by their json names.
func fieldsOf(v any) map[string]any {
	s := reflect.ValueOf(v).Elem()
	fields := make(map[string]any, s.NumField())
	for i := range s.NumField() {
		name, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = s.Field(i).Addr().Interface()
	}
	return fields
}

func notAnObject(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is not a JSON object", wrong.Value)
	}
	return fmt.Errorf("not a JSON object: %w", err)
}

func unknown(name string, known []string) error {
	if len(known) == 0 {
		return fmt.Errorf("unknown member %q; there is none", name)
	}
	return fmt.Errorf("unknown member %q; known are %s", name, strings.Join(known, ", "))
}

// plain is an error of package json without its Go.
func plain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s does not fit here", wrong.Value)
	}
	return err
}
