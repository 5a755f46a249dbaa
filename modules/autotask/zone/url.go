package zone

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

const (
	version = "v1.0" // the only version of the API there is
	domain  = "autotask.net"
)

// ErrHost is matched by the refusal of an address that must not see credentials.
var ErrHost = errors.New("host is not allowed")

// Hosts says which addresses may see credentials: https hosts under autotask.net, always, and nothing else unless
// Loopback is set.
type Hosts struct {
	// Loopback allows this machine too, over http or https: for a simulator, never in production.
	Loopback bool
}

// Check is nil for an address that may see credentials; its error matches [ErrHost].
func (h Hosts) Check(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	switch {
	case u.User != nil:
		return fmt.Errorf("%w: credentials do not belong in an address", ErrHost)
	case u.Scheme == "https" && (host == domain || strings.HasSuffix(host, "."+domain)):
		return nil
	case h.Loopback && (u.Scheme == "http" || u.Scheme == "https") && loopback(host):
		return nil
	case loopback(host):
		return fmt.Errorf("%w: %s is this machine, which is for development and tests", ErrHost, u.Host)
	default:
		return fmt.Errorf("%w: %s://%s is no https host under %s", ErrHost, u.Scheme, u.Host, domain)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Parse reads the address of an API in whatever form it is written, and gives the one that requests are built on: it ends
// with "/v1.0/". With or without the version, with or without a final slash; without a path, /atservicesrest/ is meant.
func Parse(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, errors.New("not an address") // url.Parse's own error repeats the text, which may hold a password
	}
	if u.Scheme == "" || u.Host == "" {
		return nil, errors.New("not an address with scheme and host")
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.RawQuery, u.Fragment = "", ""
	var segments []string
	for s := range strings.SplitSeq(u.Path, "/") {
		if s != "" {
			segments = append(segments, s)
		}
	}
	if n := len(segments); n > 0 && strings.EqualFold(segments[n-1], version) {
		segments = segments[:n-1]
	}
	if len(segments) == 0 {
		segments = []string{"atservicesrest"}
	}
	u.Path, u.RawPath = "/"+strings.Join(segments, "/")+"/"+version+"/", ""
	return u, nil
}

// Zone is where a tenant's API is. The zero Zone is nowhere.
type Zone struct{ base *url.URL }

// At is the zone at an address that [Parse] gave.
func At(base *url.URL) Zone { return Zone{base} }

// String is the address, ending with "/v1.0/".
func (z Zone) String() string {
	if z.base == nil {
		return ""
	}
	return z.base.String()
}

// Join is the address of a path below the version, with a query string that is encoded already.
func (z Zone) Join(path, rawQuery string) *url.URL {
	u := *z.base
	u.Path += strings.TrimLeft(path, "/")
	u.RawQuery = rawQuery
	return &u
}

// Cut is the inverse of Join. It fails for an address outside this zone, with an error that matches [ErrHost]: the link
// to a next page is data, and must not lead credentials elsewhere.
func (z Zone) Cut(raw string) (path, rawQuery string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", fmt.Errorf("%w: not an address", ErrHost)
	}
	n := len(z.base.Path)
	same := u.Scheme == z.base.Scheme && u.User == nil && strings.EqualFold(u.Host, z.base.Host) &&
		len(u.Path) > n && strings.EqualFold(u.Path[:n], z.base.Path) && !strings.Contains(u.Path, "..")
	if !same {
		return "", "", fmt.Errorf("%w: %s://%s is not the zone %s", ErrHost, u.Scheme, u.Host, z)
	}
	return u.Path[n:], u.RawQuery, nil
}
