package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// zoneInformation is the answer of a zone lookup.
type zoneInformation struct {
	ZoneName string `json:"zoneName"`
	URL      string `json:"url"`
	WebURL   string `json:"webUrl"`
	CI       int    `json:"ci"`
}

func (k kit) lookup(origin string) zoneInformation {
	k.t.Helper()
	return decode[zoneInformation](k.t, k.do(http.MethodGet, origin+"/atservicesrest/v1.0/"+lookup, "", "Secret", ""))
}

func TestS2HostsOfZones(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		origin, want string // the origin that the lookup tells for a tenant that has moved to zone 14
		home         bool   // whether origin is zone 14 already
	}{
		"autotask, no number":   {"https://webservices.autotask.net", "https://webservices14.autotask.net", false},
		"autotask, first":       {"https://webservices5.autotask.net", "https://webservices14.autotask.net", false},
		"autotask, home":        {"https://WebServices14.autotask.NET:443", "https://webservices14.autotask.net", true},
		"autotask, unknown":     {"https://webservices77.autotask.net", "https://webservices14.autotask.net", false},
		"any host":              {"http://sim.example", "http://zone14.sim.example", false},
		"a zone of a host":      {"http://zone5.sim.example:80", "http://zone14.sim.example:80", false},
		"home of a host":        {"http://ZONE14.sim.example", "http://ZONE14.sim.example", true},
		"this machine":          {"http://127.0.0.1:8080", "http://zone14.localhost:8080", false},
		"this machine, IPv6":    {"http://[::1]:8080", "http://zone14.localhost:8080", false},
		"this machine, by name": {"http://localhost:8080", "http://zone14.localhost:8080", false},
		"not a number":          {"http://zonex.example", "http://zone14.zonex.example", false},
		"too high a number":     {"http://zone140.example", "http://zone14.zone140.example", false},
		"not autotask":          {"http://webservices14.example", "http://zone14.webservices14.example", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{5, 14}})
			require.NoError(t, k.Move(14))
			require.Equal(t, 14, k.Zone())
			got := k.lookup(tt.origin)
			require.Equal(t, zoneInformation{"America East 2", tt.want + "/ATServicesRest/", strings.Replace(tt.want, "//webservices", "//ww", 1) + "/", 14}, got)
			r := k.do(http.MethodGet, tt.origin+"/atservicesrest/v1.0/Tickets/7001", "")
			require.Equal(t, tt.home, r.status == http.StatusOK, "%d", r.status)
			require.Equal(t, http.StatusOK, k.do(http.MethodGet, tt.want+"/atservicesrest/v1.0/Tickets/7001", "").status)
			require.Equal(t, http.StatusOK, k.do(http.MethodGet, tt.origin+"/atservicesrest/versionInformation", "").status)
		})
	}
}

func TestS4TenantMove(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{5, 14}})
	const old = "https://webservices5.autotask.net/ATServicesRest/V1.0/"
	require.Equal(t, http.StatusOK, k.do(http.MethodGet, old+"Tickets/7001", "").status)
	require.Equal(t, 5, k.lookup("https://webservices14.autotask.net").CI, "every zone tells")
	require.NoError(t, k.Move(14))
	r := k.do(http.MethodGet, old+"Tickets/7001", "")
	require.Equal(t, http.StatusUnauthorized, r.status)
	require.Empty(t, r.body)
	require.Equal(t, int64(1), k.Stats().Unauthorized)
	require.Equal(t, 1, k.Stats().Rolling, "it costs nothing")
	require.Empty(t, k.Violations(), "nobody could know")
	require.Equal(t, http.StatusOK, k.do(http.MethodGet, k.lookup("https://webservices.autotask.net").URL+"V1.0/Tickets/7001", "").status)

	require.EqualError(t, k.Move(7), "autotask simulator: move: zone 7 is none of [5 14]")
	k.Reset()
	require.Equal(t, 5, k.Zone())
}

func TestLinksNameTheZone(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 20})
	r := k.do(http.MethodPost, "https://webservices.autotask.net/atservicesrest/v1.0/Tickets/query", `{"MaxRecords":5,"filter":[{"op":"exist","field":"id"}]}`)
	require.Contains(t, *decode[page](t, r).PageDetails.NextPageURL, "https://webservices5.autotask.net/")
}

func TestZoneNames(t *testing.T) {
	t.Parallel()
	for zone, want := range map[int]string{5: "America West", 28: "UK3", 77: "Zone 77"} {
		k := newKit(t, simulator.Config{Tickets: 1, Zones: []int{zone}})
		require.Equal(t, want, k.lookup(origin).ZoneName)
	}
}

func TestZonesHavePorts(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Config{Addr: "127.0.0.1:0", Zones: []int{5, 14}, Tickets: 1})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	defer func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) }()
	k := overNetwork(t, s)
	first := k.lookup(s.URL())
	require.Equal(t, s.URL()+"/ATServicesRest/", first.URL)
	require.NoError(t, s.Move(14))
	second := k.lookup(s.URL())
	require.NotEqual(t, first.URL, second.URL)
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/ATServicesRest/$`, second.URL)
	require.Equal(t, http.StatusUnauthorized, k.do(http.MethodGet, first.URL+"V1.0/Tickets/7001", "").status)
	require.Equal(t, http.StatusOK, k.do(http.MethodGet, second.URL+"V1.0/Tickets/7001", "").status)
	require.Equal(t, second, k.lookup(strings.TrimSuffix(second.URL, "/ATServicesRest/")))
}

// HTTP/1.0 need not name a host. Then it is the address that was called.
func TestLookupWithoutAHost(t *testing.T) {
	t.Parallel()
	s := started(t)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "GET /atservicesrest/v1.0/"+lookup+" HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), `"url":"`+s.URL()+`/ATServicesRest/"`)

	r, rec := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/atservicesrest/v1.0/"+lookup, http.NoBody), httptest.NewRecorder()
	r.Host = ""
	newKit(t, simulator.Config{Tickets: 1}).Handler().ServeHTTP(rec, r)
	require.Contains(t, rec.Body.String(), `"url":"http://127.0.0.1:4480/ATServicesRest/"`, "where nobody knows, as it is told")
}

// A caller who sees other ports than ours, because something maps them, is told those that he can see.
func TestMappedPorts(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Config{Addr: "127.0.0.1:0", Zones: []int{5, 14}, Tickets: 1})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	defer func() { require.NoError(t, s.Stop(context.WithoutCancel(t.Context()))) }()
	require.NoError(t, s.Move(14))
	k := overNetwork(t, s)
	for host, want := range map[string]string{"docker.example:8080": "http://docker.example:8081", "[::1]:8080": "http://[::1]:8081"} {
		r := k.do(http.MethodGet, s.URL()+"/atservicesrest/v1.0/"+lookup, "", "Host", host)
		require.Equal(t, want+"/ATServicesRest/", decode[zoneInformation](t, r).URL)
	}
	r := k.do(http.MethodGet, s.URL()+"/atservicesrest/v1.0/"+lookup, "", "Host", "docker.example")
	require.Regexp(t, `^http://docker\.example:\d+/ATServicesRest/$`, decode[zoneInformation](t, r).URL)
}

func TestStartOpensAllZonesOrNone(t *testing.T) {
	t.Parallel()
	for { // until two ports beside each other are free
		free := started(t)
		var port int
		_, err := fmt.Sscanf(free.Addr(), "127.0.0.1:%d", &port)
		require.NoError(t, err)
		s, err := simulator.New(simulator.Config{Addr: fmt.Sprintf("127.0.0.1:%d", port-1), Zones: []int{5, 14}, Tickets: 1})
		require.NoError(t, err)
		err = s.Start(t.Context())
		require.ErrorIs(t, err, syscall.EADDRINUSE, "the port of the second, if not that of the first, is taken")
		if strings.Contains(err.Error(), fmt.Sprintf("listen on 127.0.0.1:%d: ", port-1)) {
			continue
		}
		require.ErrorContains(t, err, "autotask simulator: listen on "+free.Addr()+": ")
		one, err := simulator.New(simulator.Config{Addr: fmt.Sprintf("127.0.0.1:%d", port-1), Tickets: 1})
		require.NoError(t, err)
		require.NoError(t, one.Start(t.Context()), "that of the first is free again")
		require.NoError(t, one.Stop(t.Context()))
		return
	}
}
