package simulator

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// byHost is the port of a request that came by no listener of ours: its host names the zone.
const byHost = -1

// zones knows which zones there are and in which the tenant lives.
type zones struct {
	list  []int
	home  atomic.Int64          // the place of the tenant's zone in list
	ports atomic.Pointer[[]int] // of the listeners, in the order of list; nil while there are none
}

func newZones(list []int) *zones { return &zones{list: slices.Clone(list)} }

func (z *zones) reset() { z.home.Store(0) }

// Move moves the tenant to another of the zones in [Config]: the zone lookup tells the new one from now on, and the
// old one answers every call with 401 and no body. The error names the zones that there are.
func (s *Simulator) Move(zone int) error {
	at := slices.Index(s.zones.list, zone)
	if at < 0 {
		return fmt.Errorf("autotask simulator: move: zone %d is none of %v", zone, s.zones.list)
	}
	s.zones.home.Store(int64(at))
	return nil
}

// Zone returns the number of the zone that the tenant lives in.
func (s *Simulator) Zone() int { return s.zones.current() }

func (z *zones) current() int { return z.list[z.home.Load()] }

// entered returns the number of the zone that a request came to.
func (z *zones) entered(v *visit) int {
	if v.port != byHost {
		return z.list[v.port]
	}
	if zone, ok := named(hostOf(v.Origin)); ok {
		return zone
	}
	return z.list[0]
}

// hosted is r with the address that it came to where it names no host, as HTTP/1.0 need not.
func (s *Simulator) hosted(r *http.Request) *http.Request {
	if r.Host != "" || r.URL.IsAbs() {
		return r
	}
	r = r.WithContext(r.Context())
	r.Host = s.cfg.Addr
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		r.Host = addr.String()
	}
	return r
}

func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}

const autotask = ".autotask.net"

// named returns the zone that a host names: webservices14.autotask.net, zone14.<anything>.
func named(host string) (zone int, ok bool) {
	label, _, below := strings.Cut(host, ".")
	switch {
	case !below:
		return 0, false
	case hasPrefixFold(label, "zone"):
		label = label[len("zone"):]
	case hasPrefixFold(label, "webservices") && ofAutotask(host):
		label = label[len("webservices"):]
	default:
		return 0, false
	}
	n, err := strconv.ParseUint(label, 10, 8)
	return int(n), err == nil && n >= 1 && n <= maxZone
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// ofAutotask reports whether a host, with or without a port, is one of Autotask's own.
func ofAutotask(host string) bool {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return len(host) > len(autotask) && strings.EqualFold(host[len(host)-len(autotask):], autotask)
}

// origin returns scheme and host of the tenant's zone for whoever has made this call. Who calls it is there already
// is answered the origin that he has used, whatever stands between.
func (z *zones) origin(v *visit) string {
	scheme, host, _ := strings.Cut(v.Origin, "://")
	home := z.current()
	switch {
	case v.port == byHost && ofAutotask(host):
		return scheme + "://webservices" + strconv.Itoa(home) + autotask
	case z.entered(v) == home:
		return v.Origin
	case v.port == byHost:
		return scheme + "://" + neighbour(host, home)
	default:
		return scheme + "://" + z.behind(host, v.port)
	}
}

// neighbour is the host of another zone where the host names the zone: zone14.sim.example for sim.example and for
// zone5.sim.example. This machine is zone14.localhost, which is a loopback address in every resolver that follows RFC
// 6761.
func neighbour(host string, zone int) string {
	if _, ok := named(host); ok {
		_, host, _ = strings.Cut(host, ".")
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); ip != nil {
		name = "localhost"
	}
	if host = "zone" + strconv.Itoa(zone) + "." + name; port != "" {
		host += ":" + port
	}
	return host
}

// behind is the host of the tenant's zone where each has a port of its own. The ports that a caller sees may be
// mapped to ours: they are as far apart.
func (z *zones) behind(host string, from int) string {
	home := int(z.home.Load())
	name, text, err := net.SplitHostPort(host)
	if err != nil {
		name, text = strings.Trim(host, "[]"), ""
	}
	ports := z.ports.Load()
	if ports == nil {
		return host // the listeners are gone
	}
	port := (*ports)[home]
	if seen, err := strconv.Atoi(text); err == nil && seen != (*ports)[from] {
		port = seen + home - from
	}
	return net.JoinHostPort(name, strconv.Itoa(port))
}

// zoneName is the name of a zone as Autotask's help has it; a number that is not there has a name of our own.
func zoneName(zone int) string {
	name, ok := map[int]string{
		1: "Limited release", 2: "Pre-release", 3: "America East", 4: "UK", 5: "America West", 6: "Australia (old)",
		11: "Pre-release UK", 12: "Spanish", 14: "America East 2", 15: "America West 2", 16: "UK2",
		17: "Limited release UK", 18: "German", 19: "EU1 (English, Europe & Asia)", 22: "America East 3",
		24: "America West 3", 25: "America West 4", 26: "Australia 2", 28: "UK3", 29: "Australia/NZ Sydney",
	}[zone]
	if !ok {
		name = "Zone " + strconv.Itoa(zone)
	}
	return name
}
