package app

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"
)

// bindSources fills the fields that come from the path, the query and headers.
// Each is set or emptied, whatever a body may have put there.
func (p *plan) bindSources(c echo.Context, in reflect.Value) []FieldError {
	var faults []FieldError
	for i := range p.sources {
		s := &p.sources[i]
		var one [1]string
		values, problem := s.values(c, one[:0])
		if problem == "" {
			problem = s.bind(in, values)
		}
		if problem != "" {
			faults = append(faults, FieldError{Field: s.label, Rule: "type", Message: s.label + " " + problem})
		}
	}
	return faults
}

// values reads what was sent into into, which has room for the usual one.
func (s *source) values(c echo.Context, into []string) (values []string, problem string) {
	switch s.from {
	case fromPath:
		value, err := pathParam(c, s.name)
		if err != nil {
			return nil, "is not escaped as URLs are"
		}
		return append(into, value), ""
	case fromQuery:
		return queryValues(c.Request().URL.RawQuery, s.name, into)
	default:
		return append(into, c.Request().Header.Values(s.name)...), ""
	}
}

// queryValues reads one parameter without parsing the others, so a query of
// plain text costs no allocation.
func queryValues(query, name string, into []string) (values []string, problem string) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(pair, "=")
		if key != name {
			plain, err := url.QueryUnescape(key)
			if err != nil || plain != name {
				continue
			}
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return nil, "is not escaped as URLs are"
		}
		into = append(into, plain)
	}
	return into, ""
}

// bind sets the field and tells what is wrong, in the words that follow the
// field's label.
func (s *source) bind(in reflect.Value, values []string) (problem string) {
	if len(values) == 0 && !s.set {
		empty(in, s.index)
		return ""
	}
	dst := fieldAt(in, s.index)
	dst.SetZero()
	if len(values) == 0 {
		values = strings.Split(s.preset, ",")
	}
	if len(values) > 1 && !s.parse.many {
		return "is given more than once"
	}
	if err := s.apply(dst, values); err != nil {
		return "must be " + s.parse.want
	}
	return ""
}

func (s *source) apply(dst reflect.Value, values []string) error {
	if !s.parse.many {
		return s.parse.parse(dst, strings.Join(values, ","))
	}
	for _, value := range values {
		if err := s.parse.parse(dst, value); err != nil {
			return err
		}
	}
	return nil
}

// fieldAt is the field, embedded pointers on the way made.
func fieldAt(in reflect.Value, index []int) reflect.Value {
	for i, n := range index {
		if i > 0 && in.Kind() == reflect.Pointer {
			if in.IsNil() {
				in.Set(reflect.New(in.Type().Elem()))
			}
			in = in.Elem()
		}
		in = in.Field(n)
	}
	return in
}

// empty clears the field where it exists.
func empty(in reflect.Value, index []int) {
	for i, n := range index {
		if i > 0 && in.Kind() == reflect.Pointer {
			if in.IsNil() {
				return
			}
			in = in.Elem()
		}
		in = in.Field(n)
	}
	in.SetZero()
}
