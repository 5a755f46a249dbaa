package autotasktest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
)

// Receive returns a webhookUrl whose calls h takes in process, in virtual time inside a testing/synctest bubble. A
// handler that panics, or ends by require or t.FailNow, has broken the connection: the delivery failed, and tells why.
// Webhooks with any other URL are delivered over the network, to loopback addresses alone: a test tells nobody else.
func (s *Sim) Receive(h http.Handler) (url string) { return s.receivers.add(h) }

// receivers deliver webhooks.
type receivers struct {
	network *http.Transport

	mu       sync.Mutex
	handlers map[string]http.Handler // by host
}

func newReceivers() *receivers {
	dialer := &net.Dialer{ControlContext: onlyLoopback}
	return &receivers{network: &http.Transport{DialContext: dialer.DialContext}, handlers: map[string]http.Handler{}}
}

func onlyLoopback(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s is no loopback address, and a test calls no other", address)
	}
	return nil
}

func (r *receivers) add(h http.Handler) (url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	host := "receiver" + strconv.Itoa(len(r.handlers)+1) + ".example"
	r.handlers[host] = h
	return "https://" + host + "/"
}

func (r *receivers) close() { r.network.CloseIdleConnections() }

// RoundTrip implements [http.RoundTripper].
func (r *receivers) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	h, ok := r.handlers[req.URL.Host]
	r.mu.Unlock()
	if !ok {
		return r.network.RoundTrip(req)
	}
	var body []byte
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read the body of a delivery: %w", err)
		}
	}
	in := req.Clone(req.Context())
	in.Body, in.Host, in.RequestURI = io.NopCloser(bytes.NewReader(body)), req.URL.Host, req.URL.RequestURI()
	rec := httptest.NewRecorder()
	if err := cmp.Or(take(h, rec, in), req.Context().Err()); err != nil {
		return nil, err // the handler broke off, or has taken too long
	}
	resp := rec.Result()
	resp.Request = req
	return resp, nil
}

// take has h take a call, on a goroutine of its own, which require and t.FailNow end in place of that of a delivery.
func take(h http.Handler, w http.ResponseWriter, r *http.Request) error {
	ended := make(chan error, 1) // who waits no more is told nothing
	go func() {
		err := errors.New("the handler ended its goroutine, as require and t.FailNow do")
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("the handler panicked: %v", cause)
			}
			ended <- err
		}()
		h.ServeHTTP(w, r)
		err = nil
	}()
	select {
	case err := <-ended:
		if err != nil {
			return &net.OpError{Op: "read", Net: "tcp", Err: err}
		}
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}
