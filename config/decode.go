package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// What is allowed, in words that more than one place says.
const (
	durationText = "a duration such as 1500 (milliseconds), 30s or 5m"
	ratioText    = "a ratio such as 0.5 or 50%"
	anyText      = "a text"
)

// decode reads text as a value of type t, by the rules of envconfig; a
// time.Duration is read as Millis.
//
// envconfig takes its text from the process environment or from a default
// tag. It gets the text in the tag of a struct made for it, under a name that
// no environment can hold: where a value comes from stays ours to decide, and
// two Loads with different environments can run side by side.
func decode(t reflect.Type, text string) (reflect.Value, error) {
	if t.Kind() == reflect.String && !decodes(t) {
		return reflect.ValueOf(text).Convert(t), nil // a text needs no parser
	}
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "Value",
		Type: readAs(t),
		Tag:  reflect.StructTag(`envconfig:"=" default:` + strconv.Quote(text)),
	}}))
	if err := envconfig.Process("", holder.Interface()); err != nil {
		if parse, ok := errors.AsType[*envconfig.ParseError](err); ok {
			err = parse.Err
		}
		return reflect.Value{}, err
	}
	return holder.Elem().Field(0).Convert(t), nil
}

// read decodes text and holds the value against the bounds of the field. The
// error is what follows the name of the variable, and never holds a secret.
func (f field) read(text string) (reflect.Value, error) {
	if strings.TrimSpace(text) == "" {
		return reflect.Value{}, fmt.Errorf("is set but empty: give it %s, or remove it", f.Allowed)
	}
	if strings.TrimSpace(text) != text {
		return reflect.Value{}, errors.New("begins or ends with white space: remove it")
	}
	v, err := decode(f.typ, text)
	switch {
	case err != nil && decodes(readAs(f.typ)) && err.Error() != "must be "+f.kind():
		return v, err // the type itself knows better what is wrong
	case err != nil:
		return v, fmt.Errorf("must be %s", f.Allowed)
	case octal(f.typ, text):
		return v, errors.New("begins with 0, which would be read as octal: write it without")
	}
	return v, f.check(v, text)
}

// readAs returns the type that reads the text for a type t.
func readAs(t reflect.Type) reflect.Type {
	if t == reflect.TypeFor[time.Duration]() {
		return reflect.TypeFor[Millis]()
	}
	return t
}

// octal reports whether an integer is written as 010, which package strconv
// would read as 8.
func octal(t reflect.Type, text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return (isInt(t) || isUint(t)) && !decodes(readAs(t)) &&
		len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9'
}

// decodes reports whether t reads its own text, as envconfig sees it.
func decodes(t reflect.Type) bool {
	v := reflect.New(t).Interface()
	switch v.(type) {
	case envconfig.Decoder, envconfig.Setter, encoding.TextUnmarshaler, encoding.BinaryUnmarshaler:
		return true
	default:
		return false
	}
}

// readable reports whether envconfig can fill a value of type t: what it
// cannot, it would leave alone without a word.
func readable(t reflect.Type) bool {
	switch {
	case decodes(t), isInt(t), isUint(t), isFloat(t), t.Kind() == reflect.String, t.Kind() == reflect.Bool:
		return true
	case t.Kind() == reflect.Slice:
		return t.Elem() != reflect.TypeFor[time.Duration]() && readable(t.Elem())
	case t.Kind() == reflect.Map:
		return t.Elem() != reflect.TypeFor[time.Duration]() && !holdsSecret(t.Key()) && readable(t.Key()) && readable(t.Elem())
	default:
		return false
	}
}

func isInt(t reflect.Type) bool { return reflect.Int <= t.Kind() && t.Kind() <= reflect.Int64 }

func isUint(t reflect.Type) bool { return reflect.Uint <= t.Kind() && t.Kind() <= reflect.Uint64 }

func isFloat(t reflect.Type) bool { return t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64 }
