package simulator

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// maxBody is far above anything that the API takes apart from attachments.
const maxBody = 10 << 20 // bytes

// call is a request, read to its end and taken apart.
type call struct {
	method   string
	path     string // as sent
	rawQuery string
	query    func(name string) string
	segments []string // after /ATServicesRest/V1.0, or nil
	service  string   // the one segment of a path without a version: versioninformation
	origin   string   // scheme and host that the caller used
	entity   string   // the registry's thread key, "" where no thread counts
	code     string   // integration code
	header   http.Header
	body     []byte
	tooLarge bool
}

func newCall(r *http.Request) *call {
	c := &call{
		method: r.Method, path: r.URL.Path, rawQuery: r.URL.RawQuery, header: r.Header,
		query:  func(name string) string { return r.URL.Query().Get(name) },
		origin: origin(r), entity: entityOf(r.URL.Path), code: r.Header.Get("ApiIntegrationCode"),
	}
	c.segments, c.service = split(r.URL.Path)
	if r.Body != nil && r.Body != http.NoBody {
		c.body, c.tooLarge = readBody(r.Body)
	}
	return c
}

// entityOf is the registry's thread key of a path that the simulator knows, and "" for any other: what is kept per
// entity must not grow with every name that somebody invents.
func entityOf(path string) string {
	key := registry.ThreadKey(path)
	if _, ok := registry.Lookup(key); ok || key == thresholdInformation {
		return key
	}
	return ""
}

// readBody returns at most maxBody bytes. A body that breaks off is judged by what came.
func readBody(body io.Reader) (data []byte, tooLarge bool) {
	data, err := io.ReadAll(http.MaxBytesReader(nil, io.NopCloser(body), maxBody))
	_, tooLarge = errors.AsType[*http.MaxBytesError](err)
	return data, tooLarge
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

// origin is what links in answers begin with. A host of Autotask is answered as a zone of Autotask, so that a client in
// production settings, which trusts no other host, can be tested through [Simulator.Transport].
func origin(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if r.URL.IsAbs() {
		scheme, host = r.URL.Scheme, r.URL.Host
	}
	if strings.HasSuffix(strings.ToLower(host), ".autotask.net") {
		host = "webservices5.autotask.net"
	}
	return scheme + "://" + host
}

func (c *call) is(method string) bool { return c.method == method }

func (c *call) url() string {
	if c.rawQuery == "" {
		return c.origin + c.path
	}
	return c.origin + c.path + "?" + c.rawQuery
}

func (c *call) notFound() answer {
	return message(http.StatusNotFound, "No HTTP resource was found that matches the request URI '"+c.url()+"'.")
}

func (c *call) notAllowed() answer {
	return message(http.StatusMethodNotAllowed,
		"The requested resource does not support http method '"+c.method+"'.")
}
