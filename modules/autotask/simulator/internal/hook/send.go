package hook

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Autotask signs so
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 64 << 10 // bytes of an answer that are read
)

var errNotPrivate = errors.New("webhooks call loopback and private addresses only; " +
	"AUTOTASK_SIMULATOR_WEBHOOK_PUBLIC=true lets them call any")

// send makes one call. Its time is up after 10 s, the reading of the answer included; an answer whose status has come
// counts.
func (h *Hooks) send(ctx context.Context, to target, body string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, strings.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make a call of a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if to.secret != "" {
		req.Header.Set("X-Hook-Signature", h.signature(to.secret, body))
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("call a webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // so that the connection serves again
	return resp.StatusCode, nil
}

// signature signs the body as it is sent, or its escaped form.
func (h *Hooks) signature(secret, body string) string {
	text := []byte(body)
	if !h.cfg.Raw {
		text = Escape(text)
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(text)
	return "sha1=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// newClient follows no redirects: a receiver that moves is one that fails.
func newClient(cfg Config) *http.Client {
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport(cfg.Public, nil)
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newTransport returns a transport that, unless it is public, refuses an address that is not loopback or private when
// it is about to connect: after the name was resolved, before the first packet. It asks no proxy then, which would
// connect in its place. A nil resolver is the usual one.
func newTransport(public bool, resolver *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout, Resolver: resolver}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    timeout,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxAnswer,
	}
	if public {
		transport.Proxy = http.ProxyFromEnvironment
		return transport
	}
	dialer.ControlContext = refusePublic
	return transport
}

func refusePublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address %s: %w", address, err)
	}
	if ip := to.Addr(); !ip.IsLoopback() && !ip.IsPrivate() {
		return fmt.Errorf("%s is public: %w", ip, errNotPrivate)
	}
	return nil
}
