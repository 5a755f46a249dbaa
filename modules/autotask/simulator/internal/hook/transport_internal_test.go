package hook

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:443": true, "10.1.2.3:80": true,
		"172.16.0.1:80": true, "172.31.255.255:80": true,
		"192.168.1.1:8080": true, "[::1]:80": true, "[fd00::1]:80": true, "[::ffff:10.0.0.1]:80": true,
		"8.8.8.8:80": false, "172.32.0.1:80": false, "[2001:4860:4860::8888]:443": false, "[::ffff:8.8.8.8]:80": false,
		"169.254.169.254:80": false, "[fe80::1%eth0]:80": false, "100.64.0.1:80": false, "0.0.0.0:80": false,
		"[::]:80":      false,
		"224.0.0.1:80": false, "255.255.255.255:80": false, "[64:ff9b::808:808]:80": false, "nonsense": false,
	}
	for address, want := range tests {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			err := refusePublic(t.Context(), "tcp", address, nil)
			require.Equal(t, want, err == nil, "%v", err)
		})
	}
}

// The dialer asks between making a socket and connecting it, so what is refused here has sent nothing. The names are
// resolved by a server in memory.
func TestPublicAddressesAreNotCalled(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://8.8.8.8/", "https://8.8.8.8/", "http://[2001:4860:4860::8888]/", "http://public.test/",
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			_, err := get(t, newTransport(false, resolvesTo([4]byte{8, 8, 8, 8})), address)
			require.ErrorIs(t, err, errNotPrivate)
			require.ErrorContains(t, err, "AUTOTASK_SIMULATOR_WEBHOOK_PUBLIC=true")
		})
	}
}

func TestLocalReceiversAreCalled(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		public  bool
		host    string
		refused bool
	}{
		"address":                  {false, "127.0.0.1", false},
		"name":                     {false, "receiver.test", false},
		"neither loop nor private": {false, "0.0.0.0", true}, // which ends at this machine as well
		"public":                   {true, "0.0.0.0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := newTransport(tt.public, resolvesTo([4]byte{127, 0, 0, 1}))
			transport.Proxy = nil
			status, err := get(t, transport, "http://"+net.JoinHostPort(tt.host, port)+"/")
			if tt.refused {
				require.ErrorIs(t, err, errNotPrivate)
				return
			}
			require.NoError(t, err)
			require.Equal(t, http.StatusAccepted, status)
		})
	}
}

// A proxy on a private address would call the public one for us.
func TestNoProxyUnlessPublic(t *testing.T) {
	t.Parallel()
	require.Nil(t, newTransport(false, nil).Proxy)
	require.NotNil(t, newTransport(true, nil).Proxy)
}

func get(t *testing.T, transport *http.Transport, address string) (status int, err error) {
	t.Helper()
	defer transport.CloseIdleConnections()
	h := &Hooks{client: &http.Client{Transport: transport}}
	return h.send(t.Context(), target{url: address}, "{}")
}

// resolvesTo resolves every name to one address.
func resolvesTo(ip [4]byte) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveDNS(server, ip)
		return client, nil
	}}
}

// serveDNS answers as a name server does over TCP: one question for an address, one answer.
func serveDNS(conn net.Conn, ip [4]byte) {
	defer func() { _ = conn.Close() }()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		name := strings.IndexByte(string(query[12:]), 0) + 1
		question := query[12 : 12+name+4]
		answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
		if isA := question[name+1] == 1; isA {
			answer[7] = 1
			answer = append(answer, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
			answer = append(answer, ip[:]...)
		}
		if _, err := conn.Write(append([]byte{0, byte(len(answer) & 0xFF)}, answer...)); err != nil {
			return
		}
	}
}
