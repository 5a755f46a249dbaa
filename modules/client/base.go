package client

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/resilience"
)

// Base returns the default inner transport, to be changed and given to
// [WithTransport]: with other certificates, another proxy, other bounds. It
// speaks TLS 1.2 and above, has every timeout set, keeps up to 32 idle
// connections to a host for 90 s, and pings an HTTP/2 connection that has been
// silent for 15 s, so that a dead one does not take one call after the other.
func Base() *http.Transport {
	const (
		connect        = 5 * time.Second
		keepAlive      = 30 * time.Second
		header         = 60 * time.Second
		expectContinue = time.Second
		idle           = 90 * time.Second
		ping           = 15 * time.Second
		pong           = 5 * time.Second
		idlePerHost    = 32
		idleInAll      = 256
		headerBytes    = 256 << 10
	)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connect, KeepAlive: keepAlive}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connect,
		ResponseHeaderTimeout:  header,
		ExpectContinueTimeout:  expectContinue,
		IdleConnTimeout:        idle,
		MaxIdleConns:           idleInAll,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxResponseHeaderBytes: headerBytes,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: ping, PingTimeout: pong},
	}
}

// baseFor is Base with a wait for the header that does not cut a call which its
// policy gives more time.
func baseFor(p resilience.Policy) *http.Transport {
	base := Base()
	base.ResponseHeaderTimeout = cmp.Or(p.AttemptTimeout, max(p.Timeout, 0), base.ResponseHeaderTimeout)
	return base
}
