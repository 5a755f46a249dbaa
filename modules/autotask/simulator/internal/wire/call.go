package wire

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// MaxBody is the most of a body that is read. An attachment of 7 MB is 9.4 MB in base64.
const MaxBody = 10 << 20 // bytes

// Call is a request, read to its end and taken apart.
type Call struct {
	Method   string
	Path     string // as sent, decoded
	RawQuery string
	Segments []string // after /ATServicesRest/V1.0, or nil
	Service  string   // the one segment of a path without a version: versioninformation
	Origin   string   // scheme and host that the caller used
	Entity   string   // the registry's thread key, "" where no thread counts
	Code     string   // integration code
	Header   http.Header
	Body     []byte
	TooLarge bool            // the body is longer than MaxBody
	Broken   error           // why the body broke off; nil where it did not
	Done     <-chan struct{} // closed when nobody waits for the answer any more

	params []param
}

// param is one name and value of a query string.
type param struct{ name, value string }

// Read reads a request to its end.
func Read(r *http.Request) *Call {
	c := &Call{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Header: r.Header,
		Origin: origin(r), Entity: entityOf(r.URL.Path), Code: r.Header.Get("ApiIntegrationCode"),
		Done: r.Context().Done(),
	}
	c.Segments, c.Service = split(r.URL.Path)
	c.params = parameters(c.RawQuery)
	if r.Body != nil && r.Body != http.NoBody {
		c.readBody(r.Body)
	}
	return c
}

// maxParams is how many parameters are looked at.
const maxParams = 20

// parameters takes a query string apart as .NET does: only & parts it, and what is no escape stands for itself.
func parameters(query string) []param {
	var list []param
	for query != "" && len(list) < maxParams {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		list = append(list, param{unescape(name), unescape(value)})
	}
	return list
}

// unescape decodes what is an escape and keeps the rest.
func unescape(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	var b strings.Builder
	for s != "" {
		before, after, found := strings.Cut(s, "%")
		b.WriteString(before)
		if !found {
			break
		}
		if code, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8); err == nil && len(after) >= 2 {
			b.WriteByte(byte(code))
			after = after[2:]
		} else {
			b.WriteByte('%')
		}
		s = after
	}
	return b.String()
}

// entityOf is the registry's thread key of a path that is known, and "" for any other: what is kept per entity must not
// grow with every name that somebody invents.
func entityOf(path string) string {
	key := registry.ThreadKey(path)
	if _, ok := registry.Find(key); ok || key == "ThresholdInformation" {
		return key
	}
	return ""
}

func (c *Call) readBody(body io.Reader) {
	c.Body, c.Broken = io.ReadAll(http.MaxBytesReader(nil, io.NopCloser(body), MaxBody))
	if _, c.TooLarge = errors.AsType[*http.MaxBytesError](c.Broken); c.TooLarge {
		c.Broken = nil
	}
}

// split returns the segments behind the version, or the only segment where there is no version. Letters of any case
// are alike; a path outside /ATServicesRest has neither.
func split(path string) (segments []string, service string) {
	all := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	switch {
	case len(all) < 2 || !strings.EqualFold(all[0], "atservicesrest"):
		return nil, ""
	case strings.EqualFold(all[1], "v1.0"):
		return all[2:], ""
	case len(all) == 2:
		return nil, all[1]
	default:
		return nil, ""
	}
}

func origin(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if r.URL.IsAbs() {
		scheme, host = r.URL.Scheme, r.URL.Host
	}
	return scheme + "://" + host
}

// Is reports whether the method is this one.
func (c *Call) Is(method string) bool { return c.Method == method }

// Param returns a parameter of the query string by its name in any case of letters, "" where there is none.
func (c *Call) Param(name string) string {
	for _, p := range c.params {
		if strings.EqualFold(p.name, name) {
			return p.value
		}
	}
	return ""
}

// URL is the address that was called.
func (c *Call) URL() string {
	if c.RawQuery == "" {
		return c.Origin + c.Path
	}
	return c.Origin + c.Path + "?" + c.RawQuery
}

// maxEcho is how much of what a caller has sent is told back to him.
const maxEcho = 2048 // bytes

// NotFound is the web stack's answer to a path that nothing serves.
func (c *Call) NotFound() Answer {
	return Message(http.StatusNotFound, "No HTTP resource was found that matches the request URI '"+shorten(c.URL(), maxEcho)+"'.").
		Misusing("unknown_path")
}

// NotAllowed is the web stack's answer to a path that something serves by another method.
func (c *Call) NotAllowed() Answer {
	return Message(http.StatusMethodNotAllowed,
		"The requested resource does not support http method '"+shorten(c.Method, maxEcho)+"'.").Misusing("wrong_method")
}
