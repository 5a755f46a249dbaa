package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/holdfast-go/holdfast/app"
)

// Request is a request to be sent with Do. Its methods change it and give it
// back.
type Request struct {
	app    *App
	ctx    context.Context //nolint:containedctx // handed on by Do
	method string
	path   string
	header http.Header
	body   io.Reader
}

// Header sets a header.
func (r *Request) Header(name, value string) *Request {
	r.header.Set(name, value)
	return r
}

// JSON sends v, encoded, as application/json.
func (r *Request) JSON(v any) *Request {
	r.app.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		r.app.t.Fatalf("%s %s: encode the body: %v", r.method, r.path, err)
	}
	return r.Body("application/json", string(body))
}

// Body sends text as it is. An empty content type sends none.
func (r *Request) Body(contentType, text string) *Request {
	if contentType != "" {
		r.header.Set("Content-Type", contentType)
	}
	r.body = strings.NewReader(text)
	return r
}

// Context sends the request with a context, to cancel it.
func (r *Request) Context(ctx context.Context) *Request {
	r.ctx = ctx
	return r
}

// Do sends the request through the application's handler.
func (r *Request) Do() *Response {
	return r.send(r.app.Handler(), "example.com")
}

// DoAdmin sends the request to the admin listener's handler, as from this machine.
func (r *Request) DoAdmin() *Response {
	return r.send(r.app.AdminHandler(), "localhost")
}

func (r *Request) send(h http.Handler, host string) *Response {
	ctx := r.ctx
	if ctx == nil {
		ctx = r.app.t.Context()
	}
	req := httptest.NewRequestWithContext(ctx, r.method, r.path, r.body)
	req.Header, req.Host = r.header, host
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return &Response{
		StatusCode: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes(),
		t: r.app.t, title: r.method + " " + r.path,
	}
}

// Response is what came back.
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte

	t     testing.TB
	title string
}

// Status fails the test unless the status is want, and shows the body then.
func (r *Response) Status(want int) *Response {
	r.t.Helper()
	if r.StatusCode != want {
		r.t.Fatalf("%s: status %d, want %d\n%s", r.title, r.StatusCode, want, r.Body)
	}
	return r
}

// JSON decodes the body into v. Members that v does not have fail the test, as
// they are likely a misspelt tag.
func (r *Response) JSON(v any) *Response {
	r.t.Helper()
	dec := json.NewDecoder(bytes.NewReader(r.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		r.t.Fatalf("%s: decode the answer: %v\n%s", r.title, err, r.Body)
	}
	return r
}

// Problem decodes the body as an error and fails the test where it is none.
func (r *Response) Problem() app.Problem {
	r.t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Fatalf("%s: status %d with Content-Type %q, want a problem\n%s", r.title, r.StatusCode, got, r.Body)
	}
	var p app.Problem
	if err := json.Unmarshal(r.Body, &p); err != nil {
		r.t.Fatalf("%s: decode the problem: %v\n%s", r.title, err, r.Body)
	}
	return p
}
