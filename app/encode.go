package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// encoder writes the Out of a route, worked out once at start.
type encoder struct {
	status   int // of a good answer
	missing  int // of a nil Out: 204 unless Status was called
	headers  []headerField
	statusAt int          // index of the field tagged status, or -1
	body     reflect.Type // pointer to Out without its header and status fields; nil is Out itself
	buffers  *buffers
	jsonType []string // the Content-Type header, shared
}

// headerField is a field of Out that is sent as a header.
type headerField struct {
	name  string
	index int
}

// compileEncoder works out how the Out of a route is written. What is wrong
// with it goes to the compiler's faults.
func compileEncoder(c *compiler, r *route) *encoder {
	e := &encoder{status: defaultStatus(r), missing: http.StatusNoContent, statusAt: -1, buffers: c.buffers, jsonType: c.jsonType}
	if r.status != 0 {
		e.missing = r.status
		if r.status < 200 || r.status > 399 {
			c.fault(r, fmt.Sprintf("%s has the status %d, which is no good answer", r.title(), r.status), "give Status a number from 200 to 399; return an error for the others")
		}
	}
	if r.out.Kind() == reflect.Struct && !encodesItself(r.out) {
		e.fields(c, r)
	}
	var unsupported *json.UnsupportedTypeError
	if err := tryEncode(r.out); errors.As(err, &unsupported) {
		c.fault(r, fmt.Sprintf("%s gives %s, which JSON cannot hold: %s", r.title(), r.out, unsupported.Type), "tag the field `json:\"-\"`")
	}
	return e
}

// defaultStatus is the status of a good answer that sets none.
func defaultStatus(r *route) int {
	switch {
	case r.status != 0:
		return r.status
	case r.method == http.MethodPost:
		return http.StatusCreated
	}
	return http.StatusOK
}

func encodesItself(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]())
}

// tryEncode encodes an empty value. A type's own method may not be ready for
// one; that is no fault.
func tryEncode(t reflect.Type) (err error) {
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	_, err = json.Marshal(reflect.New(t).Interface())
	return err
}

// fields finds the header and status fields of Out and, unless they are out
// of the body by their own tags, builds the type of the body: the same fields
// in the same places, so that one converts to the other.
func (e *encoder) fields(c *compiler, r *route) {
	body := make([]reflect.StructField, 0, r.out.NumField())
	shown := false
	for i := range r.out.NumField() {
		f := r.out.Field(i)
		if e.field(c, r, f, i) && f.Tag.Get("json") != "-" {
			f.Tag = `json:"-"`
			shown = true
		}
		body = append(body, f)
	}
	if !shown {
		return
	}
	defer func() {
		if p := recover(); p != nil { // reflect.StructOf cannot build some embedded types
			c.fault(r, fmt.Sprintf("the header and status fields of %s cannot be kept out of its body: %v", r.out, p), "tag them `json:\"-\"` as well")
		}
	}()
	e.body = reflect.PointerTo(reflect.StructOf(body))
}

// field notes a header or status field and tells whether it is one.
func (e *encoder) field(c *compiler, r *route, f reflect.StructField, i int) bool {
	name, header := f.Tag.Lookup(fromHeader)
	_, status := f.Tag.Lookup("status")
	switch {
	case f.Anonymous && tagged(f.Type, nil):
		c.fault(r, fmt.Sprintf("%s embeds %s, whose header fields are not looked for", r.out, f.Type), "move these fields up")
	case header && !headerName(name):
		c.fault(r, fmt.Sprintf("%s.%s has the header tag %q, which cannot be set", r.out, f.Name, name), "name another header")
	case header && (!f.IsExported() || !headerKind(f.Type)):
		c.fault(r, fmt.Sprintf("%s.%s is a %s, which cannot be sent as a header", r.out, f.Name, f.Type), "make it an exported string, []string, bool, number or time.Time")
	case header:
		e.headers = append(e.headers, headerField{name: http.CanonicalHeaderKey(name), index: i})
	case status && f.Type != reflect.TypeFor[int]():
		c.fault(r, fmt.Sprintf("%s.%s is tagged status and is a %s", r.out, f.Name, f.Type), "make it an int")
	case status:
		e.statusAt = i
	}
	return header || status
}

func headerName(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type":
		return false
	}
	return !strings.ContainsAny(name, " \t\r\n:")
}

func headerKind(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[[]string]() {
		return true
	}
	switch t.Kind() { //nolint:exhaustive // the others are not
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// write sends out, a pointer to Out that may be nil, with the status of a
// fallback answer or, where that is 0, its own. It encodes before it writes,
// so that a value which cannot be encoded is still a clean 500.
func (e *encoder) write(c echo.Context, out any, missing bool, status int) error {
	res := c.Response()
	if missing {
		res.WriteHeader(e.missing)
		return nil
	}
	if status == 0 {
		status = e.status
	}
	var v reflect.Value // out, where its header and status fields are wanted
	if len(e.headers) > 0 || e.statusAt >= 0 {
		v = reflect.ValueOf(out).Elem()
		if err := e.statusOf(v, &status); err != nil {
			return err
		}
		if e.body != nil {
			out = v.Addr().Convert(e.body).Interface()
		}
	}
	if status == http.StatusNoContent || status == http.StatusNotModified {
		e.setHeaders(res.Header(), v)
		res.WriteHeader(status)
		return nil
	}
	return e.writeJSON(c, status, out, v)
}

func (e *encoder) writeJSON(c echo.Context, status int, out any, fields reflect.Value) error {
	buf := e.buffers.get()
	defer e.buffers.put(buf)
	if err := buf.encoder.Encode(out); err != nil {
		return fmt.Errorf("encode %T: %w", out, err)
	}
	res := c.Response()
	h := res.Header()
	e.setHeaders(h, fields)
	h[echo.HeaderContentType] = e.jsonType
	h.Set(echo.HeaderContentLength, strconv.Itoa(buf.Len()))
	res.WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := res.Write(buf.Bytes())
	return err
}

func (e *encoder) statusOf(out reflect.Value, status *int) error {
	if e.statusAt < 0 {
		return nil
	}
	n := int(out.Field(e.statusAt).Int())
	if n == 0 {
		return nil
	}
	if n < 200 || n > 599 {
		return fmt.Errorf("%s has the status %d, which is not from 200 to 599", out.Type(), n)
	}
	*status = n
	return nil
}

func (e *encoder) setHeaders(h http.Header, out reflect.Value) {
	for _, f := range e.headers {
		field := out.Field(f.index)
		if field.IsZero() {
			continue
		}
		switch value := field.Interface().(type) {
		case string:
			h.Set(f.name, value)
		case []string:
			h[f.name] = value
		case time.Time:
			h.Set(f.name, value.UTC().Format(http.TimeFormat))
		default:
			h.Set(f.name, fmt.Sprint(value))
		}
	}
}

// maxPooled bounds the buffers kept for later: one great answer must not hold
// its memory for ever.
const maxPooled = 64 << 10 // bytes

// buffers is a pool of buffers, each with a JSON encoder writing into it.
type buffers struct {
	pool sync.Pool
}

type buffer struct {
	bytes.Buffer

	encoder *json.Encoder
}

func (p *buffers) get() *buffer {
	if b, ok := p.pool.Get().(*buffer); ok {
		return b
	}
	b := &buffer{}
	b.encoder = json.NewEncoder(&b.Buffer)
	return b
}

func (p *buffers) put(b *buffer) {
	if b.Cap() > maxPooled {
		return
	}
	b.Reset()
	p.pool.Put(b)
}
