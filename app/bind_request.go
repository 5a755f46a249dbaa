package app

import (
	"reflect"

	"github.com/labstack/echo/v4"
)

// bind fills in, a pointer to the route's In: the body first, then every field
// that comes from elsewhere, so that a body never has the last word on those.
func (p *plan) bind(c echo.Context, in any, pool *buffers) error {
	var faults []FieldError
	if p.hasBody {
		if err := p.bindBody(c, in, pool); err != nil {
			if len(err.fields) == 0 {
				return err
			}
			faults = err.fields
		}
	}
	if len(p.sources) > 0 {
		faults = append(p.bindSources(c, reflect.ValueOf(in).Elem()), faults...)
	}
	if len(faults) > 0 {
		return malformed(faults)
	}
	return nil
}

func (p *plan) bindBody(c echo.Context, in any, pool *buffers) *Error {
	buf := pool.get()
	defer pool.put(buf)
	if err := readBody(c, &buf.Buffer); err != nil {
		return err
	}
	return p.decodeBody(buf.Bytes(), in)
}
