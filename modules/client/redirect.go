package client

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Redirects says which redirects a client follows. A step from https to http,
// and an eleventh redirect, are refused in any case.
type Redirects uint8

// The ways to treat a redirect.
const (
	// SameHost follows a redirect to the same host and port, or from port 80 of
	// a host to its port 443. Another one is a [*RedirectError].
	SameHost Redirects = iota
	// NoRedirects follows none: the answer with status 3xx is the answer.
	NoRedirects
	// AnyHost follows a redirect anywhere. Once another host was met, a request
	// carries Accept, Accept-Encoding, Accept-Language, Range, User-Agent and
	// nothing else, no cookies either; a redirect that would carry a body there
	// is refused.
	AnyHost
)

const maxRedirects = 10

// Check is a CheckRedirect for an http.Client.
func (r Redirects) Check(req *http.Request, via []*http.Request) error {
	if r == NoRedirects {
		return http.ErrUseLastResponse
	}
	if len(via) >= maxRedirects {
		return refused(via[0].URL, req.URL, fmt.Sprintf("after %d redirects", len(via)))
	}
	crossed := false
	for _, before := range via {
		crossed = crossed || !sameHost(via[0].URL, before.URL)
	}
	_, err := r.step(req, via[0].URL, via[len(via)-1].URL, crossed)
	return err
}

// judge applies r to a request that a redirect caused. It finds the way the call
// has come in the answers that led to it, and reports whether that has left the
// host of the first request.
func (r Redirects) judge(req *http.Request) (crossed bool, err error) {
	if req.Response.Request == nil {
		return false, refused(req.URL, req.URL, "from an answer without its request")
	}
	last, first := req.Response.Request, req
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
	}
	for at := last; at != first; at = at.Response.Request {
		crossed = crossed || !sameHost(first.URL, at.URL)
	}
	if r == NoRedirects {
		return false, refused(first.URL, req.URL, "where none is followed")
	}
	return r.step(req, first.URL, last.URL, crossed)
}

// step judges one redirect, from last to req, of a call that began at first.
func (r Redirects) step(req *http.Request, first, last *url.URL, crossed bool) (bool, error) {
	crossed = crossed || !sameHost(first, req.URL)
	switch {
	case last.Scheme == "https" && req.URL.Scheme != "https":
		return crossed, refused(first, req.URL, "down from https")
	case crossed && r != AnyHost:
		return crossed, refused(first, req.URL, "to another host")
	case crossed && req.Body != nil && req.Body != http.NoBody:
		return crossed, refused(first, req.URL, "with a body to another host")
	default:
		return crossed, nil
	}
}

func refused(from, to *url.URL, why string) error {
	return &RedirectError{From: from.Scheme + "://" + from.Host, To: to.Scheme + "://" + to.Host, Why: why}
}

// sameHost reports whether b may see what was meant for a: the same host and
// port, or the TLS port of the same host.
func sameHost(a, b *url.URL) bool {
	if !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	from, to := cmp.Or(a.Port(), defaultPort(a.Scheme)), cmp.Or(b.Port(), defaultPort(b.Scheme))
	return from == to || from == "80" && to == "443" && b.Scheme == "https"
}

// anonymous returns the headers that name no caller. Which headers carry a
// secret nobody can know, so it lists those that do not.
func anonymous(h http.Header) http.Header {
	kept := make(http.Header)
	for _, name := range []string{"Accept", "Accept-Encoding", "Accept-Language", "Range", "User-Agent"} {
		if values, ok := h[name]; ok {
			kept[name] = values
		}
	}
	return kept
}
