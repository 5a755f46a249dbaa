package app

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"
)

// rules checks what validate tags say. All routes of a router share one.
type rules struct {
	validate *validator.Validate
}

// transparent stands for an embedded struct in the validator's paths: JSON
// does not show it.
const transparent = "\x00"

func newRules() *rules {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(publicName)
	return &rules{validate: v}
}

// publicName is the name a client knows a field by.
func publicName(f reflect.StructField) string {
	for _, from := range []string{fromPath, fromQuery, fromHeader} {
		if name := f.Tag.Get(from); name != "" {
			return from + "." + name
		}
	}
	if f.Anonymous && embeds(f) {
		return transparent
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		name = ""
	}
	return orElse(name, f.Name)
}

// used tells whether any type that In can hold has a validate tag. A tag that
// the validator does not understand is a fault of the route.
func (r *rules) used(c *compiler, route *route) bool {
	var types []reflect.Type
	if !collectValidated(route.in, &types, nil) {
		return false
	}
	for _, t := range types {
		if problem := r.try(t); problem != "" {
			c.fault(route, fmt.Sprintf("%s has a validate tag that is not understood: %s", t, problem),
				"see https://pkg.go.dev/github.com/go-playground/validator/v10 for the tags there are")
		}
	}
	return true
}

// try has the validator read the tags of a type, which it does by panicking.
func (r *rules) try(t reflect.Type) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprint(p)
		}
	}()
	_ = r.validate.Struct(reflect.New(t).Interface()) // whether it is valid does not matter here
	return ""
}

// collectValidated gathers the struct types reachable from t and tells whether
// one of their fields has a validate tag.
func collectValidated(t reflect.Type, types *[]reflect.Type, seen []reflect.Type) (found bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	for f := range t.Fields() {
		if f.Tag.Get("validate") != "" {
			found = true
		}
		if collectValidated(f.Type, types, seen) {
			found = true
		}
	}
	if found && !slices.Contains(*types, t) {
		*types = append(*types, t)
	}
	return found
}

// check gives a 422 that names every broken rule, or nil.
func (r *rules) check(in any) error {
	err := r.validate.Struct(in)
	if err == nil {
		return nil
	}
	broken, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return fmt.Errorf("validate %T: %w", in, err)
	}
	root := reflect.TypeOf(in).Elem().Name()
	fields := make([]FieldError, len(broken))
	for i, b := range broken {
		fields[i] = fieldError(b, root)
	}
	if len(fields) == 1 {
		return Invalid("%s", fields[0].Message).WithFields(fields...)
	}
	return Invalid("%d fields are not valid", len(fields)).WithFields(fields...)
}

func fieldError(b validator.FieldError, root string) FieldError {
	field := strings.TrimPrefix(b.Namespace(), root+".")
	field = strings.ReplaceAll(field, transparent+".", "")
	rule := b.Tag()
	if b.Param() != "" {
		rule += "=" + b.Param()
	}
	return FieldError{Field: field, Rule: rule, Message: field + " " + sentence(b)}
}

// sentence says what a rule asks, in the words that follow the field's name.
func sentence(b validator.FieldError) string {
	switch b.Tag() {
	case "required":
		return "is required"
	case "required_if", "required_unless", "required_with", "required_with_all", "required_without", "required_without_all":
		return "is required here (" + b.Tag() + " " + b.Param() + ")"
	case "min", "gte":
		return "must " + amount(b, "at least ")
	case "max", "lte":
		return "must " + amount(b, "at most ")
	case "gt":
		return "must " + amount(b, "more than ")
	case "lt":
		return "must " + amount(b, "less than ")
	case "len", "eq":
		return "must " + amount(b, "exactly ")
	case "oneof":
		return "must be one of: " + strings.Join(strings.Fields(b.Param()), ", ")
	case "unique":
		return "must not hold the same item twice"
	case "email":
		return "must be an e-mail address"
	case "url", "http_url", "uri":
		return "must be a URL"
	case "uuid", "uuid4":
		return "must be a UUID"
	case "datetime":
		return "must be a time written as " + b.Param()
	case "numeric", "number":
		return "must be a number"
	case "alphanum":
		return "must be letters and digits only"
	}
	if b.Param() != "" {
		return "breaks the rule " + b.Tag() + "=" + b.Param()
	}
	return "breaks the rule " + b.Tag()
}

// amount says what is counted: characters of text, items of a list, else the
// number itself.
func amount(b validator.FieldError, bound string) string {
	unit := func(one string) string {
		if b.Param() == "1" {
			return one
		}
		return one + "s"
	}
	switch b.Kind() { //nolint:exhaustive // the others are numbers
	case reflect.String:
		if b.Tag() == "eq" {
			return "be " + b.Param()
		}
		return "have " + bound + b.Param() + unit(" character")
	case reflect.Slice, reflect.Array, reflect.Map:
		return "have " + bound + b.Param() + unit(" item")
	}
	return "be " + bound + b.Param()
}
