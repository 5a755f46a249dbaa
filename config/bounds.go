package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// limits are what the min, max and oneof tags say.
type limits struct {
	min, max *reflect.Value
	oneof    []string
}

// limitsOf reads the tags. A duration is not negative and a ratio from 0 to 1
// where they say nothing.
func limitsOf(t reflect.Type, tag reflect.StructTag) (limits, error) {
	low, high := tag.Get("min"), tag.Get("max")
	ratio := t == reflect.TypeFor[Ratio]()
	if low == "" && (ratio || isDuration(t)) {
		low = "0"
	}
	if high == "" && ratio {
		high = "1"
	}
	l := limits{oneof: strings.Fields(tag.Get("oneof"))}
	var err error
	if l.min, err = limit(t, "min", low); err != nil {
		return l, err
	}
	l.max, err = limit(t, "max", high)
	return l, err
}

func limit(t reflect.Type, name, text string) (*reflect.Value, error) {
	if text == "" {
		return nil, nil // no limit, and nothing wrong
	}
	if !isInt(t) && !isUint(t) && !isFloat(t) {
		return nil, fmt.Errorf("a %s has no %s", t, name)
	}
	v, err := decode(t, text)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", name, text, err)
	}
	return &v, nil
}

// check holds a value against the bounds.
func (f field) check(v reflect.Value, text string) error {
	below := f.min != nil && compare(v, *f.min) < 0
	above := f.max != nil && compare(v, *f.max) > 0
	strange := len(f.oneof) > 0 && slices.ContainsFunc(words(f.typ, text), func(word string) bool {
		return !slices.Contains(f.oneof, word)
	})
	if below || above || strange || v.Kind() == reflect.Float64 && v.Float() != v.Float() {
		return fmt.Errorf("must be %s", f.Allowed)
	}
	return nil
}

// words returns what oneof is about: the text, the items of a list, the
// values of a map.
func words(t reflect.Type, text string) []string {
	if t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		return []string{text}
	}
	items := strings.Split(text, ",")
	if t.Kind() == reflect.Map {
		for i, item := range items {
			_, items[i], _ = strings.Cut(item, ":")
		}
	}
	return items
}

func compare(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	default:
		return cmp.Compare(a.Float(), b.Float())
	}
}

// describe says in words what may be written.
func (f field) describe() string {
	what := f.kind()
	if len(f.oneof) > 0 {
		return what + strings.Join(f.oneof, ", ")
	}
	switch {
	case f.min != nil && f.max != nil:
		return fmt.Sprintf("%s, from %v to %v", what, *f.min, *f.max)
	case f.min != nil:
		return fmt.Sprintf("%s, at least %v", what, *f.min)
	case f.max != nil:
		return fmt.Sprintf("%s, at most %v", what, *f.max)
	default:
		return what
	}
}

// kind says what describe begins with.
func (f field) kind() string {
	v := reflect.New(f.typ).Interface()
	if own, ok := v.(interface{ Allowed() string }); ok {
		return own.Allowed()
	}
	switch {
	case isDuration(f.typ):
		return durationText
	case f.typ == reflect.TypeFor[Ratio]():
		return ratioText
	case f.typ.Kind() == reflect.Slice && len(f.oneof) > 0:
		return "a comma-separated list of "
	case f.typ.Kind() == reflect.Slice:
		return "a comma-separated list"
	case f.typ.Kind() == reflect.Map && len(f.oneof) > 0:
		return "a comma-separated list of name:value, each value one of: "
	case f.typ.Kind() == reflect.Map:
		return "a comma-separated list of name:value"
	case len(f.oneof) > 0:
		return "one of: "
	case decodes(f.typ):
		return "a value" // what else is for its own decoder to say
	case f.typ.Kind() == reflect.Bool:
		return "true or false"
	case isInt(f.typ), isUint(f.typ):
		return "a whole number"
	case isFloat(f.typ):
		return "a number"
	default:
		return anyText
	}
}

// typeName names a type for a reader who does not know Go.
func typeName(t reflect.Type) string {
	switch {
	case holdsSecret(t):
		return "secret"
	case isDuration(t):
		return "duration"
	case t == reflect.TypeFor[Ratio]():
		return "ratio"
	case t == reflect.TypeFor[Stage]():
		return "stage"
	case decodes(t):
		return t.String()
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Map:
		return "map"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case isInt(t), isUint(t):
		return "integer"
	case isFloat(t):
		return "number"
	default:
		return "text"
	}
}

func isDuration(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[Millis]()
}
