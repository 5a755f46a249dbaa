package autotask

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/zone"
)

const (
	maxBody      = 50 << 20 // bytes of a good answer; a page of 500 tickets is below 5 MB
	maxErrorBody = 1 << 20  // bytes of any other
	userAgent    = "holdfast-autotask/1.0 (+https://github.com/holdfast-go/holdfast)"
)

// transport sends one attempt and reads its answer.
type transport struct {
	send     http.RoundTripper
	close    func()
	hosts    zone.Hosts
	timeout  time.Duration
	username string
	code     config.Secret
	secret   config.Secret
}

// newTransport speaks HTTP/1.1 alone. One connection carries one request: how far that got is known exactly, and a request
// that times out closes its connection, where HTTP/2 would send the next ones down the same dead one.
func newTransport(cfg Config) *transport {
	const (
		connect   = 10 * time.Second
		idle      = 90 * time.Second
		keepAlive = 30 * time.Second
		spare     = 16 // connections kept: threads for five entities at once
	)
	rt := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connect, KeepAlive: keepAlive}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: connect,
		MaxIdleConns:        spare,
		MaxIdleConnsPerHost: spare,
		IdleConnTimeout:     idle,
	}
	return &transport{
		send: rt, close: rt.CloseIdleConnections, hosts: cfg.hosts(), timeout: cfg.Timeout,
		username: cfg.Username, code: cfg.IntegrationCode, secret: cfg.Secret,
	}
}

// exchange sends one request and reads its answer to the end. Its error is a host that must not be asked; whatever went
// wrong on the way is in the answer.
func (t *transport) exchange(ctx context.Context, to *url.URL, r request, attempt int) (apierror.Answer, error) {
	if err := t.hosts.Check(to); err != nil { // the one check before each send
		return apierror.Answer{}, fmt.Errorf("autotask: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var w wire
	req, err := t.request(httptrace.WithClientTrace(ctx, w.trace()), to, r)
	if err != nil {
		return apierror.Answer{}, fmt.Errorf("autotask: %w", err)
	}
	begin := time.Now()
	answer := t.read(req)
	answer.Took = time.Since(begin)
	answer.Attempt = attempt
	answer.Sent = answer.Status != 0 || !w.unsent(answer.Err) // who began to answer has seen it
	return answer, nil
}

// request carries the credentials, save for the question for the zone, which needs none.
func (t *transport) request(ctx context.Context, to *url.URL, r request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", err)
	}
	if r.body == nil {
		// http.Transport repeats a GET by itself where a kept connection is lost, though the server may have counted it.
		// A body that cannot be rewound, even an empty one, keeps it from that: each request has an admission of its own.
		req.Body, req.GetBody = io.NopCloser(http.NoBody), nil
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if r.Op == apierror.Lookup {
		return req, nil
	}
	req.Header.Set("ApiIntegrationCode", t.code.Reveal())
	req.Header.Set("UserName", t.username)
	req.Header.Set("Secret", t.secret.Reveal())
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// read makes the round trip. A RoundTripper, unlike an http.Client, follows no redirect.
func (t *transport) read(req *http.Request) apierror.Answer {
	resp, err := t.send.RoundTrip(req)
	if err != nil {
		return apierror.Answer{Err: err}
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to save: what counts is read by then
	most := int64(maxBody)
	if resp.StatusCode/100 != 2 {
		most = maxErrorBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	tooLarge := int64(len(body)) > most
	if tooLarge {
		body = body[:most]
	}
	return apierror.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, TooLarge: tooLarge, Err: err}
}

// wire watches how far a request got. The hooks run on other goroutines.
type wire struct{ asked, connected, broken atomic.Bool }

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			w.broken.Store(info.Err != nil)
		},
	}
}

// unsent tells whether it is proved that the request did not arrive whole: no connection, or a write that failed. A
// transport that does not report how far it got proves nothing, unless it could not dial.
func (w *wire) unsent(err error) bool {
	if err == nil {
		return false
	}
	if w.asked.Load() {
		return !w.connected.Load() || w.broken.Load()
	}
	dial, ok := errors.AsType[*net.OpError](err)
	_, dns := errors.AsType[*net.DNSError](err)
	return dns || ok && dial.Op == "dial"
}
